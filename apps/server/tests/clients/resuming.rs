//! Clients whose connection breaks in the midst of a reply.

use raconteur_fake_upstream::Script;
use serde_json::{Value, json};

use crate::packages::{node, run};
use crate::parsers::NODE;
use crate::scissors::Scissors;
use crate::support::{Database, TestApp};

/// It repeats its request, body and all, with the id of the last event that it has seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetch_event_source_reads_every_token_once_and_sends_the_prompt_once() {
    let Some(mut program) = node(NODE) else { return };
    let app = TestApp::start(Database::Sqlite).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let pieces: Vec<String> = (0..500).map(|n| format!("{n} — é漢🗡 ")).collect();
    app.model.enqueue(&Script::reply(&pieces));

    // Enough for the head and the largest event.
    let scissors = Scissors::before(&app.host(), 2_000).await;
    let body = json!({ "conversation_id": thread, "prompt": "What is your price?" });
    program.arg("fetch-event-source-again.mjs").env("SERVER", format!("http://{}", scissors.host()));
    let printed = run(program.env("TOKEN", &ada.account().access).env("BODY", body.to_string())).await;

    let events: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("start", "end"));
    assert!(names[1..names.len() - 1].iter().all(|name| *name == "token"), "{names:?}");
    let data = events.iter().map(|event| event["data"].as_str().unwrap());
    let data = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
    let text: String = data.filter_map(|data| data["delta"].as_str().map(str::to_owned)).collect();
    assert_eq!(text, pieces.concat());
    assert!(scissors.cuts() > 2, "it was cut {} times", scissors.cuts());
    assert_eq!((app.model.requests().len(), ada.messages(&thread).await.len()), (1, 2));
}
