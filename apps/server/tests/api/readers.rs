//! Many readers of one reply.

use futures_util::future::join_all;
use raconteur_fake_upstream::{Gate, Script};
use reqwest::Method;

use crate::support::sse::EventStream;
use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    a_hundred_readers_of_one_reply_cost_one_request_at_the_model
    readers_that_go_away_take_nothing_from_the_others
}

async fn join(person: &Client, generation: &str) -> EventStream {
    let request = person.ask(Method::GET, &format!("/api/chat/stream/{generation}"));
    EventStream::new(request.send().await.unwrap())
}

/// Sends a prompt whose reply stops at the gate after its first word, and reads that far.
async fn begin(app: &TestApp, ada: &Client, gate: &Gate) -> (EventStream, String) {
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first", ", 漢字", "."]).hold_after(1, gate));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let generation = reply.take(2).await[0].data["generation_id"].as_str().unwrap().to_owned();
    (reply, generation)
}

async fn a_hundred_readers_of_one_reply_cost_one_request_at_the_model(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, gate) = (app.register("ada@example.org").await, Gate::new());
    let (reply, generation) = begin(&app, &ada, &gate).await;
    let mut readers = join_all((0..100).map(|_| join(&ada, &generation))).await;
    for reader in &mut readers {
        reader.take(2).await;
    }
    gate.open();
    let reply = reply.finish().await;
    for reader in readers {
        assert_eq!(reader.finish().await.events(), reply.events());
    }
    assert_eq!(app.model.requests().len(), 1);
}

async fn readers_that_go_away_take_nothing_from_the_others(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, gate) = (app.register("ada@example.org").await, Gate::new());
    let (first, generation) = begin(&app, &ada, &gate).await;
    let stays = join(&ada, &generation).await;
    let goes = join(&ada, &generation).await;
    drop((first, goes));
    gate.open();
    let reply = stays.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Gold first, 漢字."));
}
