-- What was sent to the model, message by message, as JSON: its own column and not a part of the explanation, for it is large.

ALTER TABLE generations ADD COLUMN prompt TEXT;
