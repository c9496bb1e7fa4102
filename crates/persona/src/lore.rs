//! What a lorebook adds to a prompt. Without the feature `cards` there is none, and so nothing.

use serde::{Deserialize, Serialize};

/// A lorebook's entry that something spoke for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoreEntry {
    /// Its id.
    pub id: String,
    /// Its name, which may be empty.
    pub name: String,
    /// Its keys that matched.
    pub matched: Vec<String>,
    /// What became of it, such as `active` or `over_budget`.
    pub outcome: String,
}

/// Texts by the places where they go.
#[derive(Debug, Default)]
pub(crate) struct Lore {
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
    pub(crate) examples_top: Vec<String>,
    pub(crate) examples_bottom: Vec<String>,
    pub(crate) note_top: Vec<String>,
    pub(crate) note_bottom: Vec<String>,
    /// Among the messages: how many come after it.
    pub(crate) among: Vec<(usize, String)>,
    pub(crate) entries: Vec<LoreEntry>,
    /// What all of it takes.
    pub(crate) tokens: usize,
}
