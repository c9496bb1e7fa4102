//! Conversations.

use raconteur_domain::limits::{CHARACTER_MAX_CHARS, TITLE_MAX_CHARS};
use raconteur_domain::{self as domain, ConversationId, Timestamp, strip};
use raconteur_storage::ConversationChange;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::message::{Message, talk};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas;

const CHARACTER: Text = Text { max: CHARACTER_MAX_CHARS, blank: false, trim: true };
const TITLE: Text = Text { max: TITLE_MAX_CHARS, blank: true, trim: true };

/// Who answers where nobody is named.
const DEFAULT_CHARACTER: &str = "Bronn";

fn title() -> ObjectBuilder {
    schemas::text(
        TITLE,
        "What the conversation is called. Blanks around it are taken off before it is counted. An empty one is \
         replaced by the first message that says something.",
    )
}

fn character() -> ObjectBuilder {
    schemas::text(
        CHARACTER,
        "Who answers: a character's name, short name or alias, in any case. A name that nobody has is a character \
         without knowledge. Blanks around it are taken off before it is counted.",
    )
}

/// What a conversation begins with.
#[derive(ToSchema)]
#[schema(examples(json!({ "character": "Bronn", "title": "At the inn", "greeting": true })))]
pub struct NewConversation {
    #[schema(schema_with = new_title, required = false)]
    pub title: String,
    #[schema(schema_with = new_character, required = false)]
    pub character: String,
    #[schema(schema_with = new_greeting, required = false)]
    pub greeting: bool,
}

fn new_title() -> ObjectBuilder {
    title().default(Some(json!("")))
}

fn new_character() -> ObjectBuilder {
    character().default(Some(json!(DEFAULT_CHARACTER)))
}

fn new_greeting() -> ObjectBuilder {
    schemas::flag(false, "Whether the character speaks first, with its greeting.")
}

impl NewConversation {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let greeting = fields.flag("greeting").unwrap_or_default();
        let ConversationChange { title, character } = ChangedConversation::read(fields)?.into();
        Ok(Self {
            greeting,
            title: title.unwrap_or_default(),
            character: character.unwrap_or_else(|| DEFAULT_CHARACTER.to_owned()),
        })
    }
}

/// What of a conversation is to be different. What is not named stays as it is.
#[derive(ToSchema)]
#[schema(examples(json!({ "title": "A price was named" })))]
pub struct ChangedConversation {
    #[schema(schema_with = title)]
    pub title: Option<String>,
    #[schema(schema_with = character)]
    pub character: Option<String>,
}

impl ChangedConversation {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let change =
            Self { title: fields.text("title", TITLE), character: fields.text("character", CHARACTER) };
        fields.check()?;
        Ok(change)
    }
}

impl From<ChangedConversation> for ConversationChange {
    fn from(change: ChangedConversation) -> Self {
        Self { title: change.title, character: change.character }
    }
}

/// Which conversations are to be deleted.
#[derive(ToSchema)]
#[schema(examples(json!({ "character": "Bronn" })))]
pub struct BulkDelete {
    #[schema(schema_with = deleted_character)]
    pub character: Option<String>,
}

fn deleted_character() -> ObjectBuilder {
    schemas::raw_text_or_null(
        "The exact name of the character, as its conversations show it. Null, blank or none at all means all of \
         them. A query parameter of this name wins.",
    )
}

impl BulkDelete {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let character = fields.raw_text("character").value().map(|name| strip(&name).to_owned());
        fields.check()?;
        Ok(Self { character: character.filter(|name| !name.is_empty()) })
    }
}

/// A person's thread with one character.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "character": "Bronn",
    "title": "At the inn",
    "created_at": "2026-01-31T18:30:00.000000Z",
    "updated_at": "2026-01-31T18:42:07.120042Z",
})))]
pub struct Conversation {
    /// The conversation's id.
    #[schema(value_type = String, format = Uuid)]
    id: ConversationId,
    /// Who answers, as the person named them.
    character: String,
    /// What it is called; empty until somebody or the first message names it.
    title: String,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When anything in it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<domain::Conversation> for Conversation {
    fn from(conversation: domain::Conversation) -> Self {
        let domain::Conversation { id, owner_id: _, character, title, created_at, updated_at } = conversation;
        Self { id, character, title, created_at, updated_at }
    }
}

/// A conversation with its newest messages.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "character": "Bronn",
    "title": "At the inn",
    "created_at": "2026-01-31T18:30:00.000000Z",
    "updated_at": "2026-01-31T18:42:07.120042Z",
    "messages": talk(),
    "message_count": 2,
})))]
pub struct ConversationWithMessages {
    #[serde(flatten)]
    pub conversation: Conversation,
    #[schema(schema_with = shown_messages)]
    pub messages: Vec<Message>,
    /// How many messages there are in all.
    pub message_count: u64,
}

fn shown_messages() -> utoipa::openapi::ArrayBuilder {
    use raconteur_domain::limits::CONVERSATION_SHOWN_MESSAGES;
    utoipa::openapi::ArrayBuilder::new()
        .items(utoipa::openapi::Ref::from_schema_name(Message::name()))
        .max_items(usize::try_from(CONVERSATION_SHOWN_MESSAGES).ok())
        .description(Some(format!(
            "The newest {CONVERSATION_SHOWN_MESSAGES} of its messages, the oldest of them first. Older ones are in \
             the list of messages."
        )))
}

/// How many conversations were deleted.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "deleted": 3 })))]
pub struct Deleted {
    /// How many.
    pub deleted: usize,
}
