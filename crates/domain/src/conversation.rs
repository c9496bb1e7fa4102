//! A person's thread with one character.

use crate::limits::TITLE_EXCERPT_CHARS;
use crate::text::{is_blank, strip};
use crate::{ConversationId, MessageId, PersonaId, Temperature, Timestamp, UserId};

/// A person's thread with one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// Whose it is.
    pub owner_id: UserId,
    /// The name of the character, as the person gave it.
    pub character: String,
    /// The character itself, where it is one that somebody has made; else the name alone says who it is.
    pub persona_id: Option<PersonaId>,
    /// What it is called; empty until a person or the first message names it.
    pub title: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything in it last changed.
    pub updated_at: Timestamp,
}

/// How a conversation is led, beyond who takes part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationSettings {
    /// What the model is reminded of in every prompt; empty where there is nothing.
    pub note: String,
    /// How many messages come after the note.
    pub note_depth: u32,
    /// Which model answers, where it is not the one that the character or the server would take.
    pub model: Option<String>,
    /// How freely it chooses its words, likewise.
    pub temperature: Option<Temperature>,
    /// The longest reply in the model's own tokens, likewise.
    pub max_tokens: Option<u32>,
    /// What happened in the part of the conversation that prompts have no room for; empty where nobody has said.
    pub summary: String,
    /// The last message that the summary tells of, where the model wrote it.
    pub summary_through: Option<MessageId>,
}

impl Default for ConversationSettings {
    fn default() -> Self {
        Self {
            note: String::new(),
            note_depth: 4,
            model: None,
            temperature: None,
            max_tokens: None,
            summary: String::new(),
            summary_through: None,
        }
    }
}

/// The title that a conversation without one takes from its first message, or `None` where the message is blank.
///
/// The message's first line, cut at [`TITLE_EXCERPT_CHARS`], behind the character's name:
///
/// ```
/// use raconteur_domain::automatic_title;
/// assert_eq!(automatic_title("Bronn", "  Who pays you?\nTell me."), Some("Bronn — Who pays you?".to_owned()));
/// assert_eq!(automatic_title("Bronn", " \n "), None);
/// ```
#[must_use]
pub fn automatic_title(character: &str, message: &str) -> Option<String> {
    if is_blank(message) {
        return None;
    }
    let line = strip(message).split(is_line_break).next().unwrap_or_default();
    let excerpt: String = line.chars().take(TITLE_EXCERPT_CHARS).collect();
    Some(strip(&format!("{character} — {excerpt}")).to_owned())
}

/// Where a line ends (Unicode Standard Annex #14, mandatory breaks, and the information separators that the
/// program which Raconteur replaces counted too).
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::{CHARACTER_MAX_CHARS, TITLE_MAX_CHARS};

    #[test]
    fn a_long_line_is_cut_by_characters_not_bytes() {
        let title = automatic_title("Bronn", &"é".repeat(100)).unwrap();
        assert_eq!(title, format!("Bronn — {}", "é".repeat(60)));
    }

    #[test]
    fn blanks_at_the_cut_are_trimmed() {
        let message = format!("{} tail", "x".repeat(59));
        assert_eq!(automatic_title("Bronn", &message), Some(format!("Bronn — {}", "x".repeat(59))));
    }

    proptest! {
        #[test]
        fn a_title_is_one_line_that_fits_and_begins_with_the_character(
            character in "[a-zA-Z]{1,64}", message in any::<String>()
        ) {
            prop_assert!(character.chars().count() <= CHARACTER_MAX_CHARS);
            match automatic_title(&character, &message) {
                None => prop_assert!(is_blank(&message)),
                Some(title) => {
                    let beginning = format!("{character} —");
                    prop_assert!(title.starts_with(&beginning));
                    prop_assert!(!title.chars().any(is_line_break));
                    prop_assert!(title.chars().count() <= TITLE_MAX_CHARS);
                    prop_assert_eq!(strip(&title), &title);
                }
            }
        }
    }
}
