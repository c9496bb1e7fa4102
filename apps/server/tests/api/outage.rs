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
