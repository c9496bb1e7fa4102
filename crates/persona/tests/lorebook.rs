//! What a lorebook finds, and what else decides.

#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use raconteur_persona::lorebook::{Activation, Lorebook, Outcome, Position, Scan};
use raconteur_persona::macros::Names;
use raconteur_persona::{Role, Speaker, Turn, estimate_tokens};
use serde_json::{Value, json};

/// A conversation in which the person has the last word.
fn said(texts: &[&str]) -> Vec<Turn> {
    let turns = texts.iter().rev().enumerate().map(|(age, text)| Turn {
        speaker: if age % 2 == 0 { Speaker::User } else { Speaker::Assistant },
        text: (*text).to_owned(),
    });
    let mut turns: Vec<_> = turns.collect();
    turns.reverse();
    turns
}

fn scan(turns: &[Turn]) -> Scan<'_> {
    Scan {
        turns,
        seed: "message",
        conversation_seed: "conversation",
        names: Names { char: "Wren", user: "Tom", original: None },
        greeting: Some(0),
        budget: 10_000,
        count: &estimate_tokens,
    }
}

fn activate(book: &Value, texts: &[&str]) -> Activation {
    let (book, ignored) = Lorebook::parse(book);
    assert_eq!(ignored, Vec::<String>::new());
    book.activate(&scan(&said(texts)))
}

/// An entry with these fields besides a content.
fn entry(fields: &Value) -> Value {
    let mut entry = json!({"content": "Told.", "enabled": true, "insertion_order": 10});
    for (name, value) in fields.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

fn one(fields: &Value) -> Value {
    json!({"entries": [entry(fields)]})
}

/// What became of the only entry; nothing where nothing spoke for it.
fn outcome(fields: &Value, texts: &[&str]) -> Option<Outcome> {
    activate(&one(fields), texts).considered.first().map(|considered| considered.outcome)
}

fn ids(activation: &Activation) -> Vec<&str> {
    activation.active.iter().map(|active| active.id.as_str()).collect()
}

#[test]
fn a_key_is_found_as_whole_words_in_any_case() {
    for (key, text, expected) in [
        ("AI", "It ain't so.", false),
        ("AI", "Is that an ai?", true),
        ("dragon", "DRAGON!", true),
        ("dragon", "dragons", false),
        ("#hello", "say #hello", true),
        ("C++", "C++ and C", true),
        ("Bronn", "Bronn’s price", true),
        ("Iron  Throne", "the iron\n\tthrone", true),
        ("Iron Throne", "iron, throne", false),
        ("Throne Iron", "iron throne", false),
        ("Straße", "STRASSE", true),
        ("café", "cafe\u{301}", true),
        ("龙", "一条龙来了", true),
        ("มังกร", "เห็นมังกรไหม", true),
        ("ドラゴン", "大ドラゴン達", true),
        ("Bronn용", "Bronn용은", true),
        ("dragon", "一dragon二", true),
        ("{{char}}", "Good evening, Wren.", true),
        ("{{char}}", "char", false),
        ("🐉", "a🐉b", true),
        ("a.c", "abc", false),
    ] {
        let found = outcome(&json!({"keys": [key]}), &[text]).is_some();
        assert_eq!(found, expected, "{key:?} in {text:?}");
    }
}

#[test]
fn case_and_whole_words_are_as_the_entry_says() {
    for (fields, text, expected) in [
        (json!({"keys": ["Wit"], "case_sensitive": true}), "wit", false),
        (json!({"keys": ["Wit"], "case_sensitive": true}), "Wit", true),
        (json!({"keys": ["Wit"], "extensions": {"case_sensitive": true}}), "wit", false),
        (json!({"keys": ["dragon"], "extensions": {"match_whole_words": false}}), "snapdragons", true),
        (json!({"keys": ["dragon"], "extensions": {"match_whole_words": null}}), "snapdragons", false),
    ] {
        assert_eq!(outcome(&fields, &[text]).is_some(), expected, "{fields} in {text:?}");
    }
}

#[test]
fn a_key_may_be_a_regex() {
    for (fields, text, expected) in [
        (json!({"keys": ["/drag(on|oon)s?/"]}), "two dragoons", true),
        (json!({"keys": ["/Dragon/"]}), "dragon", false),
        (json!({"keys": ["/Dragon/i"]}), "dragon", true),
        (json!({"keys": ["drag.n"], "use_regex": true}), "DRAGON", true),
        (json!({"keys": ["Drag.n"], "use_regex": true, "case_sensitive": true}), "dragon", false),
        (json!({"keys": ["drag.n"]}), "dragon", false),
        // SillyTavern says so of every entry.
        (json!({"keys": ["C++"], "use_regex": true, "extensions": {"selectiveLogic": 0}}), "C++", true),
        (json!({"keys": ["/(?<!un)happy/"]}), "unhappy", false),
        (json!({"keys": "/a{1,2}b/"}), "aab", true),
    ] {
        assert_eq!(outcome(&fields, &[text]).is_some(), expected, "{fields} in {text:?}");
    }
}

#[test]
fn an_invalid_regex_matches_nothing_and_is_noted() {
    let (book, ignored) =
        Lorebook::parse(&one(&json!({"keys": ["/(/", "drag("], "use_regex": true, "name": "Smaug"})));
    assert_eq!(ignored.len(), 2);
    assert_eq!(
        ignored[0],
        "Entry 1 (Smaug) has in its `keys` the key “/(/”, which is a regex that has a group that does not end; it matches nothing."
    );
    assert!(book.activate(&scan(&said(&["drag( /(/"]))).considered.is_empty());
}

#[test]
fn a_regex_that_takes_too_long_is_told() {
    let (book, _) = Lorebook::parse(&one(&json!({"keys": ["/(?=(a+)+b)\\1c/"]})));
    let activation = book.activate(&scan(&said(&["a".repeat(5_000).as_str()])));
    assert_eq!(activation.considered[0].outcome, Outcome::Unchecked);
    assert_eq!(activation.notes.len(), 1);
}

#[test]
fn the_newest_messages_are_looked_at() {
    let texts = ["one", "two", "three", "four", "five", "six"];
    for (book, entry, expected) in [
        (json!(null), json!(null), "three"),
        (json!(2), json!(null), "five"),
        (json!(2), json!(5), "two"),
        (json!(100), json!(null), "one"),
    ] {
        let oldest = texts.iter().find(|text| {
            let fields = json!({"keys": [text], "extensions": {"scan_depth": entry}});
            let book = json!({"scan_depth": book, "entries": [self::entry(&fields)]});
            !activate(&book, &texts).active.is_empty()
        });
        assert_eq!(oldest, Some(&expected), "{book} {entry}");
    }
    assert_eq!(outcome(&json!({"keys": ["four"], "content": "@@scan_depth 2\nx"}), &texts), None);
    assert_eq!(
        outcome(&json!({"keys": ["five"], "content": "@@scan_depth 2\nx"}), &texts),
        Some(Outcome::Active)
    );
}

#[test]
fn secondary_keys_count_as_selective_logic_says() {
    use Outcome::{Active, SecondaryKeys};
    for (logic, none, some, all) in [
        (json!(null), SecondaryKeys, Active, Active),
        (json!(0), SecondaryKeys, Active, Active),
        (json!(1), Active, Active, SecondaryKeys),
        (json!(2), Active, SecondaryKeys, SecondaryKeys),
        (json!(3), SecondaryKeys, SecondaryKeys, Active),
    ] {
        let fields = json!({"keys": ["king"], "secondary_keys": ["crown", "throne"], "selective": true,
            "extensions": {"selectiveLogic": logic}});
        assert_eq!(outcome(&fields, &["The king."]), Some(none), "{logic}");
        assert_eq!(outcome(&fields, &["The crown.", "The king."]), Some(some), "{logic}");
        assert_eq!(outcome(&fields, &["The throne.", "king crown"]), Some(all), "{logic}");
        assert_eq!(outcome(&fields, &["crown throne"]), None, "{logic}");
    }
    let unselective = json!({"keys": ["king"], "secondary_keys": ["crown"], "selective": false});
    assert_eq!(outcome(&unselective, &["king"]), Some(Active));
    let selective = json!({"keys": ["king"], "secondary_keys": [], "selective": true});
    assert_eq!(outcome(&selective, &["king"]), Some(Active));
}

#[test]
fn constant_disabled_and_empty_entries() {
    for (fields, expected) in [
        (json!({"constant": true}), Some(Outcome::Constant)),
        (json!({"constant": true, "use_regex": true, "keys": []}), Some(Outcome::Constant)),
        (json!({"constant": true, "enabled": false}), Some(Outcome::Disabled)),
        (json!({"keys": ["hello"], "enabled": false}), Some(Outcome::Disabled)),
        (json!({"keys": ["other"], "enabled": false}), None),
        (json!({"keys": ["hello"], "content": " "}), Some(Outcome::Empty)),
        (json!({"keys": ["hello"], "content": "{{// nothing}}"}), Some(Outcome::Empty)),
        (json!({"keys": []}), None),
    ] {
        assert_eq!(outcome(&fields, &["hello"]), expected, "{fields}");
    }
}

#[test]
fn an_entry_goes_where_it_says() {
    let depth = |depth, role| Position::Depth { depth, role };
    for (fields, expected) in [
        (json!({}), Position::After),
        (json!({"position": "before_char"}), Position::Before),
        (json!({"position": "after_char"}), Position::After),
        (json!({"position": "after_char", "extensions": {"position": 0}}), Position::Before),
        (json!({"extensions": {"position": 1}}), Position::After),
        (json!({"extensions": {"position": 2}}), Position::AuthorNoteTop),
        (json!({"extensions": {"position": 3}}), Position::AuthorNoteBottom),
        (json!({"extensions": {"position": 4}}), depth(4, Role::System)),
        (json!({"extensions": {"position": 4, "depth": 1, "role": 2}}), depth(1, Role::Assistant)),
        (json!({"extensions": {"position": 4, "depth": 0, "role": "user"}}), depth(0, Role::User)),
        (json!({"extensions": {"position": 5}}), Position::ExamplesTop),
        (json!({"extensions": {"position": 6}}), Position::ExamplesBottom),
        (json!({"content": "@@depth 3\nx"}), depth(3, Role::System)),
        (json!({"content": "@@depth -1\n@@role user\nx"}), depth(0, Role::User)),
        (json!({"content": "@@reverse_depth 1\nx"}), depth(2, Role::System)),
        (json!({"content": "@@reverse_depth 9\nx"}), depth(0, Role::System)),
        (json!({"content": "@@position before_desc\n@@depth 3\nx"}), Position::Before),
        (json!({"content": "@@position after_desc\nx", "position": "before_char"}), Position::After),
        (json!({"content": "@@position personality\nx"}), Position::Personality),
        (json!({"content": "@@position scenario\nx"}), Position::Scenario),
    ] {
        let mut fields = fields;
        fields["constant"] = json!(true);
        assert_eq!(activate(&one(&fields), &["a", "b", "c"]).active[0].position, expected, "{fields}");
    }
}

#[test]
fn decorators_are_no_part_of_the_content() {
    for (content, expected) in [
        ("@@depth 3\n\n  Told. \n@@not one", "Told. \n@@not one"),
        ("\r\n@@depth 3\r\n@@role user\r\nTold.", "Told."),
        ("@@ not one", "@@ not one"),
        ("Told {{char}}.", "Told Wren."),
    ] {
        let activation = activate(&one(&json!({"constant": true, "content": content})), &["a"]);
        assert_eq!(activation.active[0].content, expected, "{content:?}");
    }
}

#[test]
fn a_fallback_is_for_what_is_not_followed() {
    for (content, expected, notes) in [
        ("@@new 4\n@@@newer\n@@@depth 2\n@@@depth 3\nx", 2, 2),
        ("@@depth 1\n@@@depth 2\nx", 1, 0),
        ("@@depth x\n@@@depth 2\nx", 2, 1),
        ("@@instruct_depth 9\n@@@depth 2\nx", 2, 1),
        ("@@depth 1\n@@depth 2\nx", 1, 0),
    ] {
        let (book, ignored) = Lorebook::parse(&one(&json!({"constant": true, "content": content})));
        let activation = book.activate(&scan(&said(&["a"])));
        assert_eq!(
            activation.active[0].position,
            Position::Depth { depth: expected, role: Role::System },
            "{content:?}"
        );
        assert_eq!(ignored.len(), notes, "{ignored:?}");
    }
    let (_, ignored) = Lorebook::parse(&one(&json!({"content": "@@is_user_icon tom\nx"})));
    assert_eq!(
        ignored,
        ["Entry 1 has the decorator `@@is_user_icon`, which is for another kind of program; it is ignored."]
    );
}

#[test]
fn decorators_decide() {
    use Outcome::{Active, AdditionalKeys, DontActivate, Excluded, NotThisTime, OtherGreeting, TooEarly};
    // Two of these are the character's.
    let texts = ["zero", "one", "two", "three", "hello"];
    for (decorators, expected) in [
        ("@@activate_only_after 2", Some(Active)),
        ("@@activate_only_after 3", Some(TooEarly)),
        ("@@activate_only_every 2", Some(Active)),
        ("@@activate_only_every 3", Some(NotThisTime)),
        ("@@is_greeting 0", Some(Active)),
        ("@@is_greeting 1", Some(OtherGreeting)),
        ("@@additional_keys nothing, three", Some(Active)),
        ("@@additional_keys nothing", Some(AdditionalKeys)),
        ("@@exclude_keys nothing", Some(Active)),
        ("@@exclude_keys nothing,three", Some(Excluded)),
        ("@@dont_activate", Some(DontActivate)),
        ("@@dont_activate\n@@activate", Some(Active)),
        ("@@activate_only_after 3\n@@activate", Some(Active)),
    ] {
        let fields = json!({"keys": ["hello"], "content": format!("{decorators}\nTold.")});
        assert_eq!(outcome(&fields, &texts), expected, "{decorators}");
    }
    assert_eq!(outcome(&json!({"keys": ["x"], "content": "@@activate\nTold."}), &texts), Some(Active));
    let every_zero = json!({"keys": ["hello"], "content": "@@activate_only_every 0\nTold."});
    assert_eq!(Lorebook::parse(&one(&every_zero)).1.len(), 1);
}

#[test]
fn a_greeting_that_is_not_known_is_any() {
    let (book, _) = Lorebook::parse(&one(&json!({"constant": true, "content": "@@is_greeting 5\nx"})));
    let turns = said(&["a"]);
    assert_eq!(book.activate(&Scan { greeting: None, ..scan(&turns) }).active.len(), 1);
}

#[test]
fn what_matched_before_is_judged_from_the_history() {
    let keep = json!({"keys": ["hello"], "content": "@@keep_activate_after_match\n@@scan_depth 1\nx"});
    let dont = json!({"keys": ["hello"], "content": "@@dont_activate_after_match\n@@scan_depth 1\nx"});
    for (fields, texts, expected) in [
        (&keep, vec!["hello", "a", "b"], Some(Outcome::Active)),
        (&keep, vec!["a", "b", "c"], None),
        (&dont, vec!["a", "b", "hello"], Some(Outcome::Active)),
        (&dont, vec!["hello", "b", "hello"], Some(Outcome::MatchedBefore)),
        // There was no prompt at the character's own message.
        (&keep, vec!["hello", "b"], None),
    ] {
        assert_eq!(outcome(fields, &texts), expected, "{fields} {texts:?}");
    }
}

#[test]
fn sticky_and_cooldown_are_judged_from_the_history() {
    let fields = |sticky: u32, cooldown: u32| json!({"keys": ["hello"], "extensions": {"scan_depth": 1, "sticky": sticky, "cooldown": cooldown}});
    use Outcome::{Active, Cooldown};
    for (sticky, cooldown, texts, expected) in [
        (0, 0, vec!["hello", "a", "b"], None),
        (2, 0, vec!["hello", "a", "b"], Some(Active)),
        (2, 0, vec!["hello", "a", "b", "c", "d"], None),
        (0, 2, vec!["hello", "a", "hello"], Some(Cooldown)),
        (0, 2, vec!["hello", "a", "hello", "b", "hello"], Some(Active)),
        (2, 2, vec!["hello", "a", "b", "c", "hello"], Some(Cooldown)),
        (2, 2, vec!["hello", "a", "b", "c", "d", "e", "hello"], Some(Active)),
    ] {
        assert_eq!(outcome(&fields(sticky, cooldown), &texts), expected, "{sticky} {cooldown} {texts:?}");
    }
}

#[test]
fn a_delay_waits_for_so_many_messages() {
    let fields = json!({"keys": ["hello"], "extensions": {"delay": 3}});
    assert_eq!(outcome(&fields, &["a", "hello"]), Some(Outcome::TooEarly));
    assert_eq!(outcome(&fields, &["a", "b", "hello"]), Some(Outcome::Active));
}

#[test]
fn chance_is_drawn_by_the_message() {
    let drawn = |extensions: Value| {
        let (book, _) = Lorebook::parse(&one(&json!({"keys": ["hello"], "extensions": extensions})));
        let turns = said(&["hello"]);
        let active = (0..1_000).filter(|seed| {
            let seed = seed.to_string();
            let scan = Scan { seed: &seed, ..scan(&turns) };
            assert_eq!(book.activate(&scan), book.activate(&scan));
            !book.activate(&scan).active.is_empty()
        });
        active.count()
    };
    assert_eq!(drawn(json!({"probability": 0})), 0);
    assert_eq!(drawn(json!({"probability": 100})), 1_000);
    assert_eq!(drawn(json!({"probability": 0, "useProbability": false})), 1_000);
    assert!((250..350).contains(&drawn(json!({"probability": 30, "useProbability": true}))));
}

#[test]
fn one_of_a_group_wins_by_weight() {
    let member = |id: u32, extensions: Value| {
        let mut extensions = extensions;
        extensions["group"] = json!("weather");
        entry(&json!({"id": id, "keys": ["hello"], "insertion_order": id, "extensions": extensions}))
    };
    let winners = |a: Value, b: Value| {
        let (book, _) = Lorebook::parse(&json!({"entries": [member(1, a), member(2, b)]}));
        let turns = said(&["hello"]);
        let mut wins = [0, 0];
        for seed in 0..1_000 {
            let activation = book.activate(&Scan { seed: &seed.to_string(), ..scan(&turns) });
            let [active] = activation.active.as_slice() else { panic!("not one: {activation:?}") };
            let lost =
                activation.considered.iter().filter(|entry| entry.outcome == Outcome::GroupLost).count();
            assert_eq!(lost, 1);
            wins[active.index] += 1;
        }
        wins
    };
    let [first, second] = winners(json!({}), json!({"group_weight": 300}));
    assert!((200..300).contains(&first) && second == 1_000 - first, "{first} {second}");
    assert_eq!(winners(json!({}), json!({"group_override": true})), [0, 1_000]);
}

#[test]
fn contents_activate_others_where_the_book_says_so() {
    let chain = |recursive: Value, second: Value| {
        let mut second = second;
        second["id"] = json!("second");
        second["keys"] = json!(["cave"]);
        second["content"] = json!("A dragon.{{hidden_key:hoard}}");
        let third = json!({"id": "third", "keys": ["hoard"]});
        let first = json!({"id": "first", "keys": ["hill"], "content": "A cave."});
        json!({"recursive_scanning": recursive, "entries": [entry(&first), entry(&second), entry(&third)]})
    };
    let texts = ["The hill."];
    assert_eq!(ids(&activate(&chain(json!(true), json!({})), &texts)), ["first", "second", "third"]);
    assert_eq!(ids(&activate(&chain(json!(false), json!({})), &texts)), ["first"]);
    assert_eq!(ids(&activate(&chain(json!(null), json!({})), &texts)), ["first"]);

    let prevents = json!({"extensions": {"prevent_recursion": true}});
    assert_eq!(ids(&activate(&chain(json!(true), prevents), &texts)), ["first", "second"]);

    let excluded = activate(&chain(json!(true), json!({"extensions": {"exclude_recursion": true}})), &texts);
    assert_eq!(ids(&excluded), ["first"]);
    assert_eq!(excluded.considered[1].outcome, Outcome::ExcludedFromRecursion);

    let delayed = json!({"extensions": {"delay_until_recursion": true}});
    let told = activate(&chain(json!(false), delayed.clone()), &["The cave."]);
    assert_eq!(told.considered[0].outcome, Outcome::DelayedUntilRecursion);
    assert_eq!(ids(&activate(&chain(json!(true), delayed), &texts)), ["first", "second", "third"]);
}

#[test]
fn recursion_ends_and_says_so() {
    let entries: Vec<_> = (0..20)
        .map(|n| entry(&json!({"keys": [format!("k{n}")], "content": format!("k{}", n + 1)})))
        .collect();
    let activation = activate(&json!({"recursive_scanning": true, "entries": entries}), &["k0"]);
    assert_eq!(activation.active.len(), 11);
    assert_eq!(activation.notes, ["Contents were looked through 10 times, and no more."]);
}

#[test]
fn entries_are_placed_in_insertion_order() {
    let entries: Vec<_> = [("c", 30), ("a", 10), ("b", 10), ("z", -1)]
        .map(|(id, order)| entry(&json!({"id": id, "constant": true, "insertion_order": order})))
        .into();
    assert_eq!(ids(&activate(&json!({"entries": entries}), &["hello"])), ["z", "a", "b", "c"]);
}

#[test]
fn what_there_is_no_room_for_is_told() {
    // Each costs as many tokens as its content has bytes.
    let book = |budget: Value| {
        json!({"token_budget": budget, "entries": [
            entry(&json!({"id": "low", "keys": ["hello"], "content": "1234", "priority": 1})),
            entry(&json!({"id": "high", "keys": ["hello"], "content": "1234", "priority": 5, "insertion_order": 50})),
            entry(&json!({"id": "early", "keys": ["hello"], "content": "1234", "priority": 1, "insertion_order": 1})),
            entry(&json!({"id": "constant", "constant": true, "content": "1234", "priority": 0})),
            entry(&json!({"id": "yields", "constant": true, "content": "@@ignore_on_max_context\n1234", "priority": 9})),
            entry(&json!({"id": "huge", "constant": true, "content": "x".repeat(100), "priority": 9})),
        ]})
    };
    let turns = said(&["hello"]);
    let count = |text: &str| text.len();
    for (budget, of_book, expected) in [
        (1_000, json!(null), vec!["early", "low", "constant", "yields", "huge", "high"]),
        (99, json!(null), vec!["early", "low", "constant", "yields", "high"]),
        (19, json!(null), vec!["early", "low", "constant", "high"]),
        (15, json!(null), vec!["low", "constant", "high"]),
        (1_000, json!(8), vec!["constant", "high"]),
        (4, json!(8), vec!["constant"]),
        (3, json!(null), vec![]),
    ] {
        let (book, _) = Lorebook::parse(&book(of_book));
        let activation = book.activate(&Scan { budget, count: &count, ..scan(&turns) });
        assert_eq!(ids(&activation), expected, "{budget}");
        assert_eq!(activation.considered.len(), 6);
        let dropped =
            activation.considered.iter().filter(|entry| entry.outcome == Outcome::OverBudget).count();
        assert_eq!(dropped, 6 - expected.len());
    }
}

#[test]
fn the_activation_is_written_in_plain_words() {
    let fields =
        json!({"id": 7, "comment": "The ferry", "keys": ["ferry"], "content": "@@depth 1\n{{char}}'s."});
    let activation = activate(&one(&fields), &["The ferry!"]);
    let written = serde_json::to_value(&activation).unwrap();
    assert_eq!(
        written,
        json!({
            "active": [{"index": 0, "id": "7", "name": "The ferry", "content": "Wren's.", "order": 10.0, "tokens": 4,
                "position": {"at": "depth", "depth": 1, "role": "system"}}],
            "considered": [{"index": 0, "id": "7", "name": "The ferry", "matched": ["ferry"], "outcome": "active"}],
            "tokens": 4, "budget": 10_000, "notes": [],
        })
    );
    assert_eq!(serde_json::from_value::<Activation>(written).unwrap(), activation);
}
