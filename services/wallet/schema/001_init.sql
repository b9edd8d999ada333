-- The journal and the tables of one shard. Invariants stand here and in ledger.cc.

-- Who may write, and where the journal ends. One row.
CREATE TABLE head (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  epoch        INTEGER NOT NULL,
  last_number  INTEGER NOT NULL,
  last_at_ms   INTEGER NOT NULL
);
INSERT INTO head (one, epoch, last_number, last_at_ms) VALUES (1, 0, 0, 0);

-- Every answer to an id, in order, for ever.
CREATE TABLE entries (
  number       INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  at_ms        INTEGER NOT NULL,
  outcome      INTEGER NOT NULL CHECK (outcome IN (1, 2, 3)),
  fingerprint  BLOB    NOT NULL,
  answer       BLOB    NOT NULL
);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;

-- Postings: debits equal credits by construction.
CREATE TABLE postings (
  entry           INTEGER NOT NULL,
  ordinal         INTEGER NOT NULL,
  from_account    TEXT    NOT NULL,
  to_account      TEXT    NOT NULL,
  amount_fen      INTEGER NOT NULL CHECK (amount_fen > 0),
  from_after_fen  INTEGER NOT NULL CHECK (from_after_fen >= 0 OR from_account NOT LIKE 'person/%'),
  to_after_fen    INTEGER NOT NULL CHECK (to_after_fen >= 0 OR to_account NOT LIKE 'person/%'),
  PRIMARY KEY (entry, ordinal)
) WITHOUT ROWID;
CREATE TRIGGER postings_stay BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END;
CREATE TRIGGER postings_are_kept BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are never deleted'); END;

CREATE TABLE accounts (
  name         TEXT    PRIMARY KEY,
  balance_fen  INTEGER NOT NULL CHECK (balance_fen >= 0 OR name NOT LIKE 'person/%'),
  closed       INTEGER NOT NULL CHECK (closed IN (0, 1))
) WITHOUT ROWID;

CREATE TABLE persons (
  psn_no       TEXT    PRIMARY KEY,
  year         INTEGER NOT NULL,
  wallet_open  INTEGER NOT NULL CHECK (wallet_open IN (0, 1))
) WITHOUT ROWID;

-- Claimed keys and the operation that holds each; a free key has no row.
CREATE TABLE claims (
  name    TEXT PRIMARY KEY,
  holder  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE counters (
  name   TEXT    PRIMARY KEY,
  value  INTEGER NOT NULL
) WITHOUT ROWID;
