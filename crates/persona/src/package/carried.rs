//! What a card carries for this program and for others while it travels, and what is taken out again on arrival.
//!
//! Everything that is added for the way is recognised when it comes back: the files of the persona, the lorebook that is
//! made of its knowledge for programs that know no `kb.jsonl`, and the asset that names its picture.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Package, TESTS};
use crate::cards::{Card, icon};
use crate::extension::{self, EXTENSION};
use crate::knowledge::{Entry, Knowledge};
use crate::loading::{KNOWLEDGE, PERSONA, STYLE};
use crate::retrieval::Retrieval;
use crate::warning::Warnings;

/// The files, by their names.
const FILES: &str = "files";
/// Whose the lorebook is where there is knowledge as well: [`OWN`], or else made of it.
const LOREBOOK: &str = "lorebook";
const OWN: &str = "own";
/// What the card listed before the picture was.
const ASSETS: &str = "assets_before";

/// The package's card as it goes out alone: with the files, and with its knowledge as a lorebook unless it has one.
pub(super) fn pack(package: &Package) -> Card {
    let mut card = package.card.clone();
    let texts = [(STYLE, &package.style_yml), (KNOWLEDGE, &package.kb_jsonl), (TESTS, &package.tests_yml)];
    let files: Map<String, Value> =
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into()))).collect();
    if files.is_empty() {
        return card;
    }
    let has_book = card.data().contains_key("character_book");
    extension::change(&mut card, |own| {
        own.insert(FILES.to_owned(), Value::Object(files));
        if has_book && package.kb_jsonl.is_some() {
            own.insert(LOREBOOK.to_owned(), OWN.into());
        }
    });
    let entries = package.kb_jsonl.as_deref().map(book_entries).unwrap_or_default();
    if !has_book && !entries.is_empty() {
        card.set_character_book(json!({"entries": entries, "extensions": {}}));
    }
    card
}

/// What a card carried.
#[derive(Default)]
pub(super) struct Carried {
    /// Of a card that this program wrote before it put everything into the card itself.
    pub(super) persona_yml: Option<String>,
    pub(super) style_yml: Option<String>,
    pub(super) kb_jsonl: Option<String>,
    pub(super) tests_yml: Option<String>,
}

/// Takes out of a card what [`pack`] put in, but for what was changed on the way.
pub(super) fn unpack(card: &mut Card, ignored: &mut Vec<String>) -> Carried {
    let Some(files) = card.extension(EXTENSION).and_then(|own| own.get(FILES)).and_then(Value::as_object)
    else {
        return Carried::default();
    };
    let text = |name: &str| files.get(name).and_then(Value::as_str).map(str::to_owned);
    let carried = Carried {
        persona_yml: text(PERSONA),
        style_yml: text(STYLE),
        kb_jsonl: text(KNOWLEDGE),
        tests_yml: text(TESTS),
    };
    let mut is_own = false;
    extension::change(card, |own| {
        own.remove(FILES);
        is_own = own.remove(LOREBOOK).is_some_and(|whose| whose == OWN);
    });
    if let Some(kb) = carried.kb_jsonl.as_deref().filter(|_| !is_own) {
        drop_made_book(card, kb, ignored);
    }
    carried
}

/// Takes away the entries of a card's lorebook that were made of this knowledge, as far as they tell what they told. Other
/// programs put fields of their own beside.
fn drop_made_book(card: &mut Card, kb: &str, ignored: &mut Vec<String>) {
    let Some(Value::Object(mut book)) = card.character_book().cloned() else { return };
    let told = |entry: &Value| json!([entry.get("keys"), entry.get("content")]).to_string();
    let made: BTreeSet<String> = book_entries(kb).iter().map(told).collect();
    let Some(Value::Array(entries)) = book.get_mut("entries") else { return };
    entries.retain(|entry| !made.contains(&told(entry)));
    if entries.is_empty() {
        card.set_character_book(Value::Null);
        return;
    }
    ignored.push(format!(
        "The card's lorebook was made of its knowledge and changed elsewhere: what was changed or added ({}) stays as \
         lorebook, beside the knowledge as it was.",
        entries.len()
    ));
    card.set_character_book(Value::Object(book));
}

/// The entries of a knowledge base as those of a lorebook.
fn book_entries(kb: &str) -> Vec<Value> {
    let knowledge = Knowledge::parse(kb.as_bytes(), &Retrieval::default(), &mut Warnings::new(KNOWLEDGE));
    knowledge.entries().iter().enumerate().map(book_entry).collect()
}

fn book_entry((place, entry): (usize, &Entry)) -> Value {
    let line = entry.ic_reply.as_ref().map(|line| format!("\n{{{{char}}}} says of it: \"{line}\""));
    json!({
        "id": place,
        "name": entry.id,
        "keys": entry.tags.iter().chain(&entry.aliases).collect::<Vec<_>>(),
        "content": format!("{}{}", entry.summary, line.unwrap_or_default()),
        "enabled": true,
        "insertion_order": place,
        "use_regex": false,
        "extensions": {},
    })
}

/// Makes a card list a picture as its main icon, and remember what it listed before.
pub(super) fn list_icon(card: &mut Card, path: &str, ext: &str) {
    let before = card.data().get("assets").cloned();
    extension::change(card, |own| {
        own.insert(ASSETS.to_owned(), before.unwrap_or(Value::Null));
    });
    icon::list(card, path, ext);
}

/// Makes a card list what it listed before [`list_icon`], unless that was changed on the way.
pub(super) fn unlist_icon(card: &mut Card) {
    let Some(before) = card.extension(EXTENSION).and_then(|own| own.get(ASSETS)).cloned() else { return };
    extension::change(card, |own| {
        own.remove(ASSETS);
    });
    let Some((path, ext)) = icon::path(card).zip(card.main_icon().map(|icon| icon.ext)) else { return };
    let before = Some(before).filter(|before| !before.is_null());
    let mut again = card.clone();
    again.set_field("assets", before.clone());
    icon::list(&mut again, path, ext);
    if again.data().get("assets") == card.data().get("assets") {
        card.set_field("assets", before);
    }
}
