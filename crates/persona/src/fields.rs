//! Reads fields from a JSON or YAML mapping, leniently: null is absent, a lone text is a list of one, a number
//! does for a text. What cannot be understood is reported and left out.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::limits::{MAX_COUNT, MAX_WEIGHT};

/// A mapping whose fields are being read, and what was wrong with them.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    problems: Vec<Problem>,
}

/// A field of the wrong shape.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Its dotted name, such as `ooc_mode.toggle`.
    pub(crate) field: String,
    pub(crate) expected: &'static str,
}

impl Problem {
    pub(crate) fn message(&self) -> String {
        format!("`{}`: expected {}; anything else is left out", self.field, self.expected)
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: &'a Map<String, Value>) -> Self {
        Self { map, problems: Vec::new() }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Reports a field once, however many of its parts are asked for.
    pub(crate) fn problem(&mut self, field: &str, expected: &'static str) {
        let problem = Problem { field: field.to_owned(), expected };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// The value under a dotted name; nothing where it is missing or null.
    pub(crate) fn get(&mut self, name: &str) -> Option<&'a Value> {
        let mut map = self.map;
        let mut end = 0;
        for segment in name.split('.') {
            end += segment.len();
            let value = map.get(segment).filter(|value| !value.is_null())?;
            if end == name.len() {
                return Some(value);
            }
            let Value::Object(inner) = value else {
                self.problem(name.get(..end)?, "a mapping");
                return None;
            };
            map = inner;
            end += 1;
        }
        None
    }

    /// A text without its outer blanks; a blank one is absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            self.problem(name, "a text");
        }
        scalar(value)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        let (values, whole) = match self.get(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) => (values.as_slice(), true),
            Some(value) => (std::slice::from_ref(value), !value.is_object()),
        };
        if !whole || values.iter().any(|value| value.is_array() || value.is_object()) {
            self.problem(name, "a text or a list of texts");
        }
        values.iter().filter_map(scalar).collect()
    }

    /// A number, between [`MAX_WEIGHT`] and its negative.
    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        self.number_within(name, -MAX_WEIGHT..=MAX_WEIGHT, "a number of at most 1e9")
    }

    /// A number of a range, which `expected` tells.
    pub(crate) fn number_within(
        &mut self,
        name: &str,
        range: RangeInclusive<f64>,
        expected: &'static str,
    ) -> Option<f64> {
        let value = self.get(name)?;
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.problem(name, expected);
        }
        number
    }

    /// A whole number from 0 to [`MAX_COUNT`].
    pub(crate) fn count(&mut self, name: &str) -> Option<usize> {
        self.count_within(name, 0..=MAX_COUNT, "a whole number from 0 to 1000000")
    }

    /// A whole number of a range, which `expected` tells.
    pub(crate) fn count_within(
        &mut self,
        name: &str,
        range: RangeInclusive<usize>,
        expected: &'static str,
    ) -> Option<usize> {
        let value = self.get(name)?;
        let count = match value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let count = count.and_then(|count| usize::try_from(count).ok()).filter(|count| range.contains(count));
        if count.is_none() {
            self.problem(name, expected);
        }
        count
    }
}

/// The text of a value that is neither a list nor a mapping.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Any value as one line of text: lists joined by ", ", mappings as "key: value" joined by "; ".
pub(crate) fn to_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(values) => join(values.iter().map(to_text), ", "),
        Value::Object(map) => join(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| format!("{key}: {}", to_text(value))),
            "; ",
        ),
    }
}

fn join(texts: impl Iterator<Item = String>, separator: &str) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("not a mapping: {other}"),
        }
    }

    #[test]
    fn understands_what_was_meant() {
        let map = map(json!({"text": " a ", "year": 298, "blank": "  ", "null": null, "lone": "x",
            "list": ["a", null, 2, ""], "half": "0.5", "in": {"side": "y"}}));
        let mut fields = Fields::new(&map);
        assert_eq!(fields.text("text").as_deref(), Some("a"));
        assert_eq!(fields.text("year").as_deref(), Some("298"));
        assert_eq!(fields.text("blank"), None);
        assert_eq!(fields.text("null"), None);
        assert_eq!(fields.text("in.side").as_deref(), Some("y"));
        assert_eq!(fields.text("in.none"), None);
        assert_eq!(fields.texts("lone"), ["x"]);
        assert_eq!(fields.texts("list"), ["a", "2"]);
        assert_eq!(fields.number("half"), Some(0.5));
        assert_eq!(fields.into_problems(), []);
    }

    #[test]
    fn reports_what_it_cannot_understand_and_keeps_the_rest() {
        let map = map(json!({"text": ["a"], "list": {"a": 1}, "mixed": ["a", ["b"]], "number": "many",
            "huge": 1e300, "flat": "x"}));
        let mut fields = Fields::new(&map);
        assert_eq!(fields.text("text"), None);
        assert_eq!(fields.texts("list"), Vec::<String>::new());
        assert_eq!(fields.texts("mixed"), ["a"]);
        assert_eq!(fields.number("number"), None);
        assert_eq!(fields.number("huge"), None);
        assert_eq!(fields.text("flat.a"), None);
        assert_eq!(fields.text("flat.b"), None);
        let names: Vec<_> = fields.into_problems().into_iter().map(|problem| problem.field).collect();
        assert_eq!(names, ["text", "list", "mixed", "number", "huge", "flat"]);
    }

    #[test]
    fn any_value_is_a_line_of_text() {
        assert_eq!(to_text(&json!({"a": ["x", null, 1], "b": true, "c": null})), "a: x, 1; b: true");
        assert_eq!(to_text(&json!(null)), "");
    }
}
