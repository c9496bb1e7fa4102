//! The extension `raconteur` of a card: what a persona has and a card has no field for.

use serde_json::{Map, Value};

use crate::cards::Card;
use crate::fields::Fields;
use crate::sampling::Sampling;

/// What the extension is called among those of the card.
pub(crate) const EXTENSION: &str = "raconteur";

pub(crate) const ALIASES: &str = "aliases";
pub(crate) const TROUBLE: &str = "trouble";
pub(crate) const STYLE_TELLS: &str = "style_tells_description";

/// What a card says for this program alone.
#[derive(Debug, Default)]
pub(crate) struct Extension {
    pub(crate) aliases: Vec<String>,
    pub(crate) trouble: Vec<String>,
    pub(crate) sampling: Sampling,
    /// Whether the description is told where the style tells it, as that of a `persona.yml` is.
    pub(crate) style_tells_description: bool,
}

impl Extension {
    /// What the card's extension says, and what in it is of a wrong shape.
    pub(crate) fn read(card: &Card) -> (Self, Vec<String>) {
        let nothing = Map::new();
        let map = card.extension(EXTENSION).and_then(Value::as_object).unwrap_or(&nothing);
        let mut fields = Fields::new(map);
        let extension = Self {
            aliases: fields.texts(ALIASES),
            trouble: fields.texts(TROUBLE),
            sampling: Sampling::read(&mut fields, ""),
            style_tells_description: fields.get(STYLE_TELLS) == Some(&Value::Bool(true)),
        };
        let problems = fields.into_problems().into_iter();
        (
            extension,
            problems.map(|problem| format!("extension `{EXTENSION}`: {}", problem.message())).collect(),
        )
    }
}

/// Changes the extension of a card. One that is left empty goes.
pub(crate) fn change(card: &mut Card, change: impl FnOnce(&mut Map<String, Value>)) {
    let before = card.extension(EXTENSION).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut map = before.clone();
    change(&mut map);
    if map == before {
        return;
    }
    if map.is_empty() {
        card.remove_extension(EXTENSION);
    } else {
        card.set_extension(EXTENSION, Value::Object(map));
    }
}
