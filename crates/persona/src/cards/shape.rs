//! The one shape that all cards are brought into, that of V3, and the leniency of getting there.

use serde_json::{Map, Value};

use super::card::Card;
use super::error::{CardError, quoted};

/// All that a V1 card is. Programs still write them beside `data`, for those that know no other.
const V1_FIELDS: [&str; 6] = ["name", "description", "personality", "scenario", "first_mes", "mes_example"];

const REQUIRED_TEXTS: [&str; 11] = [
    "name",
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "creator_notes",
    "system_prompt",
    "post_history_instructions",
    "creator",
    "character_version",
];

const REQUIRED_LISTS: [&str; 3] = ["alternate_greetings", "tags", "group_only_greetings"];

/// What V3 has and V2 has not.
const V3_FIELDS: [&str; 7] = [
    "assets",
    "nickname",
    "creator_notes_multilingual",
    "source",
    "group_only_greetings",
    "creation_date",
    "modification_date",
];

pub(super) const SPEC: &str = "chara_card_v3";
pub(super) const SPEC_VERSION: &str = "3.0";

/// What a JSON file turned out to be.
pub(super) enum Shape {
    Card(Card),
    /// The `data` of a lorebook.
    Book(Value),
}

/// Finds the card in a value. What was understood otherwise than written is told.
pub(super) fn understand(value: Value, ignored: &mut Vec<String>) -> Result<Shape, CardError> {
    let Value::Object(mut root) = value else { return Err(CardError::NotACard) };
    let spec = root.get("spec").and_then(Value::as_str).unwrap_or_default().to_owned();
    if spec.starts_with("lorebook") {
        let book = root.remove("data").filter(Value::is_object).ok_or(CardError::NotACard)?;
        return Ok(Shape::Book(book));
    }
    let named_card = spec.starts_with("chara_card");
    let inner = root.get("data").and_then(Value::as_object).is_some_and(|data| named_card || is_v1(data));
    if !inner && !named_card && !is_v1(&root) {
        return Err(CardError::NotACard);
    }
    let mut around = spec_of(&mut root, ignored);
    let mut data = match root.remove("data") {
        Some(Value::Object(data)) if inner => {
            around.append(&mut root);
            data
        }
        other => {
            // A V1 card. It may have a field of this name as it may have any other.
            root.extend(other.map(|value| ("data".to_owned(), value)));
            root
        }
    };
    drop_copies(&mut around, &mut data, ignored);
    tidy(&mut data, ignored);
    Ok(Shape::Card(Card { around, data }))
}

/// Whether these are the fields of a character rather than of anything else that has a name.
fn is_v1(map: &Map<String, Value>) -> bool {
    let has = |field: &str| map.get(field).is_some_and(Value::is_string);
    has("name") && V1_FIELDS.iter().skip(1).any(|field| has(field))
}

/// Takes out what the card says of its version. Versions before V3 become V3; later ones stay what they are.
fn spec_of(root: &mut Map<String, Value>, ignored: &mut Vec<String>) -> Map<String, Value> {
    let spec = root.remove("spec").map(text_of).unwrap_or_default();
    let version = root.remove("spec_version").map(text_of).unwrap_or_default();
    let number: Option<u32> = spec.strip_prefix("chara_card_v").and_then(|number| number.parse().ok());
    let later = version.parse().is_ok_and(|version: f64| version > 3.0);
    let (spec, version) = match number {
        Some(3) if later => (spec, version),
        Some(number) if number > 3 => (spec, if later { version } else { format!("{number}.0") }),
        Some(_) => (SPEC.to_owned(), SPEC_VERSION.to_owned()),
        None => {
            if !spec.is_empty() {
                ignored.push(format!(
                    "`spec` is {}, which is unknown; the card was read as {SPEC}.",
                    quoted(&spec)
                ));
            }
            (SPEC.to_owned(), SPEC_VERSION.to_owned())
        }
    };
    if version != SPEC_VERSION {
        ignored.push(format!(
            "The card is made for version {} of the specification; what is new is kept, not used.",
            quoted(&version)
        ));
    }
    let entries = [("spec", spec), ("spec_version", version)];
    entries.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text))).collect()
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Takes away V1 fields beside `data`: if they stayed, they would tell old programs what the card was before an edit.
fn drop_copies(around: &mut Map<String, Value>, data: &mut Map<String, Value>, ignored: &mut Vec<String>) {
    for field in V1_FIELDS {
        let Some(copy) = around.remove(field).filter(|copy| !is_empty(copy)) else { continue };
        match data.get(field) {
            Some(value) if *value == copy => {}
            Some(value) if !is_empty(value) => {
                ignored.push(format!("`{field}` beside `data` differs from the one in it and was left out."));
            }
            _ => {
                data.insert(field.to_owned(), copy);
                ignored.push(format!("`{field}` stood beside `data` only and was moved into it."));
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// Gives the known fields their types, where that loses nothing. What is of a wrong type stays for export.
pub(super) fn tidy(data: &mut Map<String, Value>, ignored: &mut Vec<String>) {
    for field in ["nickname", "source", "assets", "character_book", "creation_date", "modification_date"] {
        if data.get(field).is_some_and(Value::is_null) {
            data.remove(field);
        }
    }
    for field in REQUIRED_TEXTS {
        let value = data.entry(field).or_insert(Value::Null);
        scalar_to_text(value);
        if value.is_null() {
            *value = Value::String(String::new());
        }
    }
    for field in REQUIRED_LISTS {
        let value = data.entry(field).or_insert(Value::Null);
        to_list(value);
    }
    if let Some(nickname) = data.get_mut("nickname") {
        scalar_to_text(nickname);
    }
    if let Some(source) = data.get_mut("source") {
        to_list(source);
    }
    let extensions = data.entry("extensions").or_insert(Value::Null);
    // PHP writes an empty mapping as an empty list.
    if extensions.is_null() || extensions.as_array().is_some_and(Vec::is_empty) {
        *extensions = Value::Object(Map::new());
    }
    report(data, ignored);
}

fn scalar_to_text(value: &mut Value) {
    if value.is_number() || value.is_boolean() {
        *value = Value::String(value.to_string());
    }
}

/// A list of texts; a lone text is a list of one, nothing a list of none.
fn to_list(value: &mut Value) {
    scalar_to_text(value);
    match value {
        Value::Null => *value = Value::Array(Vec::new()),
        Value::String(text) if text.is_empty() => *value = Value::Array(Vec::new()),
        Value::String(text) => *value = Value::Array(vec![Value::String(std::mem::take(text))]),
        Value::Array(values) => values.iter_mut().for_each(scalar_to_text),
        _ => {}
    }
}

/// Tells which fields cannot be used.
fn report(data: &Map<String, Value>, ignored: &mut Vec<String>) {
    let is_texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let mut expect = |fields: &[&str], fits: &dyn Fn(&Value) -> bool, expected: &str| {
        for field in fields.iter().filter(|field| data.get(**field).is_some_and(|value| !fits(value))) {
            ignored
                .push(format!("`{field}` is not {expected}; what is not is kept for export, and not used."));
        }
    };
    expect(&REQUIRED_TEXTS, &Value::is_string, "a text");
    expect(&["nickname"], &Value::is_string, "a text");
    expect(&REQUIRED_LISTS, &is_texts, "a list of texts");
    expect(&["source"], &is_texts, "a list of texts");
    expect(&["extensions", "character_book"], &Value::is_object, "a mapping");
    let is_assets = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_object));
    expect(&["assets"], &is_assets, "a list of mappings");
}

/// The card as V2, for programs that know no later one: without what V2 has not.
pub(super) fn to_v2(card: &Card) -> Value {
    let mut data = card.data.clone();
    for field in V3_FIELDS {
        data.remove(field);
    }
    serde_json::json!({"spec": "chara_card_v2", "spec_version": "2.0", "data": data})
}
