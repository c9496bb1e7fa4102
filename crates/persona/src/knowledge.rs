//! `kb.jsonl`: what the persona knows, one JSON object a line.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::limits::{MAX_KB_BYTES, MAX_KB_ENTRIES, MAX_KB_LINE_BYTES};
use crate::retrieval::{Index, Retrieval};
use crate::warning::Warnings;

/// One thing that a persona knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Names it within its knowledge base.
    pub id: String,
    /// The tellings it belongs to, such as `book` and `show`.
    pub canon: Vec<String>,
    /// When in the story it is so.
    pub era: Option<String>,
    /// The fact itself.
    pub summary: String,
    /// How the persona would put it.
    pub ic_reply: Option<String>,
    /// What the narrator may add.
    pub ooc_notes: Option<String>,
    /// Words it is found by.
    pub tags: Vec<String>,
    /// Other names of what it is about.
    pub aliases: Vec<String>,
    /// The people, places and things in it.
    pub entities: Vec<String>,
    /// Its rank among equal matches; 1 where the file says nothing.
    pub weight: f64,
    /// Where it can be looked up.
    pub source: Option<Source>,
    /// How sure it is.
    pub certainty: Option<String>,
}

/// Where a fact can be looked up: a title, an address, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its title.
    pub title: Option<String>,
    /// Its address.
    pub url: Option<String>,
}

/// A persona's entries, in the order of the file, ready to be searched.
#[derive(Debug, Default)]
pub struct Knowledge {
    entries: Vec<Entry>,
    /// The line of each.
    lines: Vec<usize>,
    pub(crate) index: Index,
}

impl Knowledge {
    /// The entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The entries with the lines on which they stand, from 1.
    pub(crate) fn with_lines(&self) -> impl Iterator<Item = (&Entry, usize)> {
        self.entries.iter().zip(self.lines.iter().copied())
    }

    pub(crate) fn parse(bytes: &[u8], how: &Retrieval, warnings: &mut Warnings<'_>) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let whole = readable(bytes, warnings);
        let (mut entries, mut lines) = (Vec::new(), Vec::new());
        let mut ids = HashSet::new();
        for (index, line) in whole.split(|byte| *byte == b'\n').enumerate() {
            let number = index + 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            if entries.len() == MAX_KB_ENTRIES {
                warnings.line(number, format!("more than {MAX_KB_ENTRIES} entries; the rest are left out"));
                break;
            }
            let Some(entry) = read_line(line, number, warnings) else {
                continue;
            };
            if ids.insert(entry.id.clone()) {
                entries.push(entry);
                lines.push(number);
            } else {
                warnings.line(number, format!("the id `{}` is taken by an earlier line; skipped", entry.id));
            }
        }
        let index = Index::new(&entries, how);
        Self { entries, lines, index }
    }
}

/// The whole lines within [`MAX_KB_BYTES`].
fn readable<'a>(bytes: &'a [u8], warnings: &mut Warnings<'_>) -> &'a [u8] {
    match bytes.split_at_checked(MAX_KB_BYTES) {
        Some((start, beyond)) if !beyond.is_empty() => {
            warnings.file(format!("larger than {MAX_KB_BYTES} bytes; the lines beyond are left out"));
            let end = start.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
            start.get(..end).unwrap_or_default()
        }
        _ => bytes,
    }
}

fn read_line(line: &[u8], number: usize, warnings: &mut Warnings<'_>) -> Option<Entry> {
    if line.len() > MAX_KB_LINE_BYTES {
        warnings.line(number, format!("longer than {MAX_KB_LINE_BYTES} bytes; skipped"));
        return None;
    }
    let Ok(text) = std::str::from_utf8(line) else {
        warnings.line(number, "not UTF-8; skipped");
        return None;
    };
    let map: Map<String, Value> = match serde_json::from_str(text) {
        Ok(Value::Object(map)) => map,
        Ok(_) => {
            warnings.line(number, "expected a JSON object on this line; skipped");
            return None;
        }
        Err(error) => {
            let place = format!(" at line {} column {}", error.line(), error.column());
            let message = error.to_string().replace(&place, "");
            warnings.push(Some(number), Some(error.column()), format!("not JSON: {message}; skipped"));
            return None;
        }
    };
    // Written plainly it is not JSON; as an escape it is, but databases and terminals cannot hold it.
    if text.contains("\\u0000") && map.values().any(has_nul) {
        warnings.line(number, "a NUL character; skipped");
        return None;
    }
    let mut fields = Fields::new(&map);
    let entry = read_entry(&mut fields);
    for problem in fields.into_problems() {
        warnings.line(number, problem.message());
    }
    if entry.is_none() {
        warnings.line(number, "expected `id` and `summary` with text in them; skipped");
    }
    entry
}

fn read_entry(fields: &mut Fields<'_>) -> Option<Entry> {
    Some(Entry {
        id: fields.text("id")?,
        summary: fields.text("summary")?,
        canon: fields.texts("canon"),
        era: fields.text("era"),
        ic_reply: fields.text("ic_reply"),
        ooc_notes: fields.text("ooc_notes"),
        tags: fields.texts("tags"),
        aliases: fields.texts("aliases"),
        entities: fields.texts("entities"),
        weight: fields.number("weight").unwrap_or(1.0),
        source: source(fields),
        certainty: fields.text("certainty"),
    })
}

/// A mapping of title and url, or a lone text that is one of the two.
fn source(fields: &mut Fields<'_>) -> Option<Source> {
    let (title, url) = match fields.get("source") {
        Some(Value::String(_)) => {
            let text = fields.text("source")?;
            let is_url = text.starts_with("http://") || text.starts_with("https://");
            if is_url { (None, Some(text)) } else { (Some(text), None) }
        }
        _ => (fields.text("source.title"), fields.text("source.url")),
    };
    (title.is_some() || url.is_some()).then_some(Source { title, url })
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(map) => map.values().any(has_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
