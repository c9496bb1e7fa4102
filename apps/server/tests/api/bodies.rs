//! Bodies that no honest client sends, at every endpoint that takes one: each gets a clear answer, and never a 500.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::{collection, sample::select};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Database, Ids, Operation, TestApp, on_every_database, operations};

on_every_database! {
    what_is_no_json_object_is_refused_everywhere_in_the_same_words
    an_empty_body_is_an_empty_object_whatever_its_media_type
    the_fields_of_a_conversation_are_checked_all_at_once
    the_character_of_a_bulk_delete_is_checked_before_anything_is_deleted
    the_content_of_a_message_is_checked
    the_fields_of_a_send_are_checked_and_nothing_is_begun
}

/// Every operation that takes a body.
fn taking_bodies() -> Vec<Operation> {
    operations().into_iter().filter(Operation::takes_a_body).collect()
}

/// JSON that is no object, and what it is called.
const NO_OBJECTS: [(&str, &str); 10] = [
    ("[]", "an array"),
    ("[{}]", "an array"),
    ("\"text\"", "a string"),
    ("\"\"", "a string"),
    ("null", "null"),
    ("42", "a number"),
    ("-0.5e-7", "a number"),
    ("true", "a boolean"),
    ("false", "a boolean"),
    (" \t\r\n[1] ", "an array"),
];

/// What is no JSON, and what is said of it.
const NO_JSON: [(&[u8], &str); 30] = [
    (b"{", "EOF while parsing an object at line 1 column 1"),
    (b" ", "EOF while parsing a value at line 1 column 1"),
    (b"{} {}", "trailing characters at line 1 column 4"),
    (b"{}x", "trailing characters at line 1 column 3"),
    (b"{\"a\"", "EOF while parsing an object at line 1 column 4"),
    (b"{\"a\":", "EOF while parsing a value at line 1 column 5"),
    (b"{\"a\":}", "expected value at line 1 column 6"),
    (b"{\"a\": 1", "EOF while parsing an object at line 1 column 7"),
    (b"{\"a\": 1,}", "trailing comma at line 1 column 9"),
    (b"{\"a\": \"", "EOF while parsing a string at line 1 column 7"),
    (b"{a: 1}", "key must be a string at line 1 column 2"),
    (b"{'a': 1}", "key must be a string at line 1 column 2"),
    (b"{1: 1}", "key must be a string at line 1 column 2"),
    (b"[1, 2", "EOF while parsing a list at line 1 column 5"),
    (b"nul", "EOF while parsing a value at line 1 column 3"),
    (b"undefined", "expected value at line 1 column 1"),
    (b"{\"a\": NaN}", "expected value at line 1 column 7"),
    (b"{\"a\": -}", "invalid number at line 1 column 8"),
    (b"{\"a\": 1e999}", "number out of range at line 1 column 11"),
    (b"{\"a\": 01}", "invalid number at line 1 column 8"),
    (b"{\"a\": \"\\ud800\"}", "unexpected end of hex escape at line 1 column 14"),
    (b"{\"\\udfff\": 1}", "lone leading surrogate in hex escape at line 1 column 8"),
    (b"{\"a\": \"\\ud800\\u0041\"}", "lone leading surrogate in hex escape at line 1 column 19"),
    (b"{\"a\": \"\\x41\"}", "invalid escape at line 1 column 9"),
    (b"{\"a\": \"\\u00g0\"}", "invalid escape at line 1 column 13"),
    (b"{\"a\": \"\xff\xfe\"}", "invalid unicode code point at line 1 column 8"),
    (b"{\"a\": \"\xed\xa0\x80\"}", "invalid unicode code point at line 1 column 8"),
    (
        b"{\"a\": \"line\nbreak\"}",
        "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
    ),
    (b"\xef\xbb\xbf{}", "expected value at line 1 column 1"),
    (b"a=b&c=d", "expected value at line 1 column 1"),
];

/// Media types that are JSON, and nothing at all, which is taken for it.
const JSON: [Option<&str>; 5] = [
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("APPLICATION/JSON"),
    Some("application/merge-patch+json"),
    None,
];

/// Media types that are not.
const NOT_JSON: [&str; 9] = [
    "text/plain",
    "text/html",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/jsonp",
    "text/json",
    "nonsense",
    "",
];

async fn send(person: &Client, method: &Method, path: &str, media_type: Option<&str>, body: &[u8]) -> Answer {
    let mut request = person.ask(method.clone(), path).body(body.to_vec());
    if let Some(media_type) = media_type {
        request = request.header("Content-Type", media_type);
    }
    person.answer(request).await
}

async fn what_is_no_json_object_is_refused_everywhere_in_the_same_words(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let ids = Ids::of(&ada).await;
    let before = ada.show(&ids.conversation).await;
    for operation in taking_bodies() {
        let send = async |media_type, body: &[u8]| {
            send(&ada, &operation.method, &operation.path_of(&ids), media_type, body).await
        };
        for (body, kind) in NO_OBJECTS {
            let detail = format!("Invalid data. Expected a JSON object, but got {kind}.");
            for media_type in JSON {
                send(media_type, body.as_bytes()).await.refused(400, "invalid", &detail);
            }
        }
        for (body, problem) in NO_JSON {
            let detail = format!("JSON parse error - {problem}");
            send(JSON[0], body).await.refused(400, "parse_error", &detail);
        }
        for (open, close, column) in [("[", "]", 132), ("{\"a\":", "}", 636)] {
            let deep = format!("{{\"a\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
            let detail = format!("JSON parse error - recursion limit exceeded at line 1 column {column}");
            send(JSON[0], deep.as_bytes()).await.refused(400, "parse_error", &detail);
        }
        for media_type in NOT_JSON {
            let answer = send(Some(media_type), b"{}").await;
            // It takes any, as clients of old expect.
            if operation.path == "/api/chat/stream" {
                answer.refused(400, "invalid", "conversation_id required");
                continue;
            }
            let detail =
                format!("Unsupported media type \"{media_type}\" in request: send application/json.");
            answer.refused(415, "unsupported_media_type", &detail);
        }
    }
    assert_eq!(ada.show(&ids.conversation).await, before, "nothing was changed");
}

async fn an_empty_body_is_an_empty_object_whatever_its_media_type(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for media_type in [None, Some("application/json"), Some("text/plain"), Some("")] {
        let answer = async |method: Method, path: &str| send(&ada, &method, path, media_type, b"").await;
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

/// The names of all fields that are looked at, and one that nobody knows.
fn fields() -> Vec<String> {
    let names: BTreeSet<String> =
        operations().iter().flat_map(Operation::fields).map(|(name, _)| name).collect();
    for name in ["email", "id_token", "prompt", "reasoning", "generation_id"] {
        assert!(names.contains(name), "{name} is among {names:?}");
    }
    names.into_iter().chain(["nobody".to_owned()]).collect()
}

/// The names of all query parameters that are looked at.
fn parameters() -> Vec<String> {
    let names: BTreeSet<String> =
        operations().iter().flat_map(|operation| operation.parameters("query")).collect();
    for name in ["q", "limit", "before", "after", "all", "prompt", "reasoning", "page"] {
        assert!(names.contains(name), "{name} is among {names:?}");
    }
    names.into_iter().collect()
}

/// An object with fields that endpoints look at.
fn any_body() -> impl Strategy<Value = Value> {
    collection::vec((select(fields()), any_json()), 0..9).prop_map(|fields| fields.into_iter().collect())
}

/// Text of any sort, often such as somewhere means something.
fn any_text() -> impl Strategy<Value = String> {
    const MEANT: [&str; 14] = [
        "",
        "0",
        "1",
        "-1",
        "1.5",
        "1e3",
        "99999999999999999999999",
        "last",
        "desc",
        "true",
        "\0",
        "%",
        "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
        "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203:99999999999999999999999",
    ];
    prop_oneof![any::<String>(), select(&MEANT[..]).prop_map(str::to_owned)]
}

/// A query with parameters that endpoints look at.
fn any_query() -> impl Strategy<Value = String> {
    let pairs = collection::vec((select(parameters()), any_text()), 0..6);
    pairs.prop_map(|pairs| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// What may stand in a header, now and then.
fn any_header() -> impl Strategy<Value = Option<HeaderValue>> {
    let bytes = prop_oneof![any_text().prop_map(String::into_bytes), any::<Vec<u8>>()];
    bytes.prop_map(|bytes| HeaderValue::from_bytes(&bytes).ok().filter(|value| !value.is_empty()))
}

/// One request as far as it is left to chance.
fn any_request() -> impl Strategy<Value = (Value, Vec<u8>, String, String, Option<HeaderValue>)> {
    (any_body(), any::<Vec<u8>>(), any_query(), any_text(), any_header())
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

/// That every error is JSON with a `detail` and a `code` of the table is looked at wherever an answer is read.
fn nothing_that_is_sent_makes_the_server_fail(on: Database) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (app, ada, ids) = runtime.block_on(async {
        let app = TestApp::start(on).await;
        let ada = app.register("ada@example.org").await;
        let ids = Ids::of(&ada).await;
        (app, ada, ids)
    });
    let visitor = app.visitor();
    // What deletes leaves nothing to ask for.
    let mut operations = operations();
    operations.retain(|operation| operation.method != Method::DELETE);
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((body, bytes, query, id, header) in any_request())| {
        runtime.block_on(async {
            for operation in &operations {
                let path = operation.path_of(&ids);
                let path_of_any = operation.path.replace("{id}", &percent_encoded(&id));
                let body = if operation.takes_a_body() { body.to_string().into_bytes() } else { Vec::new() };
                for (path, body) in [
                    (path.clone(), &body),
                    (format!("{path}?{query}"), &body),
                    (path_of_any, &body),
                    (path, &bytes),
                ] {
                    let person = if operation.signs_out() { &visitor } else { &ada };
                    let mut request = person.ask(operation.method.clone(), &path).body(body.clone());
                    for name in operation.parameters("header") {
                        if let Some(value) = &header {
                            request = request.header(name, value);
                        }
                    }
                    let request = request.header("Content-Type", "application/json");
                    let answer = ada.answer(request).await;
                    assert!(answer.status.as_u16() < 500, "{body:?} {header:?} {answer}");
                }
            }
        });
    });
    drop(app);
}

/// The text as one part of a path. A dot alone would be taken for a folder by the client.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
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
