//! The model fails: what the person sees, what is kept, and what is not told.

use raconteur_fake_upstream::{Script, chunk};
use serde_json::json;

use crate::support::sse::Reply;
use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    a_refusal_is_an_error_and_a_line_in_character_for_those_who_see_only_words
    what_was_said_before_the_connection_broke_stays
    garbage_and_reported_errors_fail_the_reply
    a_model_that_falls_silent_is_given_up
    a_busy_model_is_asked_again_before_the_first_token
    a_model_that_stays_busy_is_given_up_and_never_replaced_by_the_offline_one
    the_line_of_trouble_is_not_shown_to_the_model_later
}

/// The reply that failed is stored as it was streamed, and nothing of the provider is in it.
async fn check_failed(person: &Client, thread: &str, reply: &Reply) {
    assert_eq!(reply.status(), "failed");
    let stored = person.messages(thread).await.pop().unwrap();
    assert_eq!((&stored["content"], &stored["status"]), (&json!(reply.text()), &json!("failed")));
    assert_eq!(stored["id"], reply.message_id());
    let everything = format!("{:?} {stored}", reply.events());
    for secret in ["sk-test", "127.0.0.1", "provider says"] {
        assert!(!everything.contains(secret), "{everything}");
    }
}

async fn a_refusal_is_an_error_and_a_line_in_character_for_those_who_see_only_words(on: Database) {
    let app = TestApp::with(on, &[("OPENAI_API_KEY", "sk-test")]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let message = "provider says: bad key sk-test at 127.0.0.1";
    app.model.enqueue(&Script::error(401, "invalid_request_error", "invalid_api_key", message));
    let reply = ada.send(&thread, "Well?").await;

    check_failed(&ada, &thread, &reply).await;
    let detail = "The model refused the request. Check the server's key and model name.";
    assert_eq!(
        reply.error(),
        Some(&json!({ "code": "model_refused", "detail": detail, "retryable": false }))
    );
    assert_eq!(reply.deltas().len(), 1, "one line of trouble: {reply:?}");
    assert_eq!(app.model.requests().len(), 1, "what is refused is not asked again");
}

async fn what_was_said_before_the_connection_broke_stays(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first", "."]).cut_after(2));
    let reply = ada.send(&thread, "Well?").await;

    check_failed(&ada, &thread, &reply).await;
    assert_eq!(reply.error().unwrap()["code"], "model_cut_off");
    let deltas = reply.deltas();
    assert_eq!((deltas.len(), &deltas[..2]), (3, &["Gold", " first"][..]));
    assert!(deltas[2].starts_with("\n\n"), "the line of trouble stands by itself: {deltas:?}");
}

async fn garbage_and_reported_errors_fail_the_reply(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for (script, code) in [
        (Script::reply(["Go", "ld"]).event_after(1, "{nonsense"), "model_protocol"),
        (
            Script::reply(["Go", "ld"]).event_after(1, &chunk::error("provider says no", &json!(null))),
            "model_unavailable",
        ),
        (Script::status(200).body("text/html", "<h1>provider says hello</h1>"), "model_protocol"),
        (Script::redirect("http://127.0.0.1:1/"), "model_protocol"),
        (
            Script::error(400, "x", "context_length_exceeded", "provider says: too long"),
            "model_context_exceeded",
        ),
    ] {
        let thread = ada.conversation("Bronn").await;
        app.model.enqueue(&script);
        let reply = ada.send(&thread, "Well?").await;
        check_failed(&ada, &thread, &reply).await;
        assert_eq!(reply.error().unwrap()["code"], code);
    }
}

async fn a_model_that_falls_silent_is_given_up(on: Database) {
    let app =
        TestApp::with(on, &[("MODEL_FIRST_TOKEN_TIMEOUT", "50ms"), ("MODEL_SILENCE_TIMEOUT", "50ms")]).await;
    let ada = app.register("ada@example.org").await;
    for script in [Script::hang(), Script::reply(["Gold"]).hang_after(1)] {
        let thread = ada.conversation("Bronn").await;
        app.model.enqueue(&script);
        let reply = ada.send(&thread, "Well?").await;
        check_failed(&ada, &thread, &reply).await;
        assert_eq!(reply.error().unwrap()["code"], "model_timeout");
        app.model.wait_for_open_connections(0).await;
    }
}

async fn a_busy_model_is_asked_again_before_the_first_token(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::status(429));
    app.model.enqueue(&Script::status(503));
    let reply = ada.send(&thread, "Well?").await;
    assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Aye."));
    assert_eq!(app.model.requests().len(), 3);
}

async fn a_model_that_stays_busy_is_given_up_and_never_replaced_by_the_offline_one(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.always(&Script::status(500).body("text/plain", "provider says: out of order"));
    let reply = ada.send(&thread, "What happened at the Eyrie?").await;
    check_failed(&ada, &thread, &reply).await;
    assert_eq!(reply.error().unwrap()["code"], "model_unavailable");
    assert_eq!(reply.error().unwrap()["retryable"], true);
    assert_eq!(app.model.requests().len(), 3);
}

async fn the_line_of_trouble_is_not_shown_to_the_model_later(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", "."]).cut_after(1));
    app.model.enqueue(&Script::status(400));
    let (cut, refused) = (ada.send(&thread, "one").await, ada.send(&thread, "two").await);
    assert_eq!((cut.status(), refused.status()), ("failed", "failed"));
    ada.send(&thread, "three").await;
    let messages = app.model.requests()[2].body["messages"].clone();
    let contents: Vec<&str> =
        messages.as_array().unwrap()[1..].iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(contents, ["one", "Gold", "two", "three"]);
}
