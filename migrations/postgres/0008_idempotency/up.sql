-- Requests that may be repeated: a client that sends the same key and body again gets what the first one made. `id` is a
-- hash of owner and key, `request` one of what was asked; what was said is in neither. They are kept for a day.

CREATE TABLE idempotency_keys (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id      TEXT COLLATE "C" NOT NULL,
    request       TEXT COLLATE "C" NOT NULL,
    message_id    TEXT COLLATE "C" NOT NULL,
    generation_id TEXT COLLATE "C",
    created_at    BIGINT           NOT NULL
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
