//! Reading a reply again: of one that still runs, what becomes durable of it; of any, what it answers.

use diesel::prelude::*;
use raconteur_domain::{GenerationId, MessageId, Role};

use crate::rows::{count, id, uncount};
use crate::schema::{generations, messages};
use crate::{ReadTx, StorageError, chunks};

/// A stretch of a running generation's text, as it stands in the chunk log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The text.
    pub text: String,
    /// The number of the chunk that follows it.
    pub next: u64,
}

impl ReadTx<'_> {
    /// What has become durable of a generation from a chunk of this number on. `None` where the generation is gone;
    /// of one that has ended there may be nothing any more, and [`ReadTx::ended`] has all of it.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn logged(&mut self, generation: GenerationId, from: u64) -> Result<Option<Logged>, StorageError> {
        let generation = generation.to_string();
        let key: Option<i64> = generations::table
            .find(&generation)
            .select(generations::chunks_from)
            .first(self.connection)
            .optional()?;
        let Some(key) = key else {
            return Ok(None);
        };
        let (text, next) = chunks::since(self.connection, &generation, key, count(from))?;
        Ok(Some(Logged { text, next: uncount(next) }))
    }

    /// The message of a person's that a reply hangs on, where it does. `None` where there is no such reply.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn question(&mut self, reply: MessageId) -> Result<Option<Option<MessageId>>, StorageError> {
        let parent: Option<Option<String>> = messages::table
            .filter(messages::id.eq(reply.to_string()))
            .select(messages::parent_id)
            .first(self.connection)
            .optional()?;
        let Some(Some(parent)) = parent else {
            return Ok(parent.map(|_| None));
        };
        let question: Option<String> = messages::table
            .filter(messages::id.eq(parent))
            .filter(messages::role.eq(Role::User.as_str()))
            .select(messages::id)
            .first(self.connection)
            .optional()?;
        Ok(Some(question.map(|question| id(&question)).transpose()?))
    }
}
