//! A lorebook of any JSON, and what it activates in any conversation.
//!
//! The first part is the book. Where it is no JSON, its lines are the keys of as many entries: so regexes get their share.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::estimate_tokens;
use raconteur_persona::lorebook::{Lorebook, Scan};
use raconteur_persona::macros::Names;
use raconteur_persona_fuzz::{Parts, turns};
use serde_json::{Value, json};

const BUDGET: usize = 200;

fuzz_target!(|input: &[u8]| {
    let mut parts = Parts::of(input);
    let book = parts.bytes().unwrap_or_default();
    let book = serde_json::from_slice(book).unwrap_or_else(|_| book_of_keys(&String::from_utf8_lossy(book)));
    let turns = turns(&parts.text());
    let (book, _ignored) = Lorebook::parse(&book);

    let scan = Scan {
        turns: &turns,
        seed: "message",
        conversation_seed: "conversation",
        names: Names { char: "Wren", user: "Tom", original: None },
        greeting: Some(0),
        budget: BUDGET,
        count: &estimate_tokens,
    };
    let activation = book.activate(&scan);
    assert!(activation.tokens <= activation.budget && activation.budget <= BUDGET, "{activation:?}");
    assert!(activation.considered.is_sorted_by(|one, next| one.index < next.index));
    for active in &activation.active {
        assert!(active.index < book.len());
        assert!(!active.content.trim().is_empty(), "{active:?}");
        let considered = activation.considered.iter().find(|considered| considered.index == active.index);
        assert!(considered.is_some_and(|considered| considered.outcome.is_active()), "{active:?}");
    }
    let told = activation.considered.iter().filter(|considered| considered.outcome.is_active()).count();
    assert_eq!(told, activation.active.len(), "what is told is what is there");
    assert_eq!(book.activate(&scan), activation, "the same scan gives the same");
    serde_json::to_string(&activation).expect("an activation can be kept");
});

fn book_of_keys(keys: &str) -> Value {
    let entry = |key: &str| json!({"keys": [key], "content": format!("{{{{char}}}} knows {key}.")});
    let entries: Vec<Value> = keys.lines().map(entry).collect();
    json!({"entries": entries, "recursive_scanning": true})
}
