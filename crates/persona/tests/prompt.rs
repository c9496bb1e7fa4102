//! Whole prompts, as a model gets them, and the explanation of each.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use raconteur_persona::{Explanation, Files, Mode, Persona, Prompt, PromptRequest, Role, Speaker, Turn};

fn wren() -> Persona {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/assets/wren");
    let loaded = Persona::from_dir(dir.as_ref());
    assert_eq!(loaded.warnings, []);
    loaded.persona
}

fn user(text: &str) -> Turn {
    Turn { speaker: Speaker::User, text: text.to_owned() }
}

fn assistant(text: &str) -> Turn {
    Turn { speaker: Speaker::Assistant, text: text.to_owned() }
}

fn ask(persona: &Persona, query: &str, history: &[Turn]) -> Prompt {
    persona.prompt(&PromptRequest { query, history, ..PromptRequest::default() }).unwrap()
}

/// A prompt as a person reads it.
fn show(prompt: &Prompt) -> String {
    let messages =
        prompt.messages.iter().map(|message| format!("[{:?}]\n{}\n", message.role, message.content));
    let explanation = &prompt.explanation;
    let candidates = explanation.candidates.iter().map(|candidate| {
        let matched = candidate.matched.iter().map(|found| format!(" {}/{:?}", found.word, found.field));
        format!("  {} {}{}\n", candidate.id, candidate.score, matched.collect::<String>())
    });
    format!(
        "{}\n[scripted]\n{}\n\n[explanation] {:?}, query {:?}, used {:?}\n{}",
        messages.collect::<Vec<_>>().join("\n"),
        prompt.scripted,
        explanation.mode,
        explanation.query,
        explanation.used,
        candidates.collect::<String>(),
    )
}

/// What is said after the system message.
fn said(prompt: &Prompt) -> Vec<(Role, &str)> {
    prompt.messages.iter().skip(1).map(|message| (message.role, message.content.as_str())).collect()
}

#[test]
fn in_character_with_something_known() {
    let history = [user("Good evening."), assistant("Is it?")];
    insta::assert_snapshot!(show(&ask(&wren(), "What of the drowned bell and the fare?", &history)));
}

#[test]
fn in_character_with_nothing_known() {
    insta::assert_snapshot!(show(&ask(&wren(), "Do you like cheese?", &[])));
}

#[test]
fn out_of_character_with_something_known() {
    insta::assert_snapshot!(show(&ask(&wren(), " [[OOC]]  Why does the bell ring?", &[])));
}

#[test]
fn out_of_character_with_nothing_known() {
    insta::assert_snapshot!(show(&ask(&wren(), "[[OOC]] Who wrote cheese?", &[])));
}

#[test]
fn a_stranger() {
    insta::assert_snapshot!(show(&ask(&Persona::stranger("Sherlock Holmes"), "Who are you?", &[])));
}

#[test]
fn a_broken_style() {
    let loaded = Persona::from_files(
        "wren",
        Files {
            persona_yml: Some(b"description: She runs the ferry."),
            style_yml: Some(b"tone: [dry"),
            kb_jsonl: Some(br#"{"id": "fare", "summary": "The fare is two pennies.", "tags": ["fare"]}"#),
            ..Files::default()
        },
    );
    insta::assert_snapshot!(show(&ask(&loaded.persona, "What is the fare?", &[])));
}

#[test]
fn a_style_without_templates_still_tells_the_model_how_to_speak() {
    let style: &[u8] =
        b"tone: dry\nlexicon: {avoid: [okay]}\nresponse_shapes: [one line, a question]\ncitations: none";
    let loaded = Persona::from_files("wren", Files { style_yml: Some(style), ..Files::default() });
    insta::assert_snapshot!(show(&ask(&loaded.persona, "Hello", &[])));
}

#[test]
fn the_narrator_gets_no_line_of_the_characters_and_the_character_no_notes() {
    let wren = wren();
    let line = "tie up and drink";
    let notes = "hangs in a tower";
    let in_character = &ask(&wren, "the bell", &[]).messages[0].content;
    assert!(in_character.contains(line) && !in_character.contains(notes), "{in_character}");
    let out_of_character = &ask(&wren, "[[OOC]]the bell", &[]).messages[0].content;
    assert!(out_of_character.contains(notes) && !out_of_character.contains(line), "{out_of_character}");
}

#[test]
fn only_the_exact_toggle_at_the_start_calls_the_narrator() {
    let wren = wren();
    for (query, mode, sent) in [
        ("[[OOC]] hi ", Mode::OutOfCharacter, "hi "),
        ("\n [[OOC]]hi", Mode::OutOfCharacter, "hi"),
        ("[[ooc]] hi", Mode::InCharacter, "[[ooc]] hi"),
        ("hi [[OOC]]", Mode::InCharacter, "hi [[OOC]]"),
        ("  hi", Mode::InCharacter, "  hi"),
    ] {
        let prompt = ask(&wren, query, &[]);
        assert_eq!(prompt.explanation.mode, mode, "{query:?}");
        assert_eq!(said(&prompt), [(Role::User, sent)], "{query:?}");
    }
}

#[test]
fn a_style_may_name_another_toggle() {
    for style in ["ooc_mode: {toggle: '(aside)'}", "ooc_mode: (aside)"] {
        let loaded =
            Persona::from_files("wren", Files { style_yml: Some(style.as_bytes()), ..Files::default() });
        assert_eq!(loaded.persona.narrator_toggle(), "(aside)", "{style}");
        let mode = |query| ask(&loaded.persona, query, &[]).explanation.mode;
        assert_eq!(mode("(aside) who?"), Mode::OutOfCharacter, "{style}");
        assert_eq!(mode("[[OOC]] who?"), Mode::InCharacter, "{style}");
    }
}

#[test]
fn a_blank_query_is_not_sent_and_the_last_turn_is_answered() {
    let history = [user("Hello"), assistant("Evening."), user("Tell me of the bell"), user("  ")];
    let prompt = ask(&wren(), " \n", &history);
    assert_eq!(
        said(&prompt),
        [(Role::User, "Hello"), (Role::Assistant, "Evening."), (Role::User, "Tell me of the bell")]
    );
    assert_eq!(prompt.explanation.used, ["bell"]);
}

#[test]
fn a_blank_query_after_a_reply_is_not_sent_and_the_users_last_turn_finds_the_knowledge() {
    let history = [user("Tell me of the bell"), assistant("It rings.")];
    let prompt = ask(&wren(), "", &history);
    assert_eq!(said(&prompt), [(Role::User, "Tell me of the bell"), (Role::Assistant, "It rings.")]);
    assert_eq!(prompt.explanation.used, ["bell"]);
}

#[test]
fn the_narrator_answers_a_stored_turn_that_begins_with_the_toggle() {
    let prompt = ask(&wren(), "", &[user("[[OOC]] Why does the bell ring?")]);
    assert_eq!(prompt.explanation.mode, Mode::OutOfCharacter);
    assert_eq!(said(&prompt), [(Role::User, "Why does the bell ring?")]);
}

#[test]
fn nothing_at_all_is_a_system_message_alone() {
    let prompt = ask(&wren(), "[[OOC]]", &[user(" "), assistant("")]);
    assert_eq!(said(&prompt), []);
    assert_eq!(prompt.explanation.mode, Mode::OutOfCharacter);
    assert_eq!(prompt.explanation.query, "");
}

#[test]
fn consecutive_turns_of_the_user_stay_as_they_are() {
    let prompt = ask(&wren(), "c", &[user("a"), user("b")]);
    assert_eq!(said(&prompt), [(Role::User, "a"), (Role::User, "b"), (Role::User, "c")]);
}

#[test]
fn the_scripted_reply_is_the_same_for_the_same_query_and_every_fallback_has_its_turn() {
    let wren = wren();
    let scripted = |query: &str| ask(&wren, query, &[]).scripted;
    assert_eq!(scripted("zzz"), scripted("zzz"));
    for fallback in ["The river never told me that.", "Ask the harbour master; he is paid to know."] {
        assert!((0..50).any(|n| scripted(&format!("zzz {n}")) == fallback), "{fallback}");
    }
}

#[test]
fn an_entry_without_a_line_is_quoted_by_its_summary() {
    assert_eq!(ask(&wren(), "the fare", &[]).scripted, "The fare is two pennies, three in fog.");
}

#[test]
fn trouble_is_told_in_the_personas_own_words_or_in_words_that_fit_anybody() {
    let wren = wren();
    let lines = ["The fog has eaten my words. Say it again.", "Hush a moment, I hear the bar breaking."];
    for line in lines {
        assert!((0..50).any(|seed| wren.trouble_line(&seed.to_string()) == line), "{line}");
    }
    assert_eq!(wren.trouble_line("seed"), wren.trouble_line("seed"));
    assert!(!Persona::stranger("Nemo").trouble_line("seed").is_empty());
}

#[test]
fn an_explanation_survives_being_kept_as_json() {
    let explanation = ask(&wren(), "the bell", &[user("hi")]).explanation;
    let json = serde_json::to_string(&explanation).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap(), explanation);
    insta::assert_json_snapshot!(explanation);
}
