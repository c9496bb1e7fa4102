//! The lines of an archive: an object each, whose `type` says what it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use raconteur_domain::{self as domain, MessageId, OwnPersona, Profile, Role, Status, Timestamp, User};
use raconteur_storage::{ConversationChange, ProfileChange};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::conversation::{CHARACTER, TITLE};
use super::conversation_settings::{self, ConversationSettings};
use super::me::{DESCRIPTION, DISPLAY_NAME};
use super::message::CONTENT;
use crate::archive::{ArchivedConversation, ArchivedMessage, ArchivedPersona, Taken};
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::fields::{Fields, Text};

/// The media type of an archive.
pub const MEDIA_TYPE: &str = "application/jsonl";

/// A small one.
pub const EXAMPLE: &str = r#"{"type":"account","format":1,"email":"ada@example.org","created_at":"2026-01-31T18:30:00.000000Z","display_name":"Ada","description":""}
{"type":"end","conversations":0,"messages":0}
"#;

/// Which form the lines have.
const FORMAT: u64 = 1;

const SLUG: Text = CHARACTER;

/// The first line: whose archive it is.
pub fn account(user: &User, profile: &Profile) -> Value {
    json!({
        "type": "account", "format": FORMAT, "email": user.email, "created_at": user.created_at,
        "display_name": profile.display_name, "description": profile.description,
    })
}

/// A character that the person has made.
pub fn persona(own: &OwnPersona, package: &[u8]) -> Value {
    let visibility = if own.public { "public" } else { "private" };
    json!({
        "type": "persona", "slug": own.slug, "visibility": visibility, "package": STANDARD.encode(package),
    })
}

/// A conversation, whose messages follow.
#[derive(Serialize)]
pub struct ConversationLine {
    pub r#type: &'static str,
    pub id: domain::ConversationId,
    pub character: String,
    pub persona: Option<String>,
    pub title: String,
    #[serde(flatten)]
    pub settings: ConversationSettings,
    pub summary_through: Option<MessageId>,
    pub last_shown: Option<MessageId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A message of the conversation before it. A reply that still runs is as one that was interrupted.
pub fn message(message: domain::Message) -> Value {
    let status = if message.status == Status::Running { Status::Interrupted } else { message.status };
    json!({
        "type": "message", "id": message.id, "parent_id": message.parent_id, "role": message.role,
        "content": message.content, "status": status, "spoken_bytes": message.spoken_bytes,
        "meta": message.meta.and_then(|meta| serde_json::from_str::<Value>(&meta).ok()),
        "created_at": message.created_at,
    })
}

/// The last line, without which an archive is not whole.
pub fn end(conversations: u64, messages: u64) -> Value {
    json!({ "type": "end", "conversations": conversations, "messages": messages })
}

/// A line as it is read.
pub enum Line {
    Account(ProfileChange),
    Persona(ArchivedPersona),
    Conversation(Box<ArchivedConversation>),
    Message(Box<ArchivedMessage>),
    End,
}

impl Line {
    /// What a line says.
    ///
    /// # Errors
    ///
    /// 400 with what is wrong about it.
    pub fn read(line: &[u8]) -> Result<Self, ApiError> {
        let Ok(Value::Object(map)) = serde_json::from_slice(line) else {
            return Err(ApiError::refused(ErrorCode::BadArchive, "This is no JSON object."));
        };
        let mut fields = Fields::new(map);
        let kind = fields.raw_text("type").value().unwrap_or_default();
        let read = match kind.as_str() {
            "account" => read_account(&mut fields).map(Self::Account),
            "persona" => read_persona(&mut fields).map(Self::Persona),
            "conversation" => read_conversation(&mut fields).map(|read| Self::Conversation(Box::new(read))),
            "message" => read_message(&mut fields).map(|read| Self::Message(Box::new(read))),
            "end" => Some(Self::End),
            _ => {
                fields.note("type", "Expected account, persona, conversation, message or end.");
                None
            }
        };
        fields.check()?;
        read.ok_or(ApiError::Internal)
    }
}

fn read_account(fields: &mut Fields) -> Option<ProfileChange> {
    if fields.value("format") != Some(FORMAT.into()) {
        fields.note("format", format!("Expected {FORMAT}: this archive is of another version."));
    }
    Some(ProfileChange {
        display_name: fields.text("display_name", DISPLAY_NAME),
        description: fields.text("description", DESCRIPTION),
    })
}

fn read_persona(fields: &mut Fields) -> Option<ArchivedPersona> {
    let slug = fields.required_text("slug", SLUG);
    let public = fields.raw_text("visibility").value().is_some_and(|visibility| visibility == "public");
    let package = fields.raw_text("package").value().and_then(|package| STANDARD.decode(package).ok());
    if package.is_none() {
        fields.note("package", "Expected a zip of the character's folder, in Base64.");
    }
    Some(ArchivedPersona { slug: slug?, public, package: package? })
}

fn read_conversation(fields: &mut Fields) -> Option<ArchivedConversation> {
    let title = fields.text("title", TITLE);
    let character = fields.required_text("character", CHARACTER);
    let persona = fields.raw_text("persona").value();
    let summary_through = id(fields, "summary_through");
    let last_shown = id(fields, "last_shown");
    let (created_at, updated_at) = (time(fields, "created_at"), time(fields, "updated_at"));
    let change = ConversationChange { title, ..conversation_settings::read(fields) };
    Some(ArchivedConversation {
        change,
        character: character?,
        persona,
        summary_through,
        last_shown,
        created_at: created_at?,
        updated_at: updated_at?,
    })
}

fn read_message(fields: &mut Fields) -> Option<ArchivedMessage> {
    let message_id = id(fields, "id");
    if message_id.is_none() {
        fields.note("id", "Expected the message's id.");
    }
    let parent_id = id(fields, "parent_id");
    let role = fields.raw_text("role").value().and_then(|word| Role::from_word(&word));
    let role = role.filter(|role| *role != Role::System);
    if role.is_none() {
        fields.note("role", "Expected user or assistant.");
    }
    let content = match role {
        // A reply is as long as its model made it.
        Some(Role::Assistant) => fields.raw_text("content").value(),
        _ => fields.required_text("content", CONTENT),
    };
    let status = fields.raw_text("status").value().and_then(|word| Status::from_word(&word));
    let status = match role {
        Some(Role::Assistant) => status.filter(|status| *status != Status::Running),
        _ => Some(Status::Complete),
    };
    if status.is_none() {
        fields.note("status", "Expected complete, stopped, failed or interrupted.");
    }
    let spoken_bytes = fields.value("spoken_bytes").and_then(|bytes| bytes.as_u64());
    let meta = fields.value("meta").filter(|meta| !meta.is_null()).map(|meta| meta.to_string());
    let created_at = time(fields, "created_at");
    Some(ArchivedMessage {
        id: message_id?,
        parent_id,
        role: role?,
        content: content.unwrap_or_default(),
        status: status?,
        spoken_bytes,
        meta,
        created_at: created_at?,
    })
}

/// An id that may be null or missing.
fn id(fields: &mut Fields, name: &'static str) -> Option<MessageId> {
    let text = fields.raw_text(name).value()?;
    let id = text.parse().ok();
    if id.is_none() {
        fields.note(name, "Not an id.");
    }
    id
}

fn time(fields: &mut Fields, name: &'static str) -> Option<Timestamp> {
    let time = fields.raw_text(name).value().and_then(|text| text.parse().ok());
    if time.is_none() {
        fields.note(name, "Expected a time such as 2026-01-31T18:30:00.000000Z.");
    }
    time
}

/// What was taken in.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "personas": 1, "conversations": 2, "messages": 48, "ignored": ["Its picture was left out. It is no picture."] })))]
pub struct TakenIn {
    /// How many characters.
    personas: u64,
    /// How many conversations.
    conversations: u64,
    /// How many messages.
    messages: u64,
    /// What of the characters was left out, a sentence each; the first hundred of them.
    ignored: Vec<String>,
}

impl From<Taken> for TakenIn {
    fn from(taken: Taken) -> Self {
        let Taken { personas, conversations, messages, ignored } = taken;
        Self { personas, conversations, messages, ignored }
    }
}
