//! JSON within bounds, both ways.

use serde_json::Value;

use super::error::{CardError, at_most};
use crate::limits::{MAX_CARD_JSON_BYTES, MAX_CARD_JSON_DEPTH, MAX_CARD_JSON_VALUES};

/// Reads JSON of bounded size, depth and number of values, with or without a byte order mark.
pub(super) fn parse(bytes: &[u8], ignored: &mut Vec<String>) -> Result<Value, CardError> {
    check(bytes)?;
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        ignored
            .push("Some characters were not UTF-8 and could not be read; each is now a \u{fffd}.".to_owned());
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_matches('\0');
    serde_json::from_str(text).or_else(|error| {
        // JavaScript cuts emoji in half and writes the halves, which are no characters.
        let mended = without_half_characters(text).and_then(|text| serde_json::from_str(&text).ok());
        let value = mended.ok_or_else(|| CardError::BadJson(error.to_string()))?;
        ignored.push(
            "Some characters were cut in half and could not be read; each is now a \u{fffd}.".to_owned(),
        );
        Ok(value)
    })
}

/// The text with `\ufffd` for each half of a surrogate pair that stands alone; nothing if there is none.
fn without_half_characters(text: &str) -> Option<String> {
    let mut mended = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        let length = match (surrogate(escape), surrogate(escape.get(6..).unwrap_or_default())) {
            (Some(Half::High), Some(Half::Low)) => 12,
            (Some(_), _) => 0,
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        mended.push_str(before);
        mended.push_str(if length == 0 { "\\ufffd" } else { escape.get(..length)? });
        rest = escape.get(if length == 0 { 6 } else { length }..)?;
    }
    mended.push_str(rest);
    (mended != text).then_some(mended)
}

/// A half of a surrogate pair.
enum Half {
    High,
    Low,
}

/// Which half an escape at the start of a text is.
fn surrogate(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

/// Writes JSON that [`parse`] would read.
pub(super) fn write(value: &Value) -> Result<String, CardError> {
    let text = value.to_string();
    check(text.as_bytes())?;
    Ok(text)
}

/// Bounds what a parser would have to build, before it does.
fn check(bytes: &[u8]) -> Result<(), CardError> {
    at_most(MAX_CARD_JSON_BYTES, bytes.len(), "bytes in the JSON")?;
    let (mut depth, mut deepest, mut values) = (0_usize, 0, 1);
    let (mut in_text, mut escaped) = (false, false);
    for byte in bytes {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => {
                depth += 1;
                values += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, b',') => values += 1,
            _ => {}
        }
    }
    at_most(MAX_CARD_JSON_DEPTH, deepest, "levels of nesting in the JSON")?;
    at_most(MAX_CARD_JSON_VALUES, values, "values in the JSON")
}
