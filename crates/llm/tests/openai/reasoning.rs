//! What a model thinks is told apart from what it says.

use std::time::Duration;

use futures_util::StreamExt;
use raconteur_fake_upstream::{FakeUpstream, Script, chunk};
use raconteur_llm::{ChatEvent, ChatModel, FinishReason, Limits, ModelErrorKind as Kind, Usage};

use crate::{Heard, config, hear_script, hear_within, limits, model, question};

/// Every event but the last.
async fn events(script: &Script) -> Vec<ChatEvent> {
    let upstream = FakeUpstream::start().await;
    upstream.always(script);
    let stream = model(config(&upstream.base_url())).stream(question());
    let mut events: Vec<ChatEvent> = stream.map(Result::unwrap).collect().await;
    assert!(matches!(events.pop(), Some(ChatEvent::Finish { .. })));
    events
}

fn delta(text: &str) -> ChatEvent {
    ChatEvent::Delta(text.to_owned())
}

fn reasoning(text: &str) -> ChatEvent {
    ChatEvent::Reasoning(text.to_owned())
}

fn told_apart(heard: &Heard) -> (&str, String) {
    (&heard.reasoning, heard.text())
}

#[tokio::test]
async fn either_field_of_a_delta_is_reasoning() {
    for field in ["reasoning_content", "reasoning"] {
        let script = Script::reply(["Aye", "."])
            .event_after(0, &chunk::reasoning_as(field, "So "))
            .event_after(0, &chunk::reasoning_as(field, "gold."))
            .event_after(1, &chunk::reasoning_as(field, "Enough?"));
        let expected = [reasoning("So "), reasoning("gold."), delta("Aye"), reasoning("Enough?"), delta(".")];
        assert_eq!(events(&script).await, expected, "{field}");
    }
}

#[tokio::test]
async fn either_field_of_a_whole_message_is_reasoning() {
    for field in ["reasoning_content", "reasoning"] {
        let mut whole = chunk::whole("Aye.");
        whole["choices"][0]["message"][field] = "So gold.".into();
        let heard = hear_script(&Script::status(200).json(&whole)).await;
        assert_eq!(told_apart(&heard), ("So gold.", "Aye.".to_owned()), "{field}");
    }
    let heard = hear_script(&Script::whole("<think>So gold.</think>\n\nAye.")).await;
    assert_eq!(told_apart(&heard), ("So gold.", "Aye.".to_owned()));
}

#[tokio::test]
async fn tags_in_the_content_are_found_wherever_they_are_cut() {
    let text = "<think>\nSo gold.\n</think>\n\nAye, é.";
    let pieces: Vec<String> = text.chars().map(String::from).collect();
    for script in [Script::reply([text]), Script::reply(&pieces), Script::reply(&pieces).byte_by_byte()] {
        let heard = hear_script(&script).await;
        assert_eq!(told_apart(&heard), ("\nSo gold.\n", "Aye, é.".to_owned()));
    }
    let script = Script::reply(["<th", "ink>So", " gold.</thi", "nk>\n", "\n", "Aye", ", coin."]);
    let expected = [reasoning("So"), reasoning(" gold."), delta("Aye"), delta(", coin.")];
    assert_eq!(events(&script).await, expected);
}

#[tokio::test]
async fn what_only_began_like_a_tag_is_said_as_it_was_cut() {
    let pieces = ["<", "th", "e end>", "\n<", "think", " so>", "\n<thin"];
    assert_eq!(hear_script(&Script::reply(pieces)).await.deltas, pieces);
    // However the reply ends.
    let heard = hear_script(&Script::reply(pieces).cut_after(pieces.len())).await;
    assert_eq!(
        (heard.deltas.as_slice(), heard.error().kind()),
        (&pieces.map(str::to_owned)[..], Kind::CutOff)
    );
}

#[tokio::test]
async fn reasoning_without_end_leaves_no_reply() {
    let heard = hear_script(&Script::reply(["<think>So", " gold"]).finish_reason("length")).await;
    assert_eq!(told_apart(&heard), ("So gold", String::new()));
    assert!(matches!(heard.end, Ok((Some(FinishReason::Length), _))));
}

#[tokio::test]
async fn reasoning_is_counted_where_the_provider_counts_it() {
    let script = Script::reply(["Aye."]).reasoning(["So gold."]).usage_with_reasoning(9, 8, 7);
    let usage = Usage { prompt_tokens: 9, completion_tokens: 8, reasoning_tokens: Some(7) };
    assert_eq!(hear_script(&script).await.end, Ok((Some(FinishReason::Stop), Some(usage))));
}

#[tokio::test]
async fn nul_becomes_the_replacement_character_in_reasoning_too() {
    let heard = hear_script(&Script::reply(["<think>a\0b</think>", "Aye."]).reasoning(["c\0d"])).await;
    assert_eq!(heard.reasoning, "c\u{fffd}da\u{fffd}b");
}

#[tokio::test]
async fn reasoning_has_the_limit_of_a_reply() {
    let limits = || Limits { reply_bytes: 1000, retries: 0, ..limits() };
    let beside = Script::reply(["Aye."]).reasoning(vec!["thought "; 126]);
    let inside = Script::reply([&["<think>"][..], &vec!["thought "; 126]].concat());
    for script in [beside, inside] {
        let heard = hear_within(limits(), &script).await;
        assert_eq!((heard.error().kind(), heard.text().as_str()), (Kind::TooLarge, ""), "{script:?}");
        assert!(heard.reasoning.len() > 900 && heard.reasoning.len() <= 1000);
    }
    let within = Script::reply(["x".repeat(1000)]).reasoning(vec!["thought "; 125]);
    assert!(hear_within(limits(), &within).await.end.is_ok());
}

/// The model lives while it thinks: the limit for the first token is over, the one for silence holds.
#[tokio::test]
async fn reasoning_is_a_sign_of_life() {
    let short = Duration::from_millis(50);
    let script = Script::reply(["Aye."]).reasoning(["So "]).hang_after(0);
    let heard = hear_within(Limits { silence: short, ..limits() }, &script).await;
    assert_eq!((heard.error().kind(), heard.reasoning.as_str()), (Kind::Silence, "So "));
}
