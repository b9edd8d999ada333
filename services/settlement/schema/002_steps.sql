-- The number of each step in the journal of its shard. After the shard was restored from a backup,
-- the steps it lost are sent again in this order. A row holds those steps of one span of 1024
-- numbers that one transaction stored; its key is that of the first of them.
CREATE TABLE steps (
  province  TEXT    NOT NULL,
  number    INTEGER NOT NULL CHECK (number > 0),
  id        TEXT    NOT NULL,
  body      BLOB    NOT NULL,
  PRIMARY KEY (province, number, id)
) WITHOUT ROWID;
