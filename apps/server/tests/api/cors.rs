//! Web pages of other origins: those that were named may call, and all others get no leave.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Database, TestApp, on_every_database};

on_every_database! {
    a_preflight_is_answered_on_every_path_without_a_token
    every_answer_has_the_headers_errors_too
    refusals_of_the_body_have_the_headers
    a_stream_has_the_headers
    any_other_origin_gets_none
    a_request_without_an_origin_gets_none
    by_default_the_web_app_of_development_may_call
}

const PAGE: &str = "https://chat.example.org";

async fn app(on: Database) -> TestApp {
    TestApp::with(on, &[("CORS_FRONTEND", "https://chat.example.org, http://localhost:5173/")]).await
}

/// The CORS headers of an answer, as `name: value`.
fn cors_headers(answer: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("access-control-"))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

async fn a_preflight_is_answered_on_every_path_without_a_token(on: Database) {
    let app = app(on).await;
    let visitor = app.visitor();
    for path in ["/api/me", "/api/chat/stream/", "/api/conversations/bulk-delete", "/api/nothing", "/healthz"]
    {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let request = visitor
                .ask(Method::OPTIONS, path)
                .header("Origin", PAGE)
                .header("Access-Control-Request-Method", method)
                .header("Access-Control-Request-Headers", "authorization, content-type, last-event-id");
            let answer = visitor.answer(request).await.expect(204);
            insta::allow_duplicates! {
                insta::assert_snapshot!(cors_headers(&answer).join("\n"), @r"
                access-control-allow-credentials: true
                access-control-allow-headers: Authorization, Content-Type, Last-Event-ID, Idempotency-Key, X-Requested-With
                access-control-allow-methods: GET, POST, PUT, PATCH, DELETE, OPTIONS
                access-control-allow-origin: https://chat.example.org
                access-control-max-age: 86400
                ");
            }
        }
    }
}

async fn every_answer_has_the_headers_errors_too(on: Database) {
    let app = app(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for (person, method, path, status) in [
        (&ada, Method::GET, "/api/me".to_owned(), 200),
        (&ada, Method::HEAD, "/api/me".to_owned(), 200),
        (&ada, Method::POST, "/api/conversations".to_owned(), 201),
        (&ada, Method::DELETE, format!("/api/conversations/{thread}"), 204),
        (&ada, Method::POST, "/api/chat/stream".to_owned(), 400),
        (&app.visitor(), Method::GET, "/api/me".to_owned(), 401),
        (&ada, Method::GET, "/api/nothing".to_owned(), 404),
        (&ada, Method::GET, "/api/chat/stream".to_owned(), 405),
        (&ada, Method::OPTIONS, "/api/me".to_owned(), 204),
    ] {
        for origin in [PAGE, "http://localhost:5173"] {
            let request = person.ask(method.clone(), &path).header("Origin", origin);
            let answer = person.answer(request).await;
            if method != Method::DELETE {
                assert_eq!(answer.status, status, "{answer}");
            }
            assert_eq!(
                cors_headers(&answer),
                [
                    "access-control-allow-credentials: true",
                    &format!("access-control-allow-origin: {origin}"),
                    "access-control-expose-headers: X-Request-Id, Retry-After",
                ]
            );
        }
    }
}

async fn refusals_of_the_body_have_the_headers(on: Database) {
    let app = app(on).await;
    let ada = app.register("ada@example.org").await;
    for (media_type, body, status) in [
        ("text/plain", "{}".to_owned(), 415),
        ("application/json", "[".to_owned(), 400),
        ("application/json", "x".repeat(3 << 20), 413),
    ] {
        let request = ada.ask(Method::POST, "/api/conversations").header("Origin", PAGE);
        let answer = ada.answer(request.header("Content-Type", media_type).body(body)).await.expect(status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    }
}

async fn a_stream_has_the_headers(on: Database) {
    let app = app(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let request = ada.ask(Method::POST, "/api/chat/stream").header("Origin", PAGE);
    let response =
        request.json(&json!({ "conversation_id": thread, "prompt": "Well?" })).send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], PAGE);
    assert_eq!(response.headers()["access-control-allow-credentials"], "true");
}

async fn any_other_origin_gets_none(on: Database) {
    let app = app(on).await;
    let visitor = app.visitor();
    for origin in [
        "https://evil.example.org",
        "http://chat.example.org",
        "https://chat.example.org:8443",
        "https://chat.example.org.evil.org",
        "https://chat.example.org/",
        "null",
        "",
    ] {
        for preflight in [true, false] {
            let mut request = visitor.ask(Method::OPTIONS, "/api/auth/login").header("Origin", origin);
            if preflight {
                request = request.header("Access-Control-Request-Method", "POST");
            }
            let answer = visitor.answer(request).await.expect(204);
            assert_eq!(cors_headers(&answer), [""; 0], "{origin:?}");
        }
        let answer = visitor.answer(visitor.ask(Method::GET, "/api/me").header("Origin", origin)).await;
        assert_eq!(cors_headers(&answer), [""; 0], "{origin:?}");
    }
}

async fn a_request_without_an_origin_gets_none(on: Database) {
    let app = app(on).await;
    assert_eq!(cors_headers(&app.visitor().get("/healthz").await), [""; 0]);
}

async fn by_default_the_web_app_of_development_may_call(on: Database) {
    let app = TestApp::start(on).await;
    let request = app.visitor().ask(Method::GET, "/healthz").header("Origin", "http://localhost:3000");
    let answer = app.visitor().answer(request).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
}
