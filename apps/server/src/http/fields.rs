//! The fields of a body, checked one by one, all problems told at once.

use std::collections::BTreeMap;

use raconteur_domain::{is_blank, strip};
use serde_json::{Map, Value};

use super::error::ApiError;

/// What a text field takes.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The most characters.
    pub max: usize,
    /// Whether it may be blank.
    pub blank: bool,
    /// Whether the blanks around it are taken off.
    pub trim: bool,
}

/// A field as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// It is not there, or it is wrong, which was noted.
    Missing,
    /// It is `null`.
    Null,
    /// It has a value.
    Value(T),
}

impl<T> Given<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Null => None,
        }
    }
}

/// The fields of a body. Reading one that is wrong notes it; [`Fields::check`] tells.
#[derive(Debug)]
pub struct Fields {
    map: Map<String, Value>,
    problems: BTreeMap<&'static str, Vec<String>>,
}

impl Fields {
    pub(super) const fn new(map: Map<String, Value>) -> Self {
        Self { map, problems: BTreeMap::new() }
    }

    /// Notes a problem of a field.
    pub fn note(&mut self, name: &'static str, problem: impl Into<String>) {
        self.problems.entry(name).or_default().push(problem.into());
    }

    /// Whether all that was read so far is good.
    ///
    /// # Errors
    ///
    /// 400 with every problem.
    pub fn check(&mut self) -> Result<(), ApiError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Fields(std::mem::take(&mut self.problems)))
        }
    }

    /// Whether a field is there and not `null`.
    pub fn is_given(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is there and `null`.
    pub fn is_null(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(Value::is_null)
    }

    /// A text, letter for letter, of any length.
    pub fn raw_text(&mut self, name: &'static str) -> Given<String> {
        match self.map.remove(name) {
            None => Given::Missing,
            Some(Value::Null) => Given::Null,
            Some(Value::String(text)) if text.contains('\0') => {
                self.note(name, "Null characters are not allowed.");
                Given::Missing
            }
            Some(Value::String(text)) => Given::Value(text),
            Some(_) => {
                self.note(name, "Not a valid string.");
                Given::Missing
            }
        }
    }

    /// A text that may be missing.
    pub fn text(&mut self, name: &'static str, rules: Text) -> Option<String> {
        let text = match self.raw_text(name) {
            Given::Missing => return None,
            Given::Null => {
                self.note(name, "This field may not be null.");
                return None;
            }
            Given::Value(text) if rules.trim => strip(&text).to_owned(),
            Given::Value(text) => text,
        };
        if !rules.blank && is_blank(&text) {
            self.note(name, "This field may not be blank.");
            return None;
        }
        if text.chars().count() > rules.max {
            self.note(name, format!("Ensure this field has no more than {} characters.", rules.max));
            return None;
        }
        Some(text)
    }

    /// A text that has to be there.
    pub fn required_text(&mut self, name: &'static str, rules: Text) -> Option<String> {
        if !self.map.contains_key(name) {
            self.note(name, "This field is required.");
        }
        self.text(name, rules)
    }

    /// A value of any kind, `null` included, if there is one.
    pub fn value(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name)
    }

    /// A truth value that may be missing.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.map.remove(name) {
            None => None,
            Some(Value::Bool(flag)) => Some(flag),
            Some(Value::Null) => {
                self.note(name, "This field may not be null.");
                None
            }
            Some(_) => {
                self.note(name, "Must be a valid boolean.");
                None
            }
        }
    }
}
