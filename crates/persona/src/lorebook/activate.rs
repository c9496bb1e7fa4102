//! Decides which entries of a lorebook are activated.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::entry::{Entry, Key, Logic, Where};
use super::memory::{self, Memory};
use super::patterns::{Place, Search};
use super::sightings::Sightings;
use super::{Considered, Lorebook, Outcome, Position, Scan};
use crate::limits::{MAX_RECURSION_BYTES, MAX_RECURSION_ROUNDS, MAX_REMEMBERED_TURNS, MAX_SCAN_BYTES};
use crate::macros::{Seeds, draw, expand_for_scan};
use crate::prompt::{Speaker, Turn};

/// What is known of an entry so far.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) matched: Vec<String>,
}

/// A lorebook that is being activated.
pub(crate) struct Activating<'a> {
    book: &'a Lorebook,
    scan: &'a Scan<'a>,
    /// The messages with text in them.
    turns: Vec<&'a Turn>,
    /// How many of the first so many messages are the character's.
    replies: Vec<usize>,
    search: Search<'a>,
    sightings: Sightings,
    memories: Vec<Memory>,
    pub(crate) verdicts: Vec<Option<Verdict>>,
    recursion_bytes: usize,
    pub(crate) notes: Vec<String>,
}

impl<'a> Activating<'a> {
    pub(crate) fn new(book: &'a Lorebook, scan: &'a Scan<'a>) -> Self {
        let turns: Vec<&Turn> = scan.turns.iter().filter(|turn| !turn.text.trim().is_empty()).collect();
        let replies = turns.iter().scan(0, |count, turn| {
            *count += usize::from(turn.speaker == Speaker::Assistant);
            Some(*count)
        });
        let replies = std::iter::once(0).chain(replies).collect();
        Self {
            book,
            scan,
            turns,
            replies,
            search: book.patterns.search(&scan.names),
            sightings: Sightings::default(),
            memories: Vec::new(),
            verdicts: vec![None; book.entries.len()],
            recursion_bytes: 0,
            notes: Vec::new(),
        }
    }

    /// Goes through the messages, then through what was activated.
    pub(crate) fn run(&mut self) {
        self.look_at_turns();
        self.remember();
        let last_level = self.book.entries.iter().map(|entry| entry.from_round).max().unwrap_or(0);
        for round in 0.. {
            let fresh = self.round(round);
            let looked = self.book.recursive && self.look_at_contents(&fresh);
            if !self.book.recursive || (!looked && round >= last_level) {
                break;
            }
            if round >= MAX_RECURSION_ROUNDS {
                self.notes
                    .push(format!("Contents were looked through {MAX_RECURSION_ROUNDS} times, and no more."));
                break;
            }
        }
        if self.search.is_cut() {
            self.notes
                .push("The keys were found so often that some were not looked for everywhere.".to_owned());
        }
        let unchecked = self.sightings.unchecked();
        if unchecked > 0 {
            self.notes
                .push(format!("{unchecked} regexes took too long; they were not looked for everywhere."));
        }
    }

    /// The entries that have anything to tell, in the order of the book.
    pub(crate) fn considered(&self) -> Vec<Considered> {
        let entries = self.book.entries.iter().zip(&self.verdicts).enumerate();
        entries
            .filter_map(|(index, (entry, verdict))| {
                let Verdict { outcome, matched } = verdict.clone()?;
                Some(Considered { index, id: entry.id.clone(), name: entry.name.clone(), matched, outcome })
            })
            .collect()
    }

    /// Where an entry goes in this conversation.
    pub(crate) fn position(&self, entry: &Entry) -> Position {
        match entry.position {
            Where::At(position) => position,
            Where::AfterOldest { messages, role } => {
                Position::Depth { depth: self.turns.len().saturating_sub(messages), role }
            }
        }
    }

    /// Looks for keys in the newest messages, as far back as any entry wants.
    fn look_at_turns(&mut self) {
        let depth = self.book.entries.iter().map(|entry| entry.scan_depth).max().unwrap_or(0);
        let remembers = self.book.entries.iter().any(Entry::remembers);
        let depth = if remembers { depth.max(MAX_REMEMBERED_TURNS) } else { depth };
        let mut room = MAX_SCAN_BYTES;
        let turns = self.turns.clone();
        for (age, (index, turn)) in turns.iter().enumerate().rev().take(depth).enumerate() {
            let text = turn.text.as_str();
            // Of a message that is too long its end is the newest.
            let start =
                (text.len().saturating_sub(room)..text.len()).find(|start| text.is_char_boundary(*start));
            let start = start.unwrap_or(text.len());
            let text = text.get(start..).unwrap_or_default();
            self.search.look(text, Place::Turn { index, age }, &mut self.sightings);
            room -= text.len();
            if start > 0 {
                self.notes.push(format!(
                    "Only the last {MAX_SCAN_BYTES} bytes of the messages were looked through."
                ));
                break;
            }
        }
    }

    fn remember(&mut self) {
        let moments = memory::moments(&self.turns);
        let recall = |entry: &Entry| {
            if !entry.remembers() {
                return Memory::default();
            }
            memory::recall(entry, &moments, self.turns.len(), |moment| {
                let reading = Reading { window: window(entry, moment), contents: false };
                let decorators = &entry.decorators;
                self.is_time(decorators.only_after, decorators.only_every, moment).is_ok()
                    && (entry.constant || self.found(&entry.keys, &reading).next().is_some())
                    && self.other_keys(entry, &reading).is_ok()
            })
        };
        self.memories = self.book.entries.iter().map(recall).collect();
    }

    /// Judges all entries that are not active yet; the newly active ones.
    fn round(&mut self, round: usize) -> Vec<usize> {
        let mut passed = Vec::new();
        for (index, entry) in self.book.entries.iter().enumerate() {
            let known = self.verdicts.get(index).and_then(Option::as_ref).map(|verdict| verdict.outcome);
            if known.is_some_and(|outcome| outcome.is_active() || outcome == Outcome::GroupLost) {
                continue;
            }
            let Some(verdict) = self.judge(index, entry, round) else {
                continue;
            };
            if verdict.outcome.is_active() {
                passed.push(index);
            }
            self.set(index, verdict);
        }
        self.settle_groups(&passed);
        passed.retain(|index| self.is_active(*index));
        passed
    }

    fn set(&mut self, index: usize, verdict: Verdict) {
        if let Some(slot) = self.verdicts.get_mut(index) {
            *slot = Some(verdict);
        }
    }

    pub(crate) fn set_outcome(&mut self, index: usize, outcome: Outcome) {
        if let Some(Some(verdict)) = self.verdicts.get_mut(index) {
            verdict.outcome = outcome;
        }
    }

    pub(crate) fn is_active(&self, index: usize) -> bool {
        let verdict = self.verdicts.get(index).and_then(Option::as_ref);
        verdict.is_some_and(|verdict| verdict.outcome.is_active())
    }

    /// Nothing where there is nothing to tell: no key matched, and nothing else speaks for the entry.
    fn judge(&self, index: usize, entry: &Entry, round: usize) -> Option<Verdict> {
        let memory = self.memories.get(index).copied().unwrap_or_default();
        let contents = round > 0 && !entry.exclude_recursion;
        let reading = Reading { window: window(entry, self.turns.len()), contents };
        let matched: Vec<String> = self.found(&entry.keys, &reading).map(|key| key.text.clone()).collect();
        let kept = entry.decorators.keep_after_match && memory.matched;
        let wanted =
            entry.constant || entry.decorators.activate || kept || memory.sticks || !matched.is_empty();
        if !wanted {
            let unchecked =
                entry.keys.iter().filter_map(|key| key.id).any(|id| self.sightings.is_unchecked(id));
            let outcome = if entry.enabled && unchecked {
                Outcome::Unchecked
            } else {
                return self.by_recursion(entry);
            };
            return Some(Verdict { outcome, matched });
        }
        let outcome = match self.decide(index, entry, &reading, memory, round) {
            Ok(()) if entry.constant => Outcome::Constant,
            Ok(()) => Outcome::Active,
            Err(outcome) => outcome,
        };
        Some(Verdict { outcome, matched })
    }

    /// Tells of an entry whose keys are in an activated content only, which may not activate it.
    fn by_recursion(&self, entry: &Entry) -> Option<Verdict> {
        if !entry.exclude_recursion || !entry.enabled {
            return None;
        }
        let in_contents = |key: &&Key| key.id.is_some_and(|id| self.sightings.in_contents(id));
        let matched: Vec<String> =
            entry.keys.iter().filter(in_contents).map(|key| key.text.clone()).collect();
        (!matched.is_empty()).then_some(Verdict { outcome: Outcome::ExcludedFromRecursion, matched })
    }

    /// Whether an entry that something speaks for is activated, or why not.
    fn decide(
        &self,
        index: usize,
        entry: &Entry,
        reading: &Reading,
        memory: Memory,
        round: usize,
    ) -> Result<(), Outcome> {
        let decorators = &entry.decorators;
        if !entry.enabled {
            return Err(Outcome::Disabled);
        }
        if entry.content.is_empty() {
            return Err(Outcome::Empty);
        }
        // "In any case", as the specification says of both.
        if decorators.activate || (decorators.keep_after_match && memory.matched) {
            return Ok(());
        }
        if decorators.dont_activate {
            return Err(Outcome::DontActivate);
        }
        if decorators.dont_after_match && memory.matched {
            return Err(Outcome::MatchedBefore);
        }
        if decorators.greeting.is_some_and(|greeting| self.scan.greeting.is_some_and(|now| now != greeting)) {
            return Err(Outcome::OtherGreeting);
        }
        self.is_time(decorators.only_after, decorators.only_every, self.turns.len())?;
        if memory.sticks {
            return Ok(());
        }
        if memory.cools {
            return Err(Outcome::Cooldown);
        }
        if self.turns.len() < entry.delay {
            return Err(Outcome::TooEarly);
        }
        if round < entry.from_round {
            return Err(Outcome::DelayedUntilRecursion);
        }
        self.other_keys(entry, reading)?;
        self.by_chance(index, entry)
    }

    fn is_time(&self, after: Option<usize>, every: Option<usize>, turns: usize) -> Result<(), Outcome> {
        let replies = self.replies.get(turns).copied().unwrap_or_default();
        if after.is_some_and(|after| replies < after) {
            return Err(Outcome::TooEarly);
        }
        match every {
            Some(every) if replies.checked_rem(every) != Some(0) => Err(Outcome::NotThisTime),
            _ => Ok(()),
        }
    }

    /// Whether the keys beside the main ones allow it. A constant entry needs no secondary keys.
    fn other_keys(&self, entry: &Entry, reading: &Reading) -> Result<(), Outcome> {
        let secondary = self.found(&entry.secondary, reading).count();
        let holds = match entry.logic {
            Logic::AndAny => secondary > 0,
            Logic::AndAll => secondary == entry.secondary.len(),
            Logic::NotAny => secondary == 0,
            Logic::NotAll => secondary < entry.secondary.len(),
        };
        if !entry.constant && !entry.secondary.is_empty() && !holds {
            return Err(Outcome::SecondaryKeys);
        }
        if !entry.additional.is_empty() && self.found(&entry.additional, reading).next().is_none() {
            return Err(Outcome::AdditionalKeys);
        }
        if self.found(&entry.exclude, reading).next().is_some() {
            return Err(Outcome::Excluded);
        }
        Ok(())
    }

    fn found<'k>(&'k self, keys: &'k [Key], reading: &'k Reading) -> impl Iterator<Item = &'k Key> {
        keys.iter().filter(move |key| {
            key.id.is_some_and(|id| {
                self.sightings.within(id, &reading.window)
                    || (reading.contents && self.sightings.in_contents(id))
            })
        })
    }

    /// A draw by the message, so that a retry has the same prompt.
    fn by_chance(&self, index: usize, entry: &Entry) -> Result<(), Outcome> {
        let Some(probability) = entry.probability else {
            return Ok(());
        };
        let drawn = draw(&["probability", self.scan.seed, &index.to_string(), &entry.id]) % 10_000;
        let drawn = u32::try_from(drawn).map(f64::from).unwrap_or_default() / 100.0;
        if drawn < probability { Ok(()) } else { Err(Outcome::Probability) }
    }

    /// Leaves one entry of each group.
    fn settle_groups(&mut self, passed: &[usize]) {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for index in passed.iter().copied() {
            let names = self.book.entries.get(index).map(|entry| entry.groups.as_slice());
            for group in names.unwrap_or_default() {
                groups.entry(group).or_default().push(index);
            }
        }
        let taken = self.taken_groups(passed);
        for (group, mut members) in groups {
            members.retain(|index| self.is_active(*index));
            let winner = if taken.contains(group) { None } else { self.winner(group, &members) };
            for index in members.into_iter().filter(|index| Some(*index) != winner) {
                self.set_outcome(index, Outcome::GroupLost);
            }
        }
    }

    /// The groups of which an earlier round has activated one.
    fn taken_groups(&self, passed: &[usize]) -> HashSet<&'a str> {
        let entries = self.book.entries.iter().enumerate();
        let earlier =
            entries.filter(|(index, _)| self.is_active(*index) && passed.binary_search(index).is_err());
        earlier.flat_map(|(_, entry)| entry.groups.iter().map(String::as_str)).collect()
    }

    /// The one that comes first by its own word, else one by weight.
    fn winner(&self, group: &str, members: &[usize]) -> Option<usize> {
        let entry = |index: &usize| self.book.entries.get(*index);
        let mut first: Option<(f64, usize)> = None;
        let mut total = 0;
        for index in members {
            let Some(entry) = entry(index) else {
                continue;
            };
            total += entry.group_weight;
            if entry.group_override && first.is_none_or(|(order, _)| entry.order > order) {
                first = Some((entry.order, *index));
            }
        }
        if let Some((_, index)) = first {
            return Some(index);
        }
        let mut left = draw(&["group", self.scan.seed, group]).checked_rem(total).unwrap_or_default();
        for index in members {
            let weight = entry(index).map_or(0, |entry| entry.group_weight);
            if left < weight {
                return Some(*index);
            }
            left -= weight;
        }
        members.first().copied()
    }

    /// Looks for keys in what was just activated; whether there was anything to look at.
    fn look_at_contents(&mut self, fresh: &[usize]) -> bool {
        let Scan { seed, conversation_seed, names, .. } = *self.scan;
        let mut looked = false;
        for index in fresh {
            let Some(entry) = self.book.entries.get(*index).filter(|entry| !entry.prevent_recursion) else {
                continue;
            };
            let text = expand_for_scan(&entry.content, &names, &Seeds { seed, conversation_seed });
            if self.recursion_bytes + text.len() > MAX_RECURSION_BYTES {
                self.notes.push(format!(
                    "Only {MAX_RECURSION_BYTES} bytes of activated contents were looked through."
                ));
                break;
            }
            self.recursion_bytes += text.len();
            self.search.look(&text, Place::Content, &mut self.sightings);
            looked = true;
        }
        looked
    }
}

/// Where keys are looked for.
struct Reading {
    /// The messages.
    window: Range<usize>,
    /// Whether in activated contents, too.
    contents: bool,
}

/// The newest messages of the first so many.
fn window(entry: &Entry, turns: usize) -> Range<usize> {
    turns.saturating_sub(entry.scan_depth)..turns
}
