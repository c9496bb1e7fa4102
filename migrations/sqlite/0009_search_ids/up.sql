-- The ids of the texts have other widths: `crates/storage/src/search/mod.rs`. All of them are made anew.
INSERT INTO search_grams (search_grams) VALUES ('delete-all');
DELETE FROM search_texts;
DELETE FROM search_backlog;
INSERT INTO search_backlog SELECT 'conversations', min(key), max(key) FROM conversations HAVING count(*) > 0;
INSERT INTO search_backlog SELECT 'messages', min(key), max(key) FROM messages HAVING count(*) > 0;

-- The index takes out what was deleted when it merges its parts, as it does now and then while more is written, and never
-- for its own sake: that would be done in one go, however long it takes, while every reply waits.
INSERT INTO search_grams (search_grams, rank) VALUES ('deletemerge', 0);
