//! What a model is to the rest of the house: a question in, a stream of events out.

use std::fmt;

use futures_util::stream::BoxStream;
use serde::Serialize;

use crate::ModelError;

/// A language model that answers as a stream.
pub trait ChatModel: Send + Sync {
    /// The name shown to people and kept with a reply: `gpt-4o-mini`, `offline`.
    fn name(&self) -> &str;

    /// The names of other models that a request may ask for instead.
    fn others(&self) -> &[String] {
        &[]
    }

    /// Asks, and gives the reply as it comes.
    ///
    /// Nothing happens until the stream is polled. It yields deltas, with reasoning before and between them, and then either exactly one [`ChatEvent::Finish`]
    /// or exactly one error, and then ends. Dropping it ends the request at the provider at once.
    fn stream(&self, request: ChatRequest) -> ChatStream;
}

/// A reply on its way.
pub type ChatStream = BoxStream<'static, Result<ChatEvent, ModelError>>;

/// What a model is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The system prompt, the history, the prompt. Blank messages are not sent.
    pub messages: Vec<ChatMessage>,
    /// Which of the [other models](ChatModel::others) is to answer; the usual one where there is none.
    pub model: Option<String>,
    /// From 0 (always the likeliest word) to 2.
    pub temperature: f32,
    /// The longest reply wanted, in the model's own tokens.
    pub max_tokens: u32,
    /// What the offline model says; models that think for themselves do not look at it.
    pub scripted: Option<String>,
}

/// One utterance of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatMessage {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub content: String,
}

impl ChatMessage {
    /// An utterance of this role.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one who sets the scene.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Something that happens in a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEvent {
    /// A piece of text: never empty, cut exactly as the provider cut it.
    Delta(String),
    /// A piece of what the model thinks before and while it speaks: never empty, and no part of the reply.
    Reasoning(String),
    /// The reply is whole. Comes once, last.
    Finish {
        /// Why it ended, where the provider said so.
        reason: Option<FinishReason>,
        /// What it cost, where the provider counted.
        usage: Option<Usage>,
    },
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model had said what it wanted to say.
    Stop,
    /// It had said as much as it was allowed to: `max_tokens`, or the end of its context.
    Length,
    /// The provider withheld the rest.
    ContentFilter,
    /// A reason that Raconteur has no use for, such as a call of a tool that it never offered.
    Other,
}

impl FinishReason {
    /// The word for it on the wire, as OpenAI has it: `stop`, `length`, `content_filter`; `other` for all else.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::Other => "other",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "content_filter" => Self::ContentFilter,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a reply cost, in the model's own tokens, as the provider counted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of everything that was sent.
    pub prompt_tokens: u64,
    /// Tokens of the reply; most providers count the reasoning in.
    pub completion_tokens: u64,
    /// Tokens of the reasoning, where the provider counts them apart.
    pub reasoning_tokens: Option<u64>,
}
