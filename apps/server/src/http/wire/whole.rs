//! Whole replies.

use raconteur_domain::Placed;
use serde::Serialize;
use utoipa::ToSchema;

use super::generation::Generation;
use super::message::Message;
use crate::http::openapi::schemas::example_of;

/// A reply that has ended.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "message": example_of::<Message>(), "generation": example_of::<Generation>() })))]
pub struct WholeReply {
    message: Message,
    generation: Generation,
}

impl WholeReply {
    /// A message with the run of the model that made it.
    pub fn new(message: Placed, generation: Generation) -> Self {
        Self { message: message.into(), generation }
    }
}
