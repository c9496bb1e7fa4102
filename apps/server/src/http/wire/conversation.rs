//! Conversations.

use raconteur_domain::limits::{CHARACTER_MAX_CHARS, TITLE_MAX_CHARS};
use raconteur_domain::{self as domain, ConversationId, Timestamp, strip};
use raconteur_storage::ConversationChange;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::conversation_settings::{self as settings, ConversationSettings};
use super::message::{Message, talk};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas;

pub const CHARACTER: Text = Text { max: CHARACTER_MAX_CHARS, blank: false, trim: true };
pub const TITLE: Text = Text { max: TITLE_MAX_CHARS, blank: true, trim: true };

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

fn persona() -> ObjectBuilder {
    schemas::raw_text_or_null(
        "Who answers, by the short name of a character that there is; goes before `character`, which then is only what it is \
         called. Null counts as nothing.",
    )
}

/// What a conversation begins with.
#[derive(ToSchema)]
#[schema(examples(json!({ "character": "Bronn", "title": "At the inn", "greeting": true })))]
pub struct NewConversation {
    #[schema(schema_with = new_title, required = false)]
    pub title: String,
    #[schema(schema_with = new_character, required = false)]
    pub character: Option<String>,
    #[schema(schema_with = persona, required = false)]
    pub persona: Option<String>,
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
        let read = Self {
            greeting: fields.flag("greeting").unwrap_or_default(),
            title: fields.text("title", TITLE).unwrap_or_default(),
            character: fields.text("character", CHARACTER),
            persona: fields.raw_text("persona").value(),
        };
        fields.check()?;
        Ok(read)
    }
}

/// What a conversation's character is called where nobody says otherwise.
pub fn name_of(character: Option<String>, persona: Option<&str>) -> String {
    character.unwrap_or_else(|| {
        let name = persona.unwrap_or(DEFAULT_CHARACTER);
        name.chars().take(CHARACTER_MAX_CHARS).collect()
    })
}

/// What of a conversation is to be different. What is not named stays as it is.
#[derive(ToSchema)]
#[schema(examples(json!({ "title": "A price was named" })))]
#[allow(dead_code, reason = "it describes what is read field by field")]
pub struct ChangedConversation {
    #[schema(schema_with = title)]
    title: Option<String>,
    #[schema(schema_with = character)]
    character: Option<String>,
    #[schema(schema_with = persona)]
    persona: Option<String>,
    #[schema(schema_with = settings::note)]
    note: Option<String>,
    #[schema(schema_with = settings::note_depth)]
    note_depth: Option<u32>,
    #[schema(schema_with = settings::model)]
    model: Option<String>,
    #[schema(schema_with = settings::temperature)]
    temperature: Option<f64>,
    #[schema(schema_with = settings::max_tokens)]
    max_tokens: Option<u32>,
    #[schema(schema_with = settings::summary)]
    summary: Option<String>,
}

/// Changes of a conversation, in which the character has not been looked for yet.
pub struct Changes {
    /// What is to be different, but for the character.
    pub change: ConversationChange,
    /// What the character is to be called.
    pub character: Option<String>,
    /// Who is to answer.
    pub persona: Option<String>,
}

impl ChangedConversation {
    pub fn read(fields: &mut Fields) -> Result<Changes, ApiError> {
        let changes = Changes {
            change: ConversationChange { title: fields.text("title", TITLE), ..settings::read(fields) },
            character: fields.text("character", CHARACTER),
            persona: fields.raw_text("persona").value(),
        };
        fields.check()?;
        Ok(changes)
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
    "persona": "bronn",
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
    /// The short name of the character that this is, as this person knows it. Null where nobody here is called so: then it is a
    /// character without knowledge.
    #[schema(required)]
    persona: Option<String>,
    /// What it is called; empty until somebody or the first message names it.
    title: String,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When anything in it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl Conversation {
    /// A conversation with the character of this short name.
    pub fn new(conversation: domain::Conversation, persona: Option<String>) -> Self {
        let domain::Conversation { id, owner_id: _, character, persona_id: _, title, created_at, updated_at } =
            conversation;
        Self { id, character, persona, title, created_at, updated_at }
    }
}

/// A conversation with its newest messages.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "character": "Bronn",
    "persona": "bronn",
    "title": "At the inn",
    "created_at": "2026-01-31T18:30:00.000000Z",
    "updated_at": "2026-01-31T18:42:07.120042Z",
    "note": "It has begun to rain.",
    "note_depth": 4,
    "model": null,
    "temperature": 0.8,
    "max_tokens": null,
    "summary": "",
    "messages": talk(),
    "message_count": 2,
})))]
pub struct ConversationWithMessages {
    #[serde(flatten)]
    pub conversation: Conversation,
    #[serde(flatten)]
    pub settings: ConversationSettings,
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
