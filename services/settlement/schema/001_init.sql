-- What settlement stores.

-- Which driver may write. One row.
CREATE TABLE head (
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  epoch  INTEGER NOT NULL
);
INSERT INTO head (one, epoch) VALUES (1, 0);

-- Each request of a caller and its operation, also for requests that were closed unseen.
CREATE TABLE requests (
  caller        TEXT NOT NULL,
  request_id    TEXT NOT NULL,
  operation_id  TEXT NOT NULL,
  PRIMARY KEY (caller, request_id)
) WITHOUT ROWID;

-- State and outcome; ids are time-ordered.
CREATE TABLE operations (
  id       TEXT    PRIMARY KEY,
  state    INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
  version  INTEGER NOT NULL CHECK (version > 0),
  body     BLOB    NOT NULL
) WITHOUT ROWID;
-- The operations that recovery resumes.
CREATE INDEX open_operations ON operations (id) WHERE state IN (1, 2);

-- The plan of an operation's latest attempt; it is larger than the rest and written once for each
-- attempt.
CREATE TABLE plans (
  operation_id  TEXT PRIMARY KEY,
  body          BLOB NOT NULL
) WITHOUT ROWID;

-- What refunds have drawn from a settlement.
CREATE TABLE drawn (
  settlement_id  TEXT    PRIMARY KEY,
  version        INTEGER NOT NULL CHECK (version > 0),
  body           BLOB    NOT NULL
) WITHOUT ROWID;

-- How far streams of other services have been followed.
CREATE TABLE cursors (
  stream    TEXT    PRIMARY KEY,
  revision  INTEGER NOT NULL CHECK (revision > 0)
) WITHOUT ROWID;

CREATE TABLE totals (
  day            TEXT    NOT NULL,
  giver_area     TEXT    NOT NULL,
  receiver_area  TEXT    NOT NULL,
  count          INTEGER NOT NULL CHECK (count >= 0),
  amount_fen     INTEGER NOT NULL CHECK (amount_fen >= 0),
  refund_count   INTEGER NOT NULL CHECK (refund_count >= 0),
  refunded_fen   INTEGER NOT NULL CHECK (refunded_fen >= 0),
  PRIMARY KEY (day, giver_area, receiver_area)
) WITHOUT ROWID;
