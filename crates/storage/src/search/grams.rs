//! Texts as sets of small numbers, so that an index can tell which of them may contain another one.
//!
//! A *gram* is a piece of a few characters, and its number a hash of them. Of a text these are indexed:
//!
//! - each character and each pair of characters;
//! - each three characters, together with five bits of a hash of the one behind them: what is asked of four characters
//!   and more finds nearly as little as an index of fours would, and what is asked of three is 32 numbers;
//! - of the sixes, in every three that follow each other the one with the smallest hash. Whoever asks for eight
//!   characters or more asks for at least one of these, which few texts have, even where every three characters in it
//!   are common ones. (Such samples are called minimizers: Schleimer, Wilkerson, Aiken, "Winnowing", 2003.)
//!
//! Two grams may have the same number, and a text may have all grams of another one without containing it. So what the
//! index finds is looked at.
//!
//! The numbers stand in databases: none of this may change without a migration.

/// How many bits a number has.
const BITS: u32 = 25;

/// How many of them tell the character behind three.
const NEXT_BITS: u32 = 5;

/// How long the sampled grams are, and of how many neighbours one is taken.
const LONG: usize = 6;
const NEIGHBOURS: usize = 3;

/// What stands behind the last character. No text has it.
const NOTHING: char = '\0';

/// How many grams of a kind are looked at in a question, and how many grams are asked for at most: each of them costs, and
/// a few rare ones leave little to be looked at.
const LOOKED_AT: usize = 24;
const ASKED_FOR: usize = 4;

/// Numbers of grams in their order, each once.
pub(super) type Numbers = Vec<u32>;

/// The numbers of all grams of a text.
pub(super) fn of_text(folded: &str) -> Numbers {
    let chars: Vec<char> = folded.chars().collect();
    let mut grams: Numbers = chars.windows(1).chain(chars.windows(2)).map(number).collect();
    grams.extend(chars.windows(4).map(three_of_four));
    if let Some(last) = chars.last_chunk::<3>() {
        grams.push(three_and(last, NOTHING));
    }
    grams.extend(sampled(&chars).map(number));
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// What is asked of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Texts with one of these.
    Any(Vec<u32>),
    /// Texts with all of these.
    All(Vec<u32>),
}

impl Question {
    /// What to ask to find the texts that contain this one, which is not empty. Of the grams that it has, those are
    /// asked for that the fewest of the `examples` have.
    pub(super) fn new(needle: &str, examples: &[&str]) -> Self {
        let chars: Vec<char> = needle.chars().collect();
        match chars.len() {
            0..=2 => Self::All(vec![number(&chars)]),
            3 => Self::Any((0..1 << NEXT_BITS).map(|next| first_three(&chars) | next).collect()),
            _ => {
                let threes = chars.windows(4).map(|four| (four, three_of_four(four)));
                let sixes = sampled(&chars).map(|six| (six, number(six)));
                Self::All(rarest(sixes.take(LOOKED_AT).chain(threes.take(LOOKED_AT)), examples))
            }
        }
    }
}

/// The numbers of the pieces that the fewest examples contain.
fn rarest<'a>(pieces: impl Iterator<Item = (&'a [char], u32)>, examples: &[&str]) -> Vec<u32> {
    let mut pieces: Vec<(usize, u32)> = pieces
        .map(|(piece, number)| {
            let text: String = piece.iter().collect();
            (examples.iter().filter(|example| example.contains(&text)).count(), number)
        })
        .collect();
    // Of equally rare ones those that come first: the long ones.
    pieces.sort_by_key(|(having, _)| *having);
    let mut asked = Vec::with_capacity(ASKED_FOR);
    for (_, number) in pieces {
        if asked.len() < ASKED_FOR && !asked.contains(&number) {
            asked.push(number);
        }
    }
    asked
}

/// Of every so many long grams that follow each other, the one with the smallest hash.
fn sampled(chars: &[char]) -> impl Iterator<Item = &[char]> {
    let hashes: Vec<u32> = chars.windows(LONG).map(number).collect();
    let mut last = None;
    let places: Vec<usize> = hashes
        .windows(NEIGHBOURS)
        .enumerate()
        .filter_map(|(first, hashes)| {
            // The first of equal ones, in the question as in the text.
            let smallest = (0..NEIGHBOURS).min_by_key(|place| hashes.get(*place))?;
            let place = first + smallest;
            (last.replace(place) != Some(place)).then_some(place)
        })
        .collect();
    places.into_iter().filter_map(|place| chars.get(place..place + LONG))
}

fn number(gram: &[char]) -> u32 {
    hash(gram) >> (32 - BITS)
}

/// Four characters as three, and what stands behind them.
fn three_of_four(chars: &[char]) -> u32 {
    let (three, next) = chars.split_at(3.min(chars.len()));
    three_and(three, next.first().copied().unwrap_or(NOTHING))
}

fn three_and(three: &[char], next: char) -> u32 {
    first_three(three) | hash(&[next]) >> (32 - NEXT_BITS)
}

fn first_three(three: &[char]) -> u32 {
    hash(three) >> (32 - BITS + NEXT_BITS) << NEXT_BITS
}

/// FNV-1a, 32 bits, over the characters rather than their bytes; then mixed, so that every bit counts (the last step of
/// MurmurHash3).
fn hash(chars: &[char]) -> u32 {
    let fnv = chars.iter().fold(0x811c_9dc5_u32, |hash, c| (hash ^ u32::from(*c)).wrapping_mul(0x0100_0193));
    mix(fnv)
}

pub(super) const fn mix(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn may_contain(text: &str, question: &Question) -> bool {
        let grams = of_text(text);
        match question {
            Question::Any(numbers) => numbers.iter().any(|number| grams.contains(number)),
            Question::All(numbers) => numbers.iter().all(|number| grams.contains(number)),
        }
    }

    proptest! {
        #[test]
        fn a_text_has_every_gram_of_what_it_contains(
            text in "[ab漢 ]{1,40}|\\PC{1,80}", from in any::<prop::sample::Index>(), length in 1_usize..40
        ) {
            let chars: Vec<char> = text.chars().collect();
            let from = from.index(chars.len());
            let needle: String = chars[from..].iter().take(length).collect();
            for examples in [&[][..], &[text.as_str()], &["aaaa", "bab a"]] {
                let question = Question::new(&needle, examples);
                prop_assert!(may_contain(&text, &question), "{needle:?} {question:?}");
            }
        }

        #[test]
        fn numbers_fit_and_questions_are_short(text in "\\PC{1,300}") {
            prop_assert!(of_text(&text).iter().all(|number| *number < 1 << BITS));
            match Question::new(&text, &[]) {
                Question::Any(numbers) => prop_assert_eq!(numbers.len(), 1 << NEXT_BITS),
                Question::All(numbers) => prop_assert!((1..=ASKED_FOR).contains(&numbers.len())),
            }
        }
    }

    #[test]
    fn what_a_text_does_not_have_is_rarely_asked_for_in_vain() {
        let text = "the bronze throne stood on the floor of the hall";
        for absent in ["zx", "q", "hal!", "thronn o", "of the throne"] {
            assert!(!may_contain(text, &Question::new(absent, &[])), "{absent}");
        }
    }

    #[test]
    fn what_few_examples_have_is_asked_for_first() {
        let examples = ["the throne", "the three", "the hall"];
        let Question::All(asked) = Question::new("the thr", &examples) else { panic!("all of its grams") };
        let number = |four: &str| three_of_four(&four.chars().collect::<Vec<_>>());
        assert_eq!(asked.len(), 4);
        assert_eq!(asked.last(), Some(&number("the ")), "all three have it");
    }

    #[test]
    fn the_numbers_stay_what_they_are_in_databases() {
        assert_eq!(
            of_text("éc漢t"),
            [9263807, 11608883, 14356528, 20985884, 21693896, 24506156, 29662161, 31060224, 33131380]
        );
    }
}
