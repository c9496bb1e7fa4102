//! Personas that are character cards: what of a card is in a prompt, and where.
#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use raconteur_persona::cards::Card;
use raconteur_persona::{Files, Note, Persona, Prompt, PromptRequest, Role, Speaker, Turn, User};
use serde_json::json;

fn card() -> Card {
    let mut card = Card::new("Wren Harrow");
    card.set_nickname("Wren")
        .set_description("{{char}} runs the night ferry. {{user}} is a passenger.")
        .set_personality("dry")
        .set_scenario("It is foggy.")
        .set_first_mes("Mind the plank, {{user}}.")
        .set_mes_example("<START>\n{{user}}: Is it safe?\n{{char}}: Mostly.")
        .set_alternate_greetings(["You again, {{user}}?"])
        .set_post_history_instructions("Keep it short. {{original}}")
        .set_character_book(json!({"entries": [
            {"keys": ["bell"], "content": "The drowned bell rings before a storm.", "position": "before_char"},
            {"keys": ["storm"], "content": "Storms come from the east.", "position": "after_char"},
            {"keys": ["gull"], "content": "@@depth 1\nGulls are bad luck."},
            {"keys": ["bell"], "content": "No.", "enabled": false},
        ]}));
    card
}

fn ask(persona: &Persona, query: &str) -> Prompt {
    let user = User { name: Some("Ada"), ..User::default() };
    persona
        .prompt(&PromptRequest { query, user, seed: "m1", conversation: "c1", ..PromptRequest::default() })
        .unwrap()
}

fn wren() -> Persona {
    let loaded = Persona::from_card("wren", card());
    assert_eq!(loaded.warnings, []);
    loaded.persona
}

#[test]
fn a_card_says_who_it_is() {
    let wren = wren();
    assert_eq!((wren.name(), wren.full_name(), wren.slug()), ("Wren", Some("Wren Harrow"), "wren"));
    assert_eq!(
        (wren.examples()[0].user.as_str(), wren.examples()[0].reply.as_str()),
        ("Is it safe?", "Mostly.")
    );
    assert_eq!(wren.greetings(Some("Ada"), "c1"), ["Mind the plank, Ada.", "You again, Ada?"]);
    assert_eq!(wren.greetings(None, "c1")[0], "Mind the plank, User.");
}

#[test]
fn the_rules_hold_what_the_card_says_with_its_lore_where_it_belongs() {
    insta::assert_snapshot!(ask(&wren(), "Does the bell ring in a storm?").messages[0].content);
}

#[test]
fn what_goes_among_the_messages_and_what_is_said_last_are_messages() {
    let history = [Turn { speaker: Speaker::User, text: "A gull!".to_owned() }];
    let note = Some(Note { text: "Fog.", depth: 1 });
    let prompt = wren()
        .prompt(&PromptRequest { query: "Well?", history: &history, note, ..PromptRequest::default() })
        .unwrap();
    let said: Vec<&str> = prompt.messages.iter().skip(1).map(|message| message.content.as_str()).collect();
    assert_eq!(
        said,
        ["A gull!", "Gulls are bad luck.", "[Author's note: Fog.]", "Well?", "[Keep it short.]"]
    );
    assert_eq!(prompt.messages.iter().filter(|message| message.role == Role::System).count(), 1);
}

#[test]
fn the_explanation_tells_of_every_entry_that_something_spoke_for() {
    let told: Vec<(String, String)> = ask(&wren(), "the bell")
        .explanation
        .lore
        .into_iter()
        .map(|entry| (entry.matched.join(","), entry.outcome))
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(one, other)| (one.as_str(), other.as_str())).collect();
    assert_eq!(told, [("bell", "active"), ("bell", "disabled")]);
}

#[test]
fn a_system_prompt_of_its_own_may_hold_the_usual_one() {
    let mut own = card();
    own.set_system_prompt("Write as {{char}}. {{original}}");
    let rules = &ask(&Persona::from_card("wren", own).persona, "Hello").messages[0].content;
    assert!(rules.starts_with("Write as Wren. You are Wren.\nSpeak only as Wren"), "{rules}");
}

#[test]
fn the_same_message_draws_the_same_and_another_may_not() {
    let mut drawn = card();
    drawn.set_description("{{random:a,b,c,d,e,f,g,h}}");
    let persona = Persona::from_card("wren", drawn).persona;
    let rules = |seed: &str| {
        persona.prompt(&PromptRequest { query: "Hello", seed, ..PromptRequest::default() }).unwrap().messages
            [0]
        .content
        .clone()
    };
    assert_eq!(rules("m1"), rules("m1"));
    assert!((0..20).any(|number| rules(&number.to_string()) != rules("m1")));
}

#[test]
fn the_files_beside_a_card_go_before_what_it_says() {
    let json = card().to_json().unwrap();
    let files = Files {
        card: Some(json.as_bytes()),
        persona_yml: Some(b"name: Jenny\ntrouble: [Fog.]"),
        kb_jsonl: Some(br#"{"id": "fare", "summary": "The fare is two pennies.", "tags": ["fare"]}"#),
        ..Files::default()
    };
    let loaded = Persona::from_files("wren", files);
    assert_eq!(loaded.warnings, []);
    let prompt = ask(&loaded.persona, "What is the fare, and the bell?");
    assert_eq!(
        (loaded.persona.name(), prompt.explanation.used.as_slice()),
        ("Jenny", ["fare".to_owned()].as_slice())
    );
    assert!(prompt.messages[0].content.contains("Jenny runs the night ferry. Ada is a passenger."));
    assert_eq!(prompt.explanation.lore.len(), 2);
    let other = Persona::from_files(
        "wren",
        Files { persona_yml: Some(b"name: Jenny\ntrouble: [Fog.]"), ..Files::default() },
    );
    assert_ne!(loaded.persona.version(), other.persona.version());
}

#[test]
fn what_is_no_card_is_a_warning_and_the_rest_is_used() {
    let files = Files { card: Some(b"{}"), persona_yml: Some(b"name: Wren"), ..Files::default() };
    let loaded = Persona::from_files("wren", files);
    assert_eq!(loaded.persona.name(), "Wren");
    assert!(loaded.warnings[0].to_string().ends_with("; the file is not used"), "{:?}", loaded.warnings);
}
