//! A reply as a live stream.

use raconteur_fake_upstream::{Gate, Script};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::raw::Raw;
use crate::support::sse::EventStream;
use crate::support::{Database, TestApp, on_every_database, shape};

on_every_database! {
    a_reply_is_a_start_its_tokens_and_an_end
    the_start_names_what_is_stored
    a_stream_says_that_it_is_one_and_that_nobody_is_to_hold_it_up
    it_starts_before_the_model_does
    every_piece_is_shown_as_soon_and_as_the_model_sends_it
    one_piece_of_many_bytes_and_many_pieces_of_one_byte_arrive_alike
    a_nul_from_the_model_becomes_a_replacement_character
    a_clean_reply_without_text_or_without_a_last_word_is_complete
    the_streams_of_two_people_have_nothing_of_each_other
    a_reply_is_completed_though_nobody_reads_it_any_more
    a_reader_that_stalls_holds_up_nobody_and_loses_nothing
    a_reply_whose_conversation_is_deleted_is_stopped_at_the_model_too
    the_content_type_of_a_send_does_not_matter
    offline_the_character_answers_from_what_it_knows
}

async fn a_reply_is_a_start_its_tokens_and_an_end(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first", "."]).usage(41, 3));
    let reply = ada.send(&thread, "What is your price?").await;

    let mut events: Vec<Value> = reply.events().iter().map(|e| json!([e.name, shape(&e.data)])).collect();
    let ttft = events.last_mut().unwrap()[1]["ttft_ms"].take();
    assert!(ttft.is_u64(), "{ttft}");
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(events, @r#"
    [
      [
        "start",
        {
          "character": "Bronn",
          "conversation_id": "[uuid]",
          "generation_id": "[uuid]",
          "message_id": "[uuid]",
          "model": "gpt-4o-mini",
          "ts": "[time]",
          "user_message_id": "[uuid]"
        }
      ],
      [
        "token",
        {
          "delta": "Gold"
        }
      ],
      [
        "token",
        {
          "delta": " first"
        }
      ],
      [
        "token",
        {
          "delta": "."
        }
      ],
      [
        "end",
        {
          "finish_reason": "stop",
          "status": "complete",
          "ts": "[time]",
          "ttft_ms": null,
          "usage": {
            "completion_tokens": 3,
            "prompt_tokens": 41
          }
        }
      ]
    ]
    "#);
    }
}

async fn the_start_names_what_is_stored(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let reply = ada.send(&thread, "What is your price?").await;
    let messages = ada.messages(&thread).await;
    assert_eq!(reply.start()["conversation_id"], thread);
    assert_eq!(reply.start()["user_message_id"], messages[0]["id"]);
    assert_eq!(reply.start()["message_id"], messages[1]["id"]);
    assert_eq!(reply.start()["generation_id"], messages[1]["generation_id"]);
    assert_eq!(reply.start()["ts"], messages[1]["created_at"]);
}

async fn a_stream_says_that_it_is_one_and_that_nobody_is_to_hold_it_up(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let request =
        ada.ask(Method::POST, "/api/chat/stream").header("Accept-Encoding", "gzip, br, zstd, deflate");
    let response =
        request.json(&json!({ "conversation_id": thread, "prompt": "Well?" })).send().await.unwrap();
    let reply = EventStream::new(response).finish().await;
    let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(header("x-accel-buffering"), Some("no"));
    assert_eq!(header("content-encoding"), None);
}

async fn it_starts_before_the_model_does(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Aye."]).hold_before_headers(&gate));

    let mut reply = ada.begin(&thread, "Well?").await;
    let start = reply.next().await.unwrap();
    assert_eq!(start.name, "start");
    let messages = ada.messages(&thread).await;
    assert_eq!(messages[1]["id"], start.data["message_id"], "the reply exists already");
    assert_eq!((&messages[1]["status"], &messages[1]["content"]), (&json!("running"), &json!("")));
    gate.open();
    assert_eq!(reply.finish().await.text(), "Aye.");
}

async fn every_piece_is_shown_as_soon_and_as_the_model_sends_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let (first, second) = (Gate::new(), Gate::new());
    let pieces = ["Go", "ld", " — ", "é漢🗡", "\n", "\n\n", "\"\\\u{1}", " "];
    app.model.enqueue(&Script::reply(pieces).hold_after(1, &first).hold_after(4, &second));

    let mut reply = ada.begin(&thread, "Well?").await;
    let seen = reply.take(2).await;
    assert_eq!(seen[1].data["delta"], "Go");
    assert_eq!(ada.said(&thread).await[1], "assistant: Go", "the text so far is listed");
    first.open();
    reply.take(3).await;
    assert_eq!(ada.said(&thread).await[1], "assistant: Gold — é漢🗡");
    second.open();

    let reply = reply.finish().await;
    assert_eq!(reply.deltas(), pieces);
    assert_eq!(ada.said(&thread).await[1], format!("assistant: {}", pieces.concat()));
}

async fn one_piece_of_many_bytes_and_many_pieces_of_one_byte_arrive_alike(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let long = "漢".repeat(100_000);
    app.model.enqueue(&Script::reply([long.as_str(), "."]));
    assert_eq!(ada.send(&thread, "At length?").await.deltas(), [long.as_str(), "."]);
    let many: Vec<String> = (0..5_000).map(|n| (n % 10).to_string()).collect();
    app.model.enqueue(&Script::reply(&many));
    assert_eq!(ada.send(&thread, "In short?").await.deltas(), many);
}

async fn a_nul_from_the_model_becomes_a_replacement_character(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["a\u{0}b"]));
    assert_eq!(ada.send(&thread, "Well?").await.text(), "a\u{fffd}b");
    assert_eq!(ada.said(&thread).await[1], "assistant: a\u{fffd}b");
}

async fn a_clean_reply_without_text_or_without_a_last_word_is_complete(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply([""; 0]));
    app.model.enqueue(&Script::reply(["Aye."]).without_done());
    app.model.enqueue(&Script::reply(["Aye"]).finish_reason("length").without_usage());

    let nothing = ada.send(&thread, "one").await;
    assert_eq!((nothing.status(), nothing.deltas().len()), ("complete", 0));
    let abrupt = ada.send(&thread, "two").await;
    assert_eq!((abrupt.status(), abrupt.text().as_str()), ("complete", "Aye."));
    let cut = ada.send(&thread, "three").await;
    assert_eq!((cut.status(), &cut.end()["finish_reason"]), ("complete", &json!("length")));
    assert_eq!(cut.end()["usage"], Value::Null);
}

async fn the_streams_of_two_people_have_nothing_of_each_other(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let (adas, eves) = (ada.conversation("Bronn").await, eve.conversation("Bronn").await);
    let gate = Gate::new();
    let answer = gate.clone();
    app.model.always_with(move |request| {
        let said = request.body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
        Script::reply(["to ", said]).hold_after(1, &answer)
    });
    let (to_ada, to_eve) = (ada.begin(&adas, "ada").await, eve.begin(&eves, "eve").await);
    gate.reached(2).await;
    gate.open();
    let (to_ada, to_eve) = tokio::join!(to_ada.finish(), to_eve.finish());
    assert_eq!((to_ada.text().as_str(), to_eve.text().as_str()), ("to ada", "to eve"));
    assert_eq!(ada.said(&adas).await, ["user: ada", "assistant: to ada"]);
    assert_eq!(eve.said(&eves).await, ["user: eve", "assistant: to eve"]);
}

async fn a_reply_is_completed_though_nobody_reads_it_any_more(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let (early, late) = (Gate::new(), Gate::new());
    app.model.enqueue(&Script::reply(["Gold", " first", "."]).hold_after(1, &early).hold_after(3, &late));

    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;
    drop(reply);
    early.open();
    late.reached(1).await;
    late.open();
    ada.until_ended(&thread).await;
    assert_eq!(ada.said(&thread).await[1], "assistant: Gold first.");
    assert_eq!(ada.messages(&thread).await[1]["status"], "complete");
}

async fn a_reader_that_stalls_holds_up_nobody_and_loses_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    // 6 MB on the wire, where JSON escapes every byte: more than the sockets hold.
    let piece = "\u{1}".repeat(1_000);
    app.model.enqueue(&Script::reply(vec![&piece; 1_000]));
    let body = json!({ "conversation_id": thread, "prompt": "At length?" }).to_string();
    let mut raw = Raw::connect_narrow(&app.host()).await;
    let (token, length) = (&ada.account().access, body.len());
    let head = format!("POST /api/chat/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n");
    raw.write(format!("{head}Content-Length: {length}\r\n\r\n{body}")).await;
    // By its first token the script is taken; the next request gets the usual answer.
    raw.read_until("event: token").await;

    assert_eq!(ada.send(&thread, "And you?").await.text(), "Aye.");
    ada.until_ended(&thread).await;
    assert!(ada.messages(&thread).await[1]["content"] == piece.repeat(1_000));
    raw.read_until("event: end").await;
}

async fn a_reply_whose_conversation_is_deleted_is_stopped_at_the_model_too(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first"]).hang_after(2));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(3).await;

    ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    assert_eq!(reply.finish().await.status(), "stopped");
    app.model.wait_for_disconnect(0).await;
    ada.get(&format!("/api/conversations/{thread}")).await.refused(404, "not_found", "Not found.");
    assert_eq!(ada.get("/api/conversations").await.expect(200).json()["count"], 0);
}

async fn the_content_type_of_a_send_does_not_matter(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let body = json!({ "conversation_id": thread, "prompt": "Well?" }).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "text/event-stream", "nonsense"] {
        let request = ada.ask(Method::POST, "/api/chat/stream/").header("Content-Type", content_type);
        let response = request.body(body.clone()).send().await.unwrap();
        assert_eq!(EventStream::new(response).finish().await.status(), "complete", "{content_type}");
    }
}

async fn offline_the_character_answers_from_what_it_knows(on: Database) {
    let app = TestApp::offline(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("bronn").await;
    let reply = ada.send(&thread, "What happened at the Eyrie?").await;
    assert_eq!(reply.start()["model"], "offline");
    assert_eq!(reply.status(), "complete");
    assert!(reply.deltas().len() > 1, "word by word: {reply:?}");
    assert_eq!(ada.said(&thread).await[1], format!("assistant: {}", reply.text()));
    assert!(app.model.requests().is_empty());
}
