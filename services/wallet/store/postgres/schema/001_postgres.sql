-- One shard in PostgreSQL: the contents of SQLite's 001_journal.sql and 001_tables.sql in one
-- database. Names are BYTEA: callers may send characters that TEXT cannot hold, and byte order is
-- the order of names everywhere. (psql shows them readably after SET bytea_output = 'escape'.)

-- Who may write, where the journal ends, and what it is sealed with (seal.h). One row. `attempt`
-- counts what the writer of this epoch has sent, so that a COMMIT without an answer can be found
-- again, or kept from taking effect later; the checksum does not cover it.
CREATE TABLE head (
  one          BIGINT PRIMARY KEY CHECK (one = 1),
  epoch        BIGINT NOT NULL,
  attempt      BIGINT NOT NULL,
  last_number  BIGINT NOT NULL,
  last_at_ms   BIGINT NOT NULL,
  hash         BIGINT NOT NULL,  -- 1 SM3, 2 SHA-256; chosen when the journal is made
  chain        BYTEA  NOT NULL,  -- of the last entry
  sum          BIGINT NOT NULL
);
INSERT INTO head (one, epoch, attempt, last_number, last_at_ms, hash, chain, sum)
VALUES (1, 0, 0, 0, 0, 0, '', 0);

-- Which process is the writer (lease_store.h). One row, apart from the head, because it is renewed
-- while a commit is under way.
CREATE TABLE lease (
  one       BIGINT PRIMARY KEY CHECK (one = 1),
  term      BIGINT NOT NULL,
  holder    BYTEA  NOT NULL,
  address   BYTEA  NOT NULL,
  until_ms  BIGINT NOT NULL  -- of the database's clock
);
INSERT INTO lease (one, term, holder, address, until_ms) VALUES (1, 0, '', '', 0);

CREATE TABLE entries (
  number  BIGINT PRIMARY KEY,
  body    BYTEA  NOT NULL,
  chain   BYTEA  NOT NULL,
  sum     BIGINT NOT NULL  -- over all of the row, checked whenever it is read
);
CREATE FUNCTION entries_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries are never changed or deleted'; END $$;
CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION entries_stay();
CREATE TRIGGER entries_are_kept BEFORE TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION entries_stay();

-- The tables, made from the journal and never ahead of it.

-- Who may write; the entry up to which all of this is complete; and the newest one that may be in
-- it, by which these tables are known to belong to a journal. One row.
CREATE TABLE saved (
  one        BIGINT PRIMARY KEY CHECK (one = 1),
  epoch      BIGINT NOT NULL,
  attempt    BIGINT NOT NULL,
  number     BIGINT NOT NULL,
  newest     BIGINT NOT NULL,
  newest_id  BYTEA  NOT NULL,
  sum        BIGINT NOT NULL
);
INSERT INTO saved (one, epoch, attempt, number, newest, newest_id, sum)
VALUES (1, 0, 0, 0, 0, '', 0);

CREATE TABLE ids (
  id      BYTEA  PRIMARY KEY,
  number  BIGINT NOT NULL,
  sum     BIGINT NOT NULL
);
CREATE FUNCTION ids_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an id is answered once'; END $$;
CREATE TRIGGER ids_stay BEFORE UPDATE ON ids
FOR EACH ROW WHEN (OLD.number <> NEW.number) EXECUTE FUNCTION ids_stay();

-- The fill factor leaves room in each page, so that a changed row stays in its page and the index
-- need not change.
CREATE TABLE accounts (
  name         BYTEA  PRIMARY KEY,
  balance_fen  BIGINT NOT NULL
    CHECK (balance_fen >= 0 OR substring(name FROM 1 FOR 7) <> 'person/'),
  closed       BIGINT NOT NULL CHECK (closed IN (0, 1)),
  last_number  BIGINT NOT NULL,
  sum          BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE persons (
  psn_no       BYTEA  PRIMARY KEY,
  year         BIGINT NOT NULL,
  wallet_open  BIGINT NOT NULL CHECK (wallet_open IN (0, 1)),
  standing     BIGINT NOT NULL CHECK (standing BETWEEN 0 AND 2),  -- 1 leaving, 2 left
  forward_to   BYTEA  NOT NULL,  -- account of later credits, for a person who has left
  opened_by    BYTEA  NOT NULL,  -- who opened the wallet for the person, or ''
  sum          BIGINT NOT NULL
);

-- Claimed keys and the operation that holds each; a free key has no row.
CREATE TABLE claims (
  name    BYTEA  PRIMARY KEY,
  holder  BYTEA  NOT NULL,
  sum     BIGINT NOT NULL
);

CREATE TABLE counters (
  name   BYTEA  PRIMARY KEY,
  value  BIGINT NOT NULL,
  sum    BIGINT NOT NULL
) WITH (fillfactor = 80);
