//! What a search result shows of a text: the place where it was found.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::fold;

/// How many characters of the text stand before its first match, and how many are shown at most, the match included. A
/// character is what a person takes for one (an extended grapheme cluster, Unicode Standard Annex #29).
const BEFORE: usize = 40;
const SHOWN: usize = 160;

/// What is left out at either end.
const ELLIPSIS: &str = "…";

/// A part of a snippet.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Piece {
    /// The text, as it was written.
    pub text: String,
    /// Whether it is what was sought.
    #[serde(rename = "match")]
    pub is_match: bool,
}

/// A character as it was written, with its folded form's place in the folded text.
struct Character<'a> {
    text: &'a str,
    folded_start: usize,
    folded_end: usize,
}

/// The part of a text around the first place where it contains the needle, folded as [`fold`] does; with every match in
/// it marked. Joined, the pieces are that part of the text, with an ellipsis at each end where something was left out.
///
/// ```
/// use raconteur_domain::snippet;
/// let pieces = snippet("Un ÉCLAIR, s'il vous plaît", "éclair");
/// let marked: Vec<&str> = pieces.iter().filter(|piece| piece.is_match).map(|piece| &*piece.text).collect();
/// assert_eq!(marked, ["ÉCLAIR"]);
/// ```
#[must_use]
pub fn snippet(text: &str, needle: &str) -> Vec<Piece> {
    let (characters, folded) = fold_by_character(text);
    let needle = fold(needle);
    let found = if needle.is_empty() { None } else { folded.find(&needle) };
    let first = found.map_or(0, |at| characters.partition_point(|character| character.folded_end <= at));
    let from = first.saturating_sub(BEFORE);
    let shown = characters.get(from..characters.len().min(from + SHOWN)).unwrap_or_default();

    let mut matches = found.map(|at| (at, at + needle.len()));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: &str, is_match: bool| match pieces.last_mut() {
        Some(piece) if piece.is_match == is_match => piece.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_owned(), is_match }),
    };
    if from > 0 {
        push(ELLIPSIS, false);
    }
    for character in shown {
        while let Some((_, end)) = matches.filter(|(_, end)| *end <= character.folded_start) {
            let next = folded.get(end..).and_then(|rest| rest.find(&needle));
            matches = next.map(|at| (end + at, end + at + needle.len()));
        }
        push(character.text, matches.is_some_and(|(start, _)| start < character.folded_end));
    }
    if from + shown.len() < characters.len() {
        push(ELLIPSIS, false);
    }
    pieces
}

/// The characters of a text and its folded form. Folding each by itself comes to the same as folding the whole but for
/// rare sequences that compose across characters; what is found in those is shown unmarked.
fn fold_by_character(text: &str) -> (Vec<Character<'_>>, String) {
    let mut folded = String::with_capacity(text.len());
    let characters = text
        .graphemes(true)
        .map(|text| {
            let folded_start = folded.len();
            folded.push_str(&fold(text));
            Character { text, folded_start, folded_end: folded.len() }
        })
        .collect();
    (characters, folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The snippet with its matches in brackets.
    fn shown(text: &str, needle: &str) -> String {
        snippet(text, needle)
            .iter()
            .map(|piece| if piece.is_match { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    #[test]
    fn every_match_is_marked_as_it_was_written() {
        for (text, needle, expected) in [
            ("Gold, gold and GOLD", "gold", "[Gold], [gold] and [GOLD]"),
            ("aaaa", "aa", "[aaaa]"),
            ("Die STRASSE", "straße", "Die [STRASSE]"),
            ("ﬁne", "f", "[ﬁ]ne"),
            ("e\u{301}clair", "éc", "[e\u{301}c]lair"),
            ("我喜欢喝茶", "喝", "我喜欢[喝]茶"),
            ("👩‍👩‍👧!", "!", "👩‍👩‍👧[!]"),
            ("nothing", "absent", "nothing"),
            ("nothing", "", "nothing"),
            ("", "x", ""),
        ] {
            assert_eq!(shown(text, needle), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_around_its_first_match() {
        let text = format!("{}gold{}", "é".repeat(100), "x".repeat(1000));
        let expected = format!("…{}[gold]{}…", "é".repeat(BEFORE), "x".repeat(SHOWN - BEFORE - 4));
        assert_eq!(shown(&text, "GOLD"), expected);
    }

    #[test]
    fn a_match_longer_than_what_is_shown_is_cut() {
        let text = "x".repeat(1000);
        assert_eq!(shown(&text, &text), format!("[{}]…", "x".repeat(SHOWN)));
    }

    proptest! {
        #[test]
        fn pieces_are_a_part_of_the_text_and_alternate(text in "\\PC{0,300}", needle in "\\PC{1,3}") {
            let pieces = snippet(&text, &needle);
            let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            prop_assert!(text.contains(whole.trim_start_matches('…').trim_end_matches('…')));
            prop_assert!(pieces.windows(2).all(|pair| pair[0].is_match != pair[1].is_match));
            prop_assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
        }
    }
}
