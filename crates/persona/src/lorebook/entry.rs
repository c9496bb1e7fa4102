//! One entry of a lorebook, understood.

use super::Position;
use super::decorators::Decorators;
use super::patterns::Id;

/// An entry of a lorebook.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) content: String,
    pub(crate) decorators: Decorators,
    pub(crate) keys: Vec<Key>,
    /// Empty where they do not matter.
    pub(crate) secondary: Vec<Key>,
    pub(crate) logic: Logic,
    pub(crate) additional: Vec<Key>,
    pub(crate) exclude: Vec<Key>,
    pub(crate) enabled: bool,
    pub(crate) constant: bool,
    pub(crate) order: f64,
    pub(crate) priority: f64,
    pub(crate) position: Where,
    /// How many of the newest messages are looked at.
    pub(crate) scan_depth: usize,
    /// In hundredths; nothing where there is no chance in it.
    pub(crate) probability: Option<f64>,
    /// Whether contents of other entries do not activate it.
    pub(crate) exclude_recursion: bool,
    /// Whether its content does not activate others.
    pub(crate) prevent_recursion: bool,
    /// The first round of recursion in which it may be activated; 0 where it may be by messages.
    pub(crate) from_round: usize,
    pub(crate) groups: Vec<String>,
    pub(crate) group_weight: u64,
    pub(crate) group_override: bool,
    pub(crate) sticky: usize,
    pub(crate) cooldown: usize,
    pub(crate) delay: usize,
}

impl Entry {
    /// Whether it matters what it matched before.
    pub(crate) fn remembers(&self) -> bool {
        let Decorators { keep_after_match, dont_after_match, .. } = self.decorators;
        keep_after_match || dont_after_match || self.sticky > 0 || self.cooldown > 0
    }
}

/// A key as it was written, and its number among all keys.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    /// Nothing for a key that can match nothing.
    pub(crate) id: Option<Id>,
}

/// How secondary keys count beside the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Logic {
    /// One of them must be there.
    #[default]
    AndAny,
    /// One of them must be missing.
    NotAll,
    /// None may be there.
    NotAny,
    /// All must be there.
    AndAll,
}

/// Where an entry goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Where {
    /// There.
    At(Position),
    /// After so many messages, counted from the oldest.
    AfterOldest { messages: usize, role: crate::prompt::Role },
}
