#![doc = include_str!("../README.md")]

mod clock;
mod id;

pub use clock::{Clock, Entropy, Timestamp};
pub use id::{ConversationId, GenerationId, InvalidId, MessageId, UserId};
