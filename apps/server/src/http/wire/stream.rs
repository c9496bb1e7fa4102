//! Sends, and the events of the stream that answers them.

use std::borrow::Cow;

use raconteur_chat::{Begun, End, Send};
use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_domain::{ConversationId, GenerationId, MessageId, Status, Timestamp, UserId, is_blank, strip};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::error::StreamError;
use super::message::StatusWord;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::fields::{Fields, Given};
use crate::http::openapi::schemas;

/// A prompt that is to be answered.
#[derive(ToSchema)]
#[schema(examples(json!({
    "conversation_id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "prompt": "What is your price?",
})))]
pub struct StreamRequest {
    #[schema(schema_with = conversation_id, value_type = String)]
    pub conversation_id: ConversationId,
    #[schema(schema_with = prompt, required = false)]
    pub prompt: String,
    #[schema(schema_with = create_user_message, required = false)]
    pub create_user_message: bool,
    #[schema(schema_with = reasoning, required = false)]
    pub reasoning: bool,
}

fn conversation_id() -> ObjectBuilder {
    schemas::id(schemas::CONVERSATION_ID, "The conversation to answer in.")
}

fn prompt() -> ObjectBuilder {
    schemas::raw_text_or_null(
        "What is said, letter for letter. Without one, what the conversation ends with is answered. `[[OOC]]` at its \
         start asks for a narrator instead of the character, for this one turn.",
    )
    .max_length(Some(CONTENT_MAX_CHARS))
}

fn create_user_message() -> ObjectBuilder {
    schemas::flag(
        true,
        "Whether the prompt is kept as a message of the person's. False where it is there already: the last message \
         is answered if it is this prompt; if this prompt was answered last, the new reply becomes that one's sibling \
         (a regeneration); any other prompt is answered without being kept.",
    )
}

fn reasoning() -> ObjectBuilder {
    schemas::flag(false, "Whether to be told what a reasoning model thinks, as `reasoning` events.")
}

/// How a reply that needs no prompt is to be told.
#[derive(ToSchema)]
#[schema(examples(json!({ "reasoning": false })))]
pub struct ReplyRequest {
    #[schema(schema_with = reasoning, required = false)]
    pub reasoning: bool,
}

impl ReplyRequest {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let reasoning = fields.flag("reasoning").unwrap_or(false);
        fields.check()?;
        Ok(Self { reasoning })
    }
}

impl StreamRequest {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let reasoning = fields.flag("reasoning").unwrap_or(false);
        let conversation = fields.raw_text("conversation_id");
        let prompt = fields.raw_text("prompt").value().unwrap_or_default();
        let create_user_message = fields.flag("create_user_message").unwrap_or(true);
        if prompt.chars().count() > CONTENT_MAX_CHARS {
            let problem = format!("Ensure this field has no more than {CONTENT_MAX_CHARS} characters.");
            fields.note("prompt", problem);
        }
        fields.check()?;
        let conversation_id = given_id(conversation, Self::required())?;
        Ok(Self { conversation_id, prompt, create_user_message, reasoning })
    }

    /// What is said where there is no conversation.
    pub fn required() -> ApiError {
        ApiError::refused(ErrorCode::Invalid, "conversation_id required")
    }

    /// What the chat is asked to do.
    pub fn into_send(self, owner: UserId) -> Send {
        let Self { conversation_id: conversation, prompt, create_user_message, reasoning: _ } = self;
        Send { owner, conversation, prompt, create_user_message }
    }
}

/// Which reply is to end.
#[derive(ToSchema)]
#[schema(examples(json!({ "generation_id": "018f4e6a-2b01-7c11-9d22-6e7f80910a03" })))]
pub struct StopRequest {
    #[schema(schema_with = generation_id, value_type = String)]
    pub generation_id: GenerationId,
}

fn generation_id() -> ObjectBuilder {
    schemas::id(schemas::GENERATION_ID, "The `generation_id` of the reply's `start` event.")
}

impl StopRequest {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let generation = fields.raw_text("generation_id");
        fields.check()?;
        Ok(Self { generation_id: given_id(generation, Self::required())? })
    }

    /// What is said where there is no generation.
    pub fn required() -> ApiError {
        ApiError::refused(ErrorCode::Invalid, "generation_id required")
    }
}

/// The id in a field that has to be there. What is no id names nothing, like an id that nobody has.
fn given_id<T: std::str::FromStr>(field: Given<String>, required: ApiError) -> Result<T, ApiError> {
    match field {
        Given::Value(text) if !is_blank(&text) => strip(&text).parse().map_err(|_| ApiError::NotFound),
        _ => Err(required),
    }
}

/// The answer to a request that is done once it is accepted: an object without fields.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({})))]
pub struct Accepted {}

/// An event of a stream, as a reader of server-sent events hands it out.
pub struct StreamEvent;

impl StreamEvent {
    /// One event: its name, the schema of its data, and whether it has a place to come back to.
    fn named<T: ToSchema>(event: &'static str, has_id: bool) -> ObjectBuilder {
        let data = ObjectBuilder::new()
            .schema_type(Type::String)
            .content_media_type("application/json")
            .content_schema(Some(Ref::from_schema_name(T::name())))
            .description(Some("JSON on one line."));
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9a-f-]{36}:([0-9]+|end)$"))
            .description(Some("The generation, and how many bytes of it have been sent, or `end`."));
        let named = ObjectBuilder::new()
            .property("event", schemas::words([event], "What happened."))
            .required("event")
            .property("data", data)
            .required("data")
            .property("id", id);
        if has_id { named.required("id") } else { named }
    }
}

impl ToSchema for StreamEvent {
    fn name() -> Cow<'static, str> {
        "StreamEvent".into()
    }

    fn schemas(list: &mut Vec<(String, RefOr<Schema>)>) {
        list.push((StreamStart::name().into(), StreamStart::schema()));
        StreamStart::schemas(list);
        list.push((StreamToken::<'_>::name().into(), StreamToken::<'_>::schema()));
        list.push((StreamReasoning::name().into(), StreamReasoning::schema()));
        list.push((StreamError::name().into(), StreamError::schema()));
        StreamError::schemas(list);
        list.push((StreamEnd::name().into(), StreamEnd::schema()));
        StreamEnd::schemas(list);
    }
}

impl PartialSchema for StreamEvent {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .description(Some("An event of a stream. Events of other names are to be passed over."))
            .item(Self::named::<StreamStart>("start", true))
            .item(Self::named::<StreamToken<'_>>("token", true))
            .item(Self::named::<StreamReasoning<'_>>("reasoning", false))
            .item(Self::named::<StreamError>("error", false))
            .item(Self::named::<StreamEnd>("end", true))
            .into()
    }
}

/// The data of a `start` event: the first one, before the model has said anything.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "message_id": "018f4e6a-2b00-7c11-9d22-6e7f80910a02",
    "ts": "2026-01-31T18:42:05.000000Z",
    "conversation_id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
    "user_message_id": "018f4e6a-2aff-7c11-9d22-6e7f80910a01",
    "generation_id": "018f4e6a-2b01-7c11-9d22-6e7f80910a03",
    "character": "Bronn",
    "model": "gpt-4o-mini",
})))]
pub struct StreamStart {
    /// The message that the reply becomes.
    #[schema(value_type = String, format = Uuid)]
    pub message_id: MessageId,
    /// When the reply was accepted.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// Where it stands.
    #[schema(value_type = String, format = Uuid)]
    pub conversation_id: ConversationId,
    /// The message that it answers, where there is one.
    #[schema(value_type = Option<String>, format = Uuid, required)]
    pub user_message_id: Option<MessageId>,
    /// The run of the model: what to stop, and where to read about the reply.
    #[schema(value_type = String, format = Uuid)]
    pub generation_id: GenerationId,
    /// Who answers.
    pub character: String,
    /// The model that does the thinking.
    pub model: String,
}

impl From<Begun> for StreamStart {
    fn from(begun: Begun) -> Self {
        Self {
            message_id: begun.message_id,
            ts: begun.at,
            conversation_id: begun.conversation_id,
            user_message_id: begun.user_message_id,
            generation_id: begun.generation_id,
            character: begun.character,
            model: begun.model,
        }
    }
}

/// The data of a `token` event: the next piece of the reply.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "delta": "Gold" })))]
pub struct StreamToken<'a> {
    /// The piece, as the model cut it. It is never empty, and it is durable before it is shown.
    pub delta: &'a str,
}

/// The data of a `reasoning` event: the next piece of what the model thinks. It is no part of the reply.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "delta": "A fool, or a friend?" })))]
pub struct StreamReasoning<'a> {
    /// The piece, as the model cut it.
    pub delta: &'a str,
}

/// The data of an `end` event: the last one, always there.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "ts": "2026-01-31T18:42:07.120042Z",
    "status": "complete",
    "finish_reason": "stop",
    "usage": { "prompt_tokens": 412, "completion_tokens": 9 },
    "ttft_ms": 230,
})))]
pub struct StreamEnd {
    /// When the reply ended.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    #[schema(value_type = StatusWord)]
    pub status: Status,
    /// Why the model stopped, in the provider's word, such as `stop` or `length`.
    #[schema(required)]
    pub finish_reason: Option<String>,
    /// Tokens, where the provider counted them.
    #[schema(required)]
    pub usage: Option<StreamUsage>,
    /// Milliseconds from the acceptance to the model's first word.
    #[schema(required)]
    pub ttft_ms: Option<u64>,
}

/// Tokens, as the provider counted them.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "prompt_tokens": 412, "completion_tokens": 9, "reasoning_tokens": 6 })))]
pub struct StreamUsage {
    /// Tokens that were sent.
    pub prompt_tokens: u64,
    /// Tokens that came back; most providers count the reasoning in.
    pub completion_tokens: u64,
    /// Tokens that the model thought with, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
}

impl From<End> for StreamEnd {
    fn from(end: End) -> Self {
        let reasoning_tokens = end.reasoning_tokens;
        let usage = end.usage.map(|usage| StreamUsage {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens,
        });
        Self { ts: end.at, status: end.status, finish_reason: end.finish_reason, usage, ttft_ms: end.ttft_ms }
    }
}
