//! Bodies that no honest client sends, at every endpoint that takes one: each gets a clear answer, and never a 500.

use proptest::prelude::*;
use proptest::{collection, sample::select};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Database, TestApp, on_every_database};

on_every_database! {
    what_is_no_json_object_is_refused_everywhere_in_the_same_words
    an_empty_body_is_an_empty_object_whatever_its_media_type
    the_fields_of_a_conversation_are_checked_all_at_once
    the_character_of_a_bulk_delete_is_checked_before_anything_is_deleted
    the_content_of_a_message_is_checked
    the_fields_of_a_send_are_checked_and_nothing_is_begun
}

/// What every endpoint says to a body, whatever it wants of one.
enum Expected {
    /// A 400 with this code, whose detail begins so.
    Bad(&'static str, &'static str),
    /// 415.
    Media,
}

/// `(media type, body, what is said to it)`.
fn hostile_bodies() -> Vec<(Option<&'static str>, Vec<u8>, Expected)> {
    use Expected::{Bad, Media};
    let json = Some("application/json");
    let kind = |kind: &'static str| Bad("invalid", kind);
    let mut bodies = vec![
        (json, "[]".into(), kind("Invalid data. Expected a JSON object, but got an array.")),
        (json, "[{}]".into(), kind("Invalid data. Expected a JSON object, but got an array.")),
        (json, "\"text\"".into(), kind("Invalid data. Expected a JSON object, but got a string.")),
        (json, "null".into(), kind("Invalid data. Expected a JSON object, but got null.")),
        (json, "42".into(), kind("Invalid data. Expected a JSON object, but got a number.")),
        (json, "true".into(), kind("Invalid data. Expected a JSON object, but got a boolean.")),
        (Some("application/json; charset=utf-8"), "[]".into(), kind("Invalid data.")),
        (Some("APPLICATION/JSON"), "[]".into(), kind("Invalid data.")),
        (Some("application/merge-patch+json"), "[]".into(), kind("Invalid data.")),
        (None, "[]".into(), kind("Invalid data.")),
    ];
    let broken: [&[u8]; 16] = [
        b"{",
        b" ",
        b"{} {}",
        b"{\"a\":}",
        b"{'a': 1}",
        b"{\"a\": 1,}",
        b"{\"a\": NaN}",
        b"{\"a\": 1e999}",
        b"{\"a\": 01}",
        b"{\"a\": \"\\ud800\"}",
        b"{\"\\udfff\": 1}",
        b"{\"a\": \"\\ud800\\u0041\"}",
        b"{\"a\": \"\xff\xfe\"}",
        b"{\"a\": \"\xed\xa0\x80\"}",
        b"{\"a\": \"line\nbreak\"}",
        b"\xef\xbb\xbf{}",
    ];
    let deep =
        |open: &str, close: &str| format!("{{\"a\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
    let deep = [deep("[", "]"), deep("{\"a\":", "}")].map(String::into_bytes);
    for body in broken.into_iter().map(<[u8]>::to_vec).chain(deep) {
        bodies.push((json, body, Bad("parse_error", "JSON parse error - ")));
    }
    for media_type in [
        "text/plain",
        "text/html",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/jsonp",
        "text/json",
        "nonsense",
        "",
    ] {
        bodies.push((Some(media_type), "{}".into(), Media));
    }
    bodies
}

/// Every endpoint that takes a body, with a thread of Ada's where one belongs.
fn endpoints(thread: &str) -> Vec<(Method, String)> {
    vec![
        (Method::POST, "/api/auth/register".to_owned()),
        (Method::POST, "/api/auth/login".to_owned()),
        (Method::POST, "/api/auth/refresh".to_owned()),
        (Method::POST, "/api/auth/google".to_owned()),
        (Method::POST, "/api/conversations".to_owned()),
        (Method::DELETE, "/api/conversations/bulk-delete".to_owned()),
        (Method::PATCH, format!("/api/conversations/{thread}")),
        (Method::PUT, format!("/api/conversations/{thread}")),
        (Method::POST, format!("/api/conversations/{thread}/messages/create")),
        (Method::POST, "/api/chat/stream".to_owned()),
        (Method::POST, "/api/chat/stop".to_owned()),
    ]
}

async fn send(
    person: &Client,
    method: &Method,
    path: &str,
    media_type: Option<&str>,
    body: Vec<u8>,
) -> Answer {
    let mut request = person.ask(method.clone(), path).body(body);
    if let Some(media_type) = media_type {
        request = request.header("Content-Type", media_type);
    }
    person.answer(request).await
}

async fn what_is_no_json_object_is_refused_everywhere_in_the_same_words(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let before = ada.show(&thread).await;
    for (method, path) in endpoints(&thread) {
        for (media_type, body, expected) in hostile_bodies() {
            let answer = send(&ada, &method, &path, media_type, body).await;
            let seen = answer.json();
            let detail = seen["detail"].as_str().unwrap();
            match expected {
                Expected::Bad(code, beginning) => {
                    assert_eq!(
                        (answer.status.as_u16(), seen["code"].as_str()),
                        (400, Some(code)),
                        "{answer}"
                    );
                    assert!(detail.starts_with(beginning), "{answer}");
                }
                Expected::Media if path == "/api/chat/stream" => {
                    answer.refused(400, "invalid", "conversation_id required");
                }
                Expected::Media => {
                    let media_type = media_type.unwrap();
                    let detail =
                        format!("Unsupported media type \"{media_type}\" in request: send application/json.");
                    answer.refused(415, "unsupported_media_type", &detail);
                }
            }
        }
    }
    assert_eq!(ada.show(&thread).await, before, "nothing was changed");
}

async fn an_empty_body_is_an_empty_object_whatever_its_media_type(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for media_type in [None, Some("application/json"), Some("text/plain"), Some("")] {
        let answer =
            async |method: Method, path: &str| send(&ada, &method, path, media_type, Vec::new()).await;
        for path in ["/api/auth/register", "/api/auth/login"] {
            answer(Method::POST, path).await.refused(400, "invalid", "email/password required");
        }
        let required = "This field is required.";
        answer(Method::POST, "/api/auth/refresh").await.refused_fields(&[("refresh", required)]);
        answer(Method::POST, "/api/conversations").await.expect(201);
        answer(Method::PATCH, &format!("/api/conversations/{thread}")).await.expect(200);
        let create = format!("/api/conversations/{thread}/messages/create");
        answer(Method::POST, &create).await.refused_fields(&[("content", required)]);
        answer(Method::POST, "/api/chat/stream").await.refused(400, "invalid", "conversation_id required");
        answer(Method::POST, "/api/chat/stop").await.refused(400, "invalid", "generation_id required");
    }
}

/// JSON of any shape.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            collection::vec((any::<String>(), inner), 0..4).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// An object with fields that endpoints look at.
fn any_body() -> impl Strategy<Value = Value> {
    let name = select(
        &[
            "email",
            "password",
            "refresh",
            "character",
            "title",
            "content",
            "conversation_id",
            "prompt",
            "create_user_message",
            "reasoning",
            "generation_id",
        ][..],
    );
    collection::vec((name.prop_map(str::to_owned), any_json()), 0..9)
        .prop_map(|fields| fields.into_iter().collect())
}

#[test]
fn nothing_that_is_sent_makes_the_server_fail_on_sqlite() {
    nothing_that_is_sent_makes_the_server_fail(Database::Sqlite);
}

#[test]
fn nothing_that_is_sent_makes_the_server_fail_on_postgres() {
    if Database::Postgres.is_there() {
        nothing_that_is_sent_makes_the_server_fail(Database::Postgres);
    }
}

fn nothing_that_is_sent_makes_the_server_fail(on: Database) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (app, ada, thread) = runtime.block_on(async {
        let app = TestApp::start(on).await;
        let ada = app.register("ada@example.org").await;
        let thread = ada.conversation("Bronn").await;
        (app, ada, thread)
    });
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(body in any_body(), bytes in any::<Vec<u8>>(), query in any::<String>())| {
        runtime.block_on(async {
            for (method, path) in endpoints(&thread).into_iter().filter(|(method, _)| method != Method::DELETE) {
                let json = Some("application/json");
                let object = send(&ada, &method, &path, json, body.to_string().into_bytes()).await;
                assert!(object.status.as_u16() < 500, "{body} {object}");
                let garbage = send(&ada, &method, &path, json, bytes.clone()).await;
                assert!(garbage.status.as_u16() < 500, "{bytes:?} {garbage}");
            }
            for path in ["/api/conversations".to_owned(), format!("/api/conversations/{thread}/messages")] {
                let names = ["page", "page_size", "order", "character"];
                let pairs = names.map(|name| (name, query.as_str()));
                let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                let request = ada.ask(Method::GET, &format!("{path}?{query}"));
                let answer = ada.answer(request).await;
                assert!(answer.status.as_u16() < 500, "{query:?} {answer}");
            }
        });
    });
    drop(app);
}

/// The fields of a conversation, wrong in every way: `(body, each bad field with what is said of it)`.
fn bad_conversations() -> Vec<(Value, Vec<(&'static str, &'static str)>)> {
    const NO_TEXT: &str = "Not a valid string.";
    const NULL: &str = "This field may not be null.";
    const BLANK: &str = "This field may not be blank.";
    const NUL: &str = "Null characters are not allowed.";
    const LONG_NAME: &str = "Ensure this field has no more than 64 characters.";
    const LONG_TITLE: &str = "Ensure this field has no more than 200 characters.";
    vec![
        (json!({ "character": null }), vec![("character", NULL)]),
        (json!({ "character": "" }), vec![("character", BLANK)]),
        (json!({ "character": " \u{a0}\u{2003}\n" }), vec![("character", BLANK)]),
        (json!({ "character": 7 }), vec![("character", NO_TEXT)]),
        (json!({ "character": true }), vec![("character", NO_TEXT)]),
        (json!({ "character": ["Bronn"] }), vec![("character", NO_TEXT)]),
        (json!({ "character": { "name": "Bronn" } }), vec![("character", NO_TEXT)]),
        (json!({ "character": "Br\u{0}nn" }), vec![("character", NUL)]),
        (json!({ "character": "é".repeat(65) }), vec![("character", LONG_NAME)]),
        (json!({ "title": null }), vec![("title", NULL)]),
        (json!({ "title": 7.5 }), vec![("title", NO_TEXT)]),
        (json!({ "title": [] }), vec![("title", NO_TEXT)]),
        (json!({ "title": "a\u{0}" }), vec![("title", NUL)]),
        (json!({ "title": "🗡".repeat(201) }), vec![("title", LONG_TITLE)]),
        (json!({ "title": null, "character": 1 }), vec![("character", NO_TEXT), ("title", NULL)]),
        (
            json!({ "title": "x".repeat(201), "character": "" }),
            vec![("character", BLANK), ("title", LONG_TITLE)],
        ),
    ]
}

async fn the_fields_of_a_conversation_are_checked_all_at_once(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let (path, before) = (format!("/api/conversations/{thread}"), ada.show(&thread).await);
    for (body, problems) in bad_conversations() {
        ada.post("/api/conversations", &body).await.refused_fields(&problems);
        ada.patch(&path, &body).await.refused_fields(&problems);
        ada.put(&path, &body).await.refused_fields(&problems);
    }
    assert_eq!(ada.show(&thread).await, before);
    assert_eq!(ada.get("/api/conversations").await.expect(200).json()["count"], 1);
}

async fn the_character_of_a_bulk_delete_is_checked_before_anything_is_deleted(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let path = "/api/conversations/bulk-delete";
    let (no_text, nul) = ("Not a valid string.", "Null characters are not allowed.");
    for (character, problem) in [
        (json!(7), no_text),
        (json!(-0.5), no_text),
        (json!(["Bronn"]), no_text),
        (json!([]), no_text),
        (json!({}), no_text),
        (json!({ "exact": "Bronn" }), no_text),
        (json!(false), no_text),
        (json!(true), no_text),
        (json!("a\u{0}"), nul),
        (json!("\u{0}"), nul),
    ] {
        let request = ada.ask(Method::DELETE, path).json(&json!({ "character": character }));
        ada.answer(request).await.refused_fields(&[("character", problem)]);
    }
    for query in ["%00", "Bronn%00", "%20%00%20", "Bronn&character=%00"] {
        let answer = ada.delete(&format!("{path}?character={query}")).await;
        answer.refused_fields(&[("character", nul)]);
    }
    // What stands in the body is checked even where the query names somebody.
    let request =
        ada.ask(Method::DELETE, &format!("{path}?character=Bronn")).json(&json!({ "character": 7 }));
    ada.answer(request).await.refused_fields(&[("character", no_text)]);
    // A name that nobody has deletes nobody; upper case is another name.
    for query in ["bronn", "BRONN", "Bron", "%25", "_____", "Bronn%E2%80%8B"] {
        let deleted = ada.delete(&format!("{path}?character={query}")).await.expect(200).json();
        assert_eq!(deleted, json!({ "deleted": 0 }), "{query}");
    }
    ada.show(&thread).await;
}

async fn the_content_of_a_message_is_checked(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let no_text = "Not a valid string.";
    for (body, problem) in [
        (json!({}), "This field is required."),
        (json!({ "text": "x" }), "This field is required."),
        (json!({ "content": null }), "This field may not be null."),
        (json!({ "content": 7 }), no_text),
        (json!({ "content": 1.5 }), no_text),
        (json!({ "content": true }), no_text),
        (json!({ "content": [] }), no_text),
        (json!({ "content": ["x"] }), no_text),
        (json!({ "content": {} }), no_text),
        (json!({ "content": "a\u{0}b" }), "Null characters are not allowed."),
        (json!({ "content": "é".repeat(100_001) }), "Ensure this field has no more than 100000 characters."),
    ] {
        let answer = ada.post(&format!("/api/conversations/{thread}/messages/create"), &body).await;
        answer.refused_fields(&[("content", problem)]);
    }
    assert_eq!(ada.messages(&thread).await, [] as [Value; 0]);
}

async fn the_fields_of_a_send_are_checked_and_nothing_is_begun(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let path = "/api/chat/stream";

    for id in [json!(null), json!(""), json!(" \t")] {
        let body = json!({ "conversation_id": id, "prompt": "Well?" });
        ada.post(path, &body).await.refused(400, "invalid", "conversation_id required");
    }
    let body = json!({ "prompt": "Well?" });
    ada.post(path, &body).await.refused(400, "invalid", "conversation_id required");

    let no_text = "Not a valid string.";
    for (field, value, problem) in [
        ("conversation_id", json!(7), no_text),
        ("conversation_id", json!([&thread]), no_text),
        ("conversation_id", json!(format!("{thread}\0")), "Null characters are not allowed."),
        ("prompt", json!(7), no_text),
        ("prompt", json!(true), no_text),
        ("prompt", json!(["Well?"]), no_text),
        ("prompt", json!({ "text": "Well?" }), no_text),
        ("prompt", json!("We\0ll?"), "Null characters are not allowed."),
        ("prompt", json!("é".repeat(100_001)), "Ensure this field has no more than 100000 characters."),
        ("create_user_message", json!(null), "This field may not be null."),
        ("create_user_message", json!("false"), "Must be a valid boolean."),
        ("create_user_message", json!(0), "Must be a valid boolean."),
        ("create_user_message", json!([]), "Must be a valid boolean."),
    ] {
        let mut body = json!({ "conversation_id": thread, "prompt": "Well?" });
        body[field] = value;
        ada.post(path, &body).await.refused_fields(&[(field, problem)]);
    }
    let body = json!({ "conversation_id": thread, "prompt": 7, "create_user_message": "no" });
    let problems = [("create_user_message", "Must be a valid boolean."), ("prompt", no_text)];
    ada.post(path, &body).await.refused_fields(&problems);

    assert_eq!(ada.messages(&thread).await, [] as [Value; 0]);
    assert!(app.model.requests().is_empty());
}
