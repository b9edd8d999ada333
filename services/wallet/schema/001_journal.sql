-- The journal of one shard: every answer to an id, in order, for ever. It is the commit; everything
-- else follows from it.

-- Who may write, and where the journal ends. One row.
CREATE TABLE head (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  epoch        INTEGER NOT NULL,
  last_number  INTEGER NOT NULL,
  last_at_ms   INTEGER NOT NULL,
  sum          INTEGER NOT NULL
);
INSERT INTO head (one, epoch, last_number, last_at_ms, sum) VALUES (1, 0, 0, 0, 0);

CREATE TABLE entries (
  number  INTEGER PRIMARY KEY,
  body    BLOB    NOT NULL,
  sum     INTEGER NOT NULL  -- over number and body, checked whenever the row is read
);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
