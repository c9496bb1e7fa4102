//! The branches of the tree: which of them is shown, and what becomes of one that is not wanted any more.
//!
//! A walk along parents or children is one recursive statement, whose steps are found by an index each.

use diesel::dsl::{max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use raconteur_domain::{
    Conversation, ConversationId, GenerationId, Message, MessageId, Page, PageRequest, Status, Timestamp,
    UserId,
};

use crate::connection::AnyConnection;
use crate::generations::is_running;
use crate::messages::MessageRow;
use crate::rows::{id, uncount};
use crate::schema::{generations, messages};
use crate::search::{self, Kind};
use crate::{Order, ReadTx, StorageError, WriteTx};

// `CROSS JOIN` keeps SQLite from turning a step round, which would then read the whole conversation: a branch of 20,000
// messages took a minute.

/// What stands around a statement whose rows are the keys of messages, to mean those messages. Postgres is told to find
/// each by its key: left to itself it may go through all there are instead, for it cannot tell how far a walk goes.
fn with_keys_of(connection: &AnyConnection) -> (&'static str, &'static str) {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => ("messages.key IN (", ")"),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => ("messages.key = ANY (ARRAY (", "))"),
    }
}

/// A message and those before it, up to the first one that is on the active path, which is none of them.
macro_rules! lineage {
    ($connection:expr, $message:expr) => {{
        let (open, close) = with_keys_of($connection);
        sql::<Bool>(open)
            .sql(
                "WITH RECURSIVE lineage (key, parent_id) AS ( \
                 SELECT key, parent_id FROM messages WHERE NOT active AND id = ",
            )
            .bind::<Text, _>($message.to_string())
            .sql(
                " UNION ALL SELECT m.key, m.parent_id FROM lineage CROSS JOIN messages AS m \
                 WHERE m.id = lineage.parent_id AND NOT m.active) SELECT key FROM lineage",
            )
            .sql(close)
    }};
}

/// A message, its newest child, the newest child of that, and so on. No join: a planner may go about one by reading
/// everything once for each step.
macro_rules! descent {
    ($connection:expr, $conversation:expr, $key:expr) => {{
        let (open, close) = with_keys_of($connection);
        sql::<Bool>(open)
            .sql("WITH RECURSIVE descent (key) AS (SELECT CAST(")
            .bind::<BigInt, _>($key)
            .sql(
                " AS BIGINT) UNION ALL SELECT (SELECT max(child.key) FROM messages AS child \
                 WHERE child.parent_id = (SELECT id FROM messages WHERE key = descent.key) \
                 AND child.conversation_id = ",
            )
            .bind::<Text, _>($conversation.to_string())
            .sql(") FROM descent WHERE descent.key IS NOT NULL) SELECT key FROM descent")
            .sql(close)
    }};
}

/// A message and everything that follows it, on whichever path.
macro_rules! subtree {
    ($connection:expr, $conversation:expr, $message:expr) => {{
        let (open, close) = with_keys_of($connection);
        sql::<Bool>(open)
            .sql("WITH RECURSIVE subtree (key, id) AS (SELECT key, id FROM messages WHERE id = ")
            .bind::<Text, _>($message.to_string())
            .sql(
                " UNION ALL SELECT m.key, m.id FROM subtree CROSS JOIN messages AS m \
                 WHERE m.parent_id = subtree.id AND m.conversation_id = ",
            )
            .bind::<Text, _>($conversation.to_string())
            .sql(") SELECT key FROM subtree")
            .sql(close)
    }};
}

impl ReadTx<'_> {
    /// A person's message with its text so far. Somebody else's, a deleted and a missing one are all `None`.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn message_of(&mut self, owner: UserId, message: MessageId) -> Result<Option<Message>, StorageError> {
        let Some(found) = self.message(message)? else {
            return Ok(None);
        };
        Ok(self.conversation(owner, found.conversation_id)?.map(|_| found))
    }

    /// A page of all messages of a conversation, on whichever path, in the order in which they were written; `None` where
    /// there is no such page. Of those that are on other pages no more than a number each is read.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn all_messages(
        &mut self,
        conversation: ConversationId,
        order: Order,
        page: PageRequest,
    ) -> Result<Option<Page<Message>>, StorageError> {
        let mut keys = self.message_keys(conversation)?;
        if order == Order::Descending {
            keys.reverse();
        }
        let count = keys.len() as u64;
        let Some(span) = page.span(count) else {
            return Ok(None);
        };
        let offset = usize::try_from(span.offset).unwrap_or(usize::MAX);
        let keys: Vec<i64> = keys.into_iter().skip(offset).take(page.size as usize).collect();
        let mut rows = self.rows_of_keys(keys)?;
        if order == Order::Descending {
            rows.reverse();
        }
        Ok(Some(Page { items: self.with_running_text(rows)?, count, span }))
    }

    pub(crate) fn rows_of_keys(&mut self, keys: Vec<i64>) -> Result<Vec<MessageRow>, StorageError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(messages::table
            .filter(messages::key.eq_any(keys))
            .order(messages::key)
            .select(MessageRow::as_select())
            .load(self.connection)?)
    }

    /// The key of the newest message below another one, or of the newest first message.
    fn newest_below(
        &mut self,
        conversation: ConversationId,
        parent: Option<MessageId>,
    ) -> Result<Option<i64>, StorageError> {
        let siblings = messages::table.filter(messages::conversation_id.eq(conversation.to_string()));
        let newest = match parent {
            Some(parent) => siblings
                .filter(messages::parent_id.eq(parent.to_string()))
                .select(max(messages::key))
                .first(self.connection)?,
            None => siblings
                .filter(messages::parent_id.is_null())
                .select(max(messages::key))
                .first(self.connection)?,
        };
        Ok(newest)
    }
}

impl WriteTx<'_> {
    /// A person's message and its conversation, to be written in as with [`WriteTx::conversation_to_write`]. `None` as
    /// with [`ReadTx::message_of`]. A reply that still runs comes without its text.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn message_to_write(
        &mut self,
        owner: UserId,
        message: MessageId,
    ) -> Result<Option<(Conversation, Message)>, StorageError> {
        let place: Option<String> = messages::table
            .filter(messages::id.eq(message.to_string()))
            .select(messages::conversation_id)
            .first(self.connection)
            .optional()?;
        let Some(place) = place else {
            return Ok(None);
        };
        let Some(conversation) = self.conversation_to_write(owner, id(&place)?)? else {
            return Ok(None);
        };
        // Read once nobody else writes: it may have been deleted meanwhile.
        let found = self.row(message)?.map(Message::try_from).transpose()?;
        let found = found.filter(|found| found.conversation_id == conversation.id);
        Ok(found.map(|found| (conversation, found)))
    }

    /// Makes the active path the one that leads to this message and ends there, or an empty one. Whoever has written
    /// nothing below it then leads on, by [`WriteTx::lead_path_on`].
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn lead_path_to(
        &mut self,
        conversation: ConversationId,
        end: Option<&Message>,
    ) -> Result<(), StorageError> {
        let Some(end) = end else {
            return self.cut_active_path(conversation, 0);
        };
        let branches_off: Option<i64> = messages::table
            .filter(lineage!(self.connection, end.id))
            .select(min(messages::depth))
            .first(self.connection)?;
        let Some(depth) = branches_off else {
            return self.cut_active_path(conversation, end.depth + 1);
        };
        // First: two messages of one depth are never active.
        self.cut_active_path(conversation, uncount(depth))?;
        diesel::update(messages::table.filter(lineage!(self.connection, end.id)))
            .set(messages::active.eq(true))
            .execute(self.connection)?;
        Ok(())
    }

    /// Leads the active path, which ends at this message or is empty, on to the newest message below it at each step.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn lead_path_on(
        &mut self,
        conversation: ConversationId,
        end: Option<MessageId>,
    ) -> Result<(), StorageError> {
        let Some(key) = self.newest_below(conversation, end)? else {
            return Ok(());
        };
        diesel::update(messages::table.filter(descent!(self.connection, conversation, key)))
            .set(messages::active.eq(true))
            .execute(self.connection)?;
        Ok(())
    }

    /// Gives a message another text, by which it is found from now on.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn replace_content(&mut self, message: MessageId, content: &str) -> Result<(), StorageError> {
        let changed: Option<(i64, String)> =
            diesel::update(messages::table.filter(messages::id.eq(message.to_string())))
                .set((messages::content.eq(content), messages::spoken_bytes.eq(None::<i64>)))
                .returning((messages::key, messages::owner_id))
                .get_result(self.connection)
                .optional()?;
        if let Some((key, owner)) = changed {
            search::put(self.connection, Kind::Message, &owner, key, content)?;
        }
        Ok(())
    }

    /// Notes that a generation goes on with a message, whose content is this so far. It is found again once that has
    /// ended.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn continue_message(
        &mut self,
        message: MessageId,
        content: &str,
        generation: GenerationId,
    ) -> Result<(), StorageError> {
        let goes_on: Option<(i64, String)> =
            diesel::update(messages::table.filter(messages::id.eq(message.to_string())))
                .set((
                    messages::content.eq(content),
                    messages::spoken_bytes.eq(None::<i64>),
                    messages::status.eq(Status::Running.as_str()),
                    messages::generation_id.eq(generation.to_string()),
                ))
                .returning((messages::key, messages::owner_id))
                .get_result(self.connection)
                .optional()?;
        if let Some((key, owner)) = goes_on {
            search::remove(self.connection, Kind::Message, &owner, &[key])?;
        }
        Ok(())
    }

    /// Removes a message and everything that follows it from its conversation, at once, and tells which generations run
    /// in what was removed. Where it was shown, the active path leads on to its newest sibling or ends at its parent.
    ///
    /// The rows become those of another conversation, of this id, that is deleted from the beginning: so they are hidden,
    /// and go with their generations as those of any deleted conversation do ([`WriteTx::purge`]).
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn remove_branch(
        &mut self,
        message: &Message,
        bin: ConversationId,
        now: Timestamp,
    ) -> Result<Vec<GenerationId>, StorageError> {
        let conversation = message.conversation_id;
        self.insert_conversation(&Conversation {
            id: bin,
            owner_id: message.owner_id,
            character: String::new(),
            persona_id: None,
            title: String::new(),
            created_at: now,
            updated_at: now,
        })?;
        self.delete_conversation(message.owner_id, bin, now)?;
        if message.active {
            self.cut_active_path(conversation, message.depth)?;
        }
        diesel::update(messages::table.filter(subtree!(self.connection, conversation, message.id)))
            .set(messages::conversation_id.eq(bin.to_string()))
            .execute(self.connection)?;
        let removed =
            messages::table.filter(messages::conversation_id.eq(bin.to_string())).select(messages::id);
        diesel::update(
            generations::table
                .filter(generations::conversation_id.eq(conversation.to_string()))
                .filter(generations::message_id.eq_any(removed)),
        )
        .set(generations::conversation_id.eq(bin.to_string()))
        .execute(self.connection)?;
        if message.active {
            self.lead_path_on(conversation, message.parent_id)?;
        }
        let running: Vec<String> = generations::table
            .filter(generations::conversation_id.eq(bin.to_string()))
            .filter(is_running())
            .select(generations::id)
            .load(self.connection)?;
        running.iter().map(|generation| id(generation)).collect()
    }
}
