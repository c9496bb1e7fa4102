//! Messages.

use std::borrow::Cow;

use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_domain::{self as domain, GenerationId, MessageId, Placed, Role, Status, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas::{self, example_of};

/// What is said is kept letter for letter.
pub const CONTENT: Text = Text { max: CONTENT_MAX_CHARS, blank: true, trim: false };

/// A message to be added.
#[derive(ToSchema)]
#[schema(examples(json!({ "content": "What is your price?" })))]
pub struct NewMessage {
    #[schema(schema_with = content)]
    pub content: String,
}

fn content() -> ObjectBuilder {
    schemas::text(CONTENT, "What is said. It is kept letter for letter.")
}

impl NewMessage {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let content = fields.required_text("content", CONTENT);
        fields.check()?;
        Ok(Self { content: content.unwrap_or_default() })
    }
}

/// Other words for a message.
#[derive(ToSchema)]
#[schema(examples(json!({ "content": "What is your price, sellsword?" })))]
pub struct EditedMessage {
    #[schema(schema_with = content)]
    pub content: String,
}

impl EditedMessage {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let NewMessage { content } = NewMessage::read(fields)?;
        Ok(Self { content })
    }
}

/// Where a message stands among its siblings: the messages that follow the same one, or the first ones of a conversation.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "index": 0, "count": 1 })))]
pub struct Siblings {
    /// Its place among them, from 0, in the order in which they were written.
    index: u64,
    /// How many they are, this one included: 1 where it has none.
    count: u64,
}

/// One utterance in a conversation.
#[derive(Serialize, ToSchema)]
#[schema(examples(
    json!({
        "id": schemas::REPLY_ID,
        "role": "assistant",
        "content": "Gold first. Questions after.",
        "meta": null,
        "created_at": "2026-01-31T18:42:05.000000Z",
        "parent_id": schemas::QUESTION_ID,
        "status": "complete",
        "generation_id": schemas::GENERATION_ID,
        "active": true,
        "siblings": example_of::<Siblings>(),
    }),
    json!(question())
))]
pub struct Message {
    /// The message's id.
    #[schema(value_type = String, format = Uuid)]
    id: MessageId,
    #[schema(value_type = RoleWord)]
    role: Role,
    /// What was said, letter for letter. Of a reply that is still running, the text so far.
    content: String,
    /// Anything that came with the message from elsewhere.
    #[schema(required)]
    meta: Option<Value>,
    /// When it was written, or its reply begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The message that it follows or answers. Null for the first one.
    #[schema(value_type = Option<String>, format = Uuid, required)]
    parent_id: Option<MessageId>,
    #[schema(value_type = StatusWord)]
    status: Status,
    /// The run of the model that made it, or last went on with it, at `/api/generations/{id}`. Null for what a person wrote.
    #[schema(value_type = Option<String>, format = Uuid, required)]
    generation_id: Option<GenerationId>,
    /// Whether it is on the path that the conversation shows.
    active: bool,
    siblings: Siblings,
}

/// What the example answers, as an example too.
fn question() -> Value {
    json!({
        "id": schemas::QUESTION_ID,
        "role": "user",
        "content": "What is your price?",
        "meta": null,
        "created_at": "2026-01-31T18:42:04.000000Z",
        "parent_id": null,
        "status": "complete",
        "generation_id": null,
        "active": true,
        "siblings": example_of::<Siblings>(),
    })
}

/// A question and its answer, as an example of a list.
pub fn talk() -> Value {
    json!([question(), example_of::<Message>()])
}

impl From<Placed> for Message {
    fn from(Placed { message, siblings }: Placed) -> Self {
        let domain::Siblings { index, count } = siblings;
        Self {
            id: message.id,
            role: message.role,
            content: message.content,
            meta: message.meta.and_then(|meta| serde_json::from_str(&meta).ok()),
            created_at: message.created_at,
            parent_id: message.parent_id,
            status: message.status,
            generation_id: message.generation_id,
            active: message.active,
            siblings: Siblings { index, count },
        }
    }
}

/// Makes a type that stands for the words of a domain type in the document.
macro_rules! word_schema {
    ($(#[$doc:meta])* $name:ident, $of:ident as $shown:literal, $description:literal) => {
        $(#[$doc])*
        pub struct $name;

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                $shown.into()
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schemas::words($of::ALL.iter().map(|word| word.as_str()), $description)
            }
        }
    };
}

word_schema! {
    /// Who a message is from.
    RoleWord, Role as "Role",
    "Who a message is from: `user` is the person, `assistant` the character, `system` a note to the model."
}

word_schema! {
    /// How far a reply has come.
    StatusWord, Status as "Status",
    "How far a reply has come. It is `running` at first and then exactly one of the others: `complete`, `stopped` by \
     the person, `failed` because of the model, or `interrupted` by the end of the server. What a person wrote is \
     `complete`."
}
