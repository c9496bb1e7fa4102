//! How texts are written for comparison, and where words end.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text without regard to case, composition, kinds of white space and apostrophes.
pub(crate) fn fold(text: &str) -> String {
    one_spaced(text.nfc().default_case_fold().nfc())
}

/// A text as it stands, but for composition, kinds of white space and apostrophes.
pub(crate) fn exact(text: &str) -> String {
    one_spaced(text.nfc())
}

/// A text with every line ended by `\n`, as regexes read it: JavaScript knows four line ends, other dialects one.
pub(crate) fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n")
}

/// Runs of white space become one space, so that a phrase is found across a line end.
fn one_spaced(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut blank = true;
    for c in chars {
        if c.is_whitespace() {
            if !blank {
                out.push(' ');
            }
            blank = true;
        } else {
            out.push(if matches!(c, '\u{2019}' | '\u{2bc}') { '\'' } else { c });
            blank = false;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What follows the apostrophe where two words have become one: `can't`, `I'll`.
const CONTRACTIONS: [&str; 6] = ["t", "m", "d", "ll", "re", "ve"];

/// Whether what stands from `start` to `end` is no part of longer words.
///
/// As in UAX #29, letters, digits, marks and `_` join, and so do an apostrophe between letters and a point between digits.
/// Otherwise than there, a point between letters does not, an apostrophe parts a possessive (`Bronn's`) and what is elided
/// before a word (`l'Empire`), and scripts that are written without blanks between words have no words to be part of.
pub(crate) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let (Some((before, from)), Some(after)) = (text.split_at_checked(start), text.get(end..)) else {
        return false;
    };
    let found = from.get(..end.saturating_sub(start)).unwrap_or_default();
    let (Some(first), Some(last)) = (found.chars().next(), found.chars().next_back()) else {
        return false;
    };
    let longer_before = is_word(first) && joins_before(before, first, from);
    let longer_after = is_word(last) && joins_after(last, after);
    !longer_before && !longer_after
}

/// Whether the word goes on before `first`, which `from` begins with.
fn joins_before(before: &str, first: char, from: &str) -> bool {
    let mut back = before.chars().rev();
    match (back.next(), back.next()) {
        (Some('\''), Some(letter)) if is_word(letter) => {
            let word = leading_word(from);
            word == "s" || CONTRACTIONS.contains(&word)
        }
        (Some('.' | ','), Some(digit)) => digit.is_numeric() && first.is_numeric(),
        (Some(c), _) => is_word(c),
        (None, _) => false,
    }
}

/// Whether the word goes on after `last`.
fn joins_after(last: char, after: &str) -> bool {
    let mut ahead = after.chars();
    match (ahead.next(), ahead.next()) {
        (Some('\''), Some(letter)) if is_word(letter) => {
            leading_word(after.get(1..).unwrap_or_default()) != "s"
        }
        (Some('.' | ','), Some(digit)) => last.is_numeric() && digit.is_numeric(),
        (Some(c), _) => is_word(c),
        (None, _) => false,
    }
}

fn leading_word(text: &str) -> &str {
    text.find(|c| !is_word(c)).and_then(|end| text.get(..end)).unwrap_or(text)
}

fn is_word(c: char) -> bool {
    (c.is_alphanumeric() || c == '_' || is_combining_mark(c)) && !is_unspaced(c)
}

/// Whether any character is of a script that is written without blanks between words, or, as Korean, with particles
/// at the end of the word.
pub(crate) fn is_unspaced_text(text: &str) -> bool {
    text.chars().any(is_unspaced)
}

fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1100}'..='\u{11ff}' // Hangul letters
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{2e80}'..='\u{2fdf}' // radicals
        | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{30ff}' // kana
        | '\u{3100}'..='\u{31ff}' // Bopomofo, Hangul letters, kana
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}' // Hangul
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}' // half-width kana and Hangul
        | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_composition_blanks_and_apostrophes() {
        assert_eq!(fold(" Cafe\u{301}\r\n\tSTRASSE ὈΔΥΣΣΕΎΣ’s "), fold("café straße ὀδυσσεύσ's"));
        assert_eq!(exact("Cafe\u{301}  X"), "Café X");
        assert_eq!(unix_lines("a\r\nb\rc\u{2028}d\n"), "a\nb\nc\nd\n");
    }

    #[test]
    fn knows_where_words_end() {
        for (text, key, expected) in [
            ("ain't", "ai", false),
            ("an ai said", "ai", true),
            ("can't", "can", false),
            ("can't", "t", false),
            ("bronn's price", "bronn", true),
            ("the knights' hall", "knights", true),
            ("l'empire", "empire", true),
            ("3.14", "3", false),
            ("take 3.", "3", true),
            ("well.bronn", "bronn", true),
            ("snake_case", "case", false),
            ("c++ is", "c++", true),
            ("see #hello there", "#hello", true),
            ("#helloes", "#hello", false),
            ("使用ai技术", "ai", true),
            ("über", "ber", false),
            ("नमस्ते", "नमस", false),
        ] {
            let start = text.find(key).unwrap_or_else(|| panic!("{key:?} is not in {text:?}"));
            assert_eq!(is_whole(text, start, start + key.len()), expected, "{key:?} in {text:?}");
        }
    }
}
