//! Conversations.

use diesel::prelude::*;
use raconteur_domain::{
    Conversation, ConversationId, Page, PageRequest, PersonaId, Temperature, Timestamp, UserId,
};

use crate::connection::AnyConnection;
use crate::rows::{count, id, time, uncount};
use crate::scene::ChangeRow;
use crate::schema::conversations;
use crate::search::{self, Kind};
use crate::{ReadTx, StorageError, WriteTx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = conversations)]
pub(crate) struct ConversationRow {
    id: String,
    owner_id: String,
    character: String,
    persona_id: Option<String>,
    title: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ConversationRow> for Conversation {
    type Error = StorageError;

    fn try_from(row: ConversationRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: id(&row.id)?,
            owner_id: id(&row.owner_id)?,
            character: row.character,
            persona_id: row.persona_id.as_deref().map(id).transpose()?,
            title: row.title,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// What a person changes about a conversation; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationChange {
    /// Another title.
    pub title: Option<String>,
    /// Another character: its name, and itself where it is one that somebody has made.
    pub character: Option<(String, Option<PersonaId>)>,
    /// Another author's note.
    pub note: Option<String>,
    /// Another place for it.
    pub note_depth: Option<u32>,
    /// Another model, or the usual one.
    pub model: Option<Option<String>>,
    /// Another temperature, or the usual one.
    pub temperature: Option<Option<Temperature>>,
    /// Another bound of replies, or the usual one.
    pub max_tokens: Option<Option<u32>>,
    /// Another summary.
    pub summary: Option<String>,
}

/// The caller's conversations that are not deleted, all of them or those with one character.
macro_rules! owned {
    ($owner:expr, $character:expr) => {{
        let mut query = conversations::table
            .filter(conversations::owner_id.eq($owner.to_string()))
            .filter(conversations::deleted_at.is_null())
            .into_boxed();
        if let Some(character) = $character {
            query = query.filter(conversations::character.eq(character.to_owned()));
        }
        query
    }};
}

impl ReadTx<'_> {
    /// A person's conversation. Somebody else's, a deleted and a missing one are all `None`.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn conversation(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Conversation>, StorageError> {
        let row: Option<ConversationRow> = conversations::table
            .filter(conversations::id.eq(conversation.to_string()))
            .filter(conversations::owner_id.eq(owner.to_string()))
            .filter(conversations::deleted_at.is_null())
            .select(ConversationRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(Conversation::try_from).transpose()
    }

    /// The conversation of this id, whoever's it is, for whoever has the database itself. A deleted and a missing
    /// one are both `None`.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn anybodys_conversation(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Option<Conversation>, StorageError> {
        let row: Option<ConversationRow> = conversations::table
            .filter(conversations::id.eq(conversation.to_string()))
            .filter(conversations::deleted_at.is_null())
            .select(ConversationRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(Conversation::try_from).transpose()
    }

    /// A page of a person's conversations, the one that changed last first; `None` where there is no such page.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn conversations(
        &mut self,
        owner: UserId,
        character: Option<&str>,
        page: PageRequest,
    ) -> Result<Option<Page<Conversation>>, StorageError> {
        let total: i64 = owned!(owner, character).count().get_result(self.connection)?;
        let Some(span) = page.span(uncount(total)) else {
            return Ok(None);
        };
        let rows: Vec<ConversationRow> = owned!(owner, character)
            .order((conversations::updated_at.desc(), conversations::key.desc()))
            .offset(count(span.offset))
            .limit(i64::from(page.size))
            .select(ConversationRow::as_select())
            .load(self.connection)?;
        let items = rows.into_iter().map(Conversation::try_from).collect::<Result<_, _>>()?;
        Ok(Some(Page { items, count: uncount(total), span }))
    }
}

impl WriteTx<'_> {
    /// A person's conversation, to be written in: until the transaction ends nobody else writes in it, so that what
    /// is read of it now still holds then. `None` as with [`ReadTx::conversation`].
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn conversation_to_write(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Conversation>, StorageError> {
        // Before it is known whose it is: somebody else's is not waited for longer than a commit.
        self.lock_conversation(&conversation.to_string())?;
        self.conversation(owner, conversation)
    }

    /// Keeps everybody else from writing in a conversation until the transaction ends. Whoever locks more than this
    /// locks the conversation first.
    pub(crate) fn lock_conversation(&mut self, conversation: &str) -> Result<(), StorageError> {
        match &mut *self.connection {
            // The one writer is alone.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                conversations::table
                    .filter(conversations::id.eq(conversation))
                    .select(conversations::key)
                    .for_no_key_update()
                    .execute(connection)?;
            }
        }
        Ok(())
    }

    /// Adds a conversation.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn insert_conversation(&mut self, conversation: &Conversation) -> Result<(), StorageError> {
        let key: i64 = diesel::insert_into(conversations::table)
            .values(ConversationRow {
                id: conversation.id.to_string(),
                owner_id: conversation.owner_id.to_string(),
                character: conversation.character.clone(),
                persona_id: conversation.persona_id.map(|persona| persona.to_string()),
                title: conversation.title.clone(),
                created_at: conversation.created_at.as_micros(),
                updated_at: conversation.updated_at.as_micros(),
            })
            .returning(conversations::key)
            .get_result(self.connection)?;
        let owner = conversation.owner_id.to_string();
        search::add(self.connection, Kind::Title, &owner, key, &conversation.title)?;
        Ok(())
    }

    /// Changes the given fields of a person's conversation, and nothing else of it. `false` where the person has
    /// no such conversation.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn change_conversation(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        change: &ConversationChange,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let changed: Option<i64> = diesel::update(
            conversations::table
                .filter(conversations::id.eq(conversation.to_string()))
                .filter(conversations::owner_id.eq(owner.to_string()))
                .filter(conversations::deleted_at.is_null()),
        )
        .set(ChangeRow::new(change, now))
        .returning(conversations::key)
        .get_result(self.connection)
        .optional()?;
        if let (Some(key), Some(title)) = (changed, &change.title) {
            search::put(self.connection, Kind::Title, &owner.to_string(), key, title)?;
        }
        Ok(changed.is_some())
    }

    /// Notes that something in the conversation changed.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn touch_conversation(
        &mut self,
        conversation: ConversationId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        // Never back: who was told the time first may come to write last.
        diesel::update(
            conversations::table
                .filter(conversations::id.eq(conversation.to_string()))
                .filter(conversations::updated_at.lt(now.as_micros())),
        )
        .set(conversations::updated_at.eq(now.as_micros()))
        .execute(self.connection)?;
        Ok(())
    }

    /// Gives the conversation a title if it has none; one that a person gave stays.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn name_unnamed_conversation(
        &mut self,
        conversation: ConversationId,
        title: &str,
    ) -> Result<(), StorageError> {
        let named: Option<(i64, String)> = diesel::update(
            conversations::table
                .filter(conversations::id.eq(conversation.to_string()))
                .filter(conversations::title.eq("")),
        )
        .set(conversations::title.eq(title))
        .returning((conversations::key, conversations::owner_id))
        .get_result(self.connection)
        .optional()?;
        if let Some((key, owner)) = named {
            search::put(self.connection, Kind::Title, &owner, key, title)?;
        }
        Ok(())
    }

    /// Hides a person's conversation at once, and tells the other servers to look whether they run something in it; its
    /// rows go later ([`WriteTx::purge`]). `false` where the person
    /// has no such conversation.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn delete_conversation(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let deleted = diesel::update(
            conversations::table
                .filter(conversations::id.eq(conversation.to_string()))
                .filter(conversations::owner_id.eq(owner.to_string()))
                .filter(conversations::deleted_at.is_null()),
        )
        .set(conversations::deleted_at.eq(now.as_micros()))
        .execute(self.connection)?;
        if deleted > 0 {
            self.nudge()?;
        }
        Ok(deleted > 0)
    }

    /// As [`WriteTx::delete_conversation`], with all of a person's conversations or those with one character. Tells which.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn delete_conversations(
        &mut self,
        owner: UserId,
        character: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<ConversationId>, StorageError> {
        #[cfg(feature = "postgres")]
        if let AnyConnection::Postgres(connection) = &mut *self.connection {
            // In an order, so that two that delete at once do not wait for each other.
            conversations::table
                .filter(conversations::owner_id.eq(owner.to_string()))
                .filter(conversations::deleted_at.is_null())
                .order(conversations::key)
                .select(conversations::key)
                .for_no_key_update()
                .execute(connection)?;
        }
        let deletion = conversations::table
            .filter(conversations::owner_id.eq(owner.to_string()))
            .filter(conversations::deleted_at.is_null());
        let deleted_at = conversations::deleted_at.eq(now.as_micros());
        let deleted: Vec<String> = match character {
            None => diesel::update(deletion)
                .set(deleted_at)
                .returning(conversations::id)
                .get_results(self.connection)?,
            Some(character) => {
                diesel::update(deletion.filter(conversations::character.eq(character.to_owned())))
                    .set(deleted_at)
                    .returning(conversations::id)
                    .get_results(self.connection)?
            }
        };
        if !deleted.is_empty() {
            self.nudge()?;
        }
        deleted.iter().map(|text| id(text)).collect()
    }
}
