//! What every path does with what it does not know: other paths, other methods, a broken inside.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use crate::support::raw::{Raw, header};
use crate::support::{Client, Database, TestApp, on_every_database, shape};

on_every_database! {
    every_path_answers_with_and_without_a_slash_at_its_end
    head_answers_as_get_does_without_the_body
    any_other_method_is_answered_with_those_there_are
    options_tells_which_methods_there_are
    the_method_is_looked_at_before_who_asks
    unknown_paths_are_not_found_in_json
    whoever_asks_is_looked_at_before_what_they_ask
    the_server_says_that_it_lives_and_is_ready
    what_takes_neither_query_nor_body_looks_at_neither
    a_broken_database_is_told_to_the_log_and_not_to_the_client
    any_host_is_answered_and_a_connection_serves_many_requests
    an_offer_to_speak_another_protocol_is_answered_in_this_one_at_once
}

/// Every path, with an id where one belongs, and its methods.
fn endpoints(thread: &str) -> Vec<(String, &'static str)> {
    [
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
        ("/api/auth/register", "POST"),
        ("/api/auth/login", "POST"),
        ("/api/auth/refresh", "POST"),
        ("/api/auth/google", "POST"),
        ("/api/me", "GET, HEAD"),
        ("/api/conversations", "GET, HEAD, POST"),
        ("/api/conversations/bulk-delete", "DELETE"),
        ("/api/conversations/ID", "GET, HEAD, PUT, PATCH, DELETE"),
        ("/api/conversations/ID/messages", "GET, HEAD"),
        ("/api/conversations/ID/messages/create", "POST"),
        ("/api/messages/ID", "PATCH, DELETE"),
        ("/api/messages/ID/regenerate", "POST"),
        ("/api/messages/ID/continue", "POST"),
        ("/api/messages/ID/activate", "POST"),
        ("/api/chat/stream", "POST"),
        ("/api/chat/stop", "POST"),
        ("/api/generations/ID", "GET, HEAD"),
        ("/api/openapi.json", "GET, HEAD"),
    ]
    .map(|(path, methods)| (path.replace("ID", thread), methods))
    .to_vec()
}

async fn ada_with_a_thread(app: &TestApp) -> (Client, String) {
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    (ada, thread)
}

async fn every_path_answers_with_and_without_a_slash_at_its_end(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread) = ada_with_a_thread(&app).await;
    for (path, methods) in endpoints(&thread) {
        for method in methods.split(", ").filter(|method| *method != "DELETE") {
            let ask = async |path: &str| {
                let request =
                    ada.ask(method.parse().unwrap(), path).json(&json!({ "title": "x", "content": 7 }));
                ada.answer(request).await
            };
            let (without, with) = (ask(&path).await, ask(&format!("{path}/")).await);
            assert_eq!(without.status, with.status, "{method} {path}");
            assert!(!without.status.is_redirection(), "{without}");
            // Nothing else has the id of a conversation.
            let of_others = ["/api/generations/", "/api/messages/"];
            assert!(
                without.status != 404 || of_others.iter().any(|others| path.starts_with(others)),
                "{without}"
            );
        }
    }
}

async fn head_answers_as_get_does_without_the_body(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread) = ada_with_a_thread(&app).await;
    let mut paths: Vec<String> = endpoints(&thread)
        .into_iter()
        .filter(|(_, methods)| methods.starts_with("GET"))
        .flat_map(|(path, _)| [format!("{path}/"), path])
        .collect();
    paths.extend(["/api/nothing".to_owned(), "/api/conversations?page=7".to_owned()]);
    for path in paths {
        let (get, head) = (ada.get(&path).await, ada.answer(ada.ask(Method::HEAD, &path)).await);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.text, "", "{path}");
    }
}

async fn any_other_method_is_answered_with_those_there_are(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread) = ada_with_a_thread(&app).await;
    for (path, methods) in endpoints(&thread) {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if methods.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = ada.answer(ada.ask(method.parse().unwrap(), &path)).await.expect(405);
            assert_eq!(
                answer.header("allow"),
                Some(format!("{methods}, OPTIONS").as_str()),
                "{method} {path}"
            );
            if method != "HEAD" {
                answer.refused(405, "method_not_allowed", &format!("Method \"{method}\" not allowed."));
            }
        }
    }
}

async fn options_tells_which_methods_there_are(on: Database) {
    let app = TestApp::start(on).await;
    let (_, thread) = ada_with_a_thread(&app).await;
    for (path, methods) in endpoints(&thread) {
        let answer = app.visitor().answer(app.visitor().ask(Method::OPTIONS, &path)).await.expect(204);
        assert_eq!(answer.header("allow"), Some(format!("{methods}, OPTIONS").as_str()), "{path}");
    }
}

async fn the_method_is_looked_at_before_who_asks(on: Database) {
    let app = TestApp::start(on).await;
    for (method, path) in
        [(Method::GET, "/api/chat/stream"), (Method::POST, "/api/conversations/bulk-delete")]
    {
        app.visitor().answer(app.visitor().ask(method, path)).await.expect(405);
    }
}

async fn unknown_paths_are_not_found_in_json(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread) = ada_with_a_thread(&app).await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/auth",
        "/api/me/more",
        &format!("/api/conversations/{thread}/messages/{thread}"),
        "/api/%00",
        "/api/%FF%FE",
        "/api/../etc/passwd",
        "/nothing",
        "/",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = ada.answer(ada.ask(method, path).json(&json!({}))).await;
            answer.refused(404, "not_found", "Not found.");
        }
    }
}

async fn whoever_asks_is_looked_at_before_what_they_ask(on: Database) {
    let app = TestApp::start(on).await;
    let (_, thread) = ada_with_a_thread(&app).await;
    let visitor = app.visitor();
    for (path, methods) in endpoints(&thread) {
        let for_anybody = ["/api/auth", "/api/openapi.json", "/healthz", "/readyz"];
        if for_anybody.iter().any(|beginning| path.starts_with(beginning)) {
            continue;
        }
        for method in methods.split(", ").filter(|method| *method != "HEAD") {
            for path in
                [path.clone(), path.replace(&thread, "nonsense"), format!("{path}?page=abc&page_size=abc")]
            {
                let request =
                    visitor.ask(method.parse().unwrap(), &path).header("Content-Type", "text/plain");
                let answer = visitor.answer(request.body("{broken")).await;
                let detail = "Authentication credentials were not provided.";
                answer.refused(401, "not_authenticated", detail);
            }
        }
    }
}

async fn the_server_says_that_it_lives_and_is_ready(on: Database) {
    let app = TestApp::start(on).await;
    assert_eq!(app.visitor().get("/healthz").await.expect(200).json(), json!({ "status": "ok" }));
    assert_eq!(app.visitor().get("/readyz").await.expect(200).json(), json!({ "status": "ready" }));
}

async fn what_takes_neither_query_nor_body_looks_at_neither(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, _) = ada_with_a_thread(&app).await;
    for path in ["/healthz", "/readyz", "/api/me", "/api/openapi.json"] {
        let plain = ada.get(path).await.expect(200).text;
        for query in ["a=b", "page=abc&page_size=0", "&&&", "=", "%", "%00", "%ff", "a[]=1", "id=x", ";"] {
            assert_eq!(ada.get(&format!("{path}?{query}")).await.expect(200).text, plain, "{path}?{query}");
        }
        for body in
            ["", "{", "[]", "null", "{\"id\": 1}", "\0", "\u{feff}{}", "<a/>", "a=b", "{\"a\": \"\\ud800\"}"]
        {
            let request = ada.ask(Method::GET, path).header("Content-Type", "text/plain").body(body);
            assert_eq!(ada.answer(request).await.expect(200).text, plain, "{path} {body:?}");
        }
    }
}

async fn a_broken_database_is_told_to_the_log_and_not_to_the_client(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread) = ada_with_a_thread(&app).await;
    app.place().break_it();
    for answer in [
        ada.get("/api/conversations").await,
        ada.get(&format!("/api/conversations/{thread}")).await,
        ada.post("/api/conversations", &json!({})).await,
        ada.post("/api/chat/stream", &json!({ "conversation_id": thread, "prompt": "Well?" })).await,
    ] {
        let detail = "Something went wrong on the server. Its log says what, under the request id.";
        let answer = answer.refused(500, "internal", detail);
        assert_eq!(shape(&answer.json()["request_id"]), "[uuid]");
    }
    app.visitor().get("/healthz").await.expect(200);
    let detail = "The database does not answer. Try again in a moment.";
    app.visitor().get("/readyz").await.refused(503, "unavailable", detail);
}

async fn any_host_is_answered_and_a_connection_serves_many_requests(on: Database) {
    let app = TestApp::start(on).await;
    let mut raw = Raw::connect(&app.host()).await;
    for host in ["localhost", "chat.example.org:8443", "[::1]", "192.0.2.1"] {
        raw.write(format!("GET /api/me HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        let answer = raw.read().await;
        assert_eq!((answer.status, header(&answer.head, "x-content-type-options")), (401, Some("nosniff")));
    }
}

async fn an_offer_to_speak_another_protocol_is_answered_in_this_one_at_once(on: Database) {
    let app = TestApp::start(on).await;
    for protocol in ["h2c", "websocket"] {
        let mut raw = Raw::connect(&app.host()).await;
        let offer = format!("Connection: Upgrade\r\nUpgrade: {protocol}\r\nSec-WebSocket-Version: 13");
        raw.write(format!("GET /api/me HTTP/1.1\r\nHost: localhost\r\n{offer}\r\n\r\n")).await;
        let answered = timeout(Duration::from_secs(4), raw.read()).await.expect("nothing is waited for");
        assert_eq!(answered.status, 401, "{protocol}");
    }
}
