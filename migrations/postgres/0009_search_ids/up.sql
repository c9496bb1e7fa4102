-- The ids of the texts have other widths: `crates/storage/src/search/mod.rs`. All of them are made anew, and the index once
-- they are there.
DROP INDEX IF EXISTS search_texts_by_gram;
TRUNCATE search_texts, search_backlog;
INSERT INTO search_backlog SELECT 'conversations', min(key), max(key) FROM conversations HAVING count(*) > 0;
INSERT INTO search_backlog SELECT 'messages', min(key), max(key) FROM messages HAVING count(*) > 0;
