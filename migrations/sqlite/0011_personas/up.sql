-- The characters that people have made or brought. `package` is the whole character in one piece, as it is exported
-- (`Package` in `crates/persona`); what stands beside it is what lists and look-ups need. The two large columns come last,
-- so that a row is read without them.

CREATE TABLE personas (
    key          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL UNIQUE,
    owner_id     TEXT    NOT NULL REFERENCES users (id),
    slug         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    name_key     TEXT    NOT NULL,
    description  TEXT,
    tags         TEXT    NOT NULL,
    search_key   TEXT    NOT NULL,
    public       BOOLEAN NOT NULL,
    version      TEXT    NOT NULL,
    picture_type TEXT,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    picture      BLOB,
    package      BLOB    NOT NULL
);

-- A short name is one's own; among those that everybody sees it names one character.
CREATE UNIQUE INDEX personas_own ON personas (owner_id, slug);
CREATE UNIQUE INDEX personas_public ON personas (slug) WHERE public;
CREATE INDEX personas_shown ON personas (public, slug);
CREATE INDEX personas_by_slug ON personas (slug);
CREATE INDEX personas_own_names ON personas (owner_id, name_key);
CREATE INDEX personas_public_names ON personas (name_key) WHERE public;

-- Which of them a conversation is with, where it is with one of them, and how it is led.
ALTER TABLE conversations ADD COLUMN persona_id TEXT;
ALTER TABLE conversations ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN note_depth BIGINT NOT NULL DEFAULT 4;
ALTER TABLE conversations ADD COLUMN model TEXT;
ALTER TABLE conversations ADD COLUMN temperature BIGINT;
ALTER TABLE conversations ADD COLUMN max_tokens BIGINT;
ALTER TABLE conversations ADD COLUMN summary TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN summary_through TEXT;

-- What people tell of themselves.
ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN description TEXT NOT NULL DEFAULT '';
