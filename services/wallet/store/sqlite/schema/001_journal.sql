-- The journal of one shard: every answer to an id, in order, for ever. It is the commit; everything
-- else follows from it.

-- Who may write, where the journal ends, and what it is sealed with (seal.h). One row.
CREATE TABLE head (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  epoch        INTEGER NOT NULL,
  last_number  INTEGER NOT NULL,
  last_at_ms   INTEGER NOT NULL,
  hash         INTEGER NOT NULL,  -- 1 SM3, 2 SHA-256; chosen when the journal is made
  chain        BLOB    NOT NULL,  -- of the last entry
  sum          INTEGER NOT NULL
);
INSERT INTO head (one, epoch, last_number, last_at_ms, hash, chain, sum)
VALUES (1, 0, 0, 0, 0, x'', 0);

CREATE TABLE entries (
  number  INTEGER PRIMARY KEY,
  body    BLOB    NOT NULL,
  chain   BLOB    NOT NULL,
  sum     INTEGER NOT NULL  -- over all of the row, checked whenever it is read
);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
