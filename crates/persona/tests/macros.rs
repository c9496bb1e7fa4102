//! The macros of character cards.

#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use std::collections::HashSet;

use proptest::prelude::*;
use raconteur_persona::limits::MAX_EXPANDED_BYTES;
use raconteur_persona::macros::{Names, Seeds, expand, expand_for_scan};

const NAMES: Names<'_> = Names { char: "Wren", user: "{{char}}", original: Some("Be kind.") };

fn seeds(seed: &str) -> Seeds<'_> {
    Seeds { seed, conversation_seed: "conversation" }
}

fn expanded(text: &str) -> String {
    expand(text, &NAMES, &seeds("message"))
}

/// Everything that a text becomes for some message.
fn outcomes(text: &str) -> Vec<String> {
    let all: HashSet<_> = (0..300).map(|seed| expand(text, &NAMES, &seeds(&seed.to_string()))).collect();
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort();
    all
}

#[test]
fn puts_in_what_is_known_and_leaves_the_rest() {
    for (text, expected) in [
        ("", ""),
        ("{{char}} {{Char}} {{ CHAR }} <BOT> <bot> <Char>", "Wren Wren Wren Wren Wren Wren"),
        ("{{user}}, <USER>", "{{char}}, {{char}}"),
        ("{{original}} {{ORIGINAL}}", "Be kind. Be kind."),
        ("{{{char}}} {{ {{char}} {{char", "{Wren} {{ Wren {{char"),
        ("a{{// not {that} }}b{{comment: seen}}c{{COMMENT:x}}d", "abcd"),
        ("{{hidden_key:dragon}}x", "x"),
        ("{{reverse:héllo}} {{reverse: <BOT> }}", "olléh nerW"),
        ("{{reverse:e\u{301}a}}", "ae\u{301}"),
        ("{{unknown}} {{foo:{{char}}}} {{}} {{:}} <USERS>", "{{unknown}} {{foo:Wren}} {{}} {{:}} <USERS>"),
        ("{{char:x}} {{random}} {{comment}} {{random x}}", "{{char:x}} {{random}} {{comment}} {{random x}}"),
        ("{{random:a\\,b}} {{pick: a b }}", "a,b a b"),
        ("{{roll:1}} {{roll:d1}} {{roll:3d1}} {{roll:3d1+4}} {{roll: 2D1 - 5}} {{roll 1d1}}", "1 1 3 7 -3 1"),
        (
            "{{roll:0}} {{roll:101d6}} {{roll:d9999999}} {{roll:x}} {{roll:d}}",
            "{{roll:0}} {{roll:101d6}} {{roll:d9999999}} {{roll:x}} {{roll:d}}",
        ),
        ("{{王}} <王 é{{char}}é", "{{王}} <王 éWrené"),
    ] {
        assert_eq!(expanded(text), expected, "{text:?}");
    }
    let unknown = Names { original: None, ..NAMES };
    assert_eq!(expand("{{original}}", &unknown, &seeds("")), "{{original}}");
}

#[test]
fn choices_are_parted_by_commas_or_by_two_colons() {
    for (text, expected) in [
        ("{{random:a,b}}", vec!["a", "b"]),
        ("{{random: a , b }}", vec!["a", "b"]),
        ("{{random::a::b,c}}", vec!["a", "b,c"]),
        ("{{random::a,b}}", vec!["a", "b"]),
        (r"{{random:a\,b,c}}", vec!["a,b", "c"]),
        ("{{random:{{char}},{{user}}}}", vec!["Wren", "{{char}}"]),
        ("{{random:{{random:a,b}},c}}", vec!["a", "b", "c"]),
        (r"{{random:{{random:a\,b,c}},d}}", vec!["a,b", "c", "d"]),
    ] {
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(outcomes(text), expected, "{text:?}");
    }
}

#[test]
fn a_draw_is_the_same_again_on_a_retry_and_another_elsewhere() {
    let text = "{{random:a,b,c}}".repeat(20);
    assert_eq!(expanded(&text), expanded(&text));
    assert!(
        ["a", "b", "c"].iter().all(|choice| expanded(&text).contains(choice)),
        "places draw for themselves"
    );
    assert!(outcomes("{{random:a,b,c}}").len() == 3, "messages draw for themselves");
}

#[test]
fn a_pick_is_stable_for_the_conversation() {
    assert_eq!(outcomes("{{pick:a,b,c}}").len(), 1);
    let picks = (0..100).map(|conversation| {
        let conversation = conversation.to_string();
        expand("{{pick:a,b,c}}", &NAMES, &Seeds { seed: "", conversation_seed: &conversation })
    });
    assert_eq!(picks.collect::<HashSet<_>>().len(), 3);
}

#[test]
fn dice_fall_on_every_side_and_on_no_other() {
    assert_eq!(outcomes("{{roll:6}}"), ["1", "2", "3", "4", "5", "6"]);
    let sums = outcomes("{{roll:2d2+1}}");
    assert_eq!(sums, ["3", "4", "5"]);
}

#[test]
fn hidden_keys_are_there_for_the_scan_alone() {
    let text = "The cave.{{hidden_key:dragon of <BOT>}}{{// wyvern}}{{comment: wyrm}}";
    assert_eq!(expanded(text), "The cave.");
    assert_eq!(expand_for_scan(text, &NAMES, &seeds("")), "The cave.\ndragon of Wren\n");
}

#[test]
fn deep_and_long_texts_end() {
    for text in [
        "{{random:".repeat(50_000) + &"}}".repeat(50_000),
        "{{hidden_key:".repeat(50_000) + &"}}".repeat(50_000),
        "{{a".repeat(50_000) + &"}}".repeat(50_000),
        "{{ ".repeat(50_000) + &" }}".repeat(50_000),
        "{".repeat(200_000),
        "<".repeat(200_000),
    ] {
        assert!(expanded(&text).len() <= MAX_EXPANDED_BYTES);
        assert!(expand_for_scan(&text, &NAMES, &seeds("")).len() <= MAX_EXPANDED_BYTES);
    }
}

proptest! {
    #[test]
    fn is_bounded_and_the_same_twice(
        text in r"(\{\{|\}\}|random:|pick::|reverse:|roll:2d6|hidden_key:|//|char|<USER>|,|\\,| |\PC){0,40}",
        name in r"\PC{0,10}",
        repeated in 1..2_000_usize,
    ) {
        let names = Names { char: &name.repeat(repeated), user: "x", original: None };
        let first = expand(&text, &names, &seeds("s"));
        prop_assert!(first.len() <= MAX_EXPANDED_BYTES);
        prop_assert_eq!(first, expand(&text, &names, &seeds("s")));
        let _ = expand_for_scan(&text, &names, &seeds("s"));
    }

    #[test]
    fn what_is_put_in_is_not_expanded(name in r"(\{\{char\}\}|<USER>|\{\{random:a,b\}\}|[a-z{}]){0,5}") {
        let names = Names { char: &name, user: "x", original: None };
        prop_assert_eq!(expand("[{{char}}] [<BOT>]", &names, &seeds("s")), format!("[{name}] [{name}]"));
    }
}
