//! What a package is made of, and the persona that it is.

use raconteur_persona::cards::Card;
use raconteur_persona::package::{Format, Package};
use raconteur_persona::{Files, Persona, Sampling};
use serde_json::json;

use crate::support::{KB, ask, assert_same, folders, package_of};

const ALL: [Format; 4] = [Format::Json, Format::Png, Format::Charx, Format::Zip];

#[test]
fn a_folder_is_the_same_persona_as_its_package_in_any_format() {
    for folder in folders() {
        let persona = Persona::from_dir(&folder).persona;
        let mut queries =
            vec!["Who are you?", "[[OOC]] Who is this?", "How do you like quantum computers?", "And then?"];
        queries.extend(persona.knowledge().entries().iter().take(5).map(|entry| entry.summary.as_str()));
        let package = package_of(&folder);
        let loaded = package.load(persona.slug());
        assert_eq!(loaded.warnings, [], "{}", folder.display());
        assert_same(&persona, &loaded.persona, &queries);
        for format in ALL {
            let (back, ignored) = Package::read(&package.write(persona.slug(), format).unwrap()).unwrap();
            assert_eq!(ignored, Vec::<String>::new(), "{format:?}");
            assert_same(&persona, &back.load(persona.slug()).persona, &queries);
        }
    }
}

/// What `persona.yml` says in every field, over a card or not.
const PERSONA: &str = "\
slug: wren
name: Wren
full_name: Captain Wren Harrow
aliases: [Old Wren]
description: She runs the night ferry.
greeting: Mind the plank.
examples: [{user: Far?, reply: \"Far enough.\\n\\nMind the plank.\"}, {user: Safe?, reply: Mostly.}]
trouble: [Say it again., Fog.]
notice: Made up.
tags: [ferry, sea]
model: small
temperature: 0.7
max_tokens: 200
";

fn files<'a>(persona_yml: &'a str, card: Option<&'a str>) -> Files<'a> {
    let card = card.map(str::as_bytes);
    Files {
        persona_yml: Some(persona_yml.as_bytes()),
        kb_jsonl: Some(KB.as_bytes()),
        card,
        ..Files::default()
    }
}

#[test]
fn every_field_of_persona_yml_has_a_place_in_the_card() {
    let (package, ignored) = Package::of_files("x", files(PERSONA, None), None, None);
    assert_eq!(ignored, Vec::<String>::new());
    let card = package.card.data();
    assert_eq!(
        json!({"name": card["name"], "nickname": card["nickname"], "notes": card["creator_notes"], "tags": card["tags"],
            "own": card["extensions"]["raconteur"]}),
        json!({"name": "Captain Wren Harrow", "nickname": "Wren", "notes": "Made up.", "tags": ["ferry", "sea"],
            "own": {"aliases": ["Old Wren"], "trouble": ["Say it again.", "Fog."], "model": "small", "temperature": 0.7,
                "max_tokens": 200, "style_tells_description": true}})
    );
    let persona = Persona::from_files("x", files(PERSONA, None)).persona;
    assert_same(&persona, &package.load("wren").persona, &["Far?", "the bell"]);
}

#[test]
fn what_persona_yml_says_goes_before_what_a_card_says() {
    let mut full = Card::new("Wren Harrow");
    full.set_nickname("Wrennie").set_description("{{char}} smuggles.").set_personality("dry");
    full.set_first_mes("Evening.").set_creator_notes("By Ada.").set_tags(["smuggler"]);
    full.set_extension(
        "raconteur",
        json!({"aliases": ["The Smuggler"], "temperature": 1.5, "max_tokens": 9}),
    );
    for card in [full, Card::new("Wren"), Card::new("Captain Wren Harrow"), Card::new("")] {
        let json = card.to_json().unwrap();
        for persona_yml in [
            PERSONA,
            "name: Jenny",
            "full_name: Captain Jenny",
            "temperature: 0",
            "slug: jenny",
            "",
            "greeting: Ho.",
        ] {
            let files = files(persona_yml, Some(&json));
            let persona = Persona::from_files("x", files).persona;
            let (package, ignored) = Package::of_files("x", files, None, None);
            assert_eq!(ignored, Vec::<String>::new());
            assert_same(&persona, &package.load(persona.slug()).persona, &["Far?", "the bell"]);
        }
    }
}

#[test]
fn a_nameless_folder_is_called_by_its_slug() {
    for (slug, persona_yml, name) in
        [("wren", "", "Wren"), ("x", "slug: wren", "Wren"), ("x", "name: Jenny", "Jenny")]
    {
        let (package, _) = Package::of_files(slug, files(persona_yml, None), None, None);
        assert_eq!(package.load("any").persona.name(), name);
    }
}

#[test]
fn what_is_no_card_and_no_picture_is_told_and_left_out() {
    let (package, ignored) =
        Package::of_files("wren", files("name: 1: 2", Some("{}")), None, Some(b"GIF89a"));
    assert_eq!((package.card.name(), package.picture.as_deref()), ("Wren", None));
    assert_eq!(ignored.len(), 3, "{ignored:?}");
}

#[test]
fn an_example_that_a_card_cannot_hold_as_it_is_is_told() {
    let persona_yml = "name: Wren\nexamples: [{user: Far?, reply: \"Far.\\nWren: So.\"}]";
    let (_, ignored) = Package::of_files("wren", files(persona_yml, None), None, None);
    assert_eq!(ignored, ["An example was changed: a line of it begins as if somebody else spoke."]);
}

#[test]
fn the_extension_says_how_replies_are_generated() {
    let own = |value| {
        let mut card = Card::new("Wren");
        card.set_extension("raconteur", value);
        Package::new(card).load("wren")
    };
    let loaded =
        own(json!({"model": "small", "temperature": 0.7, "max_tokens": 200, "aliases": "Jenny", "x": 1}));
    let sampling =
        Sampling { model: Some("small".to_owned()), temperature: Some(0.7), max_tokens: Some(200) };
    assert_eq!(
        (loaded.persona.sampling(), loaded.persona.aliases()),
        (&sampling, ["Jenny".to_owned()].as_slice())
    );
    assert_eq!(loaded.warnings, []);

    let loaded = own(json!({"temperature": 2.1, "max_tokens": 0, "model": ["a"], "trouble": {}}));
    assert_eq!(*loaded.persona.sampling(), Sampling::default());
    let told: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "card: extension `raconteur`: `trouble`: expected a text or a list of texts; anything else is left out",
            "card: extension `raconteur`: `model`: expected a text; anything else is left out",
            "card: extension `raconteur`: `temperature`: expected a number from 0 to 2; anything else is left out",
            "card: extension `raconteur`: `max_tokens`: expected a whole number from 1 to 1000000; anything else is left out",
        ]
    );
}

#[test]
fn a_description_is_told_once_wherever_that_is() {
    let told = |card: &Card, style: Option<&str>| {
        let mut package = Package::new(card.clone());
        package.style_yml = style.map(str::to_owned);
        ask(&package.load("wren").persona, "Hello").messages[0]
            .content
            .matches("Wren runs the ferry.")
            .count()
    };
    let mut card = Card::new("Wren");
    card.set_description("{{char}} runs the ferry.");
    let mut by_style = card.clone();
    by_style.set_extension("raconteur", json!({"style_tells_description": true}));
    let names_it = Some("system: You are {{ name }}. {{ persona.description }}");
    let is_silent = Some("system: You are {{ name }}.");
    for (card, style, times) in [
        (&card, None, 1),
        (&card, names_it, 1),
        (&card, is_silent, 1),
        (&by_style, None, 1),
        (&by_style, names_it, 1),
        // The style has decided not to.
        (&by_style, is_silent, 0),
    ] {
        assert_eq!(told(card, style), times, "{style:?}");
    }
    // A card that says in the style's place how prompts begin.
    by_style.set_system_prompt("Write as {{char}}.");
    assert_eq!(told(&by_style, None), 1);
}
