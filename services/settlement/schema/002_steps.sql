-- Where each step of a charged operation stands in the journal of its shard: what is sent again, in
-- this order, when the shard comes back from a backup. A row for the steps that one transaction
-- stored of one span of 1024 numbers; its key is the first of them.
CREATE TABLE steps (
  province  TEXT    NOT NULL,
  number    INTEGER NOT NULL CHECK (number > 0),
  id        TEXT    NOT NULL,
  body      BLOB    NOT NULL,
  PRIMARY KEY (province, number, id)
) WITHOUT ROWID;
