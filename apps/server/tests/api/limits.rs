//! How long and how large things may be, to the last one.

use serde_json::{Value, json};

use crate::support::raw::{Raw, RawAnswer};
use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    lengths_are_counted_in_code_points_after_trimming
    the_longest_message_fits_however_it_is_escaped
    a_body_of_two_mebibytes_is_read_and_a_byte_more_is_refused
    a_413_reaches_a_client_that_sends_to_the_end_before_it_reads
    a_413_reaches_a_client_that_does_not_say_how_much_it_sends
    a_413_reaches_a_client_that_waits_to_be_told_to_go_on
    a_connection_goes_on_after_a_413
    any_refusal_reaches_a_client_that_is_still_sending
    a_body_that_breaks_off_harms_nobody
}

async fn lengths_are_counted_in_code_points_after_trimming(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let body = json!({ "character": format!(" {} ", "🗡".repeat(64)), "title": format!("\n{}\t", "e\u{301}".repeat(100)) });
    let made = ada.post("/api/conversations", &body).await.expect(201).json();
    assert_eq!(
        (&made["character"], &made["title"]),
        (&json!("🗡".repeat(64)), &json!("e\u{301}".repeat(100)))
    );
}

async fn the_longest_message_fits_however_it_is_escaped(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let longest = "🗡".repeat(100_000);
    // As wide as JSON can write it: 1.2 MB.
    let escaped = format!("{{\"content\": \"{}\"}}", "\\ud83d\\udde1".repeat(100_000));
    let request = ada.ask(reqwest::Method::POST, &format!("/api/conversations/{thread}/messages/create"));
    let message = ada.answer(request.header("Content-Type", "application/json").body(escaped)).await;
    assert!(message.expect(201).json()["content"] == longest.as_str());

    let reply = ada.send(&thread, &longest).await;
    assert_eq!(reply.status(), "complete");
    assert!(ada.messages(&thread).await[1]["content"] == longest.as_str());
}

/// A JSON object of exactly this many bytes.
fn object_of(bytes: usize) -> String {
    format!("{{\"x\":\"{}\"}}", "x".repeat(bytes - 8))
}

async fn a_body_of_two_mebibytes_is_read_and_a_byte_more_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let post = async |body: String| {
        let request = ada.ask(reqwest::Method::POST, "/api/conversations");
        ada.answer(request.header("Content-Type", "application/json").body(body)).await
    };
    post(object_of(2 << 20)).await.expect(201);
    let detail = "The request body is larger than 2097152 bytes.";
    post(object_of((2 << 20) + 1)).await.refused(413, "too_large", detail);
}

const EIGHT_MEBIBYTES: usize = 8 << 20;

/// The head of a POST, with these further lines.
fn head(person: &Client, path: &str, lines: &str) -> String {
    let token = &person.account().access;
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\n{lines}\r\n\r\n"
    )
}

/// Every path at which a body may be too large.
async fn paths(person: &Client) -> [String; 4] {
    let thread = person.conversation("Bronn").await;
    [
        "/api/auth/login".to_owned(),
        "/api/conversations".to_owned(),
        format!("/api/conversations/{thread}/messages/create"),
        "/api/chat/stream".to_owned(),
    ]
}

#[track_caller]
fn check_too_large(answer: &RawAnswer) {
    assert_eq!(answer.status, 413, "{answer:?}");
    let expected = json!({ "code": "too_large", "detail": "The request body is larger than 2097152 bytes." });
    assert_eq!(answer.json(), expected);
}

async fn a_413_reaches_a_client_that_sends_to_the_end_before_it_reads(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for path in paths(&ada).await {
        let mut raw = Raw::connect(&app.host()).await;
        raw.write(head(&ada, &path, &format!("Content-Length: {EIGHT_MEBIBYTES}"))).await;
        for piece in object_of(EIGHT_MEBIBYTES).as_bytes().chunks(10_007) {
            assert!(raw.write(piece).await, "the server reads on");
        }
        check_too_large(&raw.read().await);
    }
}

async fn a_413_reaches_a_client_that_does_not_say_how_much_it_sends(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for path in paths(&ada).await {
        let mut raw = Raw::connect(&app.host()).await;
        raw.write(head(&ada, &path, "Transfer-Encoding: chunked")).await;
        let chunk = "x".repeat(65_536);
        for _ in 0..EIGHT_MEBIBYTES / chunk.len() {
            assert!(raw.write(format!("10000\r\n{chunk}\r\n")).await, "the server reads on");
        }
        raw.write("0\r\n\r\n").await;
        check_too_large(&raw.read().await);
    }
}

async fn a_413_reaches_a_client_that_waits_to_be_told_to_go_on(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for path in paths(&ada).await {
        let mut raw = Raw::connect(&app.host()).await;
        let lines = format!("Content-Length: {EIGHT_MEBIBYTES}\r\nExpect: 100-continue");
        raw.write(head(&ada, &path, &lines)).await;
        let mut answer = raw.read().await;
        if answer.status == 100 {
            assert!(raw.write(object_of(EIGHT_MEBIBYTES)).await, "the server reads on");
            answer = raw.read().await;
        }
        check_too_large(&answer);
    }
}

async fn a_connection_goes_on_after_a_413(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let mut raw = Raw::connect(&app.host()).await;
    raw.write(head(&ada, "/api/conversations", &format!("Content-Length: {EIGHT_MEBIBYTES}"))).await;
    raw.write(object_of(EIGHT_MEBIBYTES)).await;
    check_too_large(&raw.read().await);
    raw.write(head(&ada, "/api/conversations", "Content-Length: 2") + "{}").await;
    assert_eq!(raw.read().await.status, 201);
}

async fn any_refusal_reaches_a_client_that_is_still_sending(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let stale = app.visitor().signed_in(&json!({
        "access": "stale", "refresh": "", "user": { "id": "", "email": "" }
    }));
    let missing = "/api/conversations/01890a5d-ac96-774b-bcce-b302099a8057/messages/create";
    for (person, path, status, code) in [
        (&stale, "/api/conversations", 401, "token_not_valid"),
        (&ada, missing, 404, "not_found"),
        (&ada, "/api/nothing", 404, "not_found"),
        (&ada, "/api/me", 405, "method_not_allowed"),
    ] {
        for lines in [format!("Content-Length: {EIGHT_MEBIBYTES}"), "Transfer-Encoding: chunked".to_owned()] {
            let mut raw = Raw::connect(&app.host()).await;
            raw.write(head(person, path, &lines)).await;
            let chunk = "x".repeat(65_536);
            let chunk = if lines.starts_with('T') { format!("10000\r\n{chunk}\r\n") } else { chunk };
            for _ in 0..EIGHT_MEBIBYTES / 65_536 {
                assert!(raw.write(&chunk).await, "the server reads on: {status} {lines}");
            }
            if lines.starts_with('T') {
                raw.write("0\r\n\r\n").await;
            }
            let answer = raw.read().await;
            assert_eq!((answer.status, &answer.json()["code"]), (status, &Value::from(code)));
        }
    }
}

async fn a_body_that_breaks_off_harms_nobody(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let mut raw = Raw::connect(&app.host()).await;
    raw.write(head(&ada, "/api/conversations", "Content-Length: 100") + "{\"character\": \"Bro").await;
    drop(raw);
    assert_eq!(ada.get("/api/conversations").await.expect(200).json()["count"], 0);
}
