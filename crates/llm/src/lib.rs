#![doc = include_str!("../README.md")]

mod chunk;
mod client;
mod dialect;
mod error;
mod limits;
mod model;
mod offline;
mod openai;
mod refusal;
mod reply;
mod sse;
mod text;
mod think;

pub use client::{ClientError, http_client};
pub use error::{ModelError, ModelErrorCode, ModelErrorKind};
pub use limits::Limits;
pub use model::{ChatEvent, ChatMessage, ChatModel, ChatRequest, ChatStream, FinishReason, Role, Usage};
pub use offline::OfflineModel;
pub use openai::{InvalidConfig, OpenAiConfig, OpenAiModel};
