//! How long a provider is waited for, and what happens when the listener leaves.

use std::time::Duration;

use futures_util::StreamExt;
use raconteur_fake_upstream::{FakeUpstream, Gate, Script, chunk};
use raconteur_llm::{ChatEvent, ChatModel, FinishReason, Limits, ModelErrorKind as Kind};

use crate::{config, hear_within, limits, model, question};

/// Waited out by tests in which nothing else happens, so that a busy machine changes nothing.
const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn the_first_token_may_take_so_long() {
    let reply = || Script::reply(["Aye."]);
    let role_and_comments = reply().raw_after(0, ": keep-alive\n\n").hang_after(0);
    for script in [Script::hang(), reply().hang_after_headers(), role_and_comments] {
        let heard = hear_within(Limits { first_token: SHORT, ..limits() }, &script).await;
        assert_eq!(
            (heard.error().kind(), heard.error().code().as_str()),
            (Kind::FirstTokenTimeout, "model_timeout")
        );
        assert!(heard.error().retryable());
    }
}

#[tokio::test]
async fn silence_in_the_middle_keeps_what_was_said() {
    let script = Script::reply(["one", "two"]).hang_after(1);
    let heard = hear_within(Limits { silence: SHORT, ..limits() }, &script).await;
    assert_eq!((heard.text().as_str(), heard.error().kind()), ("one", Kind::Silence));
    assert_eq!((heard.error().code().as_str(), heard.error().retryable()), ("model_timeout", true));
}

#[tokio::test]
async fn silence_after_the_finish_is_no_failure() {
    let one_packet = format!("data: {}\n\ndata: {}\n\n", chunk::content("Aye."), chunk::finish("stop"));
    let script = Script::packets([one_packet]).hang_at_the_end();
    let heard = hear_within(Limits { silence: SHORT, ..limits() }, &script).await;
    assert_eq!((heard.text().as_str(), heard.end), ("Aye.", Ok((Some(FinishReason::Stop), None))));
}

#[tokio::test]
async fn deltas_come_as_they_are_sent() {
    let upstream = FakeUpstream::start().await;
    let gate = Gate::new();
    upstream.enqueue(&Script::reply(["one", "two"]).hold_after(1, &gate));
    let mut stream = model(config(&upstream.base_url())).stream(question());
    let mut next = async || stream.next().await.unwrap().unwrap();
    assert_eq!(next().await, ChatEvent::Delta("one".to_owned()));
    gate.open();
    assert_eq!(next().await, ChatEvent::Delta("two".to_owned()));
}

#[tokio::test]
async fn leaving_closes_the_connection_at_once() {
    let upstream = FakeUpstream::start().await;
    let model = model(config(&upstream.base_url()));

    upstream.enqueue(&Script::reply(["one"]).hang_after(1));
    let mut stream = model.stream(question());
    stream.next().await.unwrap().unwrap();
    drop(stream);
    upstream.wait_for_disconnect(0).await;

    upstream.enqueue(&Script::hang());
    let mut stream = model.stream(question());
    tokio::select! {
        _ = stream.next() => unreachable!("the model hangs"),
        _ = upstream.wait_for_requests(2) => {}
    }
    drop(stream);
    upstream.wait_for_disconnect(1).await;
}
