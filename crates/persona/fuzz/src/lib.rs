//! What the targets share: how an input is taken apart.
//!
//! Inputs are text where they can be, so that a seed is written by hand and a finding is read at a glance.

use std::borrow::Cow;

use raconteur_persona::{Speaker, Turn};

/// The parts of an input, between form feeds: a character that is rare in texts, and that Git takes for text.
pub struct Parts<'a>(std::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Parts<'a> {
    /// Takes an input apart.
    pub fn of(input: &'a [u8]) -> Self {
        Self(input.split(|byte| *byte == b'\x0c'))
    }

    /// The next part; nothing where there is none.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        self.0.next()
    }

    /// The next part as a text, which may be empty.
    pub fn text(&mut self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0.next().unwrap_or_default())
    }
}

/// A conversation, a line for each turn, begun by the person.
pub fn turns(text: &str) -> Vec<Turn> {
    let speakers = [Speaker::User, Speaker::Assistant].into_iter().cycle();
    text.lines().zip(speakers).map(|(line, speaker)| Turn { speaker, text: line.to_owned() }).collect()
}
