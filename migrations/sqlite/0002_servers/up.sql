-- The servers that run on this database, and which of them runs a generation. A file has one at most; the columns are
-- the same on every database.

CREATE TABLE servers (
    id         TEXT   NOT NULL PRIMARY KEY,
    seen_since BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

ALTER TABLE generations ADD COLUMN server_id TEXT;
-- Somebody asked another server to stop what this one runs.
ALTER TABLE generations ADD COLUMN stop_wanted BOOLEAN NOT NULL DEFAULT FALSE;
