//! Many at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use raconteur_fake_upstream::{Gate, Script};

use crate::support::{Database, TestApp, on_every_database};

on_every_database! {
    sixty_streams_in_one_conversation_all_end_well_and_all_are_stored
    sixty_streams_in_as_many_conversations_all_end_well_and_all_are_stored
}

const STREAMS: usize = 60;

/// Every request is answered with many pieces of its own, once all of them are there.
fn answer_all_at_once(app: &TestApp, gate: &Gate) {
    let gate = gate.clone();
    app.model.always_with(move |request| {
        let prompt =
            request.body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
        let pieces: Vec<String> = (0..100).map(|n| format!("{prompt}.{n} ")).collect();
        Script::reply(pieces).hold_after(1, &gate)
    });
}

fn expected(prompt: &str) -> String {
    (0..100).map(|n| format!("{prompt}.{n} ")).collect()
}

async fn sixty_streams_in_one_conversation_all_end_well_and_all_are_stored(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    answer_all_at_once(&app, &gate);
    let prompts: Vec<String> = (0..STREAMS).map(|n| format!("p{n}")).collect();
    let sends = prompts.iter().map(|prompt| ada.send(&thread, prompt));
    let (replies, ()) = tokio::join!(join_all(sends), async {
        gate.reached(STREAMS).await;
        gate.open();
    });

    let messages = ada.messages(&thread).await;
    assert_eq!(messages.len(), 2 * STREAMS);
    assert!(messages.iter().all(|message| message["status"] == "complete"));
    for (place, message) in messages.iter().enumerate().skip(1) {
        assert_eq!(message["parent_id"], messages[place - 1]["id"], "one chain");
    }
    for reply in &replies {
        assert_eq!(reply.status(), "complete");
        let stored = messages.iter().find(|message| message["id"] == reply.message_id()).unwrap();
        assert_eq!(stored["content"], reply.text());
    }
    let said: HashSet<String> = replies.iter().map(crate::support::sse::Reply::text).collect();
    assert_eq!(said.len(), STREAMS, "each has its own reply");
}

async fn sixty_streams_in_as_many_conversations_all_end_well_and_all_are_stored(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let threads = join_all((0..STREAMS).map(|_| ada.conversation("Bronn"))).await;
    let gate = Gate::new();
    answer_all_at_once(&app, &gate);
    let sends = threads.iter().map(|thread| ada.send(thread, thread));
    let (replies, ()) = tokio::join!(join_all(sends), async {
        gate.reached(STREAMS).await;
        gate.open();
    });
    for (thread, reply) in threads.iter().zip(&replies) {
        assert_eq!((reply.status(), reply.text()), ("complete", expected(thread)));
        assert_eq!(
            ada.said(thread).await,
            [format!("user: {thread}"), format!("assistant: {}", expected(thread))]
        );
    }
}
