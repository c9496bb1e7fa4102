//! What a persona says without any model.

use crate::explanation::Mode;
use crate::finding::Found;
use crate::hash::pick;
use crate::knowledge::Entry;
use crate::persona::Persona;
use crate::prompt::Asked;

/// What the character says where it knows nothing and its style has no line for that; it fits any character.
const NOTHING_TO_SAY: &str = "Of that I have nothing to tell. Ask me something else.";

/// What is said where the character has said all that it knows of it; it fits any character, too.
const NOTHING_TO_ADD: &str = "That is all I can tell of it.";

impl Persona {
    /// The line of the best entry that is used; without one, a fallback of the style's, always the same for the same
    /// query. Where something is said already, what else fits the question.
    pub(crate) fn scripted(&self, mode: Mode, found: &Found<'_>, asked: &Asked<'_>) -> String {
        if let Some(said) = asked.said {
            let mut lines = found.all().map(|entry| line(mode, entry));
            let another = lines.find(|line| !said.contains(line)).unwrap_or(NOTHING_TO_ADD);
            return format!("\n\n{another}");
        }
        match (mode, found.used().next()) {
            (Mode::InCharacter, Some(entry)) => line(mode, entry).to_owned(),
            (Mode::InCharacter, None) => {
                pick(&self.style.fallbacks, asked.query).unwrap_or(NOTHING_TO_SAY).to_owned()
            }
            (Mode::OutOfCharacter, Some(entry)) => {
                let title = entry.source.as_ref().and_then(|source| source.title.as_ref());
                match title {
                    Some(title) => format!("{} (Source: {title})", entry.summary),
                    None => entry.summary.clone(),
                }
            }
            (Mode::OutOfCharacter, None) => format!("The notes on {} have nothing on this.", self.name()),
        }
    }
}

fn line(mode: Mode, entry: &Entry) -> &str {
    match (&entry.ic_reply, mode) {
        (Some(reply), Mode::InCharacter) => reply,
        _ => &entry.summary,
    }
}
