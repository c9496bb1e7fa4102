//! The room that a prompt has: never exceeded, and what does not fit goes in a known order.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use proptest::prelude::*;
use raconteur_persona::{
    Budget, Estimate, Files, MESSAGE_OVERHEAD, Note, Persona, Prompt, PromptRequest, PromptTooLong, Role,
    Section, Speaker, TokenCounter, Turn, User,
};

const PERSONA: &str = "\
name: Wren
description: She runs the night ferry at Saltmouth. She has never lost a passenger.
examples:
  - {user: Is it far?, reply: Far enough to be paid for.}
  - {user: Is it safe?, reply: Nobody came back to complain.}
";
const KB: &str = r#"{"id": "bell", "summary": "The drowned bell rings before a storm.", "tags": ["bell"]}"#;

fn wren() -> Persona {
    let files = Files {
        persona_yml: Some(PERSONA.as_bytes()),
        style_yml: Some(b"retrieval: {min_score: 0}"),
        kb_jsonl: Some(KB.as_bytes()),
        ..Files::default()
    };
    Persona::from_files("wren", files).persona
}

fn history() -> Vec<Turn> {
    let turn = |number: usize| Turn {
        speaker: if number.is_multiple_of(2) { Speaker::User } else { Speaker::Assistant },
        text: format!("This is what was said as number {number}."),
    };
    (0..6).map(turn).collect()
}

fn request(history: &[Turn], context: usize) -> PromptRequest<'_> {
    PromptRequest {
        query: "What of the bell?",
        history,
        user: User { name: Some("Ada"), description: Some("A glassblower from the hills.") },
        summary: Some("Ada came to the quay and asked for a crossing."),
        note: Some(Note { text: "The fog is getting thicker.", depth: 2 }),
        budget: Budget { context, reply: 100, history: 6_000 },
        ..PromptRequest::default()
    }
}

/// What a prompt costs, counted by whoever pays for it.
fn cost(prompt: &Prompt) -> usize {
    let count = |text: &str| Estimate::PLAIN.count(text) + MESSAGE_OVERHEAD;
    prompt.messages.iter().map(|message| count(&message.content)).sum()
}

/// What has been left out by now.
fn missing(prompt: &Prompt) -> Vec<String> {
    let explanation = &prompt.explanation;
    let mut missing = vec![format!("{} examples", explanation.examples_dropped)];
    missing.push(format!("{} turns", explanation.history_dropped));
    missing.extend(explanation.left_out.iter().map(|section| format!("{section:?}")));
    if explanation.used.is_empty() {
        missing.push("knowledge".to_owned());
    }
    missing
}

#[test]
fn what_does_not_fit_is_left_out_in_a_known_order() {
    let (wren, history) = (wren(), history());
    let mut seen = Vec::new();
    for context in (0..1_000).rev() {
        let Ok(prompt) = wren.prompt(&request(&history, context)) else { break };
        let missing = missing(&prompt).join(", ");
        if seen.last() != Some(&missing) {
            seen.push(missing);
        }
    }
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn a_prompt_that_alone_does_not_fit_is_refused_with_the_numbers() {
    let query = "word ".repeat(500);
    let budget = Budget { context: 400, reply: 100, history: 6_000 };
    let request = PromptRequest { query: &query, budget, ..PromptRequest::default() };
    let refused = wren().prompt(&request).unwrap_err();
    assert_eq!(refused.tokens, 500 + MESSAGE_OVERHEAD);
    assert!(refused.available < 300, "{refused:?}");
    assert_eq!(wren().check_room(&request), Err(refused));
    let (tokens, available) = (refused.tokens, refused.available);
    assert_eq!(
        PromptTooLong { tokens, available }.to_string(),
        format!("the prompt takes about {tokens} tokens, and there is room for {available}")
    );
}

#[test]
fn the_note_stands_so_many_messages_before_the_end() {
    let (wren, history) = (wren(), history());
    for (depth, place) in [(0, 8), (1, 7), (2, 6), (100, 1)] {
        let note = Some(Note { text: " The fog is getting thicker. ", depth });
        let prompt = wren.prompt(&PromptRequest { note, ..request(&history, 10_000) }).unwrap();
        let message = &prompt.messages[place];
        assert_eq!(message.content, "[Author's note: The fog is getting thicker.]", "{depth}");
        assert_eq!(message.role, Role::User, "there is one system message, the first");
    }
}

#[test]
fn the_rules_tell_who_is_spoken_to_what_happened_and_how_the_persona_talks() {
    let history = history();
    let prompt = wren().prompt(&request(&history, 10_000)).unwrap();
    insta::assert_snapshot!(prompt.messages[0].content);
}

#[test]
fn what_the_reply_says_already_is_sent_last_and_gone_on_with() {
    let history = [Turn { speaker: Speaker::User, text: "What of the bell?".to_owned() }];
    let wren = wren();
    let go_on = |said: &str| {
        let said = Some(said);
        wren.prompt(&PromptRequest { history: &history, said, ..PromptRequest::default() }).unwrap()
    };
    let prompt = go_on("It rings");
    let last = prompt.messages.last().unwrap();
    assert_eq!((last.role, last.content.as_str()), (Role::Assistant, "It rings"));
    assert_eq!(prompt.scripted, "\n\nThe drowned bell rings before a storm.");
    assert_eq!(go_on("The drowned bell rings before a storm.").scripted, "\n\nThat is all I can tell of it.");
    assert_eq!(go_on(" ").messages.last().unwrap().role, Role::User, "a blank answer is none");
}

/// Counts twice as much as anybody else.
struct Careful;

impl TokenCounter for Careful {
    fn count(&self, text: &str) -> usize {
        2 * Estimate::PLAIN.count(text)
    }
}

#[test]
fn tokens_are_counted_by_whoever_is_asked_to() {
    let history = history();
    let all = wren().prompt(&request(&history, 700)).unwrap();
    let fewer = wren().prompt(&PromptRequest { counter: &Careful, ..request(&history, 700) }).unwrap();
    assert_eq!(all.explanation.history_dropped, 0);
    assert!(fewer.explanation.history_dropped > 0);
}

#[test]
fn sections_are_named_by_words_that_stay() {
    let named = [Section::User, Section::Summary, Section::Note, Section::System];
    assert_eq!(
        serde_json::to_value(named).unwrap(),
        serde_json::json!(["user", "summary", "note", "system"])
    );
}

proptest! {
    #[test]
    fn the_budget_is_never_exceeded(
        context in 0_usize..800, query in "[a-z. ]{0,60}", texts in prop::collection::vec("[a-z. \n]{0,80}", 0..12),
        said in prop::option::of("[a-z ]{0,40}"), depth in 0_usize..5
    ) {
        let history: Vec<Turn> = texts.into_iter().map(|text| Turn { speaker: Speaker::User, text }).collect();
        let note = Some(Note { text: "Fog.", depth });
        let request = PromptRequest { query: &query, said: said.as_deref(), note, ..request(&history, context) };
        match wren().prompt(&request) {
            Ok(prompt) => {
                let available = context.saturating_sub(100);
                prop_assert!(cost(&prompt) <= available, "{} of {available}", cost(&prompt));
                prop_assert!(prompt.explanation.tokens.total() <= available);
                prop_assert!(cost(&prompt) <= prompt.explanation.tokens.total(), "what is told is what it costs");
            }
            Err(refused) => prop_assert!(refused.tokens > refused.available),
        }
    }
}
