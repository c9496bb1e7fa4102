//! Why a prompt is as it is.

use serde::{Deserialize, Serialize};

use crate::lore::LoreEntry;

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
    /// The ids of the entries that were put into the prompt, best first.
    pub used: Vec<String>,
    /// The entries of its card's lorebook that something spoke for, and what became of each.
    #[serde(default)]
    pub lore: Vec<LoreEntry>,
    /// How many of the oldest turns were left out because there was no room for them. Blank turns do not count.
    pub history_dropped: usize,
    /// How many of the persona's example exchanges were left out for that reason, the last ones first.
    pub examples_dropped: usize,
    /// What else was left out or cut for that reason.
    pub left_out: Vec<Section>,
    /// How much room there was.
    pub budget: Budget,
    /// How many tokens each part takes.
    pub tokens: SectionTokens,
}

/// How many tokens a prompt may take, as its [counter](crate::TokenCounter) counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The model's context: the prompt and the reply.
    pub context: usize,
    /// What of it is kept free for the reply.
    pub reply: usize,
    /// What earlier turns may take at most, however much is left: they are paid for with every reply.
    pub history: usize,
}

impl Budget {
    /// What the prompt may take.
    #[must_use]
    pub const fn prompt(&self) -> usize {
        self.context.saturating_sub(self.reply)
    }
}

/// The context of OpenAI's smaller models, a reply of some length, and a few thousand tokens of history.
impl Default for Budget {
    fn default() -> Self {
        Self { context: 128_000, reply: 1_024, history: 6_000 }
    }
}

/// A part of a prompt that can be left out, in the order in which they are: what does not fit goes from the first on.
///
/// What is left out first of all are the last of the persona's examples, then the oldest turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// What the person tells of themselves.
    User,
    /// What happened before the turns that fit.
    Summary,
    /// The author's note.
    Note,
    /// The end of the style's template or of the persona's description. It is cut behind a sentence.
    System,
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
    /// The words that matched, in the order in which they were said.
    pub matched: Vec<Match>,
    /// Whether it was used, or why not.
    pub outcome: Outcome,
}

/// What became of an entry that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was put into the prompt.
    Used,
    /// It scores less than the style's `min_score`.
    BelowMinScore,
    /// It scores so much less than the best one that it is most likely about something else.
    FarBehind,
    /// As many as the style's `top_k` were better.
    BeyondTopK,
    /// With it the entries would take more tokens than the style's `token_budget`.
    OverTokenBudget,
    /// With it the prompt would be too long.
    NoRoom,
}

/// A word, or an alias or name of several words, that was said and is found in an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Match {
    /// The word, in lower case.
    pub word: String,
    /// Where it was found.
    pub field: Field,
}

/// A part of an entry that is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// One of its tags.
    Tag,
    /// One of its aliases.
    Alias,
    /// The name of somebody or something in it.
    Entity,
    /// Its summary.
    Summary,
    /// The persona's line.
    Line,
    /// What the narrator may add.
    Notes,
}

/// Tokens by part of the prompt, as its counter counts them, each message with its [overhead](crate::MESSAGE_OVERHEAD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionTokens {
    /// Who is speaking: the style's template.
    pub system: usize,
    /// Who is spoken to.
    pub user: usize,
    /// What was found in the knowledge base.
    pub knowledge: usize,
    /// Exchanges that show how the persona talks.
    pub examples: usize,
    /// The guard rails.
    pub instructions: usize,
    /// What happened before the turns that fit.
    pub summary: usize,
    /// Earlier turns.
    pub history: usize,
    /// The author's note.
    pub note: usize,
    /// What is being answered, and what of the answer is said already.
    pub prompt: usize,
}

impl SectionTokens {
    /// All parts together.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.system
            + self.user
            + self.knowledge
            + self.examples
            + self.instructions
            + self.summary
            + self.history
            + self.note
            + self.prompt
    }
}
