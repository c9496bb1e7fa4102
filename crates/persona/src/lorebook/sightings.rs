//! Where the keys of a lorebook were found.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::patterns::{Id, Place};

/// Where keys were found, and which could not be looked for everywhere.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    /// The messages, newest first.
    turns: HashMap<Id, Vec<usize>>,
    contents: HashSet<Id>,
    unchecked: HashSet<Id>,
}

impl Sightings {
    pub(crate) fn add(&mut self, id: Id, place: Place) {
        match place {
            Place::Content => {
                self.contents.insert(id);
            }
            Place::Turn { index, .. } => {
                let turns = self.turns.entry(id).or_default();
                if turns.last() != Some(&index) {
                    turns.push(index);
                }
            }
        }
    }

    pub(crate) fn leave_unchecked(&mut self, id: Id) {
        self.unchecked.insert(id);
    }

    pub(crate) fn is_unchecked(&self, id: Id) -> bool {
        self.unchecked.contains(&id)
    }

    pub(crate) fn unchecked(&self) -> usize {
        self.unchecked.len()
    }

    /// Whether a key is in one of these messages.
    pub(crate) fn within(&self, id: Id, window: &Range<usize>) -> bool {
        let turns = self.turns.get(&id).map(Vec::as_slice).unwrap_or_default();
        let newest = turns.partition_point(|turn| *turn >= window.end);
        turns.get(newest).is_some_and(|turn| *turn >= window.start)
    }

    /// Whether a key is in the content of an entry that was activated.
    pub(crate) fn in_contents(&self, id: Id) -> bool {
        self.contents.contains(&id)
    }
}
