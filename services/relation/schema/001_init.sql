-- What relation remembers. Times are milliseconds since 1970 UTC, days are "YYYY-MM-DD".

-- One row: the epoch of the writer, and the newest revision of the change stream.
CREATE TABLE head (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  epoch     INTEGER NOT NULL,
  revision  INTEGER NOT NULL CHECK (revision >= 0)
);
INSERT INTO head (one, epoch, revision) VALUES (1, 0, 0);

-- A person's dossier as decisions read it: one row, one version. It repeats what the tables below
-- say about the person, so that a decision reads one row per person. The certificate's number is
-- stored in its own column only.
CREATE TABLE persons (
  psn_no              TEXT    PRIMARY KEY,
  version             INTEGER NOT NULL CHECK (version > 0),
  certificate_type    TEXT    NOT NULL,
  certificate_number  TEXT    NOT NULL,
  dossier             BLOB    NOT NULL
);

-- Base facts in both times: valid_from/valid_to say when a fact holds, recorded_at/replaced_at when
-- it was known. The row without replaced_at is what is known now.
CREATE TABLE facts (
  fact_id       TEXT    NOT NULL,
  version       INTEGER NOT NULL CHECK (version > 0),
  kind          INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  psn_no        TEXT    NOT NULL,
  other_psn_no  TEXT    NOT NULL,
  parent_role   INTEGER NOT NULL CHECK (parent_role BETWEEN 0 AND 2),
  evidence      INTEGER NOT NULL CHECK (evidence BETWEEN 1 AND 3),
  source        TEXT    NOT NULL,
  valid_from    TEXT,
  valid_to      TEXT,
  recorded_at   INTEGER NOT NULL,
  replaced_at   INTEGER,
  PRIMARY KEY (fact_id, version),
  CHECK (psn_no <> other_psn_no)
);

CREATE TABLE networks (
  network_id    TEXT    PRIMARY KEY,
  scope         INTEGER NOT NULL CHECK (scope BETWEEN 1 AND 2),
  organiser     TEXT    NOT NULL,
  area          TEXT    NOT NULL,
  founded_at    INTEGER NOT NULL,
  dissolved_at  INTEGER
);

-- Memberships; `body` is the whole row, the columns are what the schema itself has to know.
CREATE TABLE relations (
  relation_id  TEXT    PRIMARY KEY,
  network_id   TEXT    NOT NULL,
  giver        TEXT    NOT NULL,
  receiver     TEXT    NOT NULL,
  scope        INTEGER NOT NULL CHECK (scope BETWEEN 1 AND 2),
  bound_at     INTEGER NOT NULL,
  ended_at     INTEGER,
  body         BLOB    NOT NULL,
  CHECK (giver <> receiver)
);
-- A giver has at most one active relation of each scope with a receiver.
CREATE UNIQUE INDEX active_relations ON relations (giver, receiver, scope) WHERE ended_at IS NULL;

-- The one in-province network that a person is in where the area allows one at a time (R04).
CREATE TABLE seats (
  psn_no      TEXT PRIMARY KEY,
  network_id  TEXT NOT NULL
) WITHOUT ROWID;

-- Every request that got a final answer, with the answer and the channel by which it came.
CREATE TABLE requests (
  caller            TEXT    NOT NULL,
  request_id        TEXT    NOT NULL,
  fingerprint       BLOB    NOT NULL,
  id                TEXT    NOT NULL,
  reason            TEXT    NOT NULL,
  metadata          BLOB    NOT NULL,
  at                INTEGER NOT NULL,
  revision          INTEGER NOT NULL,
  channel           TEXT    NOT NULL,
  operator_id       TEXT    NOT NULL,
  consent_document  TEXT    NOT NULL,
  PRIMARY KEY (caller, request_id)
);

CREATE TABLE changes (
  revision  INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  kind      INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  id        TEXT    NOT NULL,
  PRIMARY KEY (revision, ordinal)
) WITHOUT ROWID;
