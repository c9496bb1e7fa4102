//! Finds the entries that a question is about.
//!
//! There are two ways, and a style says which: [`bm25`], the usual one, and [`weights`], which scores as the program
//! before this one did, for styles that were tuned to it.

pub(crate) mod bm25;
mod stop_words;
mod terms;
pub(crate) mod weights;

use std::cmp::Ordering;

use crate::explanation::Match;
use crate::knowledge::{Entry, Knowledge};
use bm25::Bm25;
use weights::Ranking;

/// How a persona's entries are found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Retrieval {
    /// By the words of the question, rare ones first, in all their forms.
    Bm25(Bm25),
    /// By words counted with weights.
    Weights(Ranking),
}

impl Default for Retrieval {
    fn default() -> Self {
        Self::Bm25(Bm25::default())
    }
}

/// How much of what is found goes into a prompt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// How many entries at most.
    pub(crate) top_k: usize,
    /// How many tokens they may take.
    pub(crate) token_budget: usize,
    /// What an entry has to score.
    pub(crate) min_score: f64,
}

impl Retrieval {
    pub(crate) const fn limits(&self) -> Limits {
        match self {
            Self::Bm25(settings) => settings.limits,
            // The best one alone, as it was before.
            Self::Weights(_) => Limits { top_k: 1, token_budget: usize::MAX, min_score: 0.0 },
        }
    }

    pub(crate) const fn top_k(&self) -> usize {
        self.limits().top_k
    }
}

/// What entries are sought for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// What is said now.
    pub(crate) text: &'a str,
    /// What was said before, the latest last. Counting words by weights does not look at it.
    pub(crate) earlier: &'a [&'a str],
}

/// What searches need to know of the entries, worked out once, for one of the ways.
#[derive(Debug)]
pub(crate) enum Index {
    Bm25(bm25::Index),
    Weights(weights::Index),
}

impl Default for Index {
    fn default() -> Self {
        Self::Bm25(bm25::Index::default())
    }
}

impl Index {
    pub(crate) fn new(entries: &[Entry], how: &Retrieval) -> Self {
        match how {
            Retrieval::Bm25(_) => Self::Bm25(bm25::Index::new(entries)),
            Retrieval::Weights(_) => Self::Weights(weights::Index::new(entries)),
        }
    }
}

/// An entry that matched.
#[derive(Debug)]
pub(crate) struct Hit<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) score: f64,
    pub(crate) matched: Vec<Match>,
}

impl Knowledge {
    /// The best `limit` entries that match, best first. Always the same for the same question.
    pub(crate) fn search(&self, question: Question<'_>, how: &Retrieval, limit: usize) -> Vec<Hit<'_>> {
        match (&self.index, how) {
            (Index::Bm25(index), Retrieval::Bm25(settings)) => {
                index.search(self.entries(), question, settings, limit)
            }
            (Index::Weights(index), Retrieval::Weights(ranking)) => {
                index.search(self.entries(), question.text, ranking, limit)
            }
            // A persona has the index of its style.
            _ => Vec::new(),
        }
    }
}

/// The first `limit` of these in this order.
fn first<T>(mut list: Vec<T>, limit: usize, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if limit < list.len() {
        list.select_nth_unstable_by(limit, &order);
        list.truncate(limit);
    }
    list.sort_unstable_by(order);
    list
}
