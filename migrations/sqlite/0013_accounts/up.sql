-- When a person has deleted their account. What shows who they were goes at that moment; the rest goes in the background,
-- and the row last.
ALTER TABLE users ADD COLUMN deleted_at BIGINT;
CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;

-- All of what is one person's: to be removed, and in an order that nothing changes.
CREATE INDEX sessions_of_owner ON sessions (owner_id);
CREATE INDEX idempotency_keys_of_owner ON idempotency_keys (owner_id);
CREATE INDEX conversations_of_owner ON conversations (owner_id, key);

-- Sign-ins that have failed within a minute, which all servers of a database count together. `id` is a hash of the e-mail
-- address that was tried, whether anybody has it or not.
CREATE TABLE sign_in_failures (
    id    TEXT   NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    since BIGINT NOT NULL
);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (since);
