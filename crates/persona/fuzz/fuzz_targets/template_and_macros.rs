//! Texts with places in them: the macros of cards, and a style's templates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::limits::MAX_EXPANDED_BYTES;
use raconteur_persona::macros::{Names, Seeds, expand, expand_for_scan};
use raconteur_persona::{Files, Persona, PromptRequest};
use raconteur_persona_fuzz::Parts;
use serde_json::json;

fuzz_target!(|input: &[u8]| {
    let mut parts = Parts::of(input);
    let (text, char, user) = (parts.text(), parts.text(), parts.text());

    let seeds = Seeds { seed: "message", conversation_seed: "conversation" };
    for original in [None, Some("What stood here before.")] {
        let names = Names { char: &char, user: &user, original };
        let expanded = expand(&text, &names, &seeds);
        assert!(expanded.len() <= MAX_EXPANDED_BYTES);
        assert_eq!(expand(&text, &names, &seeds), expanded, "a draw is drawn once");
        assert!(expand_for_scan(&text, &names, &seeds).len() <= MAX_EXPANDED_BYTES);
        if !text.contains(['{', '<']) {
            assert_eq!(expanded, text, "nothing to expand");
        }
    }

    // YAML understands JSON.
    let style =
        json!({"system": {"ic_template": text, "ooc_template": text}, "tone": user, "traits": [char, user]});
    let persona = json!({"name": char, "description": user});
    let (style, persona) = (style.to_string(), persona.to_string());
    let files = Files {
        persona_yml: Some(persona.as_bytes()),
        style_yml: Some(style.as_bytes()),
        ..Files::default()
    };
    let persona = Persona::from_files("fuzz", files).persona;
    for query in ["Who are you?", "[[OOC]] Who is that?"] {
        let request = PromptRequest { query, ..PromptRequest::default() };
        if let Ok(prompt) = persona.prompt(&request) {
            assert!(prompt.explanation.tokens.total() <= request.budget.prompt());
        }
    }
});
