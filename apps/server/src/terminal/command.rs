//! What a line means: something said to the character, or a command to the program.

/// A line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// Nothing at all.
    Nothing,
    /// Said to the character, letter for letter.
    Say(&'a str),
    /// Asked of the narrator; blank where the person wants to know what this is.
    OutOfCharacter(&'a str),
    /// Why the last answer is as it is.
    Why,
    /// What there is.
    Help,
    /// Enough.
    Quit,
    /// None that there is.
    Unknown(&'a str),
}

impl<'a> Command<'a> {
    pub(super) fn parse(line: &'a str) -> Self {
        if raconteur_domain::is_blank(line) {
            return Self::Nothing;
        }
        let Some(command) = line.strip_prefix('/') else {
            return Self::Say(line);
        };
        if command.starts_with('/') {
            return Self::Say(command);
        }
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match (word.to_ascii_lowercase().as_str(), rest.trim()) {
            ("ooc", question) => Self::OutOfCharacter(question),
            ("why", "") => Self::Why,
            ("help", "") => Self::Help,
            ("quit" | "exit", "") => Self::Quit,
            _ => Self::Unknown(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Command::{Help, Nothing, OutOfCharacter, Quit, Say, Unknown, Why};
    use super::*;

    #[test]
    fn a_slash_begins_a_command_and_two_begin_a_text_with_one() {
        for (line, command) in [
            ("/help", Help),
            ("/why ", Why),
            ("/quit", Quit),
            ("/EXIT", Quit),
            ("/ooc  who is he?", OutOfCharacter("who is he?")),
            ("/ooc", OutOfCharacter("")),
            ("//etc/passwd", Say("/etc/passwd")),
            ("//", Say("/")),
            (" /help", Say(" /help")),
            ("/etc/passwd", Unknown("/etc/passwd")),
            ("/why not", Unknown("/why not")),
            ("/", Unknown("/")),
            (" \t", Nothing),
            ("", Nothing),
        ] {
            assert_eq!(Command::parse(line), command, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_can_be_said(text in "\\PC*\\S\\PC*") {
            let line = if text.starts_with('/') { format!("/{text}") } else { text.clone() };
            prop_assert_eq!(Command::parse(&line), Say(&text));
        }
    }
}
