//! No request makes the database go through a whole table: every statement that one executes is found by an index.
//!
//! A test of its own, for it listens to all connections of its process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "api/support/mod.rs"]
mod support;

use std::fmt::Write as _;

use raconteur_fake_upstream::Script;
use raconteur_storage::testing::{full_scans, record_statements, recorded_statements};
use reqwest::Method;
use serde_json::json;

use support::{Client, Database, TestApp};

/// What is small whatever is in the database: a row for each table, for each migration, for each server that runs, for
/// each table that is being prepared for search, for each message of one commit, one for a sequence; and the indexes over
/// nothing but what is looked for, the replies that run and the conversations that wait to be removed. And what a walk
/// through a tree of messages has come to, from which it goes on.
const SMALL: [&str; 12] = [
    "sqlite_master",
    "__diesel_schema_migrations",
    "servers",
    "search_backlog",
    "temp.search_pending",
    "chunks_key_seq",
    "generations_running",
    "generations_running_on",
    "conversations_deleted",
    "lineage",
    "descent",
    "subtree",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_goes_through_a_whole_table() {
    record_statements();
    for on in [Database::Sqlite, Database::Postgres] {
        if on.is_there() {
            every_statement_is_found_by_an_index(on).await;
        }
    }
}

async fn every_statement_is_found_by_an_index(on: Database) {
    let before = recorded_statements();
    let app = TestApp::start(on).await;
    make_every_request(&app).await;
    let url = app.place().url().parse().unwrap();
    let executed: Vec<String> =
        recorded_statements().into_iter().filter(|statement| !before.contains(statement)).collect();
    assert!(executed.len() > 40, "the statements are recorded: {executed:#?}");
    let mut complaint = String::new();
    for statement in executed {
        for scan in full_scans(&url, &statement) {
            if !SMALL.iter().any(|name| scan.split(' ').any(|word| word == *name)) {
                writeln!(complaint, "{scan}\n    {statement}").unwrap();
            }
        }
    }
    assert!(complaint.is_empty(), "on {on:?}:\n{complaint}");
}

async fn make_every_request(app: &TestApp) {
    let ada = app.register("ada@example.org").await;
    let visitor = app.visitor();
    let credentials = json!({ "email": "ada@example.org", "password": support::PASSWORD });
    visitor.post("/api/auth/login", &credentials).await.expect(200);
    visitor.post("/api/auth/refresh", &json!({ "refresh": ada.account().refresh })).await.expect(200);
    ada.get("/api/me").await.expect(200);
    visitor.get("/readyz").await.expect(200);
    let thread = ada.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}");
    talk(app, &ada, &thread).await;
    ada.post(&format!("{path}/messages/create"), &json!({ "content": "gold, at last" })).await.expect(201);
    read(&ada, &path).await;
    branch(app, &ada, &path).await;
    search(&ada, &thread).await;
    for method in [Method::PATCH, Method::PUT] {
        ada.answer(ada.ask(method, &path).json(&json!({ "title": "Coin", "character": "Nemo" })))
            .await
            .expect(200);
    }
    ada.delete(&path).await.expect(204);
    ada.conversation("Nemo").await;
    ada.delete("/api/conversations/bulk-delete?character=Nemo").await.expect(200);
    ada.delete("/api/conversations/bulk-delete").await.expect(200);
}

async fn talk(app: &TestApp, ada: &Client, thread: &str) {
    for _ in 0..2 {
        app.model.enqueue(&Script::reply(["Gold", " first."]));
    }
    let reply = ada.send(thread, "Price?").await;
    ada.send_unsaved(thread, "Price?").await;
    let generation = reply.start()["generation_id"].clone();
    ada.get(&format!("/api/generations/{}", generation.as_str().unwrap())).await.expect(200);
    ada.post("/api/chat/stop", &json!({ "generation_id": generation })).await.expect(202);
}

async fn read(ada: &Client, path: &str) {
    let messages = ada.get(&format!("{path}/messages?page_size=1")).await.expect(200).json();
    let first = messages["results"][0]["id"].as_str().unwrap();
    for query in [
        "?order=desc",
        "?page=last&page_size=1",
        "?all=true",
        "?all=true&order=desc&page=last&page_size=1",
        &format!("?after={first}"),
        &format!("?before={first}&order=desc"),
    ] {
        ada.get(&format!("{path}/messages{query}")).await.expect(200);
    }
    ada.get(path).await.expect(200);
    for query in ["", "?character=Bronn", "?page=last", "?page_size=1&page=1"] {
        ada.get(&format!("/api/conversations{query}")).await.expect(200);
    }
}

/// Everything that is done to messages, both to those that are shown and to those that are not.
async fn branch(app: &TestApp, ada: &Client, path: &str) {
    for _ in 0..3 {
        app.model.enqueue(&Script::reply(["Silver", " then."]));
    }
    let all = ada.get(&format!("{path}/messages?all=true")).await.expect(200).json();
    let of = |index: usize| format!("/api/messages/{}", all["results"][index]["id"].as_str().unwrap());
    let (question, old, newer) = (of(0), of(1), of(2));
    ada.post(&format!("{old}/activate"), &json!({})).await.expect(200);
    ada.read_stream(&format!("{old}/continue"), &json!({})).await;
    ada.patch(&question, &json!({ "content": "What do you cost?" })).await.expect(200);
    ada.patch(&newer, &json!({ "content": "Nothing." })).await.expect(200);
    ada.read_stream(&format!("{newer}/regenerate"), &json!({})).await;
    ada.delete(&old).await.expect(204);
    ada.delete(&question).await.expect(204);
}

/// Past the newest messages the index is asked.
async fn search(ada: &Client, thread: &str) {
    for number in 0..1_010 {
        ada.say(thread, &format!("then number {number}")).await;
    }
    for text in ["g", "gold", "gol", "gold, at last", "absent", "number"] {
        ada.get(&format!("/api/search?q={text}&limit=100")).await.expect(200);
    }
}
