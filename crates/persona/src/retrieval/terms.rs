//! Texts as the terms that are compared.
//!
//! Words are found by Unicode's rules (UAX #29), in lower case and compatibility form and without accents, and become their
//! stems (Snowball's English, which leaves most words of other languages as they are). Chinese and Japanese have no blanks
//! between words: each of their characters is a term, and so is each pair that stands together.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::stop_words::{is_stop_word, points_back};

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// As it stands in the folded text.
    pub(super) text: &'a str,
    /// What it is compared by.
    pub(super) stem: Cow<'a, str>,
    /// Whether it tells nothing by itself.
    pub(super) stop: bool,
    /// Whether it stands for something that was named before.
    pub(super) back: bool,
    /// Where it is a character of a script without blanks that the next one touches: the two together.
    pub(super) pair: Option<&'a str>,
}

/// The words of a folded text, in their order.
pub(super) fn words(folded: &str) -> Vec<Word<'_>> {
    let stemmer = Stemmer::create(Algorithm::English);
    let word = |Piece { text, pair, unspaced }| Word {
        text,
        stem: if unspaced { Cow::Borrowed(text) } else { stemmer.stem(text) },
        stop: is_stop_word(text),
        back: points_back(text),
        pair,
    };
    pieces(folded).map(word).collect()
}

/// Gives the stems and pairs of many texts their numbers.
pub(super) struct Numbering {
    stemmer: Stemmer,
    /// The number of a word's stem, and whether it is a stop word.
    words: HashMap<String, (u32, bool)>,
    pub(super) numbers: HashMap<String, u32>,
}

impl Numbering {
    pub(super) fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), words: HashMap::new(), numbers: HashMap::new() }
    }

    /// The stems of all words of a folded text, and its terms: stems of those that are no stop words, and pairs.
    pub(super) fn read(&mut self, folded: &str, stems: &mut Vec<u32>, terms: &mut Vec<u32>) {
        for Piece { text, pair, unspaced } in pieces(folded) {
            let (stem, stop) = match self.words.get(text) {
                Some(known) => *known,
                None => {
                    let stem = if unspaced { Cow::Borrowed(text) } else { self.stemmer.stem(text) };
                    let known = (number(&mut self.numbers, &stem), is_stop_word(text));
                    self.words.insert(text.to_owned(), known);
                    known
                }
            };
            stems.push(stem);
            if !stop {
                terms.push(stem);
            }
            if let Some(pair) = pair {
                terms.push(number(&mut self.numbers, pair));
            }
        }
    }
}

fn number(numbers: &mut HashMap<String, u32>, term: &str) -> u32 {
    if let Some(number) = numbers.get(term) {
        return *number;
    }
    // A knowledge base is far too small for more terms than that.
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    numbers.insert(term.to_owned(), next);
    next
}

/// A word before it is looked at.
struct Piece<'a> {
    text: &'a str,
    pair: Option<&'a str>,
    unspaced: bool,
}

fn pieces(folded: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut found = folded.unicode_word_indices().peekable();
    std::iter::from_fn(move || {
        let (at, text) = found.next()?;
        let unspaced = is_unspaced(text);
        let end = at + text.len();
        let touching = found.peek().filter(|(next, other)| unspaced && *next == end && is_unspaced(other));
        let pair = touching.and_then(|(next, other)| folded.get(at..next + other.len()));
        Some(Piece { text, pair, unspaced })
    })
}

/// The text in lower case and compatibility form, without accents, with straight apostrophes.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let without_accents = text.nfkd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'));
    let straight = without_accents.nfc().map(|c| if matches!(c, '’' | 'ʼ') { '\'' } else { c });
    straight.collect::<String>().to_lowercase()
}

/// Whether it is a character of Chinese or Japanese, which Unicode's rules make a word of its own.
fn is_unspaced(word: &str) -> bool {
    let mut chars = word.chars();
    let character = chars.next().filter(|_| chars.next().is_none());
    character.is_some_and(|c| {
        matches!(c,
            '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stems(text: &str) -> Vec<String> {
        words(&fold(text)).into_iter().map(|word| word.stem.into_owned()).collect()
    }

    #[test]
    fn words_are_compared_by_their_stems() {
        assert_eq!(stems("Prices, pricing: the price's PRICE"), ["price", "price", "the", "price", "price"]);
        assert_eq!(stems("don't don’t"), ["don't", "don't"]);
    }

    #[test]
    fn accents_and_compatibility_forms_make_no_difference() {
        assert_eq!(stems("Éclair ｅｃｌａｉｒ"), ["eclair", "eclair"]);
        assert_eq!(stems("が"), ["が"], "which is another letter than か");
    }

    #[test]
    fn scripts_without_blanks_are_read_by_characters_and_pairs() {
        let read: Vec<_> = words("孫悟空 stick 金").into_iter().map(|word| (word.text, word.pair)).collect();
        let expected =
            [("孫", Some("孫悟")), ("悟", Some("悟空")), ("空", None), ("stick", None), ("金", None)];
        assert_eq!(read, expected);
    }

    #[test]
    fn stop_words_are_known_and_those_that_point_back() {
        let words = words("and what did she sell?");
        let stops: Vec<bool> = words.iter().map(|word| word.stop).collect();
        assert_eq!(stops, [true, true, true, true, false]);
        assert!(words.iter().any(|word| word.back));
    }

    proptest! {
        #[test]
        fn numbered_terms_are_those_of_the_words(text in "\\PC{0,60}|[a-z'é漢ーが ]{0,40}") {
            let folded = fold(&text);
            let (mut numbering, mut stems, mut numbered) = (Numbering::new(), Vec::new(), Vec::new());
            numbering.read(&folded, &mut stems, &mut numbered);
            let words = words(&folded);
            let number = |term: &str| numbering.numbers.get(term).copied();
            prop_assert_eq!(stems.len(), words.len());
            let terms = words.iter().flat_map(|word| {
                let stem = (!word.stop).then_some(word.stem.as_ref());
                stem.into_iter().chain(word.pair)
            });
            prop_assert_eq!(numbered.into_iter().map(Some).collect::<Vec<_>>(), terms.map(number).collect::<Vec<_>>());
        }
    }
}
