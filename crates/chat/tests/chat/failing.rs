//! The model fails: what was said stays, and the character says that something is wrong.

use raconteur_domain::Status;
use raconteur_fake_upstream::{Gate, Script, chunk, nobody_listens};
use raconteur_llm::{ChatModel, ChatRequest, ChatStream};

use crate::reader::Heard;
use crate::world::{TROUBLE, World, provider};

/// Words of the provider's that nobody but the log may see.
const SECRET: &str = "Incorrect key sk-secret at http://10.0.0.7";

/// Holds a reply that failed to what is promised of each, and gives the word for what went wrong.
async fn assert_failed(world: &World, heard: &Heard, said: &[&str]) -> (&'static str, bool) {
    let spoken = said.concat();
    let line = if spoken.is_empty() { TROUBLE.to_owned() } else { format!("\n\n{TROUBLE}") };
    let (last, before) = heard.deltas.split_last().unwrap();
    assert_eq!(
        (before, last),
        (said.iter().map(|&delta| delta.to_owned()).collect::<Vec<_>>().as_slice(), &line)
    );

    assert_eq!((heard.end.status, heard.end.finish_reason.as_ref()), (Status::Failed, None));
    let trouble = heard.end.trouble.unwrap();
    assert!(!trouble.code.detail().is_empty());

    let message = world.message(heard.begun.message_id).await.unwrap();
    assert_eq!((message.status, &message.content), (Status::Failed, &heard.text()));
    assert_eq!(message.spoken_bytes, Some(spoken.len() as u64));
    let generation = world.generation(heard.begun.generation_id).await.unwrap();
    assert_eq!(generation.status, Status::Failed);
    assert_eq!(generation.outcome.error_code.as_deref(), Some(trouble.code.as_str()));

    let told = format!("{heard:?} {message:?} {generation:?}");
    assert!(
        !told.contains("sk-secret") && !told.contains("10.0.0.7") && !told.contains("127.0.0.1"),
        "{told}"
    );
    (trouble.code.as_str(), trouble.retryable)
}

#[tokio::test]
async fn a_model_that_cannot_be_reached() {
    let world = World::thinking_with(provider(&nobody_listens().await.unwrap())).await;
    let heard = world.send("What is your price?").await.read_to_end().await;
    assert_eq!(assert_failed(&world, &heard, &[]).await, ("model_unreachable", true));
    assert_eq!(heard.end.ttft_ms, None);
}

#[tokio::test]
async fn a_model_that_refuses() {
    for (script, questions, trouble) in [
        (Script::error(401, "auth", "invalid_api_key", SECRET), 1, ("model_refused", false)),
        (Script::error(429, "limit", "slow_down", SECRET), 3, ("model_rate_limited", true)),
        (Script::error(503, "busy", "busy", SECRET), 3, ("model_unavailable", true)),
        (Script::error(400, "e", "context_length_exceeded", SECRET), 1, ("model_context_exceeded", false)),
        (Script::status(200).body("text/html", format!("<h1>{SECRET}</h1>")), 1, ("model_protocol", false)),
    ] {
        let world = World::new().await;
        world.upstream.always(&script);
        let heard = world.send("What is your price?").await.read_to_end().await;
        assert_eq!(assert_failed(&world, &heard, &[]).await, trouble);
        assert_eq!(world.upstream.requests().len(), questions, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_model_that_fails_halfway_keeps_its_words() {
    let reply = || Script::reply(["Two ", "coppers"]);
    for (script, trouble) in [
        (reply().cut_after(2), ("model_cut_off", true)),
        (reply().event_after(2, &format!("{{nonsense {SECRET}")), ("model_protocol", false)),
        (reply().event_after(2, &chunk::error(SECRET, &"oh".into())), ("model_unavailable", true)),
    ] {
        let world = World::new().await;
        world.upstream.enqueue(&script);
        let heard = world.send("What is your price?").await.read_to_end().await;
        assert_eq!(assert_failed(&world, &heard, &["Two ", "coppers"]).await, trouble);
        assert_eq!(heard.end.ttft_ms, Some(0));
    }
}

#[tokio::test]
async fn the_line_of_trouble_is_not_shown_to_the_model_later() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers"]).cut_after(2));
    world.upstream.enqueue(&Script::status(401));
    world.send("What is your price?").await.read_to_end().await;
    world.send("Go on.").await.read_to_end().await;
    world.send("Well?").await.read_to_end().await;
    assert_eq!(
        world.shown(2).await,
        ["user: What is your price?", "assistant: Two coppers", "user: Go on.", "user: Well?"]
    );
}

#[tokio::test]
async fn what_was_said_before_the_failure_is_shown_before_it() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two "]).hold_after(1, &gate).cut_after(1));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    gate.open();
    assert_failed(&world, &reader.read_to_end().await, &["Two "]).await;
}

#[tokio::test]
async fn a_failed_reply_can_be_asked_for_again() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::status(401));
    world.send("What is your price?").await.read_to_end().await;
    world.ask_for_answer("What is your price?").await.read_to_end().await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye."]);
    assert_eq!(world.shown(1).await, ["user: What is your price?"]);
}

#[tokio::test]
async fn a_clean_reply_without_text_is_complete() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply([""; 0]));
    let heard = world.send("Say nothing.").await.read_to_end().await;
    assert_eq!((heard.deltas.len(), heard.end.status, heard.end.trouble), (0, Status::Complete, None));
    assert_eq!(world.listed().await, ["user: Say nothing.", "assistant: "]);
}

#[tokio::test]
async fn a_reply_without_done_is_complete_once_it_has_finished() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two coppers."]).without_done().cut_at_the_end());
    let heard = world.send("What is your price?").await.read_to_end().await;
    assert_eq!((heard.text().as_str(), heard.end.status), ("Two coppers.", Status::Complete));
}

struct Panicking;

impl ChatModel for Panicking {
    fn name(&self) -> &'static str {
        "panicking"
    }

    fn stream(&self, _: ChatRequest) -> ChatStream {
        panic!("a defect: {SECRET}")
    }
}

#[tokio::test]
async fn a_defect_of_our_own_ends_the_reply_too() {
    let world = World::thinking_with(Panicking).await;
    let heard = world.send("What is your price?").await.read_to_end().await;
    assert_eq!(assert_failed(&world, &heard, &[]).await, ("internal", true));
}
