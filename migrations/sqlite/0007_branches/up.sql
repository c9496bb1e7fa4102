-- The runs of each message, for it may have several and they go with it; those of a conversation stand together as before.

CREATE INDEX generations_by_message ON generations (conversation_id, message_id);
DROP INDEX generations_by_conversation;
