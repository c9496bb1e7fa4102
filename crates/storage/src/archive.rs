//! All of what is one person's, in the order in which it was made, some at a time.

use diesel::prelude::*;
use raconteur_domain::{Conversation, ConversationId, Message, UserId};

use crate::conversations::ConversationRow;
use crate::schema::{conversations, messages};
use crate::{ReadTx, StorageError};

impl ReadTx<'_> {
    /// The conversation of a person that was opened next after the one of this key, with its own key. The first one comes
    /// after 0.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn conversation_after(
        &mut self,
        owner: UserId,
        after: i64,
    ) -> Result<Option<(i64, Conversation)>, StorageError> {
        let row: Option<(i64, ConversationRow)> = conversations::table
            .filter(conversations::owner_id.eq(owner.to_string()))
            .filter(conversations::deleted_at.is_null())
            .filter(conversations::key.gt(after))
            .order(conversations::key)
            .select((conversations::key, ConversationRow::as_select()))
            .first(self.connection)
            .optional()?;
        row.map(|(key, row)| Ok((key, row.try_into()?))).transpose()
    }

    /// The keys of all messages of a conversation, on whichever path, in the order in which they were written. Whoever is
    /// told of a message has been told of its parent before.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn message_keys(&mut self, conversation: ConversationId) -> Result<Vec<i64>, StorageError> {
        // Not in the order of the keys: a planner may take that as a reason to go through those of everybody.
        let mut keys: Vec<i64> = messages::table
            .filter(messages::conversation_id.eq(conversation.to_string()))
            .select(messages::key)
            .load(self.connection)?;
        keys.sort_unstable();
        Ok(keys)
    }

    /// The messages of these keys, as far as they still are a person's, with their text so far.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn messages_to_keep(
        &mut self,
        conversation: ConversationId,
        keys: Vec<i64>,
    ) -> Result<Vec<Message>, StorageError> {
        let rows = self.rows_of_keys(keys)?;
        let messages = self.with_running_text(rows)?;
        Ok(messages.into_iter().filter(|message| message.conversation_id == conversation).collect())
    }
}
