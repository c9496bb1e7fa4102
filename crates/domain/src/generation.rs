//! Runs of a model.

use crate::{ConversationId, GenerationId, MessageId, Status, Timestamp, UserId};

/// One run of a model, which produces a message of the character. Its id is its stream's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The generation's id.
    pub id: GenerationId,
    /// Whose conversation it runs in.
    pub owner_id: UserId,
    /// The conversation it runs in.
    pub conversation_id: ConversationId,
    /// The message that it produces.
    pub message_id: MessageId,
    /// The model's name, as it was asked for.
    pub model: String,
    /// How far it has come.
    pub status: Status,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// What is known once it has ended.
    pub outcome: Outcome,
}

/// What is known of a generation once it has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Why the model stopped, in the provider's word: `stop`, `length`, …
    pub finish_reason: Option<String>,
    /// What failed, as a stable word.
    pub error_code: Option<String>,
    /// What the provider counted.
    pub usage: Option<Usage>,
    /// Tokens that the model thought with, as the provider counted them or else by an estimate; none where it did not.
    pub reasoning_tokens: Option<u64>,
    /// Milliseconds from acceptance to the model's first word.
    pub ttft_ms: Option<u64>,
}

/// Tokens as the provider counted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// Tokens that were sent.
    pub prompt_tokens: u64,
    /// Tokens that came back; most providers count the reasoning in.
    pub completion_tokens: u64,
}
