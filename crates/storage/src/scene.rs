//! What a reply depends on beside the messages: how the conversation is led, and who takes part in it.

use diesel::prelude::*;
use raconteur_domain::{
    ConversationId, ConversationSettings, MessageId, OwnPersona, Profile, Temperature, Timestamp, UserId,
};

use crate::rows::{count, id, uncount};
use crate::schema::{conversations, messages, users};
use crate::{ReadTx, StorageError, WriteTx};

#[derive(Queryable, Selectable)]
#[diesel(table_name = conversations)]
struct SettingsRow {
    note: String,
    note_depth: i64,
    model: Option<String>,
    temperature: Option<i64>,
    max_tokens: Option<i64>,
    summary: String,
    summary_through: Option<String>,
}

impl TryFrom<SettingsRow> for ConversationSettings {
    type Error = StorageError;

    fn try_from(row: SettingsRow) -> Result<Self, StorageError> {
        Ok(Self {
            note: row.note,
            note_depth: u32::try_from(uncount(row.note_depth)).unwrap_or(u32::MAX),
            model: row.model,
            temperature: row.temperature.and_then(Temperature::from_thousandths),
            max_tokens: row.max_tokens.and_then(|tokens| u32::try_from(tokens).ok()),
            summary: row.summary,
            summary_through: row.summary_through.as_deref().map(id).transpose()?,
        })
    }
}

/// What a reply depends on beside the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The name of the character, as the person gave it.
    pub character: String,
    /// The character, where it is one that somebody has made and that the person may speak to.
    pub persona: Option<OwnPersona>,
    /// How the conversation is led.
    pub settings: ConversationSettings,
    /// What the person tells of themselves.
    pub profile: Profile,
}

/// Which conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// This one.
    In(ConversationId),
    /// The one with this message.
    At(MessageId),
}

impl ReadTx<'_> {
    /// What a reply in a person's conversation depends on beside the messages; `None` where the person has no such
    /// conversation.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn scene(&mut self, owner: UserId, place: Where) -> Result<Option<Scene>, StorageError> {
        let conversation = match place {
            Where::In(conversation) => conversation.to_string(),
            Where::At(message) => {
                let conversation = messages::table
                    .filter(messages::id.eq(message.to_string()))
                    .filter(messages::owner_id.eq(owner.to_string()))
                    .select(messages::conversation_id)
                    .first(self.connection)
                    .optional()?;
                let Some(conversation) = conversation else { return Ok(None) };
                conversation
            }
        };
        let row: Option<(String, Option<String>, SettingsRow)> = conversations::table
            .filter(conversations::id.eq(conversation))
            .filter(conversations::owner_id.eq(owner.to_string()))
            .filter(conversations::deleted_at.is_null())
            .select((conversations::character, conversations::persona_id, SettingsRow::as_select()))
            .first(self.connection)
            .optional()?;
        let Some((character, persona, settings)) = row else { return Ok(None) };
        let persona = persona.as_deref().map(id).transpose()?.map(|persona| self.persona(persona));
        let persona = persona.transpose()?.flatten().filter(|persona| persona.is_for(Some(owner)));
        let profile = self.profile(owner)?.unwrap_or_default();
        Ok(Some(Scene { character, persona, settings: settings.try_into()?, profile }))
    }

    /// How a conversation is led.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn conversation_settings(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationSettings>, StorageError> {
        let row: Option<SettingsRow> = conversations::table
            .filter(conversations::id.eq(conversation.to_string()))
            .select(SettingsRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(ConversationSettings::try_from).transpose()
    }

    /// What a person tells of themselves; `None` where there is no such person.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn profile(&mut self, person: UserId) -> Result<Option<Profile>, StorageError> {
        let row: Option<(String, String)> = users::table
            .find(person.to_string())
            .select((users::display_name, users::description))
            .first(self.connection)
            .optional()?;
        Ok(row.map(|(display_name, description)| Profile { display_name, description }))
    }
}

/// What a person changes of what they tell of themselves; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = users)]
pub struct ProfileChange {
    /// Another name to be called by.
    pub display_name: Option<String>,
    /// Another description.
    pub description: Option<String>,
}

impl WriteTx<'_> {
    /// Changes what a person tells of themselves.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn change_profile(&mut self, person: UserId, change: &ProfileChange) -> Result<(), StorageError> {
        if *change != ProfileChange::default() {
            diesel::update(users::table.find(person.to_string())).set(change).execute(self.connection)?;
        }
        Ok(())
    }

    /// Puts a new summary in the place of this one, which tells of the conversation through this message. `false` where
    /// the summary is another one by now: whoever has changed it knows better.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn summarize(
        &mut self,
        conversation: ConversationId,
        before: &str,
        summary: &str,
        through: MessageId,
    ) -> Result<bool, StorageError> {
        let changed = diesel::update(
            conversations::table
                .filter(conversations::id.eq(conversation.to_string()))
                .filter(conversations::summary.eq(before))
                .filter(conversations::deleted_at.is_null()),
        )
        .set((conversations::summary.eq(summary), conversations::summary_through.eq(through.to_string())))
        .execute(self.connection)?;
        Ok(changed > 0)
    }
}

/// A person's changes of a conversation, as the table has them.
#[derive(Default, AsChangeset)]
#[diesel(table_name = conversations)]
pub(crate) struct ChangeRow {
    title: Option<String>,
    character: Option<String>,
    persona_id: Option<Option<String>>,
    note: Option<String>,
    note_depth: Option<i64>,
    model: Option<Option<String>>,
    temperature: Option<Option<i64>>,
    max_tokens: Option<Option<i64>>,
    summary: Option<String>,
    summary_through: Option<Option<String>>,
    updated_at: i64,
}

impl ChangeRow {
    pub(crate) fn new(change: &crate::ConversationChange, now: Timestamp) -> Self {
        let change = change.clone();
        let (character, persona_id) = change.character.unzip();
        Self {
            title: change.title,
            character,
            persona_id: persona_id.map(|persona| persona.map(|persona| persona.to_string())),
            note: change.note,
            note_depth: change.note_depth.map(i64::from),
            model: change.model,
            temperature: change.temperature.map(|value| value.map(Temperature::thousandths)),
            max_tokens: change.max_tokens.map(|tokens| tokens.map(|tokens| count(u64::from(tokens)))),
            // Without a summary nothing has been told yet; the model begins anew.
            summary_through: change.summary.as_deref().filter(|summary| summary.is_empty()).map(|_| None),
            summary: change.summary,
            updated_at: now.as_micros(),
        }
    }
}
