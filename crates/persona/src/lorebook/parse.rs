//! Reads a lorebook from JSON: a card's `character_book`, a book alone (`lorebook_v3`), or SillyTavern's own world file.

use serde_json::{Map, Value};

use super::decorators::{self, Decorators};
use super::entry::{Entry, Key, Logic, Where};
use super::patterns::{Gathering, Manner};
use super::read::{Notes, Reader, whole};
use super::{DEFAULT_DEPTH, DEFAULT_SCAN_DEPTH, Lorebook, Position};
use crate::limits::{
    MAX_LORE_BYTES, MAX_LORE_CONTENT_BYTES, MAX_LORE_ENTRIES, MAX_LORE_KEYS, MAX_RECURSION_ROUNDS,
    MAX_REMEMBERED_TURNS, MAX_SCAN_DEPTH,
};
use crate::macros::head;
use crate::prompt::Role;

/// Reads a lorebook; what was ignored is noted.
pub(crate) fn book(value: &Value) -> (Lorebook, Vec<String>) {
    let mut notes = Notes::default();
    let mut book = Lorebook::default();
    match unwrapped(value) {
        Some(map) => fill(&mut book, map, &mut notes),
        None if value.is_null() => {}
        None => notes.add("The lorebook is not a mapping; it is empty.".to_owned()),
    }
    (book, notes.into_vec())
}

/// The book itself, where it stands alone in a file.
fn unwrapped(value: &Value) -> Option<&Map<String, Value>> {
    let map = value.as_object()?;
    match map.get("data") {
        Some(Value::Object(data)) if map.contains_key("spec") || !map.contains_key("entries") => Some(data),
        _ => Some(map),
    }
}

fn fill(book: &mut Lorebook, map: &Map<String, Value>, notes: &mut Notes) {
    let mut reader = Reader::new(map, "The lorebook".to_owned(), notes);
    book.name = reader.text(reader.field(&["name"])).unwrap_or_default().trim().to_owned();
    let scan_depth = reader.count(reader.field(&["scan_depth", "scanDepth"])).unwrap_or(DEFAULT_SCAN_DEPTH);
    book.recursive = reader.bool(reader.field(&["recursive_scanning", "recursiveScanning"])).unwrap_or(false);
    book.budget = reader.count(reader.field(&["token_budget", "tokenBudget"]));
    if book.budget == Some(0) {
        reader.note("has a `token_budget` of 0, which would leave everything out; it is ignored");
        book.budget = None;
    }
    let entries: Vec<&Value> = match reader.field(&["entries"]) {
        Some((_, Value::Array(entries))) => entries.iter().collect(),
        Some((_, Value::Object(entries))) => entries.values().collect(),
        Some(_) => {
            reader.note("has `entries` that are not a list; they are left out");
            Vec::new()
        }
        None => Vec::new(),
    };
    if entries.len() > MAX_LORE_ENTRIES {
        reader.note(&format!("has more than {MAX_LORE_ENTRIES} entries; the others are left out"));
    }
    let mut keys = Gathering::default();
    let mut bytes = 0;
    for (index, value) in entries.into_iter().take(MAX_LORE_ENTRIES).enumerate() {
        let Some(map) = value.as_object() else {
            notes.add(format!("Entry {} is not a mapping; it is left out.", index + 1));
            continue;
        };
        let entry = entry(map, index, scan_depth, &mut keys, notes);
        bytes += entry.content.len();
        if bytes > MAX_LORE_BYTES {
            notes
                .add(format!("From entry {} on the lorebook is too large; the rest is left out.", index + 1));
            break;
        }
        book.entries.push(entry);
    }
    match keys.finish() {
        Ok(patterns) => book.patterns = patterns,
        Err(error) => notes.add(format!("The keys of the lorebook cannot be used: {error}.")),
    }
}

fn entry(
    map: &Map<String, Value>,
    index: usize,
    scan_depth: usize,
    keys: &mut Gathering,
    notes: &mut Notes,
) -> Entry {
    let (id, name) = names(map, index, notes);
    let whose = if name.is_empty() {
        format!("Entry {}", index + 1)
    } else {
        format!("Entry {} ({name})", index + 1)
    };
    let mut reader = Reader::new(map, whose, notes);
    let reader = &mut reader;
    let (decorators, content) = content(reader);
    let scan_depth = scan_depth_of(reader, &decorators).unwrap_or(scan_depth).min(MAX_SCAN_DEPTH);
    let mut entry = Entry {
        id,
        name,
        content,
        keys: Vec::new(),
        secondary: Vec::new(),
        logic: logic(reader),
        additional: Vec::new(),
        exclude: Vec::new(),
        enabled: enabled(reader),
        constant: reader.bool(reader.field(&["constant"])).unwrap_or(false),
        order: reader.number(reader.field(&["insertion_order", "order"])).unwrap_or(100.0),
        priority: reader.number(reader.field(&["priority"])).unwrap_or(0.0),
        position: position(reader, &decorators),
        scan_depth,
        probability: probability(reader),
        exclude_recursion: flag(reader, &["exclude_recursion", "excludeRecursion"]),
        prevent_recursion: flag(reader, &["prevent_recursion", "preventRecursion"]),
        from_round: from_round(reader),
        groups: groups(reader),
        group_weight: group_weight(reader),
        group_override: flag(reader, &["group_override", "groupOverride"]),
        sticky: reader.count(reader.extension(&["sticky"])).unwrap_or(0),
        cooldown: reader.count(reader.extension(&["cooldown"])).unwrap_or(0),
        delay: reader.count(reader.extension(&["delay"])).unwrap_or(0),
        decorators,
    };
    entry_keys(&mut entry, reader, keys);
    note_unknown(reader);
    entry
}

/// The id and the name. An entry without an id has its place in the list as its id; one without a name its comment.
fn names(map: &Map<String, Value>, index: usize, notes: &mut Notes) -> (String, String) {
    let mut reader = Reader::new(map, format!("Entry {}", index + 1), notes);
    let id = reader.text(reader.field(&["id", "uid"])).filter(|id| !id.trim().is_empty());
    let name = reader.text(reader.field(&["name"])).filter(|name| !name.trim().is_empty());
    let name = name.or_else(|| reader.text(reader.field(&["comment"]))).unwrap_or_default();
    (id.unwrap_or_else(|| index.to_string()), name.trim().to_owned())
}

fn content(reader: &mut Reader<'_, '_>) -> (Decorators, String) {
    let mut content = reader.text(reader.field(&["content"])).unwrap_or_default();
    if content.len() > MAX_LORE_CONTENT_BYTES {
        content.truncate(head(&content, MAX_LORE_CONTENT_BYTES).len());
        reader
            .note(&format!("has a content of more than {MAX_LORE_CONTENT_BYTES} bytes; the rest is cut off"));
    }
    let (decorators, content) = decorators::split(&content, |ignored| reader.note(ignored));
    (decorators, content.to_owned())
}

/// What SillyTavern has and this has not, where it is asked for.
const UNKNOWN: [&str; 8] = [
    "vectorized",
    "use_group_scoring",
    "match_persona_description",
    "match_character_description",
    "match_character_personality",
    "match_character_depth_prompt",
    "match_scenario",
    "match_creator_notes",
];

fn note_unknown(reader: &mut Reader<'_, '_>) {
    for name in UNKNOWN {
        if reader.extension(&[name]).is_some_and(|(_, value)| *value == Value::Bool(true)) {
            reader.note(&format!("asks for `{name}`, which is not there; it is ignored"));
        }
    }
}

fn flag(reader: &mut Reader<'_, '_>, names: &[&'static str]) -> bool {
    reader.bool(reader.extension(names)).unwrap_or(false)
}

fn enabled(reader: &mut Reader<'_, '_>) -> bool {
    let disabled = reader.bool(reader.field(&["disable"])).unwrap_or(false);
    reader.bool(reader.field(&["enabled"])).unwrap_or(!disabled)
}

fn scan_depth_of(reader: &mut Reader<'_, '_>, decorators: &Decorators) -> Option<usize> {
    let own = reader.count(reader.extension(&["scan_depth", "scanDepth"]));
    decorators.scan_depth.or(own)
}

fn logic(reader: &mut Reader<'_, '_>) -> Logic {
    match reader.count(reader.extension(&["selectiveLogic", "selective_logic"])) {
        None | Some(0) => Logic::AndAny,
        Some(1) => Logic::NotAll,
        Some(2) => Logic::NotAny,
        Some(3) => Logic::AndAll,
        Some(_) => {
            reader.note("has a `selectiveLogic` that is not known; one of its secondary keys must match");
            Logic::AndAny
        }
    }
}

/// What is said to happen always has no chance in it.
fn probability(reader: &mut Reader<'_, '_>) -> Option<f64> {
    let used = reader.bool(reader.extension(&["useProbability", "use_probability"])).unwrap_or(true);
    let probability = reader.number(reader.extension(&["probability"]))?;
    (used && probability < 100.0).then_some(probability)
}

/// `true`, or the level at which it may be activated.
fn from_round(reader: &mut Reader<'_, '_>) -> usize {
    let found = reader.extension(&["delay_until_recursion", "delayUntilRecursion"]);
    match found {
        Some((_, Value::Number(_))) => reader.count(found).unwrap_or(0).min(MAX_RECURSION_ROUNDS),
        _ => usize::from(reader.bool(found).unwrap_or(false)),
    }
}

fn groups(reader: &mut Reader<'_, '_>) -> Vec<String> {
    let mut groups: Vec<String> =
        reader.texts(reader.extension(&["group"])).into_iter().map(|group| group.trim().to_owned()).collect();
    groups.retain(|group| !group.is_empty());
    groups.sort();
    groups.dedup();
    groups.truncate(MAX_LORE_KEYS);
    groups
}

fn group_weight(reader: &mut Reader<'_, '_>) -> u64 {
    let weight = reader.count(reader.extension(&["group_weight", "groupWeight"])).unwrap_or(100);
    u64::try_from(weight.min(1_000_000)).unwrap_or_default()
}

fn position(reader: &mut Reader<'_, '_>, decorators: &Decorators) -> Where {
    let role = decorators.role.or_else(|| role(reader)).unwrap_or(Role::System);
    let own_depth = reader.count(reader.extension(&["depth"])).unwrap_or(DEFAULT_DEPTH);
    if let Some(position) = decorators.position {
        return Where::At(position);
    }
    if let Some(depth) = decorators.depth {
        return Where::At(Position::Depth { depth, role });
    }
    if let Some(messages) = decorators.reverse_depth {
        return Where::AfterOldest { messages, role };
    }
    let at_depth = Position::Depth { depth: own_depth, role };
    Where::At(match reader.extension(&["position"]) {
        None => Position::After,
        Some((_, Value::String(text))) => {
            named_position(text).unwrap_or_else(|| numbered_position(reader, at_depth))
        }
        Some(_) => numbered_position(reader, at_depth),
    })
}

fn named_position(text: &str) -> Option<Position> {
    match text.trim() {
        "before_char" => Some(Position::Before),
        "after_char" => Some(Position::After),
        _ => None,
    }
}

/// SillyTavern's numbers.
fn numbered_position(reader: &mut Reader<'_, '_>, at_depth: Position) -> Position {
    match reader.count(reader.extension(&["position"])) {
        Some(0) => Position::Before,
        None | Some(1) => Position::After,
        Some(2) => Position::AuthorNoteTop,
        Some(3) => Position::AuthorNoteBottom,
        Some(4) => at_depth,
        Some(5) => Position::ExamplesTop,
        Some(6) => Position::ExamplesBottom,
        Some(_) => {
            reader.note("has a `position` that is not known; it goes after the character");
            Position::After
        }
    }
}

/// A number with SillyTavern, a word elsewhere.
fn role(reader: &mut Reader<'_, '_>) -> Option<Role> {
    let found = reader.extension(&["role"])?;
    let role = match found.1 {
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "system" | "0" => Some(Role::System),
            "user" | "1" => Some(Role::User),
            "assistant" | "2" => Some(Role::Assistant),
            _ => None,
        },
        value => match value.as_f64().filter(|number| *number >= 0.0).map(whole) {
            Some(0) => Some(Role::System),
            Some(1) => Some(Role::User),
            Some(2) => Some(Role::Assistant),
            _ => None,
        },
    };
    if role.is_none() {
        reader.note("has a `role` that is not known; it is the system's");
    }
    role
}

fn entry_keys(entry: &mut Entry, reader: &mut Reader<'_, '_>, all: &mut Gathering) {
    let manner = manner(entry, reader);
    let keys = reader.texts(reader.field(&["keys", "key"]));
    entry.keys = gathered("keys", keys, manner, reader, all);
    let secondary = reader.texts(reader.field(&["secondary_keys", "keysecondary"]));
    if reader.bool(reader.field(&["selective"])).unwrap_or(false) {
        entry.secondary = gathered("secondary_keys", secondary, manner, reader, all);
    }
    let additional = std::mem::take(&mut entry.decorators.additional_keys);
    entry.additional = gathered("@@additional_keys", additional, manner, reader, all);
    let exclude = std::mem::take(&mut entry.decorators.exclude_keys);
    entry.exclude = gathered("@@exclude_keys", exclude, manner, reader, all);
}

/// SillyTavern writes `use_regex: true` in every entry it exports, but for it a key is a regex only between slashes.
fn manner(entry: &Entry, reader: &mut Reader<'_, '_>) -> Manner {
    let case_sensitive = reader.bool(reader.field(&["case_sensitive"]));
    let extended = reader.bool(reader.extension(&["case_sensitive", "caseSensitive"]));
    let regex = reader.bool(reader.field(&["use_regex"])).unwrap_or(false);
    Manner {
        regex: regex && !reader.has_extension("selectiveLogic"),
        case_sensitive: case_sensitive.or(extended).unwrap_or(false),
        whole_words: reader.bool(reader.extension(&["match_whole_words", "matchWholeWords"])).unwrap_or(true),
        reach: if entry.remembers() { MAX_REMEMBERED_TURNS.max(entry.scan_depth) } else { entry.scan_depth },
    }
}

/// The keys with their numbers. One that can match nothing stays, so that what needs it does not hold without it.
fn gathered(
    field: &str,
    keys: Vec<String>,
    manner: Manner,
    reader: &mut Reader<'_, '_>,
    all: &mut Gathering,
) -> Vec<Key> {
    if keys.len() > MAX_LORE_KEYS {
        reader.note(&format!("has more than {MAX_LORE_KEYS} `{field}`; the others are left out"));
    }
    let keys = keys.into_iter().take(MAX_LORE_KEYS).filter(|key| !key.trim().is_empty());
    keys.map(|text| {
        let id = all.add(&text, manner).map_err(|problem| {
            let short = head(&text, 80);
            reader.note(&format!("has in its `{field}` the key “{short}”, which {problem}"));
        });
        Key { id: id.ok(), text }
    })
    .collect()
}
