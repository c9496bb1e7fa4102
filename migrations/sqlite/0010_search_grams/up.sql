-- The pieces have other numbers: `crates/storage/src/search/grams.rs`. All texts are taken in anew.
INSERT INTO search_grams (search_grams) VALUES ('delete-all');
DELETE FROM search_texts;
DELETE FROM search_backlog;
INSERT INTO search_backlog SELECT 'conversations', min(key), max(key) FROM conversations HAVING count(*) > 0;
INSERT INTO search_backlog SELECT 'messages', min(key), max(key) FROM messages HAVING count(*) > 0;
