//! Words counted with weights, as the program before this one did it.
//!
//! Words are runs of ASCII letters, digits, `_` and `'`, in lower case. The words of the query are a set. Every word of a tag
//! or alias that is in the set scores that field's weight, each time it stands there; so does each of the first 15 words of
//! the summary. Entries are ranked by score, then by the tie-breakers, then by their place in the file.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::explanation::{Field, Match};
use crate::knowledge::Entry;

use super::{Hit, first};

/// How many words of a summary count.
const SUMMARY_WORDS: usize = 15;

/// What a word is worth where it is found, and what decides between equals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranking {
    pub(crate) tag_weight: f64,
    pub(crate) alias_weight: f64,
    pub(crate) summary_overlap_weight: f64,
    pub(crate) tie_breakers: Vec<TieBreaker>,
}

/// For personas whose style does not say: a tag is written to be found by, a summary only happens to have the word.
impl Default for Ranking {
    fn default() -> Self {
        Self {
            tag_weight: 3.0,
            alias_weight: 2.0,
            summary_overlap_weight: 1.0,
            tie_breakers: vec![TieBreaker::HigherWeight, TieBreaker::BookAndShow],
        }
    }
}

/// What decides between entries of equal score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TieBreaker {
    /// The entry with the higher `weight`.
    HigherWeight,
    /// The entry that is true in the book and in the show.
    BookAndShow,
}

impl TieBreaker {
    /// The rule of that name, whatever its case, blanks and punctuation.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match words(name).collect::<Vec<_>>().join(" ").as_str() {
            "higher weight" => Some(Self::HigherWeight),
            "book show over single canon" => Some(Self::BookAndShow),
            _ => None,
        }
    }

    /// `Less` where `a` comes first.
    fn compare(self, a: &Ranked<'_>, b: &Ranked<'_>) -> Ordering {
        match self {
            Self::HigherWeight => b.entry.weight.total_cmp(&a.entry.weight),
            Self::BookAndShow => b.in_book_and_show.cmp(&a.in_book_and_show),
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '\''))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

/// What a search needs to know of the entries, worked out once.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// For each word, where it stands.
    words: HashMap<String, Vec<Posting>>,
    /// For each entry, whether it is true in the book and in the show.
    in_book_and_show: Vec<bool>,
}

/// A word stands in a field of an entry, so many times.
#[derive(Debug)]
struct Posting {
    entry: usize,
    field: Field,
    count: u32,
}

impl Index {
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let mut index = Self::default();
        for (number, entry) in entries.iter().enumerate() {
            let tags = entry.tags.iter().flat_map(|tag| words(tag));
            let aliases = entry.aliases.iter().flat_map(|alias| words(alias));
            let summary = words(&entry.summary).take(SUMMARY_WORDS);
            tags.for_each(|word| index.add(word, number, Field::Tag));
            aliases.for_each(|word| index.add(word, number, Field::Alias));
            summary.for_each(|word| index.add(word, number, Field::Summary));
            let canon: HashSet<_> = entry.canon.iter().flat_map(|canon| words(canon)).collect();
            index.in_book_and_show.push(canon.contains("book") && canon.contains("show"));
        }
        index
    }

    /// Entries come in order, and so do the fields of each: a repeated word is the last posting again.
    fn add(&mut self, word: String, entry: usize, field: Field) {
        let postings = self.words.entry(word).or_default();
        match postings.last_mut() {
            Some(last) if last.entry == entry && last.field == field => last.count += 1,
            _ => postings.push(Posting { entry, field, count: 1 }),
        }
    }
}

/// How often the query's words stand in an entry. Whole numbers first, weights last: the sum does not depend on the order.
#[derive(Clone, Default)]
struct Tally {
    tags: u32,
    aliases: u32,
    summary: u32,
}

impl Tally {
    fn add(&mut self, posting: &Posting) {
        match posting.field {
            Field::Tag => self.tags += posting.count,
            Field::Alias => self.aliases += posting.count,
            Field::Summary => self.summary += posting.count,
            Field::Entity | Field::Line | Field::Notes => {}
        }
    }

    fn score(&self, ranking: &Ranking) -> f64 {
        f64::from(self.tags) * ranking.tag_weight
            + f64::from(self.aliases) * ranking.alias_weight
            + f64::from(self.summary) * ranking.summary_overlap_weight
    }
}

/// An entry with a score.
struct Ranked<'a> {
    number: usize,
    entry: &'a Entry,
    score: f64,
    in_book_and_show: bool,
}

impl Index {
    /// The best `limit` entries that match the query, best first.
    pub(super) fn search<'a>(
        &self,
        entries: &'a [Entry],
        query: &str,
        ranking: &Ranking,
        limit: usize,
    ) -> Vec<Hit<'a>> {
        let found = self.look_up(query);
        let ranked = self.score(entries, &found, ranking);
        let better = |a: &Ranked<'_>, b: &Ranked<'_>| {
            let rules = ranking.tie_breakers.iter().map(|rule| rule.compare(a, b));
            rules.fold(b.score.total_cmp(&a.score), Ordering::then).then(a.number.cmp(&b.number))
        };
        let ranked = first(ranked, limit, better);
        let hit =
            |Ranked { number, entry, score, .. }| Hit { entry, score, matched: matches(&found, number) };
        ranked.into_iter().map(hit).collect()
    }

    /// The query's words that are known, each once, with where they stand.
    fn look_up(&self, query: &str) -> Vec<(&str, &[Posting])> {
        let mut seen = HashSet::new();
        words(query)
            .filter_map(|word| self.words.get_key_value(&word))
            .map(|(word, postings)| (word.as_str(), postings.as_slice()))
            .filter(|(word, _)| seen.insert(*word))
            .collect()
    }

    /// The entries that score above zero, in no order.
    fn score<'a>(
        &self,
        entries: &'a [Entry],
        found: &[(&str, &[Posting])],
        ranking: &Ranking,
    ) -> Vec<Ranked<'a>> {
        let mut tallies = vec![Tally::default(); entries.len()];
        for posting in found.iter().flat_map(|(_, postings)| *postings) {
            if let Some(tally) = tallies.get_mut(posting.entry) {
                tally.add(posting);
            }
        }
        let facts = entries.iter().zip(&self.in_book_and_show);
        let ranked = tallies.iter().zip(facts).enumerate().map(|(number, (tally, (entry, in_both)))| {
            Ranked { number, entry, score: tally.score(ranking), in_book_and_show: *in_both }
        });
        ranked.filter(|ranked| ranked.score > 0.0).collect()
    }
}

/// Which words were found in which field of the entry, in the order of the query.
fn matches(found: &[(&str, &[Posting])], entry: usize) -> Vec<Match> {
    let in_entry = |(word, postings): &(&str, &[Posting])| {
        let start = postings.partition_point(|posting| posting.entry < entry);
        let here = postings.iter().skip(start).take_while(|posting| posting.entry == entry);
        let word = (*word).to_owned();
        here.map(|posting| Match { word: word.clone(), field: posting.field }).collect::<Vec<_>>()
    };
    found.iter().flat_map(in_entry).collect()
}
