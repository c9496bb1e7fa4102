//! What a search finds.

use raconteur_domain::{self as domain, ConversationId, MessageId, Piece, Role, Timestamp, snippet};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

use super::message::RoleWord;
use crate::http::openapi::schemas::example_of;

/// What was found, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "conversations": [example_of::<FoundConversation>()],
    "messages": [example_of::<FoundMessage>()],
})))]
pub struct SearchResults {
    /// Conversations whose title contains what was sought.
    pub conversations: Vec<FoundConversation>,
    /// Messages that contain it.
    pub messages: Vec<FoundMessage>,
}

/// A conversation with a title that contains what was sought.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "title": "Gold and what it buys",
    "character": "Bronn",
    "updated_at": "2026-01-31T18:42:07.120042Z",
    "snippet": [{ "text": "Gold", "match": true }, { "text": " and what it buys", "match": false }],
})))]
pub struct FoundConversation {
    /// The conversation's id.
    #[schema(value_type = String, format = Uuid)]
    id: ConversationId,
    /// What it is called.
    title: String,
    /// Who answers in it.
    character: String,
    /// When anything in it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(schema_with = pieces)]
    snippet: Vec<Piece>,
}

impl FoundConversation {
    /// The conversation, as it was found by this text.
    pub fn by(text: &str, conversation: domain::Conversation) -> Self {
        Self {
            snippet: snippet(&conversation.title, text),
            id: conversation.id,
            title: conversation.title,
            character: conversation.character,
            updated_at: conversation.updated_at,
        }
    }
}

/// A message that contains what was sought.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "018f4e6a-2b00-7c11-9d22-6e7f80910a02",
    "conversation_id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "role": "assistant",
    "content": "Gold first. Questions after.",
    "created_at": "2026-01-31T18:42:05.000000Z",
    "snippet": [{ "text": "Gold", "match": true }, { "text": " first. Questions after.", "match": false }],
})))]
pub struct FoundMessage {
    /// The message's id.
    #[schema(value_type = String, format = Uuid)]
    id: MessageId,
    /// The conversation that it stands in.
    #[schema(value_type = String, format = Uuid)]
    conversation_id: ConversationId,
    #[schema(value_type = RoleWord)]
    role: Role,
    /// What was said, letter for letter.
    content: String,
    /// When it was written, or its reply begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(schema_with = pieces)]
    snippet: Vec<Piece>,
}

impl FoundMessage {
    /// The message, as it was found by this text.
    pub fn by(text: &str, message: domain::Message) -> Self {
        Self {
            snippet: snippet(&message.content, text),
            id: message.id,
            conversation_id: message.conversation_id,
            role: message.role,
            content: message.content,
            created_at: message.created_at,
        }
    }
}

fn pieces() -> ArrayBuilder {
    let piece = ObjectBuilder::new()
        .property(
            "text",
            ObjectBuilder::new().schema_type(Type::String).description(Some("A part of the text.")),
        )
        .required("text")
        .property(
            "match",
            ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .description(Some("Whether it is what was sought.")),
        )
        .required("match")
        .examples([json!({ "text": "Gold", "match": true })]);
    ArrayBuilder::new().items(piece).description(Some(
        "The text around the first place where it contains what was sought, in pieces to be shown one behind the other, \
         those that match marked. An ellipsis stands where something was left out.",
    ))
}
