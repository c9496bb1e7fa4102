//! One send, one reply: what is repeated under its `Idempotency-Key` is done once.

use futures_util::future::join_all;
use raconteur_fake_upstream::Script;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::sse::{EventStream, Reply};
use crate::support::{Answer, Client, Database, TestApp, on_every_database};

on_every_database! {
    fifty_sends_at_once_under_one_key_are_one_send
    a_send_that_is_repeated_later_gets_the_first_reply
    a_send_that_is_repeated_while_the_reply_runs_joins_it
    keys_hold_after_a_restart
    another_send_under_the_same_key_is_refused
    everybody_has_keys_of_their_own
    a_message_is_added_once
    what_was_deleted_is_not_found_under_its_key
    a_send_that_was_refused_leaves_its_key_free
    what_is_no_key_is_refused
}

const KEY: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn keyed(person: &Client, path: &str, key: &str, body: &Value) -> RequestBuilder {
    person.ask(Method::POST, path).header("Idempotency-Key", key).json(body)
}

fn sending(thread: &str, prompt: &str) -> Value {
    json!({ "conversation_id": thread, "prompt": prompt })
}

async fn begin(person: &Client, key: &str, body: &Value) -> EventStream {
    let response = keyed(person, "/api/chat/stream", key, body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    EventStream::new(response)
}

async fn send(person: &Client, key: &str, body: &Value) -> Reply {
    begin(person, key, body).await.finish().await
}

async fn try_send(person: &Client, key: &str, body: &Value) -> Answer {
    person.answer(keyed(person, "/api/chat/stream", key, body)).await
}

async fn fifty_sends_at_once_under_one_key_are_one_send(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first", ", 漢字", "."]));
    let body = sending(&thread, "Price?");
    let replies = join_all((0..50).map(|_| send(&ada, KEY, &body))).await;
    for reply in &replies {
        assert_eq!(
            (reply.start(), reply.text(), reply.end()),
            (replies[0].start(), replies[0].text(), replies[0].end())
        );
    }
    assert_eq!(replies[0].text(), "Gold first, 漢字.");
    assert_eq!(ada.said(&thread).await, ["user: Price?", "assistant: Gold first, 漢字."]);
    assert_eq!(app.model.requests().len(), 1);
}

async fn a_send_that_is_repeated_later_gets_the_first_reply(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]));
    let body = sending(&thread, "Price?");
    let first = send(&ada, KEY, &body).await;
    let again = send(&ada, KEY, &body).await;
    assert_eq!((again.start(), again.text(), again.end()), (first.start(), first.text(), first.end()));
    // Fields that say nothing, and the order of the others, are no difference.
    let same = json!({ "prompt": "Price?", "create_user_message": true, "conversation_id": thread, "x": 1 });
    assert_eq!(send(&ada, KEY, &same).await.start(), first.start());
    assert_eq!(ada.messages(&thread).await.len(), 2);
}

async fn a_send_that_is_repeated_while_the_reply_runs_joins_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let body = sending(&thread, "Price?");
    let mut first = begin(&ada, KEY, &body).await;
    let start = first.take(2).await[0].data.clone();
    let mut second = begin(&ada, KEY, &body).await;
    assert_eq!(second.take(2).await[0].data, start);
    ada.post("/api/chat/stop", &json!({ "generation_id": start["generation_id"] })).await.expect(202);
    let (first, second) = (first.finish().await, second.finish().await);
    assert_eq!((first.status(), first.end(), first.text()), ("stopped", second.end(), second.text()));
}

async fn keys_hold_after_a_restart(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]));
    let body = sending(&thread, "Price?");
    let first = send(&ada, KEY, &body).await;
    let (_model, place) = app.stop().await;
    let app = TestApp::at(&place.url()).await;
    let ada = ada.at(&app.base());
    let again = send(&ada, KEY, &body).await;
    assert_eq!((again.start(), again.text(), again.end()), (first.start(), first.text(), first.end()));
    assert_eq!(app.model.requests().len(), 0);
}

async fn another_send_under_the_same_key_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let (thread, other) = (ada.conversation("Bronn").await, ada.conversation("Nemo").await);
    app.model.enqueue(&Script::reply(["Gold", " first."]));
    send(&ada, KEY, &sending(&thread, "Price?")).await;
    let unsaved = json!({ "conversation_id": thread, "prompt": "Price?", "create_user_message": false });
    let detail = "Another request was made under this Idempotency-Key.";
    for body in [sending(&thread, "price?"), sending(&thread, ""), sending(&other, "Price?"), unsaved] {
        try_send(&ada, KEY, &body).await.refused(422, "idempotency_key_reused", detail);
    }
    let path = format!("/api/conversations/{thread}/messages/create");
    let answer = ada.answer(keyed(&ada, &path, KEY, &json!({ "content": "Price?" }))).await;
    answer.refused(422, "idempotency_key_reused", detail);
    assert_eq!((ada.messages(&thread).await.len(), ada.messages(&other).await.len()), (2, 0));
}

async fn everybody_has_keys_of_their_own(on: Database) {
    let app = TestApp::start(on).await;
    for email in ["ada@example.org", "eve@example.org"] {
        let person = app.register(email).await;
        let thread = person.conversation("Bronn").await;
        app.model.enqueue(&Script::reply([email]));
        assert_eq!(send(&person, KEY, &sending(&thread, "Price?")).await.text(), email);
    }
}

async fn a_message_is_added_once(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}/messages/create");
    let body = json!({ "content": "Price?" });
    let create = async || ada.answer(keyed(&ada, &path, KEY, &body)).await.expect(201).json();
    let created = join_all((0..10).map(|_| create())).await;
    assert!(created.iter().all(|message| message == &created[0]), "{created:?}");
    assert_eq!(ada.said(&thread).await, ["user: Price?"]);
    ada.say(&thread, "Price?").await;
    assert_eq!(ada.messages(&thread).await.len(), 2, "without a key it is another message");
}

async fn what_was_deleted_is_not_found_under_its_key(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]));
    let body = sending(&thread, "Price?");
    send(&ada, KEY, &body).await;
    ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    try_send(&ada, KEY, &body).await.refused(404, "not_found", "Not found.");
}

async fn a_send_that_was_refused_leaves_its_key_free(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let nowhere = sending("00000000-0000-0000-0000-000000000000", "Price?");
    try_send(&ada, KEY, &nowhere).await.refused(404, "not_found", "Not found.");
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]));
    assert_eq!(send(&ada, KEY, &sending(&thread, "Price?")).await.text(), "Gold first.");
}

async fn what_is_no_key_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}/messages/create");
    let problem = "One to 255 visible ASCII characters without blanks were expected, once.";
    let long = "x".repeat(256);
    for key in ["", "a b", " ", "\t", "é", "漢", "a\tb", "\u{a0}", "ｋ", &long] {
        for (path, body) in [
            ("/api/chat/stream", sending(&thread, "Price?")),
            (path.as_str(), json!({ "content": "Price?" })),
        ] {
            ada.answer(keyed(&ada, path, key, &body)).await.refused_fields(&[("Idempotency-Key", problem)]);
        }
    }
    let twice = keyed(&ada, &path, "a", &json!({ "content": "Price?" })).header("Idempotency-Key", "b");
    ada.answer(twice).await.refused_fields(&[("Idempotency-Key", problem)]);
    assert_eq!(ada.messages(&thread).await.len(), 0);
    let longest = "~".repeat(255);
    ada.answer(keyed(&ada, &path, &longest, &json!({ "content": "Price?" }))).await.expect(201);
}
