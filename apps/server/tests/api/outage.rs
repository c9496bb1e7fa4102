//! The connection to the database is lost, and comes back.

use raconteur_fake_upstream::{Gate, Script};
use raconteur_storage::testing::TestSchema;
use serde_json::json;

use crate::support::TestApp;
use crate::support::cable::Cable;

/// A server whose database can be cut off, or nothing where the test is skipped.
async fn cabled() -> Option<(TestApp, Cable, TestSchema)> {
    let schema = TestSchema::create()?;
    let cable = Cable::to(schema.place()).await;
    let app = TestApp::at(&schema.url_through(&cable.address())).await;
    Some((app, cable, schema))
}

const AWAY: &str = "The database does not answer. Try again in a moment.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_goes_on_while_the_database_is_away_and_its_reader_sees_a_pause() {
    let Some((app, cable, _schema)) = cabled().await else { return };
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let (gate, said) = (Gate::new(), Gate::new());
    let script = Script::reply(["Gold", " first", ", then", " we talk."]);
    app.model.enqueue(&script.hold_after(1, &gate).hold_after(4, &said));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    assert_eq!(reply.take(2).await[1].data, json!({ "delta": "Gold" }));

    cable.cut();
    gate.open();
    said.reached(1).await;
    said.open();
    app.visitor().get("/readyz").await.refused(503, "unavailable", AWAY);
    app.visitor().get("/healthz").await.expect(200);

    cable.mend();
    let reply = reply.finish().await;
    assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Gold first, then we talk."));
    assert_eq!(
        reply.deltas(),
        ["Gold", " first", ", then", " we talk."],
        "each piece once, as the model sent it"
    );
    assert_eq!(
        ada.said(&thread).await,
        ["user: What is your price?", "assistant: Gold first, then we talk."]
    );
    app.visitor().get("/readyz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_were_all_cut_off_do_not_take_each_other_for_dead() {
    let Some(schema) = TestSchema::create() else { return };
    let (cable, gate) = (Cable::to(schema.place()).await, Gate::new());
    let url = schema.url_through(&cable.address());
    let (one, other) = (TestApp::at(&url).await, TestApp::at(&url).await);
    let ada = one.register("ada@example.org").await;
    let mut replies = Vec::new();
    for app in [&one, &other] {
        app.model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
        let thread = ada.conversation("Bronn").await;
        let mut reply = ada.at(&app.base()).begin(&thread, "What is your price?").await;
        reply.take(2).await;
        replies.push(reply);
    }

    // Both have been seen for long, and then neither is for longer than a server lives unseen.
    cable.cut();
    schema.execute("UPDATE servers SET seen_since = 0, seen_at = seen_at - 60000000");
    cable.mend();
    let seen = "(SELECT count(*) FROM servers WHERE seen_since > 0 AND seen_at > seen_since) = 2";
    while !schema.holds(seen) {
        assert!(schema.holds("(SELECT count(*) FROM servers) = 2"), "nobody is buried");
        tokio::task::yield_now().await;
    }
    gate.open();
    for reply in replies {
        let reply = reply.finish().await;
        assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Gold first."));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_while_the_database_is_away_is_refused_for_the_time_being_and_nothing_is_written() {
    let Some((app, cable, _schema)) = cabled().await else { return };
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    cable.cut();
    let detail = "The database is busy or out of order. Try again in a moment.";
    let send = json!({ "conversation_id": thread, "prompt": "Well?" });
    ada.post("/api/chat/stream", &send).await.refused(503, "unavailable", detail);
    ada.get("/api/conversations").await.refused(503, "unavailable", detail);
    app.visitor().get("/readyz").await.refused(503, "unavailable", AWAY);

    cable.mend();
    assert_eq!(ada.said(&thread).await, Vec::<String>::new());
    assert_eq!(ada.send(&thread, "Well?").await.status(), "complete");
    assert_eq!(app.model.requests().len(), 1);
}
