//! A character card: everything that was in it, and names for what is used.

use serde_json::{Map, Value};

use super::error::CardError;
use super::shape::{SPEC, SPEC_VERSION};
use super::{AssetFile, charx, dialogue, json, png, shape};
use crate::Turn;

/// Times beyond this many seconds are in milliseconds: as seconds they lie after the year 5000.
const LATEST_SECONDS: i64 = 100_000_000_000;

/// A character card in the shape of V3, with every field that it came with.
///
/// Texts are as they were written, blanks and macros (`{{char}}`, `{{user}}`) included; a missing one is empty. Two
/// cards are equal if all their fields are, known or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What stands beside `data`: `spec`, `spec_version`, and what nobody knows.
    pub(super) around: Map<String, Value>,
    pub(super) data: Map<String, Value>,
}

/// An asset that a card lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset<'a> {
    /// What it is for: `icon`, `background`, `user_icon`, `emotion`, or a word of some program.
    pub kind: &'a str,
    /// Where it is: `embeded://path` in the CHARX, `ccdefault:`, a `data:` or web address. Nothing is ever fetched.
    pub uri: &'a str,
    /// Its name; `main` for the icon and background to be used first.
    pub name: &'a str,
    /// The extension of its file, such as `png`.
    pub ext: &'a str,
}

/// Reads and sets the texts of a card.
macro_rules! texts {
    ($($(#[$doc:meta])* $field:ident, $set:ident;)*) => {$(
        $(#[$doc])*
        pub fn $field(&self) -> &str {
            self.text(stringify!($field))
        }

        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        pub fn $set(&mut self, text: impl Into<String>) -> &mut Self {
            self.set(stringify!($field), text.into())
        }
    )*};
}

/// Reads and sets the lists of a card.
macro_rules! lists {
    ($($(#[$doc:meta])* $field:ident, $set:ident;)*) => {$(
        $(#[$doc])*
        pub fn $field(&self) -> Vec<&str> {
            self.list(stringify!($field))
        }

        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        pub fn $set<T: Into<String>>(&mut self, texts: impl IntoIterator<Item = T>) -> &mut Self {
            let texts = texts.into_iter().map(|text| Value::String(text.into()));
            self.set(stringify!($field), Value::Array(texts.collect()))
        }
    )*};
}

/// Reads and sets the dates of a card.
macro_rules! dates {
    ($($(#[$doc:meta])* $field:ident, $set:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// In seconds since 1970, UTC. Milliseconds are understood; 0 and less mean unknown.
        pub fn $field(&self) -> Option<i64> {
            date(self.data.get(stringify!($field))?)
        }

        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), "), in seconds since 1970.")]
        pub fn $set(&mut self, seconds: i64) -> &mut Self {
            self.set(stringify!($field), seconds)
        }
    )*};
}

impl Card {
    /// A card that has a name and nothing else yet.
    pub fn new(name: impl Into<String>) -> Self {
        let mut card = Self { around: Map::new(), data: Map::new() };
        card.around.insert("spec".to_owned(), SPEC.into());
        card.around.insert("spec_version".to_owned(), SPEC_VERSION.into());
        shape::tidy(&mut card.data, &mut Vec::new());
        card.set_name(name);
        card
    }

    texts! {
        /// The character's name.
        name, set_name;
        /// What `{{char}}` becomes instead of the name; empty where the name is meant.
        nickname, set_nickname;
        /// Who the character is.
        description, set_description;
        /// A short summary of the character's personality.
        personality, set_personality;
        /// Where and when the conversation takes place.
        scenario, set_scenario;
        /// What the character says first.
        first_mes, set_first_mes;
        /// Dialogues that show how the character talks, as one text; [`example_dialogues`](Self::example_dialogues)
        /// takes it apart.
        mes_example, set_mes_example;
        /// Replaces the program's system prompt unless it is empty; `{{original}}` in it is what it replaces.
        system_prompt, set_system_prompt;
        /// Replaces the program's instructions after the history, likewise.
        post_history_instructions, set_post_history_instructions;
        /// Who made the card.
        creator, set_creator;
        /// What the maker tells people. It never goes into a prompt.
        creator_notes, set_creator_notes;
        /// The maker's version of the card.
        character_version, set_character_version;
    }

    lists! {
        /// Other first messages to choose from.
        alternate_greetings, set_alternate_greetings;
        /// First messages for conversations with several characters.
        group_only_greetings, set_group_only_greetings;
        /// Words to find the card by.
        tags, set_tags;
        /// Where the card comes from: addresses or ids.
        source, set_source;
    }

    dates! {
        /// When the card was made.
        creation_date, set_creation_date;
        /// When the card was last changed.
        modification_date, set_modification_date;
    }

    /// The dialogues of [`mes_example`](Self::mes_example), split at each `<START>`, turn by turn.
    pub fn example_dialogues(&self) -> Vec<Vec<Turn>> {
        dialogue::parse(self.mes_example(), &[self.name(), self.nickname()])
    }

    /// The character's lorebook, as it stands.
    pub fn character_book(&self) -> Option<&Value> {
        self.data.get("character_book").filter(|book| book.is_object())
    }

    /// Sets the lorebook. Null takes it away.
    pub fn set_character_book(&mut self, book: Value) -> &mut Self {
        if book.is_null() {
            self.data.remove("character_book");
            return self;
        }
        self.set("character_book", book)
    }

    /// What programs keep in the card for themselves.
    pub fn extension(&self, key: &str) -> Option<&Value> {
        self.data.get("extensions")?.get(key)
    }

    /// Sets what a program keeps in the card for itself. Keys should begin with the program's name.
    pub fn set_extension(&mut self, key: impl Into<String>, value: Value) -> &mut Self {
        let mut extensions = match self.data.remove("extensions") {
            Some(Value::Object(extensions)) => extensions,
            _ => Map::new(),
        };
        extensions.insert(key.into(), value);
        self.set("extensions", Value::Object(extensions))
    }

    /// Takes away what a program keeps in the card for itself.
    pub(crate) fn remove_extension(&mut self, key: &str) {
        if let Some(extensions) = self.data.get_mut("extensions").and_then(Value::as_object_mut) {
            extensions.remove(key);
        }
    }

    /// Sets a field of the character to any value, or takes it away.
    pub(crate) fn set_field(&mut self, field: &str, value: Option<Value>) {
        match value {
            Some(value) => drop(self.data.insert(field.to_owned(), value)),
            None => drop(self.data.remove(field)),
        }
    }

    /// The assets that the card lists.
    pub fn assets(&self) -> Vec<Asset<'_>> {
        let list = self.data.get("assets").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let assets = list.iter().filter_map(Value::as_object).map(|asset| {
            let text = |field: &str| asset.get(field).and_then(Value::as_str).unwrap_or_default();
            Asset { kind: text("type"), uri: text("uri"), name: text("name"), ext: text("ext") }
        });
        assets.collect()
    }

    /// The icon to be shown: the one named `main`, or else the first.
    pub fn main_icon(&self) -> Option<Asset<'_>> {
        let assets = self.assets();
        let mut icons = assets.iter().filter(|asset| asset.kind == "icon");
        let first = icons.clone().next();
        icons.find(|icon| icon.name == "main").or(first).copied()
    }

    /// All the fields of the character, known or not.
    pub fn data(&self) -> &Map<String, Value> {
        &self.data
    }

    /// The whole card as V3.
    pub fn to_value(&self) -> Value {
        let mut root = self.around.clone();
        root.insert("data".to_owned(), Value::Object(self.data.clone()));
        Value::Object(root)
    }

    /// The card as JSON. Fails if it is larger than [`read`](super::read) would take.
    pub fn to_json(&self) -> Result<String, CardError> {
        json::write(&self.to_value())
    }

    /// The card within a PNG: as V3, and as V2 for programs that know no V3. Cards that were in the PNG are replaced;
    /// everything else in it stays byte for byte.
    pub fn to_png(&self, image: &[u8]) -> Result<Vec<u8>, CardError> {
        png::write(image, &self.to_json()?, &json::write(&shape::to_v2(self))?)
    }

    /// The card as a CHARX, with its main icon and other files.
    ///
    /// The image goes where the card says its main icon is. If that is not in the CHARX, the written card lists the
    /// image as its main icon in place of what it said; nothing else ever changes in it.
    pub fn to_charx(&self, image: Option<&[u8]>, files: &[AssetFile]) -> Result<Vec<u8>, CardError> {
        charx::write(self, image, files)
    }

    fn text(&self, field: &str) -> &str {
        self.data.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    fn list(&self, field: &str) -> Vec<&str> {
        let list = self.data.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).collect()
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) -> &mut Self {
        self.data.insert(field.to_owned(), value.into());
        self
    }
}

/// Seconds since 1970 from a number or a text of one.
fn date(value: &Value) -> Option<i64> {
    let time = match value {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?))?,
        _ => return None,
    };
    let seconds = if time > LATEST_SECONDS { time / 1000 } else { time };
    Some(seconds).filter(|seconds| *seconds > 0)
}

/// Python writes parts of seconds.
fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "in range, and the fraction is to be cut off")]
    (0.0..1e15).contains(&number).then_some(number as i64)
}
