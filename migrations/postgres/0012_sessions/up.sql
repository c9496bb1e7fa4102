-- Sign-ins. A refresh token names its session and its place in the row of that session's tokens; which of them is the
-- newest stands here, and the token is made of it. A revoked one stays until its tokens have expired: somebody may bring
-- one that is from before there were sessions, and would have it made again.

CREATE TABLE sessions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id   TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    kind       TEXT COLLATE "C" NOT NULL,
    rotation   BIGINT           NOT NULL,
    rotated_at BIGINT           NOT NULL,
    created_at BIGINT           NOT NULL,
    seen_at    BIGINT           NOT NULL,
    expires_at BIGINT           NOT NULL,
    revoked_at BIGINT,
    user_agent TEXT COLLATE "C",
    address    TEXT COLLATE "C"
);

CREATE INDEX sessions_by_owner ON sessions (owner_id, seen_at, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
