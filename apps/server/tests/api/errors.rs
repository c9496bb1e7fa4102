//! What every path does with what it does not know: other paths, other methods, a broken inside.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use crate::support::raw::{Raw, header};
use crate::support::{
    Client, Database, Ids, Operation, PASSWORD, TestApp, on_every_database, operations, shape,
};

on_every_database! {
    every_path_answers_with_and_without_a_slash_at_its_end
    head_answers_as_get_does_without_the_body
    any_other_method_is_answered_with_those_there_are
    options_tells_which_methods_there_are
    the_method_is_looked_at_before_who_asks
    unknown_paths_are_not_found_in_json
    what_is_no_http_request_is_answered_without_a_word
    whoever_asks_is_looked_at_before_what_they_ask
    the_server_says_that_it_lives_and_is_ready
    what_takes_neither_query_nor_body_looks_at_neither
    a_broken_database_is_told_to_the_log_and_not_to_the_client
    any_host_is_answered_and_a_connection_serves_many_requests
    an_offer_to_speak_another_protocol_is_answered_in_this_one_at_once
}

/// Every path that is described, with an id where one belongs, and its methods. The one that is not is the script of the
/// page about the API, whose name changes with what is in it.
fn endpoints(ids: &Ids) -> BTreeMap<String, String> {
    const IN_ORDER: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let mut all: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for operation in operations() {
        all.entry(operation.path_of(ids)).or_default().push(operation.method);
    }
    let listed = |methods: Vec<Method>| {
        let methods = IN_ORDER.into_iter().filter(|name| methods.iter().any(|method| method == name));
        methods.collect::<Vec<_>>().join(", ").replace("GET", "GET, HEAD")
    };
    all.into_iter().map(|(path, methods)| (path, listed(methods))).collect()
}

async fn ada_and_her_things(app: &TestApp) -> (Client, Ids) {
    let ada = app.register("ada@example.org").await;
    let ids = Ids::of(&ada).await;
    (ada, ids)
}

async fn every_path_answers_with_and_without_a_slash_at_its_end(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ids) = ada_and_her_things(&app).await;
    for (path, methods) in endpoints(&ids) {
        // What signs out is asked for by somebody who is not signed in.
        let person = if path == "/api/auth/logout" { app.visitor() } else { ada.clone() };
        for method in methods.split(", ").filter(|method| *method != "DELETE") {
            let ask = async |path: &str| {
                let request =
                    person.ask(method.parse().unwrap(), path).json(&json!({ "title": "x", "content": 7 }));
                person.answer(request).await
            };
            let (without, with) = (ask(&path).await, ask(&format!("{path}/")).await);
            assert_eq!(without.status, with.status, "{method} {path}");
            assert!(!without.status.is_redirection() && without.status != 404, "{without}");
        }
    }
}

async fn head_answers_as_get_does_without_the_body(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ids) = ada_and_her_things(&app).await;
    let mut paths: Vec<String> = endpoints(&ids)
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
    let (ada, ids) = ada_and_her_things(&app).await;
    for (path, methods) in endpoints(&ids) {
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
    let (_, ids) = ada_and_her_things(&app).await;
    for (path, methods) in endpoints(&ids) {
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
    let (ada, ids) = ada_and_her_things(&app).await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/auth",
        "/api/me/more",
        &format!("/api/conversations/{thread}/messages/{thread}", thread = ids.conversation),
        "/api/%00",
        "/api/%FF%FE",
        "/api/..%2fetc/passwd",
        "/nothing.txt",
        "/assets/nothing",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = ada.answer(ada.ask(method, path).json(&json!({}))).await;
            answer.refused(404, "not_found", "Not found.");
        }
    }
}

/// The library that speaks HTTP answers it, before anything of ours is asked.
async fn what_is_no_http_request_is_answered_without_a_word(on: Database) {
    let app = TestApp::start(on).await;
    let get = |path: &str, lines: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n").into_bytes()
    };
    let headers = |count: usize| (0..count).map(|n| format!("X-{n}: x\r\n")).collect::<String>();
    for (request, status) in [
        (b"nonsense\r\n\r\n".to_vec(), 400),
        (b"GET /api/me HTTP/1.1\r\n\r\n".to_vec(), 400),
        (b"GET /api/me HTTP/9.9\r\nHost: localhost\r\n\r\n".to_vec(), 400),
        (get("/api/m e", ""), 400),
        (get("/api/search?q=\u{e9}", ""), 400),
        (get("/api/me", "No Name: x\r\n"), 400),
        (get("/api/me", "Content-Length: x\r\n"), 400),
        (get("/api/me", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400),
        (get(&format!("/api/search?q={}", "x".repeat(65_536)), ""), 400),
        (get("/api/me", &headers(96)), 431),
        (get("/api/me", &format!("X-Long: {}\r\n", "x".repeat(131_072))), 431),
    ] {
        let mut raw = Raw::connect(&app.host()).await;
        raw.write(&request).await;
        let answer = raw.read().await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, ""),
            "{:.60?}",
            String::from_utf8_lossy(&request)
        );
        assert_eq!(header(&answer.head, "x-request-id"), None);
        assert_eq!(header(&answer.head, "connection"), Some("close"));
    }
    // Just below the limits it is answered by us.
    for request in [
        get("/api/me", &headers(95)),
        get("/api/me", &format!("X-Long: {}\r\n", "x".repeat(130_000))),
        get(&format!("/api/search?q={}", "x".repeat(65_000)), ""),
    ] {
        let mut raw = Raw::connect(&app.host()).await;
        raw.write(&request).await;
        assert_eq!(raw.read().await.json()["code"], "not_authenticated");
    }
}

async fn whoever_asks_is_looked_at_before_what_they_ask(on: Database) {
    let app = TestApp::start(on).await;
    let (_, ids) = ada_and_her_things(&app).await;
    let visitor = app.visitor();
    let mut asked = 0;
    for operation in operations().into_iter().filter(Operation::is_for_those_who_are_signed_in) {
        let path = operation.path_of(&ids);
        let without_id = operation.path.replace("{id}", "nonsense");
        for path in
            [path.clone(), without_id, format!("{path}?page=abc&limit=abc&all=abc&prompt=abc&after=abc")]
        {
            let request = visitor.ask(operation.method.clone(), &path).header("Content-Type", "text/plain");
            let request = request.header("Last-Event-ID", "nonsense").header("Idempotency-Key", "no key");
            let answer = visitor.answer(request.body("{broken")).await;
            answer.refused(401, "not_authenticated", "Authentication credentials were not provided.");
            asked += 1;
        }
    }
    assert!(asked >= 57, "only {asked} requests were refused");
}

async fn the_server_says_that_it_lives_and_is_ready(on: Database) {
    let app = TestApp::start(on).await;
    assert_eq!(app.visitor().get("/healthz").await.expect(200).json(), json!({ "status": "ok" }));
    assert_eq!(app.visitor().get("/readyz").await.expect(200).json(), json!({ "status": "ready" }));
}

/// What a client may put behind a path that knows no parameters.
const HOSTILE_QUERIES: [&str; 12] = [
    "a=b",
    "page=abc&page_size=0",
    "q=%00&limit=-1&all=x",
    "prompt=%F0%9F&reasoning=",
    "&&&",
    "=",
    "%",
    "%00",
    "%ff",
    "a[]=1",
    "id=x",
    ";",
];

/// What a client may send along with a GET, which has no body.
const HOSTILE_BODIES: [&str; 10] =
    ["", "{", "[]", "null", "{\"id\": 1}", "\0", "\u{feff}{}", "<a/>", "a=b", "{\"a\": \"\\ud800\"}"];

async fn what_takes_neither_query_nor_body_looks_at_neither(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ids) = ada_and_her_things(&app).await;
    let mut paths = Vec::new();
    for operation in operations() {
        let takes_something = !operation.parameters("query").is_empty() || operation.takes_a_body();
        if operation.method == Method::GET && !takes_something {
            paths.push(operation.path_of(&ids));
        }
    }
    let thread = format!("/api/conversations/{}", ids.conversation);
    for path in ["/api/docs", "/api/me", "/api/openapi.json", "/healthz", "/readyz", &thread] {
        assert!(paths.iter().any(|known| known == path), "{path} is among {paths:?}");
    }
    for path in paths {
        let plain = ada.get(&path).await.expect(200).text;
        for query in HOSTILE_QUERIES {
            assert_eq!(ada.get(&format!("{path}?{query}")).await.expect(200).text, plain, "{path}?{query}");
        }
        for body in HOSTILE_BODIES {
            let request = ada.ask(Method::GET, &path).header("Content-Type", "text/plain").body(body);
            assert_eq!(ada.answer(request).await.expect(200).text, plain, "{path} {body:?}");
        }
        for accept in ["application/json", "text/event-stream", "image/png;q=0", "*", "nonsense"] {
            let request = ada.ask(Method::GET, &path).header("Accept", accept);
            assert_eq!(ada.answer(request).await.expect(200).text, plain, "{path} as {accept}");
        }
    }
}

/// What is answered without the database, each with the status.
const WITHOUT_THE_DATABASE: [(&str, u16); 6] = [
    ("GET /healthz", 200),
    // Which says that it does not answer.
    ("GET /readyz", 503),
    ("GET /api/openapi.json", 200),
    ("GET /api/docs", 200),
    ("GET /api/about", 200),
    // It is not set up, which is said first.
    ("POST /api/auth/google", 400),
];

/// What begins by writing, whoever asks, and is not asked for: the connection that writes to SQLite has kept all pages that
/// this takes, and knows nothing of the trouble.
const BEGINNING_BY_WRITING: [&str; 3] = ["/api/auth/register", "/api/auth/refresh", "/api/auth/logout"];

async fn a_broken_database_is_told_to_the_log_and_not_to_the_client(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ids) = ada_and_her_things(&app).await;
    // In a session of which nothing is known from a moment ago.
    let body = json!({ "email": ada.account().email, "password": PASSWORD });
    let ada = ada.signed_in(&ada.post("/api/auth/login", &body).await.expect(200).json());
    app.place().break_it();
    for operation in operations() {
        if BEGINNING_BY_WRITING.contains(&operation.path.as_str()) {
            continue;
        }
        let request = ada.ask(operation.method.clone(), &operation.path_of(&ids));
        let request = request.json(&operation.example(&ids));
        let answer = ada.answer(request).await;
        let without = WITHOUT_THE_DATABASE.iter().find(|(name, _)| *name == operation.name());
        if let Some((_, status)) = without {
            answer.expect(*status);
            continue;
        }
        let detail = "Something went wrong on the server. Its log says what, under the request id.";
        let answer = answer.refused(500, "internal", detail);
        assert_eq!(shape(&answer.json()["request_id"]), "[uuid]");
    }
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
