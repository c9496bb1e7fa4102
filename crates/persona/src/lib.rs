#![doc = include_str!("../README.md")]

#[cfg(feature = "cards")]
mod carded;
#[cfg(feature = "cards")]
pub mod cards;
mod compose;
mod explanation;
#[cfg(feature = "cards")]
mod extension;
mod fields;
mod finding;
mod hash;
mod identity;
mod knowledge;
pub mod limits;
mod lint;
mod loading;
mod lore;
#[cfg(feature = "cards")]
pub mod lorebook;
#[cfg(feature = "cards")]
pub mod macros;
#[cfg(feature = "cards")]
pub mod package;
mod persona;
mod prompt;
mod registry;
mod retrieval;
mod room;
mod sampling;
mod scripted;
mod sections;
mod style;
mod template;
mod tests_yml;
mod tokens;
#[cfg(not(feature = "cards"))]
mod uncarded;
mod warning;
mod yaml;

pub use explanation::{Budget, Candidate, Explanation, Field, Match, Mode, Outcome, Section, SectionTokens};
pub use identity::Example;
pub use knowledge::{Entry, Knowledge, Source};
pub use loading::{Files, Loaded};
pub use lore::LoreEntry;
pub use persona::Persona;
pub use prompt::{Note, Prompt, PromptMessage, PromptRequest, PromptTooLong, Role, Speaker, Turn, User};
pub use registry::{Clash, Personas};
pub use sampling::Sampling;
pub use tests_yml::{Case, CaseResult, Expectation, TestReport, TestsError};
pub use tokens::{Estimate, MESSAGE_OVERHEAD, TokenCounter, estimate_tokens};
pub use warning::Warning;
