//! Text from elsewhere, made fit for a terminal.

use std::borrow::Cow;

/// The text without what a terminal would obey: control characters, with which a model could move the cursor, change
/// the window's title, turn the reading direction round or have the terminal type something, are shown by their signs.
/// New lines and tabs stay; carriage returns go, for they come before new lines and say no more than those.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_shown_as_it_is) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().filter(|c| *c != '\r');
    Cow::Owned(shown.map(|c| if is_shown_as_it_is(c) { c } else { sign(c) }).collect())
}

/// The same, in one line.
pub(super) fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

fn is_shown_as_it_is(c: char) -> bool {
    !is_obeyed(c) || matches!(c, '\n' | '\t')
}

/// Control characters, and those that turn the direction of the text around them (Unicode Standard Annex 9).
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Unicode has a picture for each of the old control characters (U+2400 and on), and none for those of Latin-1.
fn sign(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(clean("\x1b]0;owned\x07 \x1b[2J\u{9b}31m\x7f\r"), "␛]0;owned␇ ␛[2J\u{fffd}31m␡");
        assert_eq!(clean("one\r\ntwo\r\n"), "one\ntwo\n");
        assert_eq!(clean("a\u{202e}b\u{2069}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(clean("Gold,\n\tfirst — é 金"), "Gold,\n\tfirst — é 金");
        assert_eq!(one_line("a\nb\tc\x1b"), "a b c␛");
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_gets_through_and_nothing_else_changes(text in any::<String>()) {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.chars().any(|c| is_obeyed(c) && c != '\n' && c != '\t'));
            let shown: Vec<char> = text.chars().filter(|c| *c != '\r').collect();
            prop_assert_eq!(cleaned.chars().count(), shown.len());
            for (before, after) in shown.into_iter().zip(cleaned.chars()) {
                prop_assert!(before == after || is_obeyed(before));
            }
            prop_assert!(!one_line(&text).chars().any(char::is_control));
        }
    }
}
