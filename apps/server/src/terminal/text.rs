//! Text from elsewhere, made fit for a terminal.

use std::borrow::Cow;

/// The text without what a terminal would obey: control characters, with which a model could move the cursor, change
/// the window's title or have the terminal type something, are shown by their signs. New lines and tabs stay.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_shown_as_it_is) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_shown_as_it_is(c) { c } else { sign(c) }).collect())
}

/// The same, in one line.
pub(super) fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

fn is_shown_as_it_is(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\t')
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
        assert_eq!(clean("\x1b]0;owned\x07 \x1b[2J\u{9b}31m\x7f\r"), "␛]0;owned␇ ␛[2J\u{fffd}31m␡␍");
        assert_eq!(clean("Gold,\n\tfirst — é 金"), "Gold,\n\tfirst — é 金");
        assert_eq!(one_line("a\nb\tc\x1b"), "a b c␛");
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_gets_through_and_nothing_else_changes(text in any::<String>()) {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
            prop_assert_eq!(cleaned.chars().count(), text.chars().count());
            for (before, after) in text.chars().zip(cleaned.chars()) {
                prop_assert!(before == after || before.is_control());
            }
            prop_assert!(!one_line(&text).chars().any(char::is_control));
        }
    }
}
