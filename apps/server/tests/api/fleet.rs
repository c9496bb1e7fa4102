//! Several servers on one database.

use std::time::Duration;

use raconteur_domain::ServerId;
use raconteur_fake_upstream::Script;
use raconteur_storage::testing::TestSchema;
use raconteur_storage::{Db, Pool};
use serde_json::json;

use crate::support::TestApp;

/// Two servers on one database, or nothing where the test is skipped.
async fn two() -> Option<(TestApp, TestApp, TestSchema)> {
    let schema = TestSchema::create()?;
    let url = schema.url();
    let (one, other) = tokio::join!(TestApp::at(&url), TestApp::at(&url));
    Some((one, other, schema))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_on_one_server_is_there_on_the_other() {
    let Some((one, other, _schema)) = two().await else { return };
    let ada = one.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    one.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    ada.begin(&thread, "What is your price?").await.take(2).await;

    let elsewhere = ada.at(&other.base());
    assert_eq!(elsewhere.said(&thread).await, ["user: What is your price?", "assistant: Gold"]);
    other.model.enqueue(&Script::reply(["I am asked at two doors."]));
    assert_eq!(elsewhere.send(&thread, "And yours?").await.status(), "complete");
    let messages = ada.messages(&thread).await;
    assert_eq!(messages.len(), 4);
    assert!(messages.windows(2).all(|pair| pair[1]["parent_id"] == pair[0]["id"]), "one chain: {messages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_a_conversation_stops_what_runs_in_it_on_another_server() {
    let Some((one, other, _schema)) = two().await else { return };
    let ada = one.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    one.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;

    ada.at(&other.base()).delete(&format!("/api/conversations/{thread}")).await.expect(204);
    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("stopped", "Gold"));
    one.model.wait_for_open_connections(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_is_stopped_from_any_server() {
    let Some((one, other, _schema)) = two().await else { return };
    let ada = one.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    one.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let generation = reply.take(2).await[0].data["generation_id"].clone();

    let stop = json!({ "generation_id": generation });
    ada.at(&other.base()).post("/api/chat/stop", &stop).await.expect(202);
    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("stopped", "Gold"));
    one.model.wait_for_open_connections(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_taken_for_dead_ends_its_replies_with_what_was_kept_and_goes_on() {
    let Some(schema) = TestSchema::create() else { return };
    let app = TestApp::at(&schema.url()).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;
    bury_everybody(&schema).await;

    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("interrupted", "Gold"));
    assert_eq!(reply.error().unwrap()["code"], "interrupted");
    assert_eq!(ada.said(&thread).await, ["user: What is your price?", "assistant: Gold"]);
    app.model.wait_for_open_connections(0).await;
    assert_eq!(ada.send(&thread, "Still there?").await.status(), "complete");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_taken_for_dead_does_not_call_its_replies_stopped() {
    let Some(schema) = TestSchema::create() else { return };
    let app = TestApp::at(&schema.url()).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;
    // It finds out before whoever buried it has come to its replies.
    schema.execute("DELETE FROM servers");

    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("interrupted", "Gold"));
    ada.until_ended(&thread).await;
    let kept = ada.messages(&thread).await.pop().unwrap();
    assert_eq!((&kept["content"], &kept["status"]), (&json!("Gold"), &json!("interrupted")));
}

/// What another server does with those that it has not seen for too long.
async fn bury_everybody(schema: &TestSchema) {
    use raconteur::system::{SystemClock, SystemEntropy};
    use raconteur_domain::Clock as _;
    let db = Db::open(&schema.url().parse().unwrap(), Pool { connections: 1 }).unwrap();
    let now = SystemClock.now();
    let survivor = ServerId::new(now, &SystemEntropy);
    db.write(move |tx| tx.join(survivor, now)).await.unwrap();
    // Time passes, in which nobody but this one is seen.
    let others = format!("UPDATE servers SET seen_at = 0 WHERE id <> '{survivor}'");
    schema.execute(&format!("UPDATE servers SET seen_since = 0; {others}"));
    db.write(move |tx| tx.bury_dead(survivor, Duration::from_secs(3_600))).await.unwrap();
    let orphans = db.read(|tx| tx.orphans(100)).await.unwrap();
    assert_eq!(orphans.len(), 1);
    assert!(db.write(move |tx| tx.interrupt(orphans[0], now)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_whose_acceptance_was_answered_by_nobody_is_ended() {
    let Some(schema) = TestSchema::create() else { return };
    let app = TestApp::at(&schema.url()).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "What is your price?").await;
    // As if the transaction had been committed, and the connection lost before anybody was told.
    schema.execute(
        "UPDATE generations SET status = 'running', text = NULL, ended_at = NULL; \
         UPDATE messages SET status = 'running', content = '' WHERE generation_id IS NOT NULL",
    );
    let status = async || ada.messages(&thread).await[1]["status"].clone();
    while status().await == "running" {
        tokio::task::yield_now().await;
    }
    assert_eq!(status().await, "interrupted");
}
