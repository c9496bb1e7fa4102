//! Replies as one answer, for clients that want no stream.

use raconteur_fake_upstream::{Gate, Script};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::{Answer, Client, Database, TestApp, on_every_database};

on_every_database! {
    a_client_that_prefers_json_gets_the_whole_reply_once_it_has_ended
    a_client_that_prefers_nothing_gets_a_stream
    a_reply_that_failed_says_so
    a_reply_that_was_stopped_says_so
    a_reply_whose_conversation_was_deleted_is_not_found
    a_client_that_comes_back_gets_a_stream_whatever_it_prefers
    what_is_refused_is_refused_as_ever
}

fn request(person: &Client, thread: &str, accept: &str) -> RequestBuilder {
    let body = json!({ "conversation_id": thread, "prompt": "What is your price?" });
    person.ask(Method::POST, "/api/chat/stream").header("Accept", accept).json(&body)
}

async fn ask(person: &Client, thread: &str, accept: &str) -> Answer {
    person.answer(request(person, thread, accept)).await
}

async fn a_client_that_prefers_json_gets_the_whole_reply_once_it_has_ended(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first — 漢🗡."]).usage(41, 3));
    let answer = ask(&ada, &thread, "application/json, text/event-stream;q=0.9").await.expect(200).json();
    let messages = ada.messages(&thread).await;
    assert_eq!(answer["message"], messages[1]);
    assert_eq!(answer["message"]["content"], "Gold first — 漢🗡.");
    let path = format!("/api/generations/{}", messages[1]["generation_id"].as_str().unwrap());
    assert_eq!(answer["generation"], ada.get(&path).await.expect(200).json());
    assert_eq!(
        (&answer["generation"]["status"], &answer["generation"]["usage"]["completion_tokens"]),
        (&json!("complete"), &json!(3))
    );
}

async fn a_client_that_prefers_nothing_gets_a_stream(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for accept in ["*/*", "text/event-stream", "application/json, text/plain, */*", "text/html", ""] {
        let reply = Client::open(request(&ada, &thread, accept)).await.finish().await;
        assert_eq!(reply.headers["content-type"], "text/event-stream", "{accept}");
    }
}

async fn a_reply_that_failed_says_so(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Go", "ld"]).cut_after(2));
    let answer = ask(&ada, &thread, "application/json").await.expect(200).json();
    assert_eq!(
        (&answer["message"]["status"], &answer["generation"]["status"]),
        (&json!("failed"), &json!("failed"))
    );
    assert_eq!(answer["generation"]["error_code"], "model_cut_off");
    assert!(answer["message"]["content"].as_str().unwrap().starts_with("Gold\n\n"));
}

async fn a_reply_that_was_stopped_says_so(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
    let stop = async {
        gate.reached(1).await;
        while ada.said(&thread).await.last().is_none_or(|last| last != "assistant: Gold") {
            tokio::task::yield_now().await;
        }
        let generation = ada.messages(&thread).await[1]["generation_id"].clone();
        ada.post("/api/chat/stop", &json!({ "generation_id": generation })).await.expect(202);
    };
    let (answer, ()) = tokio::join!(ask(&ada, &thread, "application/json"), stop);
    let answer = answer.expect(200).json();
    assert_eq!(
        (&answer["message"]["content"], &answer["message"]["status"]),
        (&json!("Gold"), &json!("stopped"))
    );
}

async fn a_reply_whose_conversation_was_deleted_is_not_found(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
    let delete = async {
        gate.reached(1).await;
        ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    };
    let (answer, ()) = tokio::join!(ask(&ada, &thread, "application/json"), delete);
    answer.refused(404, "not_found", "Not found.");
}

async fn a_client_that_comes_back_gets_a_stream_whatever_it_prefers(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let reply = ada.send(&thread, "What is your price?").await;
    let ids: Vec<&str> = reply.events().iter().filter_map(|event| event.id.as_deref()).collect();
    let again = |id: &str| {
        // Nor does a key make another request of it.
        request(&ada, &thread, "application/json")
            .header("Last-Event-ID", id)
            .header("Idempotency-Key", "one")
    };
    let rest = Client::open(again(ids[0])).await.rest().await;
    assert_eq!(rest.last(), reply.events().last());
    ada.answer(again(ids[ids.len() - 1])).await.expect(204);
    assert_eq!((app.model.requests().len(), ada.messages(&thread).await.len()), (1, 2));
    // The key was not taken by it.
    let answer =
        ada.answer(request(&ada, &thread, "application/json").header("Idempotency-Key", "one")).await;
    assert_eq!(answer.expect(200).json()["message"]["status"], "complete");
    assert_eq!(ada.messages(&thread).await.len(), 4);
}

async fn what_is_refused_is_refused_as_ever(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let nobodys = ask(&ada, "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "application/json").await;
    nobodys.refused(404, "not_found", "Not found.");
    let empty = ada.ask(Method::POST, "/api/chat/stream").header("Accept", "application/json");
    ada.answer(empty).await.refused(400, "invalid", "conversation_id required");
}
