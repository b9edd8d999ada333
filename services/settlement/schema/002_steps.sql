-- Where each step of a charged operation stands in the journal of its shard: what is sent again, in
-- this order, when the shard comes back from a backup.
CREATE TABLE steps (
  province  TEXT    NOT NULL,
  number    INTEGER NOT NULL CHECK (number > 0),
  id        TEXT    NOT NULL,
  -- Of a release, whose attempt has no plan any more: the step itself.
  release   BLOB,
  PRIMARY KEY (province, number, id)
) WITHOUT ROWID;
