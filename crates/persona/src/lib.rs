#![doc = include_str!("../README.md")]

#[cfg(feature = "cards")]
pub mod cards;
mod explanation;
mod fields;
mod hash;
mod identity;
mod knowledge;
pub mod limits;
mod loading;
mod persona;
mod prompt;
mod registry;
mod retrieval;
mod scripted;
mod sections;
mod style;
mod template;
mod tokens;
mod warning;
mod yaml;

pub use explanation::{Candidate, Explanation, Field, Match, Mode, SectionTokens};
pub use identity::Example;
pub use knowledge::{Entry, Knowledge, Source};
pub use loading::{Files, Loaded};
pub use persona::Persona;
pub use prompt::{Prompt, PromptMessage, PromptRequest, Role, Speaker, Turn};
pub use registry::{Clash, Personas};
pub use tokens::{MESSAGE_OVERHEAD, estimate_tokens};
pub use warning::Warning;
