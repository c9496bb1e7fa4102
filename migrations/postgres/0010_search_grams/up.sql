-- The pieces have other numbers: `crates/storage/src/search/grams.rs`. All texts are taken in anew, and the index is made
-- once they are there.
DROP INDEX IF EXISTS search_texts_by_gram;
TRUNCATE search_texts, search_backlog;
INSERT INTO search_backlog SELECT 'conversations', min(key), max(key) FROM conversations HAVING count(*) > 0;
INSERT INTO search_backlog SELECT 'messages', min(key), max(key) FROM messages HAVING count(*) > 0;
