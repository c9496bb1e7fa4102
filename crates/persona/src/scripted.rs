//! What a persona says without any model.

use crate::explanation::Mode;
use crate::hash::pick;
use crate::knowledge::Entry;
use crate::persona::Persona;

/// What the character says where it knows nothing and its style has no line for that; it fits any character.
const NOTHING_TO_SAY: &str = "Of that I have nothing to tell. Ask me something else.";

impl Persona {
    /// The line of the entry that was found; without one, a fallback of the style's, always the same for the same query.
    pub(crate) fn scripted(&self, mode: Mode, entry: Option<&Entry>, query: &str) -> String {
        match (mode, entry) {
            (Mode::InCharacter, Some(entry)) => entry.ic_reply.as_ref().unwrap_or(&entry.summary).clone(),
            (Mode::InCharacter, None) => {
                pick(&self.style.fallbacks, query).unwrap_or(NOTHING_TO_SAY).to_owned()
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
