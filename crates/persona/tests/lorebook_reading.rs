//! Lorebooks as they are found: of every shape, and of none.

#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use proptest::prelude::*;
use raconteur_persona::limits::{MAX_LORE_ENTRIES, MAX_LORE_KEYS};
use raconteur_persona::lorebook::{Lorebook, Scan};
use raconteur_persona::macros::Names;
use raconteur_persona::{Speaker, Turn, estimate_tokens};
use serde_json::{Map, Value, json};

fn scan<'a>(turns: &'a [Turn], budget: usize) -> Scan<'a> {
    Scan {
        turns,
        seed: "message",
        conversation_seed: "conversation",
        names: Names { char: "Wren", user: "Tom", original: None },
        greeting: None,
        budget,
        count: &estimate_tokens,
    }
}

fn user(text: &str) -> Vec<Turn> {
    vec![Turn { speaker: Speaker::User, text: text.to_owned() }]
}

#[test]
fn a_book_is_found_wherever_it_is() {
    let entries = json!([{"keys": ["hello"], "content": "Told."}]);
    for book in [
        json!({"entries": entries}),
        json!({"name": "World", "entries": entries, "extensions": {}}),
        json!({"spec": "lorebook_v3", "data": {"entries": entries}}),
        json!({"entries": {"0": {"uid": 0, "key": ["hello"], "keysecondary": [], "content": "Told.", "order": 100,
            "disable": false, "position": 0, "selective": true, "constant": false, "probability": 100,
            "useProbability": true, "caseSensitive": null, "matchWholeWords": null, "scanDepth": null}}}),
        json!({"entries": [{"keys": "hi, hello", "content": "Told.", "enabled": "true", "insertion_order": "5",
            "case_sensitive": null, "extensions": null}]}),
    ] {
        let (lorebook, ignored) = Lorebook::parse(&book);
        assert_eq!(ignored, Vec::<String>::new(), "{book}");
        assert_eq!(lorebook.activate(&scan(&user("Hello!"), 100)).active.len(), 1, "{book}");
    }
    for nothing in [json!(null), json!({}), json!({"entries": []}), json!({"entries": null})] {
        let (lorebook, ignored) = Lorebook::parse(&nothing);
        assert!(lorebook.is_empty() && ignored.is_empty(), "{nothing}");
    }
}

#[test]
fn what_is_wrong_is_noted_and_the_rest_is_used() {
    let (book, ignored) = Lorebook::parse(&json!({
        "name": ["x"], "scan_depth": "deep", "token_budget": 0, "recursive_scanning": "perhaps",
        "entries": [
            7,
            {"name": "Ferry", "keys": ["ferry", {}], "content": "It leaks.", "enabled": "maybe", "insertion_order": [],
             "extensions": {"selectiveLogic": 9, "position": 12, "role": "king", "depth": -2, "vectorized": true}},
            {"keys": 5, "content": {}},
        ],
    }));
    insta::assert_snapshot!(ignored.join("\n"));
    assert_eq!(book.len(), 2);
    assert_eq!(book.activate(&scan(&user("The ferry."), 100)).active.len(), 1);
}

#[test]
fn there_are_limits() {
    let keys: Vec<_> = (0..MAX_LORE_KEYS + 1).map(|n| format!("k{n}")).collect();
    let entries = vec![json!({"content": "x"}); MAX_LORE_ENTRIES + 1];
    for (book, note) in [
        (json!({"entries": entries}), "has more than 10000 entries; the others are left out"),
        (json!({"entries": [{"keys": keys}]}), "has more than 256 `keys`; the others are left out"),
        (json!({"entries": [{"keys": ["x".repeat(513)]}]}), "is longer than 512 bytes; it is left out"),
        (json!({"entries": [{"content": "é".repeat(40_000)}]}), "has a content of more than 65536 bytes"),
        (
            json!({"entries": [{"keys": [format!("/{}/", "x".repeat(3_000))]}]}),
            "is a regex of more than 2048 bytes",
        ),
        (
            json!({"entries": [{"keys": ["/(a{100}){100}/"]}]}),
            "is a regex that is too large; it matches nothing",
        ),
    ] {
        let (book, ignored) = Lorebook::parse(&book);
        assert!(ignored.len() == 1 && ignored[0].contains(note), "{ignored:?}");
        let _ = book.activate(&scan(&user("x"), 100));
    }
}

/// Texts in which keys, macros, decorators and regexes are frequent.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        r"(a|b|ai|ain't| |\n|@@|@@@|depth |exclude_keys |activate|[0-9]|\{\{|\}\}|random:|char|/|\(|\)|\[|\\b|\+|龙|é|\PC){0,12}",
        Just("a".to_owned()),
        Just("/a+/i".to_owned()),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3..10_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("entries".to_owned()),
        Just("extensions".to_owned()),
        Just("data".to_owned()),
        field()
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "keys",
        "secondary_keys",
        "content",
        "selective",
        "constant",
        "enabled",
        "insertion_order",
        "priority",
        "position",
        "case_sensitive",
        "use_regex",
        "name",
        "id",
        "comment",
        "scan_depth",
        "token_budget",
        "recursive_scanning",
        "selectiveLogic",
        "probability",
        "exclude_recursion",
        "prevent_recursion",
        "delay_until_recursion",
        "match_whole_words",
        "group",
        "group_weight",
        "group_override",
        "sticky",
        "cooldown",
        "delay",
        "depth",
        "role",
    ])
    .prop_map(str::to_owned)
}

fn entry() -> impl Strategy<Value = Value> {
    let fields = prop::collection::vec((field(), any_json()), 0..6);
    let numbers = (0..4_u32, -2..3_i32, 0..150_u32, 0..3_u32, 0..3_u32);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(text(), 0..3), text(), fields, numbers, flags).prop_map(
        |(keys, content, fields, (logic, priority, probability, sticky, cooldown), (constant, selective, regex))| {
            let mut entry = json!({"keys": keys, "content": content, "priority": priority, "constant": constant,
                "secondary_keys": ["b"], "selective": selective, "use_regex": regex, "extensions":
                {"probability": probability, "sticky": sticky, "cooldown": cooldown, "group": "g"}});
            if logic > 0 {
                entry["extensions"]["selectiveLogic"] = json!(logic);
            }
            for (name, value) in fields {
                entry[name] = value;
            }
            entry
        },
    )
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let speaker = prop_oneof![Just(Speaker::User), Just(Speaker::Assistant)];
    prop::collection::vec((speaker, text()).prop_map(|(speaker, text)| Turn { speaker, text }), 0..8)
}

proptest! {
    #[test]
    fn any_json_is_a_book(value in any_json(), turns in turns(), budget in 0..100_usize) {
        let (book, _) = Lorebook::parse(&value);
        let activation = book.activate(&scan(&turns, budget));
        prop_assert!(activation.tokens <= budget);
    }

    #[test]
    fn the_budget_holds_and_nothing_is_lost(
        entries in prop::collection::vec(entry(), 0..8),
        recursive in any::<bool>(),
        of_book in prop::option::of(1..60_usize),
        turns in turns(),
        budget in 0..60_usize,
    ) {
        let (book, _) = Lorebook::parse(&json!({"entries": entries, "recursive_scanning": recursive, "token_budget": of_book}));
        let first = book.activate(&scan(&turns, budget));
        prop_assert_eq!(&first, &book.activate(&scan(&turns, budget)), "the same twice");

        let spent: usize = first.active.iter().map(|active| estimate_tokens(&active.content)).sum();
        prop_assert_eq!(spent, first.tokens);
        prop_assert!(spent <= budget.min(of_book.unwrap_or(usize::MAX)));

        let placed: Vec<_> = first.considered.iter().filter(|entry| entry.outcome.is_active()).map(|entry| entry.index).collect();
        let mut active: Vec<_> = first.active.iter().map(|active| active.index).collect();
        prop_assert!(first.active.is_sorted_by(|a, b| a.order <= b.order));
        active.sort_unstable();
        prop_assert_eq!(placed, active, "what is considered and what is placed agree");

        let text = serde_json::to_string(&first).unwrap();
        prop_assert_eq!(serde_json::from_str::<raconteur_persona::lorebook::Activation>(&text).unwrap(), first);
    }
}
