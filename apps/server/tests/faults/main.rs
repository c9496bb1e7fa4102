//! Every way in which a provider misbehaves, through the whole server: what the person sees, what is kept, what the
//! log says and how often the provider was asked. docs/FAILURES.md is written from what is observed here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

mod log;
#[path = "../page/mod.rs"]
mod page;
mod provider;
mod rows;
#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "../api/support/mod.rs"]
mod support;

use std::fmt::Write as _;

use futures_util::future::join_all;
use raconteur_fake_upstream::FakeUpstream;
use serde_json::json;

use log::Log;
use provider::{KEY, SAYS, Servers};
use rows::{Fault, rows};
use support::sse::Reply;
use support::{Client, Database};

/// What a fault comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    status: String,
    finish_reason: Option<String>,
    /// The code and whether trying again may help.
    error: Option<(String, bool)>,
    /// How often the provider was asked. None where nobody can count that.
    asked: Option<usize>,
    /// What the model itself said and the person keeps.
    said: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_its_reply_once_on_sqlite() {
    let table = table(&observe(Database::Sqlite).await);
    page::check("docs/FAILURES.md", "failures", &table);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_its_reply_once_on_postgres() {
    if Database::Postgres.is_there() {
        observe(Database::Postgres).await;
    }
}

/// Sees every fault through to its end, and finds each to be what it should be.
async fn observe(on: Database) -> Vec<(Fault, Outcome)> {
    let log = Log::captured();
    let elsewhere = FakeUpstream::start().await;
    let rows = rows(&elsewhere.base_url());
    let servers = Servers::start(on, &rows).await;
    let outcomes = join_all(rows.iter().map(|row| suffer(&servers, row, log))).await;
    for (row, outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(*outcome, row.outcome(), "{}", row.name);
    }
    assert_eq!(elsewhere.accepted_connections(), 0, "a redirect is not followed");
    assert!(!log.text().contains(KEY), "the key is in the log");
    rows.into_iter().zip(outcomes).collect()
}

/// Sends a prompt to a provider that misbehaves, and holds what comes to what is promised of every reply.
async fn suffer(servers: &Servers, row: &Fault, log: &Log) -> Outcome {
    let (server, person) = servers.of(row);
    let thread = person.conversation("Bronn").await;
    person.say(&thread, "An earlier word.").await;
    // The reader of the stream sees to it that there is one end, and nothing behind it.
    let reply = person.send(&thread, row.name).await;
    let generation = check_kept(person, &thread, row, &reply).await;

    let lines = log.of(&generation);
    let error = reply.error().map(|error| {
        let (code, retryable) = (error["code"].as_str().unwrap(), error["retryable"].as_bool().unwrap());
        assert!(lines.contains("the model failed") && lines.contains(code), "{}: {lines}", row.name);
        (code.to_owned(), retryable)
    });
    if row.has_words {
        assert!(lines.contains(SAYS), "the provider's words are in the log: {}: {lines}", row.name);
    }
    let mut deltas = reply.deltas();
    if error.is_some() {
        let line = deltas.pop().expect("a character says that something is wrong");
        assert_eq!(line.starts_with("\n\n"), !deltas.is_empty(), "{}: {line:?}", row.name);
    }
    if row.provider.listens() {
        let next = person.send(&thread, "And then?").await;
        assert_eq!(
            (next.status(), next.text().as_str()),
            ("complete", "Aye."),
            "the talk goes on: {}",
            row.name
        );
    }
    Outcome {
        status: reply.status().to_owned(),
        finish_reason: reply.end()["finish_reason"].as_str().map(str::to_owned),
        error,
        asked: server.asked(row),
        said: deltas.concat(),
    }
}

/// There is one reply, it has ended as the stream said, it has the text that was streamed, and nothing of the
/// provider's is in it. Returns the generation's id.
async fn check_kept(person: &Client, thread: &str, row: &Fault, reply: &Reply) -> String {
    let messages = person.messages(thread).await;
    let [earlier, prompt, kept] = messages.as_slice() else { panic!("{}: {messages:?}", row.name) };
    assert_eq!((&earlier["status"], &prompt["status"]), (&json!("complete"), &json!("complete")));
    assert_eq!((&prompt["content"], &kept["id"]), (&json!(row.name), &json!(reply.message_id())));
    assert_eq!((&kept["content"], &kept["status"]), (&json!(reply.text()), &json!(reply.status())));

    let id = reply.start()["generation_id"].as_str().unwrap().to_owned();
    let generation = person.get(&format!("/api/generations/{id}")).await.expect(200).json();
    let code = reply.error().map_or(&serde_json::Value::Null, |error| &error["code"]);
    assert_eq!((&generation["status"], &generation["error_code"]), (&json!(reply.status()), code));

    let everything = format!("{:?} {messages:?} {generation}", reply.events());
    for secret in [KEY, SAYS, "127.0.0.1", provider::NO_HOST] {
        assert!(!everything.contains(secret), "{}: {everything:.2000}", row.name);
    }
    id
}

fn table(observed: &[(Fault, Outcome)]) -> String {
    let mut table = String::from(
        "| what the provider does | the reply | `code` | `retryable` | asked | what the model said |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for (row, outcome) in observed {
        let reply = match (outcome.status.as_str(), outcome.finish_reason.as_deref()) {
            ("complete", Some(reason)) => format!("`complete`, `{reason}`"),
            (status, _) => format!("`{status}`"),
        };
        let (code, retryable) = match &outcome.error {
            Some((code, retryable)) => (format!("`{code}`"), format!("`{retryable}`")),
            None => (String::new(), String::new()),
        };
        let asked = outcome.asked.map_or_else(|| "–".to_owned(), |asked| asked.to_string());
        let kept = match (outcome.error.is_some(), outcome.said.is_empty()) {
            (false, _) => "is kept whole",
            (true, true) => "nothing",
            (true, false) => "is kept so far",
        };
        writeln!(table, "| {} | {reply} | {code} | {retryable} | {asked} | {kept} |", row.name).unwrap();
    }
    table
}
