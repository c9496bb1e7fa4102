-- What is found, and how: `crates/storage/src/search`. All of it is made from titles and messages, and can be made again
-- from them.

-- A small number for each person, which begins the ids of their texts: each person's stand together.
CREATE TABLE search_owners (
    key      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    owner_id TEXT    NOT NULL UNIQUE
);

-- The folded text of each message that has ended and of each title: in two stretches for each person, newest last.
CREATE TABLE search_texts (
    id     INTEGER NOT NULL PRIMARY KEY,
    folded TEXT    NOT NULL
);

-- Which message's text has which pieces, under the same ids. It keeps neither texts nor places: a hit is looked at anyway.
CREATE VIRTUAL TABLE search_grams USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- What was there before it could be found: what of each table is still to be done.
CREATE TABLE search_backlog (
    source   TEXT    NOT NULL PRIMARY KEY,
    next_key BIGINT  NOT NULL,
    last_key BIGINT  NOT NULL
);

INSERT INTO search_backlog SELECT 'conversations', min(key), max(key) FROM conversations HAVING count(*) > 0;
INSERT INTO search_backlog SELECT 'messages', min(key), max(key) FROM messages HAVING count(*) > 0;
