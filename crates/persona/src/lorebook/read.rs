//! Reads fields of a lorebook, leniently: null is absent, a lone text is a list of one, `"true"` and 1 are `true`, a
//! number does for a text. What cannot be understood is noted and left out.

use serde_json::{Map, Value};

use super::dialect;
use crate::limits::{MAX_WARNINGS, MAX_WEIGHT};

/// What was ignored, in sentences, [`MAX_WARNINGS`] of them at most.
#[derive(Default)]
pub(crate) struct Notes {
    list: Vec<String>,
    unlisted: usize,
}

impl Notes {
    pub(crate) fn add(&mut self, note: String) {
        if self.list.len() < MAX_WARNINGS {
            self.list.push(note);
        } else {
            self.unlisted += 1;
        }
    }

    pub(crate) fn into_vec(mut self) -> Vec<String> {
        if self.unlisted > 0 {
            self.list.push(format!("{} more problems in this lorebook.", self.unlisted));
        }
        self.list
    }
}

/// The fields of a book or an entry.
pub(crate) struct Reader<'a, 'n> {
    map: &'a Map<String, Value>,
    /// What programs added to the format.
    extensions: Option<&'a Map<String, Value>>,
    /// Whose fields they are, as a sentence begins.
    whose: String,
    notes: &'n mut Notes,
}

impl<'a, 'n> Reader<'a, 'n> {
    pub(crate) fn new(map: &'a Map<String, Value>, whose: String, notes: &'n mut Notes) -> Self {
        let extensions = map.get("extensions").and_then(Value::as_object);
        Self { map, extensions, whose, notes }
    }

    pub(crate) fn note(&mut self, what: &str) {
        self.notes.add(format!("{} {what}.", self.whose));
    }

    fn expected(&mut self, name: &str, expected: &str) {
        self.note(&format!("has a `{name}` that is not {expected}; it is left out"));
    }

    /// The first of these fields that is there.
    pub(crate) fn field(&self, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        first(self.map, names)
    }

    /// The first of these that is there among the extensions, else among the fields: programs write it in both ways.
    pub(crate) fn extension(&self, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        self.extensions.and_then(|extensions| first(extensions, names)).or_else(|| self.field(names))
    }

    pub(crate) fn has_extension(&self, name: &str) -> bool {
        self.extensions.is_some_and(|extensions| extensions.contains_key(name))
    }

    pub(crate) fn bool(&mut self, found: Option<(&'static str, &Value)>) -> Option<bool> {
        let (name, value) = found?;
        let known = match value {
            Value::Bool(value) => Some(*value),
            Value::Number(number) => match number.as_f64() {
                Some(0.0) => Some(false),
                Some(1.0) => Some(true),
                _ => None,
            },
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" | "" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if known.is_none() {
            self.expected(name, "true or false");
        }
        known
    }

    pub(crate) fn number(&mut self, found: Option<(&'static str, &Value)>) -> Option<f64> {
        let (name, value) = found?;
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.expected(name, "a number");
        }
        number.map(|number| number.clamp(-MAX_WEIGHT, MAX_WEIGHT))
    }

    /// A number of things: whole, and not below 0.
    pub(crate) fn count(&mut self, found: Option<(&'static str, &Value)>) -> Option<usize> {
        let (name, _) = found?;
        let number = self.number(found)?;
        if number < 0.0 {
            self.expected(name, "a number from 0");
            return None;
        }
        Some(whole(number))
    }

    pub(crate) fn text(&mut self, found: Option<(&'static str, &'a Value)>) -> Option<String> {
        let (name, value) = found?;
        let text = scalar(value);
        if text.is_none() {
            self.expected(name, "a text");
        }
        text
    }

    /// A list of texts; a lone text is a list with commas.
    pub(crate) fn texts(&mut self, found: Option<(&'static str, &'a Value)>) -> Vec<String> {
        let Some((name, value)) = found else {
            return Vec::new();
        };
        match value {
            Value::Array(values) => {
                let texts: Vec<_> = values.iter().filter_map(scalar).collect();
                if texts.len() < values.iter().filter(|value| !value.is_null()).count() {
                    self.note(&format!("has something in `{name}` that is not a text; it is left out"));
                }
                texts
            }
            // A comma in a regex is part of it.
            Value::String(text) if dialect::literal(text).is_some() => vec![text.clone()],
            Value::String(text) => text.split(',').map(|text| text.trim().to_owned()).collect(),
            _ => {
                self.expected(name, "a list of texts");
                Vec::new()
            }
        }
    }
}

/// A number of things. What is too large for the machine is as large as it has.
pub(crate) fn whole(number: f64) -> usize {
    // Saturating, as casts from floating point are.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let number = number as usize;
    number
}

fn first<'a>(map: &'a Map<String, Value>, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
    names.iter().find_map(|name| Some((*name, map.get(*name).filter(|value| !value.is_null())?)))
}

/// The text of a value that is neither a list nor a mapping.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
