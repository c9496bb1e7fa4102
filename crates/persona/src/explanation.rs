//! Why a prompt is as it is.

use serde::{Deserialize, Serialize};

/// Why a prompt is as it is: which knowledge was considered and used, what was left out, what each part costs.
///
/// It can be written and read with serde, so that it can be kept with the reply that it explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The persona's slug.
    pub persona: String,
    /// The persona's [version](crate::Persona::version): which state of its files was used.
    pub version: String,
    /// Who answers.
    pub mode: Mode,
    /// The text that the knowledge base was searched with.
    pub query: String,
    /// The best ten entries that matched, best first.
    pub candidates: Vec<Candidate>,
    /// The id of the entry that was put into the prompt.
    pub used: Option<String>,
    /// How many of the oldest turns were left out because the rest fills the budget. Blank turns do not count.
    pub history_dropped: usize,
    /// How many tokens the history was allowed.
    pub history_budget: usize,
    /// How many tokens each part takes.
    pub tokens: SectionTokens,
}

/// Who answers: the character, or a narrator beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// In character.
    #[serde(rename = "ic")]
    InCharacter,
    /// Out of character: the narrator.
    #[serde(rename = "ooc")]
    OutOfCharacter,
}

/// An entry that matched the query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The entry's id.
    pub id: String,
    /// Its score, above 0.
    pub score: f64,
    /// The words that matched, in the order of the query.
    pub matched: Vec<Match>,
}

/// A word of the query, found in an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The word, in lower case.
    pub word: String,
    /// Where it was found.
    pub field: Field,
}

/// A part of an entry that is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// One of its tags.
    Tag,
    /// One of its aliases.
    Alias,
    /// The beginning of its summary.
    Summary,
}

/// Tokens by part of the prompt, as [`estimate_tokens`](crate::estimate_tokens) counts them, each message with its
/// [overhead](crate::MESSAGE_OVERHEAD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionTokens {
    /// Who is speaking: the style's template.
    pub system: usize,
    /// What was found in the knowledge base.
    pub knowledge: usize,
    /// The guard rails.
    pub instructions: usize,
    /// Earlier turns.
    pub history: usize,
    /// What is being answered.
    pub prompt: usize,
}

impl SectionTokens {
    /// All parts together.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.system + self.knowledge + self.instructions + self.history + self.prompt
    }
}
