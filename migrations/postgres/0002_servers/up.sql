-- The servers that run on this database, and which of them runs a generation. A server that has not been seen for a
-- while, by the database's own clock, is dead: its row goes, and with it its right to write. Only one that has itself been
-- seen for a while without a gap may say so.

CREATE TABLE servers (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seen_since BIGINT           NOT NULL,
    seen_at    BIGINT           NOT NULL
);

ALTER TABLE generations ADD COLUMN server_id TEXT COLLATE "C";
-- Somebody asked another server to stop what this one runs.
ALTER TABLE generations ADD COLUMN stop_wanted BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX generations_running_on ON generations (server_id) WHERE status = 'running';
