-- Requests that may be repeated: a client that sends the same key and body again gets what the first one made. `id` is a
-- hash of owner and key, `request` one of what was asked; what was said is in neither. They are kept for a day.

CREATE TABLE idempotency_keys (
    id            TEXT   NOT NULL PRIMARY KEY,
    owner_id      TEXT   NOT NULL,
    request       TEXT   NOT NULL,
    message_id    TEXT   NOT NULL,
    generation_id TEXT,
    created_at    BIGINT NOT NULL
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
