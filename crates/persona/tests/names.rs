//! Which persona a name finds.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use raconteur_persona::{Clash, Files, Persona, Personas};

fn persona(slug: &str, yml: &str) -> Persona {
    let loaded = Persona::from_files(
        slug,
        Files {
            persona_yml: Some(yml.as_bytes()),
            style_yml: Some(b""),
            kb_jsonl: Some(b""),
            ..Files::default()
        },
    );
    assert_eq!(loaded.warnings, []);
    loaded.persona
}

fn house() -> Personas {
    Personas::new(vec![
        persona(
            "bronn",
            "name: Bronn\nfull_name: Ser Bronn of the Blackwater\naliases: [the sellsword, Lord Paramount]",
        ),
        persona("tyrion-lannister", "name: Tyrion Lannister\naliases: [the Imp, Émile]"),
        persona("arya", "name: Arya Stark"),
        persona("sansa", "name: Sansa Stark"),
        persona("jon", "name: Jon Snow"),
        persona("jon-a", "name: Jon Arryn"),
    ])
}

#[test]
fn names_match_by_slug_name_full_name_alias_and_first_word_in_any_case() {
    let house = house();
    for (name, slug) in [
        ("bronn", "bronn"),
        ("  BRONN\n", "bronn"),
        ("ser bronn OF the blackwater", "bronn"),
        ("The Sellsword", "bronn"),
        ("Tyrion-Lannister", "tyrion-lannister"),
        ("tyrion lannister", "tyrion-lannister"),
        ("tyrion", "tyrion-lannister"),
        ("éMILE", "tyrion-lannister"),
        ("ARYA", "arya"),
    ] {
        assert_eq!(house.find(name).unwrap().slug(), slug, "{name:?}");
    }
}

#[test]
fn any_other_name_is_a_stranger_of_that_very_name() {
    let house = house();
    for name in ["Stark", "Lannister", "Ser", "Bro", "Bronn!", "Tyrion L", "Gandalf", "the"] {
        assert!(house.find(name).is_none(), "{name:?}");
        let stranger = house.find_or_stranger(name);
        assert_eq!(stranger.name(), name);
        assert_eq!(stranger.knowledge().entries(), []);
    }
    assert!(house.find("").is_none());
}

#[test]
fn an_exact_name_wins_over_a_first_word() {
    assert_eq!(house().find("jon").unwrap().slug(), "jon");
    let house = Personas::new(vec![
        persona("t1", "name: Tyrion Lannister"),
        persona("t2", "name: X\naliases: tyrion"),
    ]);
    assert_eq!(house.find("Tyrion").unwrap().slug(), "t2");
}

#[test]
fn a_first_word_that_two_share_finds_neither() {
    let house = Personas::new(vec![persona("a", "name: Captain Nemo"), persona("b", "name: Captain Ahab")]);
    assert!(house.find("captain").is_none());
}

#[test]
fn a_slug_goes_before_a_name_and_a_name_before_an_alias_and_clashes_are_told() {
    let house = Personas::new(vec![
        persona("a", "name: Ann\naliases: [Bea, cat]"),
        persona("b", "name: Bea"),
        persona("cat", "name: Ann"),
        persona("A", "name: Another"),
    ]);
    let found = ["a", "ann", "bea", "cat"].map(|name| house.find(name).unwrap().slug().to_owned());
    assert_eq!(found, ["a", "a", "b", "cat"]);
    assert_eq!(house.iter().len(), 3);
    let clash = |name: &str, kept: &str, left_out: &str| Clash {
        name: name.to_owned(),
        kept: kept.to_owned(),
        left_out: left_out.to_owned(),
    };
    assert_eq!(
        house.clashes(),
        [clash("a", "a", "A"), clash("ann", "a", "cat"), clash("bea", "b", "a"), clash("cat", "cat", "a")]
    );
}

#[test]
fn a_blank_name_is_a_stranger_without_one() {
    assert_eq!(Persona::stranger("  ").name(), "Stranger");
}
