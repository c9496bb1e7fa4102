//! Removing the rows of what was deleted, and chunks that nobody needs any more, a little at a time, so that nobody's stream waits for it.

use diesel::prelude::*;

use crate::generations::is_running;
use crate::schema::{conversations, generations, messages};
use crate::search::{self, Kind};
use crate::{StorageError, WriteTx, chunks};

/// Whether deleted rows are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// There may be more.
    More,
    /// There are none that can go now.
    Done,
}

impl WriteTx<'_> {
    /// Removes at most `limit` rows: of the chunk log, where no running generation needs them, then of a deleted
    /// conversation. One in which a reply still runs is left until that has ended.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn purge(&mut self, limit: u32) -> Result<Purge, StorageError> {
        if chunks::trim(self.connection, limit)? {
            return Ok(Purge::More);
        }
        let running = generations::table
            .filter(generations::conversation_id.eq(conversations::id))
            .filter(is_running());
        let conversation: Option<(String, i64, String)> = conversations::table
            .filter(conversations::deleted_at.is_not_null())
            .filter(diesel::dsl::not(diesel::dsl::exists(running)))
            .order(conversations::deleted_at)
            .select((conversations::id, conversations::key, conversations::owner_id))
            .first(self.connection)
            .optional()?;
        let Some((conversation, key, owner)) = conversation else {
            return Ok(Purge::Done);
        };
        let some_messages: Vec<i64> = messages::table
            .filter(messages::conversation_id.eq(&conversation))
            .limit(i64::from(limit))
            .select(messages::key)
            .load(self.connection)?;
        if !some_messages.is_empty() {
            search::remove(self.connection, Kind::Message, &owner, &some_messages)?;
            diesel::delete(messages::table.filter(messages::key.eq_any(some_messages)))
                .execute(self.connection)?;
            return Ok(Purge::More);
        }
        let some_generations: Vec<String> = generations::table
            .filter(generations::conversation_id.eq(&conversation))
            .limit(i64::from(limit))
            .select(generations::id)
            .load(self.connection)?;
        if !some_generations.is_empty() {
            diesel::delete(generations::table.filter(generations::id.eq_any(some_generations)))
                .execute(self.connection)?;
            return Ok(Purge::More);
        }
        search::remove(self.connection, Kind::Title, &owner, &[key])?;
        diesel::delete(conversations::table.filter(conversations::id.eq(&conversation)))
            .execute(self.connection)?;
        Ok(Purge::More)
    }
}
