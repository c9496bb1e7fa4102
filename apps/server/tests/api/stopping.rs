//! Stopping a reply.

use raconteur_fake_upstream::Script;
use serde_json::{Value, json};

use crate::support::sse::EventStream;
use crate::support::{Database, TestApp, on_every_database};

on_every_database! {
    a_stopped_reply_ends_on_both_sides_and_keeps_what_it_said
    a_reply_is_stopped_before_the_model_has_said_anything
    stopping_what_has_ended_changes_nothing
    nobody_stops_what_is_not_theirs_and_learns_nothing_of_it
    what_is_no_request_to_stop_is_refused
}

fn generation(id: &str) -> Value {
    json!({ "generation_id": id })
}

/// The generation of a stream of which nothing has been read.
async fn begun(reply: &mut EventStream) -> String {
    let start = reply.take(1).await;
    start[0].data["generation_id"].as_str().unwrap().to_owned()
}

async fn a_stopped_reply_ends_on_both_sides_and_keeps_what_it_said(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let id = begun(&mut reply).await;
    reply.take(1).await;

    let answer = ada.post("/api/chat/stop", &generation(&id)).await.expect(202);
    assert_eq!(answer.json(), json!({}));
    app.model.wait_for_disconnect(0).await;
    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("stopped", "Gold"));
    assert_eq!(ada.said(&thread).await, ["user: What is your price?", "assistant: Gold"]);
    assert_eq!(ada.messages(&thread).await[1]["status"], "stopped");

    ada.post("/api/chat/stop", &generation(&id)).await.expect(202);
    assert_eq!(ada.send(&thread, "Well?").await.status(), "complete", "and the talk goes on");
}

async fn a_reply_is_stopped_before_the_model_has_said_anything(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::hang());
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let id = begun(&mut reply).await;
    app.model.wait_for_requests(1).await;
    // Upper case and blanks are read too, as everywhere.
    let shouted = format!(" {} ", id.to_uppercase());
    ada.post("/api/chat/stop/", &generation(&shouted)).await.expect(202);
    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("stopped", ""));
}

async fn stopping_what_has_ended_changes_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let reply = ada.send(&thread, "What is your price?").await;
    let id = reply.start()["generation_id"].as_str().unwrap();
    ada.post("/api/chat/stop", &generation(id)).await.expect(202);
    assert_eq!(ada.messages(&thread).await[1]["status"], "complete");
}

async fn nobody_stops_what_is_not_theirs_and_learns_nothing_of_it(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.register("ada@example.org").await, app.register("bob@example.org").await);
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let id = begun(&mut reply).await;
    reply.take(1).await;

    app.visitor().post("/api/chat/stop", &generation(&id)).await.refused(
        401,
        "not_authenticated",
        "Authentication credentials were not provided.",
    );
    for id in [&id, "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "not-an-id", &id.replace('-', "")] {
        bob.post("/api/chat/stop", &generation(id)).await.refused(404, "not_found", "Not found.");
    }
    assert_eq!(ada.messages(&thread).await[1]["status"], "running");
    ada.post("/api/chat/stop", &generation(&id)).await.expect(202);
    assert_eq!(reply.finish().await.status(), "stopped");
}

async fn what_is_no_request_to_stop_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for body in [json!({}), json!({ "generation_id": null }), generation(""), generation(" \t")] {
        let answer = ada.post("/api/chat/stop", &body).await;
        answer.refused(400, "invalid", "generation_id required");
    }
    for wrong in [json!(1), json!(1.5), json!(true), json!(["x"]), json!([]), json!({}), json!({ "id": "x" })]
    {
        let answer = ada.post("/api/chat/stop", &json!({ "generation_id": wrong })).await;
        answer.refused_fields(&[("generation_id", "Not a valid string.")]);
    }
    for nul in ["\0", "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203\0"] {
        let answer = ada.post("/api/chat/stop", &generation(nul)).await;
        answer.refused_fields(&[("generation_id", "Null characters are not allowed.")]);
    }
    for nobodys in ["x", "018f4e6a-1c2d-7a3b-8c4d", "{018f4e6a-1c2d-7a3b-8c4d-5e6f70819203}", "é", "👻"] {
        let answer = ada.post("/api/chat/stop", &generation(nobodys)).await;
        answer.refused(404, "not_found", "Not found.");
    }
    let answer = ada.get("/api/chat/stop").await.expect(405);
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
}
