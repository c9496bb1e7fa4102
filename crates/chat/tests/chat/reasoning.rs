//! What a model thinks while it answers.

use std::time::Duration;

use raconteur_domain::Status;
use raconteur_fake_upstream::{Gate, Script, chunk};
use raconteur_persona::estimate_tokens;

use crate::world::World;

/// Thinks, speaks, thinks again, ends its words.
fn thoughtful() -> Script {
    Script::reply(["Two ", "coppers."])
        .reasoning(["A fool, ", "or a friend?"])
        .event_after(1, &chunk::reasoning("Silver?"))
}

#[tokio::test]
async fn those_who_ask_get_the_reasoning_where_the_model_thought_it() {
    let world = World::new().await;
    world.upstream.enqueue(&thoughtful());
    let heard = world.send("What is your price?").await.with_reasoning().read_to_end().await;
    assert_eq!(heard.mind, "[A fool, ][or a friend?]Two [Silver?]coppers.");
    assert_eq!(heard.deltas, ["Two ", "coppers."]);
}

#[tokio::test]
async fn those_who_do_not_ask_get_none_of_it() {
    let world = World::new().await;
    world.upstream.enqueue(&thoughtful());
    let heard = world.send("What is your price?").await.read_to_end().await;
    assert_eq!((heard.mind.as_str(), heard.end.status), ("Two coppers.", Status::Complete));
}

#[tokio::test]
async fn reasoning_comes_while_the_model_still_thinks() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Aye."]).reasoning(["Well "]).hold_after(0, &gate));
    let mut reader = world.send("What is your price?").await.with_reasoning();
    while reader.mind() != "[Well ]" {
        assert!(reader.listen().await);
    }
    gate.open();
    assert_eq!(reader.read_to_end().await.mind, "[Well ]Aye.");
}

#[tokio::test]
async fn reasoning_is_never_part_of_a_message_nor_of_a_prompt() {
    for thoughtful in [thoughtful(), Script::reply(["<think>Silver?</thi", "nk>\n\nTwo ", "coppers."])] {
        let world = World::keeping_reasoning().await;
        world.upstream.enqueue(&thoughtful);
        world.send("What is your price?").await.read_to_end().await;
        world.send("Done.").await.read_to_end().await;
        assert_eq!(world.listed().await[1], "assistant: Two coppers.");
        assert_eq!(
            world.shown(1).await,
            ["user: What is your price?", "assistant: Two coppers.", "user: Done."]
        );
    }
}

#[tokio::test]
async fn reasoning_is_kept_where_a_setting_says_so() {
    for (world, kept) in [
        (World::new().await, None),
        (World::keeping_reasoning().await, Some("A fool, or a friend?Silver?".to_owned())),
    ] {
        world.upstream.enqueue(&thoughtful());
        let heard = world.send("What is your price?").await.read_to_end().await;
        assert_eq!(world.reasoning(heard.begun.generation_id).await, kept);
    }
}

#[tokio::test]
async fn a_reply_that_fails_keeps_what_the_model_thought() {
    let world = World::keeping_reasoning().await;
    world.upstream.enqueue(&thoughtful().cut_after(1));
    let heard = world.send("What is your price?").await.read_to_end().await;
    assert_eq!(heard.end.status, Status::Failed);
    let id = heard.begun.generation_id;
    assert_eq!(world.reasoning(id).await.as_deref(), Some("A fool, or a friend?Silver?"));
}

#[tokio::test]
async fn reasoning_is_counted_by_the_provider_or_else_estimated() {
    let world = World::new().await;
    let estimate = estimate_tokens("A fool, or a friend?Silver?") as u64;
    for (script, tokens) in [
        (thoughtful().usage_with_reasoning(40, 30, 28), Some(28)),
        (thoughtful(), Some(estimate)),
        (thoughtful().without_usage(), Some(estimate)),
        (Script::reply(["Aye."]).usage_with_reasoning(40, 30, 28), Some(28)),
        (Script::reply(["Aye."]).usage_with_reasoning(40, 2, 0), None),
        (Script::reply(["Aye."]), None),
    ] {
        world.upstream.enqueue(&script);
        let heard = world.send("What is your price?").await.read_to_end().await;
        let kept = world.generation(heard.begun.generation_id).await.unwrap().outcome.reasoning_tokens;
        assert_eq!((heard.end.reasoning_tokens, kept), (tokens, tokens), "{script:?}");
    }
}

#[tokio::test]
async fn the_first_word_is_the_first_of_the_reply_and_not_of_the_reasoning() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Aye."]).reasoning(["Well "]).hold_after(0, &gate));
    let mut reader = world.send("What is your price?").await.with_reasoning();
    while reader.mind().is_empty() {
        assert!(reader.listen().await);
    }
    world.ground.clock.pass(Duration::from_millis(250));
    gate.open();
    assert_eq!(reader.read_to_end().await.end.ttft_ms, Some(250));
}

#[tokio::test]
async fn a_reply_that_was_all_reasoning_is_complete_and_empty() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["<think>Well, ", "well"]).finish_reason("length"));
    let heard = world.send("What is your price?").await.with_reasoning().read_to_end().await;
    assert_eq!((heard.mind.as_str(), heard.end.status), ("[Well, ][well]", Status::Complete));
    assert_eq!((heard.end.ttft_ms, world.listed().await[1].as_str()), (None, "assistant: "));
}
