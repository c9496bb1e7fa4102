//! The server ends while people use it.

use raconteur_fake_upstream::{Gate, Script};
use serde_json::json;

use crate::support::{Database, TestApp, on_every_database};

on_every_database! {
    while_it_ends_nothing_new_is_begun_and_what_runs_may_finish
    what_has_not_ended_when_the_grace_is_over_is_interrupted_and_says_so
}

async fn while_it_ends_nothing_new_is_begun_and_what_runs_may_finish(on: Database) {
    let app = TestApp::with(on, &[("SHUTDOWN_GRACE", "60s")]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;

    let stopping = tokio::spawn(app.stop());
    while ada.get("/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    let detail = "The server is shutting down. Try again in a moment.";
    ada.get("/readyz").await.refused(503, "unavailable", detail);
    let send = json!({ "conversation_id": thread, "prompt": "And then?" });
    ada.post("/api/chat/stream", &send).await.refused(503, "unavailable", detail);
    assert_eq!(ada.said(&thread).await, ["user: What is your price?", "assistant: Gold"], "reading goes on");
    ada.get("/healthz").await.expect(200);

    gate.open();
    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Gold first."));
    stopping.await.unwrap();
}

async fn what_has_not_ended_when_the_grace_is_over_is_interrupted_and_says_so(on: Database) {
    let app = TestApp::with(on, &[("SHUTDOWN_GRACE", "0s")]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;

    let (stopped, reply) = tokio::join!(app.stop(), reply.finish());
    assert_eq!((reply.status(), reply.text().as_str()), ("interrupted", "Gold"));
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(reply.error().unwrap(), @r#"
    {
      "code": "interrupted",
      "detail": "The server was shut down before the reply was complete. What was said so far is kept.",
      "retryable": true
    }
    "#);
    }
    stopped.0.wait_for_disconnect(0).await;
}
