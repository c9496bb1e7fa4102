//! YAML into JSON values, within bounds.
//!
//! `serde_yaml` refuses nesting beyond 128 and more than 100 alias expansions for each of the document's events. That still
//! lets one large text be repeated thousands of times, so every value taken from it is counted here as well.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::{Map, Value};

use crate::fields::Problem;
use crate::limits::{MAX_WARNINGS, MAX_YAML_BYTES, MAX_YAML_EXPANDED_BYTES, YAML_NODE_BYTES};
use crate::warning::Warnings;

/// The mapping in a YAML file. An empty file is an empty mapping; one that cannot be read is nothing, and a warning.
pub(crate) fn parse(bytes: &[u8], warnings: &mut Warnings<'_>) -> Option<Map<String, Value>> {
    match read(bytes, warnings)? {
        Value::Object(map) => Some(map),
        Value::Null => Some(Map::new()),
        _ => {
            warnings.line(1, "expected a mapping of fields to values; the file is not used");
            None
        }
    }
}

/// The list in a YAML file, just so.
pub(crate) fn parse_list(bytes: &[u8], warnings: &mut Warnings<'_>) -> Option<Vec<Value>> {
    match read(bytes, warnings)? {
        Value::Array(values) => Some(values),
        Value::Null => Some(Vec::new()),
        _ => {
            warnings.line(1, "expected a list; the file is not used");
            None
        }
    }
}

fn read(bytes: &[u8], warnings: &mut Warnings<'_>) -> Option<Value> {
    let text = readable(bytes, warnings)?;
    let reading = Reading { left: Cell::new(MAX_YAML_EXPANDED_BYTES), repeated: RefCell::default() };
    let read = Bounded(&reading).deserialize(serde_yaml::Deserializer::from_str(text));
    for key in reading.repeated.into_inner().into_iter().take(MAX_WARNINGS) {
        let lines = text.lines().zip(1..);
        let last = lines.filter(|(line, _)| begins_with_key(line.trim_start(), &key)).last();
        let message = format!("`{key}` is given twice; the last one counts");
        warnings.push(last.map(|(_, number)| number), None, message);
    }
    read.map_err(|error| broken(&error, warnings)).ok()
}

/// The text of a file of reasonable size, without a byte order mark.
fn readable<'a>(bytes: &'a [u8], warnings: &mut Warnings<'_>) -> Option<&'a str> {
    if bytes.len() > MAX_YAML_BYTES {
        warnings.file(format!("larger than {MAX_YAML_BYTES} bytes; the file is not used"));
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            warnings.line(line_at(bytes, error.valid_up_to()), "not UTF-8; the file is not used");
            return None;
        }
    };
    // The parser refuses it too, but does not tell the line.
    if let Some(at) = text.find('\0') {
        warnings.line(line_at(bytes, at), "a NUL character; the file is not used");
        return None;
    }
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Warns of a parser's error, at the place that it tells.
fn broken(error: &serde_yaml::Error, warnings: &mut Warnings<'_>) {
    let mut message = error.to_string();
    let place = error.location();
    if let Some(at) = &place {
        message = message.replacen(&format!(" at line {} column {}", at.line(), at.column()), "", 1);
    }
    let (line, column) = place.map(|at| (at.line(), at.column())).unzip();
    warnings.push(line, column, format!("{message}; the file is not used"));
}

/// Warns of fields of the wrong shape, at the lines where they most likely stand.
pub(crate) fn report(problems: &[Problem], bytes: &[u8], warnings: &mut Warnings<'_>) {
    let text = String::from_utf8_lossy(bytes);
    for problem in problems {
        warnings.push(line_of(&text, &problem.field), None, problem.message());
    }
}

fn line_at(bytes: &[u8], offset: usize) -> usize {
    bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The line of a dotted field, or of the part of it that begins a line: values do not know their lines, so its keys are looked
/// for one below the other.
pub(crate) fn line_of(text: &str, field: &str) -> Option<usize> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let mut keys = field.split('.');
    let first = keys.next()?;
    let mut found = lines.find(|(line, _)| begins_with_key(line, first))?.1;
    let mut inside =
        lines.take_while(|(line, _)| line.is_empty() || line.starts_with([' ', '\t', '#', '\r']));
    for key in keys {
        match inside.find(|(line, _)| begins_with_key(line.trim_start(), key)) {
            Some((_, number)) => found = number,
            None => break,
        }
    }
    Some(found)
}

fn begins_with_key(line: &str, key: &str) -> bool {
    line.strip_prefix(key).is_some_and(|after| after.trim_start().starts_with(':'))
}

/// What is shared by all the values of a file while it is read.
struct Reading {
    /// How many more bytes they may take.
    left: Cell<usize>,
    /// Keys that a mapping has more than once.
    repeated: RefCell<BTreeSet<String>>,
}

/// A value, read within the bounds of its file.
struct Bounded<'a>(&'a Reading);

impl Bounded<'_> {
    fn spend<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match self.0.left.get().checked_sub(bytes.saturating_add(YAML_NODE_BYTES)) {
            Some(left) => {
                self.0.left.set(left);
                Ok(())
            }
            None => Err(E::custom(format!("expands to more than {MAX_YAML_EXPANDED_BYTES} bytes"))),
        }
    }

    fn text<E: Error>(&self, text: &str) -> Result<Value, E> {
        self.spend(text.len())?;
        if text.contains('\0') {
            return Err(E::custom("a NUL character"));
        }
        Ok(Value::String(text.to_owned()))
    }

    fn value<E: Error>(&self, value: impl Into<Value>) -> Result<Value, E> {
        self.spend(0)?;
        Ok(value.into())
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.value(())
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.value(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.value(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.value(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.value(value)
    }

    // JSON values hold no wider integers; their digits are what was meant.
    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.value(value.to_string())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.value(value.to_string())
    }

    // JSON numbers are finite. As texts, infinities are found to be no numbers where one is expected.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.is_finite() { self.value(value) } else { self.value(value.to_string()) }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.text(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Bounded(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let mut values = Map::new();
        while let Some(key) = map.next_key_seed(Bounded(self.0))? {
            let key = match key {
                Value::String(text) => text,
                Value::Array(_) | Value::Object(_) => return Err(A::Error::custom("expected a text as key")),
                other => other.to_string(),
            };
            let value = map.next_value_seed(Bounded(self.0))?;
            if values.insert(key.clone(), value).is_some() {
                self.0.repeated.borrow_mut().insert(key);
            }
        }
        Ok(Value::Object(values))
    }

    // A tagged value (`!tag value`) is its value.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_tag, value) = tagged.variant_seed(Bounded(self.0))?;
        value.newtype_variant_seed(self)
    }
}
