-- What the model thought before and while it spoke: how much, and what, where that is kept. No part of the reply.

ALTER TABLE generations ADD COLUMN reasoning_tokens BIGINT;
ALTER TABLE generations ADD COLUMN reasoning TEXT;
