//! No request makes the database go through a whole table: every statement that one executes is found by an index.
//!
//! A test of its own, for it listens to all connections of its process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "api/support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use raconteur_auth::testing::GoogleKey;
use raconteur_fake_upstream::{Gate, Script};
use raconteur_storage::testing::{full_scans, record_statements, recorded_statements};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use support::sse::{EventStream, PATIENCE};
use support::token::forged;
use support::{Client, Database, Operation, TestApp, google, operations};

/// What is small whatever is in the database: a row for each table, for each migration, for each server that runs, for
/// each table that is being prepared for search, for each message of one commit, one for a sequence; and the indexes over
/// nothing but what is looked for, the replies that run, and the conversations and accounts that wait to be removed. And what a walk
/// through a tree of messages has come to, from which it goes on.
const SMALL: [&str; 13] = [
    "sqlite_master",
    "__diesel_schema_migrations",
    "servers",
    "search_backlog",
    "temp.search_pending",
    "chunks_key_seq",
    "generations_running",
    "generations_running_on",
    "conversations_deleted",
    "users_deleted",
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
    let key = GoogleKey::new("one");
    let (app, _keys) = google::start(on, &key).await;
    make_every_request(&app, &key).await;
    if on == Database::Postgres {
        let ada = app.register("ada@elsewhere.example").await;
        interfere_from_elsewhere(&app, &ada).await;
    }
    assert_eq!(asked(&app), described(), "every request there is was made");
    until_what_was_deleted_is_gone(&before).await;
    let url = app.place().url().parse().unwrap();
    let executed: Vec<String> =
        recorded_statements().into_iter().filter(|statement| !before.contains(statement)).collect();
    assert!(executed.len() > 60, "the statements are recorded: {executed:#?}");
    let mut complaint = String::new();
    for statement in executed {
        for scan in full_scans(&url, &statement) {
            if !SMALL.iter().any(|name| scan.split(' ').any(|word| word == *name)) {
                writeln!(complaint, "{scan}\n    {statement}").unwrap();
            }
        }
    }
    assert!(complaint.is_empty(), "on {on:?}:\n{complaint}");
    // It has nothing to execute any more while the next one is listened to.
    app.stop().await;
}

/// Rows go in the background, the conversation's own after all others.
async fn until_what_was_deleted_is_gone(before: &[String]) {
    let is_the_last = |statement: &String| {
        statement.starts_with("DELETE") && statement.contains("conversations") && !before.contains(statement)
    };
    let gone = async {
        while !recorded_statements().iter().any(is_the_last) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("what was deleted goes");
}

/// Every operation that the document has, as `METHOD PATH`.
fn described() -> BTreeSet<String> {
    operations().iter().map(Operation::name).collect()
}

/// Those that were asked for. What is no operation stands as it was asked.
fn asked(app: &TestApp) -> BTreeSet<String> {
    let operations = operations();
    let name = |asked: String| {
        let path = asked.split('?').next().unwrap_or_default();
        let mut fitting: Vec<String> = operations.iter().map(Operation::name).collect();
        fitting.retain(|name| is_like(name, path));
        // Where an id would stand, a name goes before it.
        fitting.sort_by_key(|name| name.contains('{'));
        fitting.into_iter().next().unwrap_or(asked)
    };
    app.visitor().asked().into_iter().map(name).collect()
}

/// Whether a path is this one, in which `{id}` and `{slug}` stand for anything.
fn is_like(template: &str, path: &str) -> bool {
    let (own, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    own.len() == given.len()
        && own.iter().zip(&given).all(|(own, given)| own.starts_with('{') || own == given)
}

/// Makes every request, in every way that has statements of its own.
async fn make_every_request(app: &TestApp, key: &GoogleKey) {
    let ada = app.register("ada@example.org").await;
    sign_in(app, key, &ada).await;
    look_at_the_service(app).await;

    look_at_characters(app, &ada).await;

    let thread = ada.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}");
    talk(app, &ada, &thread).await;
    come_back(&ada, &thread).await;
    send_once(app, &ada, &thread).await;
    read(&ada, &path).await;
    branch(app, &ada, &path).await;
    search(&ada, &thread).await;
    for method in [Method::PATCH, Method::PUT] {
        ada.answer(ada.ask(method, &path).json(&json!({ "title": "Coin", "character": "Nemo" })))
            .await
            .expect(200);
    }
    end_an_account(app).await;
    interfere(app, &ada).await;
    delete(app, &ada, &path).await;
    go_on_and_end(app, &ada).await;
}

async fn look_at_characters(app: &TestApp, ada: &Client) {
    for path in ["/api/personas", "/api/personas/bronn", "/api/personas/bronn/avatar"] {
        ada.get(path).await.expect(200);
    }
    app.visitor().get("/api/personas").await.expect(200);
    app.visitor().get("/api/about").await.expect(200);
    ada.post("/api/personas/bronn/preview", &json!({ "query": "gold" })).await.expect(200);
    look_at_own_characters(ada).await;
    ada.post("/api/conversations", &json!({ "greeting": true })).await.expect(201);
}

async fn look_at_own_characters(ada: &Client) {
    let wren = json!({ "name": "Wren", "query": "Is it safe?" });
    ada.post("/api/personas", &wren).await.expect(201);
    ada.post("/api/personas/preview", &wren).await.expect(200);
    ada.put("/api/personas/wren", &json!({ "visibility": "public" })).await.expect(200);
    for path in ["/api/personas?mine=true&q=wren", "/api/personas?q=wren", "/api/personas/wren/export"] {
        ada.get(path).await.expect(200);
    }
    let picture = ada.ask(Method::PUT, "/api/personas/wren/avatar").body(support::operations::pixel());
    let shown = ada.answer(picture).await.expect(200).json();
    ada.get(shown["avatar"].as_str().unwrap()).await.expect(200);
    ada.delete("/api/personas/wren/avatar").await.expect(204);
    let card = ada.ask(Method::POST, "/api/personas/import").body(r#"{"name": "Wren", "description": "x"}"#);
    ada.answer(card).await.expect(201);
    let thread = ada.post("/api/conversations", &json!({ "character": "Wren" })).await.expect(201).json();
    let path = format!("/api/conversations/{}", thread["id"].as_str().unwrap());
    ada.patch(&path, &json!({ "character": "wren-2", "note": "It rains." })).await.expect(200);
    ada.delete("/api/personas/wren").await.expect(204);
    ada.put("/api/me", &json!({ "display_name": "Ada" })).await.expect(200);
}

async fn sign_in(app: &TestApp, key: &GoogleKey, ada: &Client) {
    let visitor = app.visitor();
    let post = async |path: &str, body: Value, status: u16| {
        visitor.post(&format!("/api/auth/{path}"), &body).await.expect(status);
    };
    post("login", json!({ "email": "ada@example.org", "password": support::PASSWORD }), 200).await;
    post("login", json!({ "email": "ada@example.org", "password": "another one" }), 400).await;
    post("login", json!({ "email": "nobody@example.org", "password": support::PASSWORD }), 400).await;
    post("register", json!({ "email": "ADA@example.org", "password": support::PASSWORD }), 400).await;
    post("refresh", json!({ "refresh": ada.account().refresh }), 200).await;
    ada.get("/api/me").await.expect(200);

    app.register("eve@gmail.com").await;
    for (changes, status) in [
        (json!({ "sub": "1", "email": "bob@example.org" }), 200),
        // The same person again.
        (json!({ "sub": "1", "email": "bob@example.org" }), 200),
        (json!({ "sub": "2", "email": "ada@example.org" }), 400),
        (json!({ "sub": "3", "email": "eve@gmail.com" }), 200),
    ] {
        post("google", json!({ "id_token": key.token(&google::claims(&changes)) }), status).await;
    }
}

/// Goes on with sessions and ends them, each in every way.
async fn go_on_and_end(app: &TestApp, ada: &Client) {
    let visitor = app.visitor();
    let body = json!({ "email": "ada@example.org", "password": support::PASSWORD });
    let again = async || visitor.signed_in(&visitor.post("/api/auth/login", &body).await.expect(200).json());
    let (person, other) = (again().await, again().await);
    let refresh = async |body: Value, status: u16| {
        visitor.post("/api/auth/refresh", &body).await.expect(status).json()["refresh"].clone()
    };
    let first = json!(person.account().refresh);
    let second = refresh(json!({ "refresh": first, "rotate": true }), 200).await;
    refresh(json!({ "refresh": first }), 200).await;
    refresh(json!({ "refresh": second }), 200).await;
    // Which ends it.
    refresh(json!({ "refresh": first }), 401).await;
    // Somebody who signed in when there were no sessions.
    let changes = json!({ "sid": null, "epoch": 0 });
    let earlier = visitor.ask(Method::GET, "/api/me").bearer_auth(forged(&other, &changes));
    visitor.answer(earlier).await.expect(200);
    let exp = google::now() + 86_400;
    let changes = json!({ "token_type": "refresh", "sid": null, "epoch": 0, "exp": exp });
    refresh(json!({ "refresh": forged(&other, &changes) }), 200).await;

    for query in ["", "?page=last"] {
        other.get(&format!("/api/auth/sessions{query}")).await.expect(200);
    }
    let listed = other.get("/api/auth/sessions").await.expect(200).json();
    let session = listed["results"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    other.delete(&format!("/api/auth/sessions/{}", session["id"].as_str().unwrap())).await.expect(204);
    let body = json!({ "refresh": other.account().refresh });
    visitor.post("/api/auth/logout", &body).await.expect(204);
    ada.delete("/api/auth/sessions").await.expect(204);
}

/// Changes what somebody signs in with, and ends their account with something of everything in it.
async fn end_an_account(app: &TestApp) {
    let eve = app.register("eve@example.org").await;
    let change = json!({
        "email": "eve@elsewhere.example", "password": "another good one", "current_password": support::PASSWORD,
    });
    eve.put("/api/me", &change).await.expect(200);
    let taken = json!({ "email": "ada@example.org", "current_password": "another good one" });
    eve.put("/api/me", &taken).await.expect(400);
    eve.post("/api/personas", &json!({ "name": "Crow", "visibility": "public" })).await.expect(201);
    let thread = eve.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}/messages/create");
    let request = eve.ask(Method::POST, &path).header("Idempotency-Key", "once");
    eve.answer(request.json(&json!({ "content": "gold" }))).await.expect(201);
    eve.say(&thread, "silver").await;
    let archive = eve.get("/api/me/export").await.expect(200).text;
    eve.answer(eve.ask(Method::POST, "/api/me/import").body(archive)).await.expect(200);
    let request = eve.ask(Method::DELETE, "/api/me");
    eve.answer(request.json(&json!({ "password": "another good one" }))).await.expect(204);
}

async fn look_at_the_service(app: &TestApp) {
    for path in ["/healthz", "/readyz", "/api/openapi.json", "/api/docs"] {
        app.visitor().get(path).await.expect(200);
    }
}

/// The generation of a reply.
fn generation(start: &Value) -> &str {
    start["generation_id"].as_str().unwrap()
}

fn sending(thread: &str, prompt: &str) -> Value {
    json!({ "conversation_id": thread, "prompt": prompt })
}

async fn talk(app: &TestApp, ada: &Client, thread: &str) {
    ada.say(thread, "gold, at last").await;
    app.model
        .enqueue(&Script::reply(["Gold", " first."]).reasoning(["A fool?"]).usage_with_reasoning(9, 3, 1));
    app.model.enqueue(&Script::reply(["Gold", " first."]));
    let reply = ada.send(thread, "Price?").await;
    ada.send_unsaved(thread, "Price?").await;
    ada.send_unsaved(thread, "A prompt that is kept nowhere").await;
    ada.read_stream("/api/chat/stream", &json!({ "conversation_id": thread, "reasoning": true })).await;
    ada.send(thread, "[[OOC]] Who is he?").await;
    // The model fails, and it is told.
    app.model.enqueue(&Script::reply(["Gold"]).cut_after(1));
    ada.send(thread, "Price?").await;
    let request = ada.ask(Method::POST, "/api/chat/stream").header("Accept", "application/json");
    ada.answer(request.json(&sending(thread, "And whole?"))).await.expect(200).json();
    for query in ["", "?prompt=true"] {
        let path = format!("/api/generations/{}{query}", generation(reply.start()));
        ada.get(&path).await.expect(200);
    }
    let stop = json!({ "generation_id": generation(reply.start()) });
    ada.post("/api/chat/stop", &stop).await.expect(202);
}

/// Reads a reply again, once it has ended and while it runs.
async fn come_back(ada: &Client, thread: &str) {
    let reply = ada.send(thread, "Once more?").await;
    let generation = generation(reply.start());
    let end = format!("{generation}:end");
    ada.resume(generation, None).await.rest().await;
    ada.resume(generation, Some(&format!("{generation}:1"))).await.rest().await;
    ada.answer(ada.ask_again(generation, Some(&end))).await.expect(204);
    for query in ["after=0", "after=1&reasoning=true", "after=99999"] {
        let request = ada.ask(Method::GET, &format!("/api/chat/stream/{generation}?{query}"));
        ada.answer(request).await;
    }
    for last in [format!("{generation}:0"), end] {
        let request = ada.ask(Method::POST, "/api/chat/stream").header("Last-Event-ID", last);
        ada.answer(request.json(&sending(thread, "never sent"))).await;
    }
}

/// What is repeated under a key, while it runs and once it has ended, and what is another request.
async fn send_once(app: &TestApp, ada: &Client, thread: &str) {
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
    let keyed = |path: &str, body: &Value| {
        ada.ask(Method::POST, path)
            .header("Idempotency-Key", format!("for {path}").replace(' ', "-"))
            .json(body)
    };
    let (path, body) = ("/api/chat/stream", sending(thread, "Only once"));
    let first = Client::open(keyed(path, &body)).await;
    let second = Client::open(keyed(path, &body)).await;
    gate.open();
    tokio::join!(first.rest(), second.rest());
    Client::open(keyed(path, &body)).await.rest().await;
    ada.answer(keyed(path, &sending(thread, "Otherwise"))).await.expect(422);

    let path = format!("/api/conversations/{thread}/messages/create");
    for (content, status) in [("Only once", 201), ("Only once", 201), ("Otherwise", 422)] {
        ada.answer(keyed(&path, &json!({ "content": content }))).await.expect(status);
    }
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
    for _ in 0..2 {
        app.model.enqueue(&Script::reply(["Silver", " then."]));
    }
    let all = ada.get(&format!("{path}/messages?all=true")).await.expect(200).json();
    let of = |index: usize| format!("/api/messages/{}", all["results"][index]["id"].as_str().unwrap());
    // Behind a message without a reply.
    let (question, old, newer) = (of(1), of(2), of(3));
    ada.post(&format!("{old}/activate"), &json!({})).await.expect(200);
    ada.read_stream(&format!("{old}/continue"), &json!({})).await;
    ada.patch(&question, &json!({ "content": "What do you cost?" })).await.expect(200);
    ada.patch(&newer, &json!({ "content": "Nothing." })).await.expect(200);
    ada.read_stream(&format!("{newer}/regenerate"), &json!({})).await;
    ada.post(&format!("{question}/regenerate"), &json!({})).await.expect(400);
    ada.post(&format!("{newer}/continue"), &json!({})).await.expect(400);
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

/// A reply in a conversation of its own that has said a word and goes no further, and the conversation.
async fn begin(app: &TestApp, ada: &Client) -> (EventStream, Value, String) {
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "Price?").await;
    let start = reply.take(2).await[0].data.clone();
    (reply, start, thread)
}

/// Everything that is done to a reply that runs.
async fn interfere(app: &TestApp, ada: &Client) {
    let (reply, start, thread) = begin(app, ada).await;
    let mut follower = ada.resume(generation(&start), Some(&format!("{}:0", generation(&start)))).await;
    follower.take(1).await;
    let message = format!("/api/messages/{}", start["message_id"].as_str().unwrap());
    ada.patch(&message, &json!({ "content": "Nothing." })).await.expect(400);
    ada.post(&format!("{message}/continue"), &json!({})).await.expect(400);
    ada.get(&format!("/api/generations/{}?prompt=true", generation(&start))).await.expect(200);
    ada.get(&format!("/api/conversations/{thread}")).await.expect(200);
    ada.post("/api/chat/stop", &json!({ "generation_id": generation(&start) })).await.expect(202);
    assert_eq!(reply.finish().await.status(), "stopped");
    follower.rest().await;

    let (reply, start, _) = begin(app, ada).await;
    ada.delete(&format!("/api/messages/{}", start["message_id"].as_str().unwrap())).await.expect(204);
    reply.rest().await;
}

/// Follows and stops a reply that runs at another server of the same database.
async fn interfere_from_elsewhere(app: &TestApp, ada: &Client) {
    let other = TestApp::at(&app.place().url()).await;
    let elsewhere = ada.at(&other.base());
    let (reply, start, thread) = begin(app, ada).await;
    let mut follower = elsewhere.resume(generation(&start), None).await;
    follower.take(2).await;
    elsewhere.get(&format!("/api/conversations/{thread}")).await.expect(200);
    elsewhere.post("/api/chat/stop", &json!({ "generation_id": generation(&start) })).await.expect(202);
    assert_eq!(reply.finish().await.status(), "stopped");
    follower.rest().await;
    other.stop().await;
}

/// What is deleted takes along what runs in it.
async fn delete(app: &TestApp, ada: &Client, path: &str) {
    let (reply, _, thread) = begin(app, ada).await;
    ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    reply.rest().await;
    ada.delete(path).await.expect(204);
    ada.conversation("Nemo").await;
    ada.delete("/api/conversations/bulk-delete?character=Nemo").await.expect(200);
    let request = ada.ask(Method::DELETE, "/api/conversations/bulk-delete");
    ada.answer(request.json(&json!({ "character": "Nobody" }))).await.expect(200);
    let (reply, ..) = begin(app, ada).await;
    ada.delete("/api/conversations/bulk-delete").await.expect(200);
    reply.rest().await;
}
