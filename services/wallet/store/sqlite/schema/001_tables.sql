-- The tables of one shard, made from its journal and never ahead of it. `sum` goes over a row's key
-- and contents and is checked whenever the row is read. Invariants are checked both here and in
-- rules/judge.cc.

-- Who may write; the entry up to which all of this is complete; and the newest one that may be in
-- it, by which these tables are known to belong to a journal. One row.
CREATE TABLE saved (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  epoch      INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  newest     INTEGER NOT NULL,
  newest_id  TEXT    NOT NULL,
  sum        INTEGER NOT NULL
);
INSERT INTO saved (one, epoch, number, newest, newest_id, sum) VALUES (1, 0, 0, 0, '', 0);

CREATE TABLE ids (
  id      TEXT    PRIMARY KEY,
  number  INTEGER NOT NULL,
  sum     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (
  name         TEXT    PRIMARY KEY,
  balance_fen  INTEGER NOT NULL CHECK (balance_fen >= 0 OR name NOT LIKE 'person/%'),
  closed       INTEGER NOT NULL CHECK (closed IN (0, 1)),
  last_number  INTEGER NOT NULL,
  sum          INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE persons (
  psn_no       TEXT    PRIMARY KEY,
  year         INTEGER NOT NULL,
  wallet_open  INTEGER NOT NULL CHECK (wallet_open IN (0, 1)),
  standing     INTEGER NOT NULL CHECK (standing BETWEEN 0 AND 2),  -- 1 leaving, 2 left
  forward_to   TEXT    NOT NULL,  -- account of later credits, for a person who has left
  opened_by    TEXT    NOT NULL,  -- who opened the wallet for the person, or ''
  sum          INTEGER NOT NULL
) WITHOUT ROWID;

-- Claimed keys and the operation that holds each; a free key has no row.
CREATE TABLE claims (
  name    TEXT    PRIMARY KEY,
  holder  TEXT    NOT NULL,
  sum     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE counters (
  name   TEXT    PRIMARY KEY,
  value  INTEGER NOT NULL,
  sum    INTEGER NOT NULL
) WITHOUT ROWID;
