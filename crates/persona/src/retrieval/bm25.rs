//! BM25 over the fields of entries.
//!
//! What an entry scores for a word of the question grows with how rare the word is among the entries (its *idf*) and, ever
//! more slowly, with how often it stands in the entry, in fields of different weight and compared with how long those
//! usually are. (Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004.)
//!
//! Scores are in units of a word that no other entry has and that stands in the summary once. So they mean the same in a
//! small knowledge base and in a large one.
//!
//! Two things are added to it. An alias or the name of an entity that stands in the question word for word counts as a rare
//! word more, stop words in it included. And what was said before counts, the less the longer ago, and hardly at all where
//! the question says enough by itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::explanation::{Field, Match};
use crate::knowledge::Entry;

use super::terms::{Numbering, Word, fold, words};
use super::{Hit, Limits, Question, first};

/// Settings of a style's `retrieval`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bm25 {
    pub(crate) limits: Limits,
    /// How many earlier turns are looked at.
    pub(crate) scan_depth: usize,
}

impl Default for Bm25 {
    fn default() -> Self {
        Self { limits: Limits { top_k: 3, token_budget: 600, min_score: 0.6 }, scan_depth: 4 }
    }
}

/// How fast a word that stands in an entry again and again stops counting.
const K1: f64 = 1.2;

/// What a field's words weigh, and how much it matters how long the field is.
const FIELDS: [(Field, f64, f64); 6] = [
    (Field::Tag, 2.0, 0.3),
    (Field::Alias, 2.0, 0.3),
    (Field::Entity, 1.0, 0.3),
    (Field::Summary, 1.0, 0.6),
    (Field::Line, 0.7, 0.6),
    (Field::Notes, 0.4, 0.6),
];

/// What a phrase of the question that is an alias or an entity's name counts, in times of a word as rare; and each further
/// word of it.
const PHRASE: f64 = 0.4;
const PHRASE_WORD: f64 = 0.3;

/// The longest phrase that is looked for, in words.
const PHRASE_WORDS: usize = 8;

/// What the words of the last turn count, and what all that was said before adds to an entry's score at most.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Echo {
    weight: f64,
    at_most: f64,
    /// Whether it counts for entries alone that the question itself finds.
    found_alone: bool,
}

/// The question says nothing by itself: "And then?"
const ALONE: Echo = Echo { weight: 1.0, at_most: f64::INFINITY, found_alone: false };

/// It points back: "What did she say?"
const POINTED_AT: Echo = Echo { weight: 0.35, at_most: 1.0, found_alone: false };

/// It says enough; what was said before decides between entries that are about as good.
const ASIDE: Echo = Echo { weight: 0.08, at_most: 0.3, found_alone: true };

/// How much of that each turn before the last one counts.
const FADING: f64 = 0.5;

/// With fewer entries than these a word counts as if there were so many: in a knowledge base of five, a word that one of
/// them has is no less telling.
const FEW: usize = 50;

/// A term stands in an entry.
#[derive(Clone, Copy, Debug)]
struct Posting {
    entry: u32,
    /// In which fields: a bit each.
    fields: u8,
    /// How often, by the weight and length of the fields.
    frequency: f32,
}

/// What a search needs to know of the entries, worked out once.
#[derive(Debug, Default)]
pub(crate) struct Index {
    count: usize,
    /// The number of each stem and pair.
    numbers: HashMap<String, u32>,
    /// Where each is a term, in the order of the entries.
    postings: Vec<Vec<Posting>>,
    /// The stems of aliases and names, and the entries that have them.
    phrases: HashMap<Vec<u32>, Vec<(u32, Field)>>,
}

/// The texts of a field.
fn texts(entry: &Entry, field: Field) -> Vec<&str> {
    match field {
        Field::Tag => entry.tags.iter().map(String::as_str).collect(),
        Field::Alias => entry.aliases.iter().map(String::as_str).collect(),
        Field::Entity => entry.entities.iter().map(String::as_str).collect(),
        Field::Summary => vec![entry.summary.as_str()],
        Field::Line => entry.ic_reply.as_deref().into_iter().collect(),
        Field::Notes => entry.ooc_notes.as_deref().into_iter().collect(),
    }
}

/// What is told of an entry or a length as a number: they are far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
const fn real(count: usize) -> f64 {
    count as f64
}

/// The same on every machine, whatever its logarithm does in the last place.
fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

/// The terms of one entry's field.
type Terms = Vec<u32>;

impl Index {
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let mut numbering = Numbering::new();
        let mut phrases: HashMap<Vec<u32>, Vec<(u32, Field)>> = HashMap::new();
        let mut read: Vec<[Terms; FIELDS.len()]> = Vec::with_capacity(entries.len());
        for (entry, number) in entries.iter().zip(0..) {
            read.push(FIELDS.map(|(field, ..)| {
                let mut terms = Terms::new();
                for text in texts(entry, field) {
                    let mut stems = Vec::new();
                    numbering.read(&fold(text), &mut stems, &mut terms);
                    let named = matches!(field, Field::Alias | Field::Entity);
                    if named && (1..=PHRASE_WORDS).contains(&stems.len()) {
                        let having = phrases.entry(stems).or_default();
                        if having.last().is_none_or(|(last, _)| *last != number) {
                            having.push((number, field));
                        }
                    }
                }
                terms
            }));
        }
        let numbers = numbering.numbers;
        let postings = postings(&read, numbers.len());
        Self { count: entries.len(), numbers, postings, phrases }
    }

    /// How much it tells that so many entries have something: 1 where one alone has it, less for each further one.
    fn rarity(&self, having: usize) -> f64 {
        let all = real(self.count.max(FEW));
        let idf = |having: f64| (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
        rounded(idf(real(having)) / idf(1.0))
    }

    pub(super) fn search<'a>(
        &self,
        entries: &'a [Entry],
        question: Question<'_>,
        settings: &Bm25,
        limit: usize,
    ) -> Vec<Hit<'a>> {
        let asked = self.asked(question, settings);
        let mut scores = vec![Score::default(); entries.len()];
        for (number, score, echoes) in self.scores(&asked) {
            if let Some(sum) = scores.get_mut(number as usize) {
                *(if echoes { &mut sum.before } else { &mut sum.now }) += score;
            }
        }
        let scores = scores.into_iter().map(|score| rounded(score.total(asked.echo)));
        let scored = scores.zip(entries).zip(0_u32..);
        let found: Vec<_> = scored.filter(|((score, _), _)| *score > 0.0).collect();
        let best = first(found, limit, |((score, entry), number), ((other_score, other), other_number)| {
            let by_score = other_score.total_cmp(score);
            by_score.then(other.weight.total_cmp(&entry.weight)).then(number.cmp(other_number))
        });
        let hit = |((score, entry), number)| Hit { entry, score, matched: self.matches(&asked, number) };
        best.into_iter().map(hit).collect()
    }

    fn postings(&self, term: u32) -> &[Posting] {
        self.postings.get(term as usize).map(Vec::as_slice).unwrap_or_default()
    }

    fn having(&self, phrase: &[u32]) -> &[(u32, Field)] {
        self.phrases.get(phrase).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the entries score for the terms and phrases, one by one, and whether that was said before.
    fn scores<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = (u32, f64, bool)> + 'a {
        let of_terms = asked.terms.iter().flat_map(move |(term, said)| {
            let postings = self.postings(*term);
            let weight = said.weight * self.rarity(postings.len()) * (K1 + 1.0);
            postings.iter().map(move |posting| {
                let frequency = f64::from(posting.frequency);
                (posting.entry, weight * frequency / (K1 + frequency), said.before)
            })
        });
        let of_phrases = asked.phrases.iter().flat_map(move |(phrase, said)| {
            let having = self.having(phrase);
            let words = PHRASE + PHRASE_WORD * real(phrase.len() - 1);
            let weight = said.weight * self.rarity(having.len()) * words;
            having.iter().map(move |(entry, _)| (*entry, weight, said.before))
        });
        of_terms.chain(of_phrases)
    }

    /// The question's terms and phrases that entries know, and those of what was said before.
    fn asked(&self, question: Question<'_>, settings: &Bm25) -> Asked {
        let mut asked = Asked::default();
        let folded = fold(question.text);
        let said = words(&folded);
        self.ask(&said, 1.0, false, &mut asked);
        // A word that no entry knows says something, too: that it is about something else.
        let says_something = said.iter().any(|word| !word.stop) || !asked.phrases.is_empty();
        asked.echo = match (says_something, said.iter().any(|word| word.back)) {
            (false, _) => ALONE,
            (true, true) => POINTED_AT,
            (true, false) => ASIDE,
        };
        let mut weight = asked.echo.weight;
        for text in question.earlier.iter().rev().take(settings.scan_depth) {
            self.ask(&words(&fold(text)), weight, true, &mut asked);
            weight *= FADING;
        }
        asked
    }

    /// Adds the terms and phrases of these words, where they have not been said later.
    fn ask(&self, words: &[Word<'_>], weight: f64, before: bool, asked: &mut Asked) {
        let stems: Vec<Option<u32>> =
            words.iter().map(|word| self.numbers.get(word.stem.as_ref()).copied()).collect();
        for (word, stem) in words.iter().zip(&stems) {
            let pair = word.pair.and_then(|pair| Some((*self.numbers.get(pair)?, pair)));
            let stem = stem.filter(|_| !word.stop).map(|stem| (stem, word.text));
            for (term, text) in stem.into_iter().chain(pair) {
                let said = Said { weight, before, place: asked.place, text: text.to_owned() };
                asked.terms.entry(term).or_insert(said);
            }
            asked.place += 1;
        }
        for (start, place) in (0..words.len()).zip(asked.place - words.len()..) {
            // A word that no entry has is in no phrase.
            let known = stems.iter().skip(start).take(PHRASE_WORDS).map_while(|stem| *stem);
            let known: Vec<u32> = known.collect();
            for length in 1..=known.len() {
                let (Some(phrase), Some(said)) = (known.get(..length), words.get(start..start + length))
                else {
                    break;
                };
                if !self.having(phrase).is_empty() {
                    let text = said.iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
                    asked.phrases.entry(phrase.to_vec()).or_insert(Said { weight, before, place, text });
                }
            }
        }
    }

    /// Which words were found in which field of the entry, in the order in which they were said.
    fn matches(&self, asked: &Asked, entry: u32) -> Vec<Match> {
        let mut found: Vec<(usize, Match)> = Vec::new();
        for (phrase, said) in &asked.phrases {
            let field = self.having(phrase).iter().find(|(having, _)| *having == entry);
            found.extend(field.map(|(_, field)| (said.place, said.found_in(*field))));
        }
        for (term, said) in &asked.terms {
            let postings = self.postings(*term);
            let place = postings.binary_search_by_key(&entry, |posting| posting.entry).ok();
            let fields = place.and_then(|place| postings.get(place)).map_or(0, |posting| posting.fields);
            let fields = FIELDS.iter().enumerate().filter(|(bit, _)| fields & 1 << bit != 0);
            found.extend(fields.map(|(_, (field, ..))| (said.place, said.found_in(*field))));
        }
        found.sort_by_key(|(place, found)| (*place, found.field));
        let mut seen = HashSet::new();
        found.into_iter().map(|(_, found)| found).filter(|found| seen.insert(found.clone())).collect()
    }
}

/// Where each term stands, by the terms of every entry's fields.
fn postings(read: &[[Terms; FIELDS.len()]], terms: usize) -> Vec<Vec<Posting>> {
    let mut averages = [0.0; FIELDS.len()];
    for fields in read {
        for (average, terms) in averages.iter_mut().zip(fields) {
            *average += real(terms.len()) / real(read.len());
        }
    }
    let mut postings = vec![Vec::new(); terms];
    let mut of_entry: Vec<(u32, u8, f32)> = Vec::new();
    for (fields, entry) in read.iter().zip(0..) {
        for (bit, ((terms, average), (_, weight, length_matters))) in
            fields.iter().zip(averages).zip(FIELDS).enumerate()
        {
            let length = real(terms.len()) / average.max(1.0);
            let share = weight / (1.0 - length_matters + length_matters * length);
            #[expect(clippy::cast_possible_truncation, reason = "it need not be exact")]
            of_entry.extend(terms.iter().map(|term| (*term, 1 << bit, share as f32)));
        }
        of_entry.sort_unstable_by_key(|(term, field, _)| (*term, *field));
        for (term, field, share) in of_entry.drain(..) {
            let Some(postings) = postings.get_mut(term as usize) else { continue };
            add(postings, entry, field, share);
        }
    }
    postings
}

fn add(postings: &mut Vec<Posting>, entry: u32, field: u8, share: f32) {
    match postings.last_mut().filter(|last| last.entry == entry) {
        Some(last) => {
            last.frequency += share;
            last.fields |= field;
        }
        None => postings.push(Posting { entry, fields: field, frequency: share }),
    }
}

/// What is looked for.
#[derive(Default)]
struct Asked {
    /// In an order of their own, so that sums do not depend on how a map hashes.
    terms: BTreeMap<u32, Said>,
    phrases: BTreeMap<Vec<u32>, Said>,
    /// How many words were read.
    place: usize,
    echo: Echo,
}

impl Default for Echo {
    fn default() -> Self {
        ALONE
    }
}

/// What an entry scores.
#[derive(Clone, Copy, Default)]
struct Score {
    /// By the question.
    now: f64,
    /// By what was said before.
    before: f64,
}

impl Score {
    fn total(self, echo: Echo) -> f64 {
        if echo.found_alone && self.now == 0.0 { 0.0 } else { self.now + self.before.min(echo.at_most) }
    }
}

/// Something that was said.
struct Said {
    /// How much it counts.
    weight: f64,
    /// Whether it was said before the question.
    before: bool,
    /// Where it was said.
    place: usize,
    /// How.
    text: String,
}

impl Said {
    fn found_in(&self, field: Field) -> Match {
        Match { word: self.text.clone(), field }
    }
}
