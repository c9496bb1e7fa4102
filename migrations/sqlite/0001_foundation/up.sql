-- Ids are UUIDs as text, times microseconds since the epoch, JSON is text. Where rows need an order that does
-- not change, they have an integer key beside the id.

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    password_hash TEXT,
    created_at    BIGINT  NOT NULL
);

CREATE TABLE conversations (
    key         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    owner_id    TEXT    NOT NULL REFERENCES users (id),
    "character" TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL,
    deleted_at  BIGINT
);

CREATE INDEX conversations_by_recency ON conversations (owner_id, updated_at, key) WHERE deleted_at IS NULL;
CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE messages (
    key             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE,
    owner_id        TEXT    NOT NULL,
    conversation_id TEXT    NOT NULL REFERENCES conversations (id),
    parent_id       TEXT,
    depth           BIGINT  NOT NULL,
    active          BOOLEAN NOT NULL,
    role            TEXT    NOT NULL,
    content         TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    spoken_bytes    BIGINT,
    generation_id   TEXT,
    meta            TEXT,
    created_at      BIGINT  NOT NULL
);

-- One message of each depth is on the active path: the path is one index scan, its length the last depth, and
-- a page of it begins at a known place.
CREATE UNIQUE INDEX messages_active_path ON messages (conversation_id, depth) WHERE active;
CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id);

CREATE TABLE generations (
    id                TEXT   NOT NULL PRIMARY KEY,
    owner_id          TEXT   NOT NULL,
    conversation_id   TEXT   NOT NULL REFERENCES conversations (id),
    message_id        TEXT   NOT NULL,
    model             TEXT   NOT NULL,
    status            TEXT   NOT NULL,
    text              TEXT,
    finish_reason     TEXT,
    error_code        TEXT,
    prompt_tokens     BIGINT,
    completion_tokens BIGINT,
    ttft_ms           BIGINT,
    explanation       TEXT,
    chunks_from       BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    ended_at          BIGINT
);

CREATE INDEX generations_by_conversation ON generations (conversation_id);
CREATE INDEX generations_running ON generations (chunks_from) WHERE status = 'running';

-- The text of running generations, as it becomes durable: a log, appended to at its end by all of them together,
-- so that a commit touches a few pages however many run, and trimmed at its beginning. `lengths` has the bytes of
-- each delta in `text`.
CREATE TABLE chunks (
    key           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    generation_id TEXT    NOT NULL,
    seq           BIGINT  NOT NULL,
    text          TEXT    NOT NULL,
    lengths       TEXT    NOT NULL
);
