-- Who signs in with Google: Google's own name for the person, which never changes and is never given to another.

ALTER TABLE users ADD COLUMN google_sub TEXT COLLATE "C";
CREATE UNIQUE INDEX users_by_google_sub ON users (google_sub) WHERE google_sub IS NOT NULL;

-- Tokens carry it, and are good for as long as it is the same: whoever raises it ends them all.
ALTER TABLE users ADD COLUMN token_epoch BIGINT NOT NULL DEFAULT 0;
