//! The web client of the program that Raconteur replaces, request for request. It knows nothing of what Raconteur adds.

use raconteur_fake_upstream::{Script, chunk};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::sse::PATIENCE;
use crate::support::token::forged;
use crate::support::{Client, Database, PASSWORD, TestApp, on_every_database, shape};

on_every_database! {
    from_signing_up_to_deleting_everything
    regenerating_editing_and_answering_what_is_stored
    an_access_token_that_has_expired_is_refreshed_on_the_way
    credentials_that_are_wrong_are_a_400_and_sign_nobody_out
    when_the_model_fails_there_are_words_and_an_end
    what_is_sent_to_a_conversation_that_is_gone_is_answered_nowhere
}

/// Somebody in front of the old client.
struct OldClient {
    /// The client itself sends no token; what it sends is in `access`.
    http: Client,
    access: String,
    refresh: String,
}

/// A reply as the old client understands it.
#[derive(Debug)]
struct Heard {
    message_id: String,
    text: String,
}

impl OldClient {
    /// Where its proxy sends a prompt.
    const STREAM: &str = "/api/chat/stream/";

    /// Where it tries next when that is a 404, such as servers before had; nobody has promised these.
    fn elsewhere(thread: &str) -> [String; 5] {
        [
            "/api/chat/stream".to_owned(),
            format!("/api/conversations/{thread}/stream/"),
            format!("/api/conversations/{thread}/messages/stream/"),
            "/api/stream/".to_owned(),
            "/api/chat/".to_owned(),
        ]
    }

    async fn sign_up(app: &TestApp) -> Self {
        Self::enter(app, "/api/auth/register/", 201).await
    }

    async fn sign_in(app: &TestApp) -> Self {
        Self::enter(app, "/api/auth/login/", 200).await
    }

    async fn enter(app: &TestApp, path: &str, status: u16) -> Self {
        let http = app.visitor();
        let body = json!({ "email": "ada@example.org", "password": PASSWORD });
        let answer = http.post(path, &body).await.expect(status).json();
        let user = json!({ "id": "[uuid]", "email": "ada@example.org" });
        assert_eq!(shape(&answer), json!({ "access": "[token]", "refresh": "[token]", "user": user }));
        Self { http, access: text_of(&answer["access"]), refresh: text_of(&answer["refresh"]) }
    }

    /// Sends a request, a second time with a new access token where the first is refused for the old one.
    async fn ask(&mut self, request: impl Fn(&Client) -> RequestBuilder) -> reqwest::Response {
        let response = self.ask_once(&request).await;
        if response.status() != StatusCode::UNAUTHORIZED {
            return response;
        }
        let answer = self.http.post("/api/auth/refresh/", &json!({ "refresh": self.refresh })).await;
        let answer = answer.expect(200).json();
        assert_eq!(shape(&answer), json!({ "access": "[token]" }), "the refresh token stays as it is");
        self.access = text_of(&answer["access"]);
        self.ask_once(&request).await
    }

    async fn ask_once(&self, request: impl Fn(&Client) -> RequestBuilder) -> reqwest::Response {
        request(&self.http).bearer_auth(&self.access).timeout(PATIENCE).send().await.expect("an answer")
    }

    async fn json(&mut self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = |http: &Client| {
            let request = http.ask(method.clone(), path);
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        let response = self.ask(request).await;
        let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    async fn get(&mut self, path: &str) -> Value {
        let (status, body) = self.json(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// What a list has, be it bare or a page.
    async fn list(&mut self, path: &str) -> Vec<Value> {
        let body = self.get(path).await;
        body.as_array().or_else(|| body["results"].as_array()).expect("a list").clone()
    }

    async fn conversation(&mut self) -> String {
        let body = json!({ "character": "Bronn", "title": "" });
        let (status, thread) = self.json(Method::POST, "/api/conversations/", Some(&body)).await;
        assert_eq!(status, 201, "{thread}");
        text_of(&thread["id"])
    }

    /// What is shown of a conversation.
    async fn shown(&mut self, thread: &str) -> Vec<String> {
        let path = format!("/api/conversations/{thread}/messages/?order=asc&page=1&page_size=200");
        let line =
            |message: &Value| format!("{}: {}", text_of(&message["role"]), text_of(&message["content"]));
        self.list(&path).await.iter().map(line).collect()
    }

    async fn send(&mut self, thread: &str, prompt: &str) -> Heard {
        self.stream(&json!({ "conversation_id": thread, "prompt": prompt })).await
    }

    /// An edit or a regeneration.
    async fn send_unsaved(&mut self, thread: &str, prompt: &str) -> Heard {
        let body = json!({ "conversation_id": thread, "prompt": prompt, "create_user_message": false });
        self.stream(&body).await
    }

    async fn stream(&mut self, body: &Value) -> Heard {
        let response = self.send_to(Self::STREAM, body).await;
        assert_eq!(response.status(), 200, "{body}");
        heard_in(&response.text().await.unwrap())
    }

    async fn send_to(&mut self, path: &str, body: &Value) -> reqwest::Response {
        let send =
            |http: &Client| http.ask(Method::POST, path).header("Accept", "text/event-stream").json(body);
        self.ask(send).await
    }
}

/// Reads a stream as the old client does: blocks between blank lines, and of each the lines `event:` and `data:`.
fn heard_in(stream: &str) -> Heard {
    let (mut message_id, mut text, mut ended) = (None, String::new(), false);
    for block in stream.split("\n\n") {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let (Some(event), Some(data)) = (field("event:"), field("data:")) else { continue };
        let data: Value = serde_json::from_str(data).unwrap();
        match event {
            "start" => message_id = data["message_id"].as_str().map(ToOwned::to_owned),
            "token" => text.push_str(data["delta"].as_str().unwrap()),
            "end" => ended = true,
            _ => {}
        }
    }
    assert!(ended, "it would show for ever that somebody types: {stream}");
    Heard { message_id: message_id.expect("a start"), text }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text was expected: {value}")).to_owned()
}

async fn from_signing_up_to_deleting_everything(on: Database) {
    let app = TestApp::start(on).await;
    app.model.enqueue(&Script::reply(["Gold", " first", "."]));
    let mut ada = OldClient::sign_up(&app).await;
    let me = shape(&ada.get("/api/me/").await);
    assert_eq!((&me["id"], &me["email"]), (&json!("[uuid]"), &json!("ada@example.org")));
    assert!(ada.list("/api/conversations/").await.is_empty());

    let thread = ada.conversation().await;
    let reply = ada.send(&thread, "What is your price?").await;
    assert_eq!(reply.text, "Gold first.");
    let messages = ada.list(&format!("/api/conversations/{thread}/messages/")).await;
    assert_eq!(messages[1]["id"], reply.message_id);
    for (message, role, content) in
        [(&messages[0], "user", "What is your price?"), (&messages[1], "assistant", "Gold first.")]
    {
        assert_eq!((&message["role"], &message["content"]), (&json!(role), &json!(content)));
        assert_eq!(shape(&json!([message["id"], message["created_at"]])), json!(["[uuid]", "[time]"]));
        assert!(message.as_object().unwrap().contains_key("meta"), "{message}");
    }

    let found = ada.get("/api/search/?q=GOLD%20first&limit=20").await;
    assert_eq!(found["conversations"], json!([]));
    let (hit, reply) = (&found["messages"][0], &messages[1]);
    assert_eq!((&hit["conversation_id"], &hit["role"]), (&json!(thread), &json!("assistant")));
    assert_eq!(
        [&hit["id"], &hit["content"], &hit["created_at"]],
        ["id", "content", "created_at"].map(|f| &reply[f])
    );
    let found = ada.get("/api/search/?q=price").await;
    assert_eq!(found["conversations"][0]["id"], thread, "by its title");
    assert_eq!(ada.get("/api/search/?q=").await, json!({ "conversations": [], "messages": [] }));

    // Another day, on another device.
    let mut ada = OldClient::sign_in(&app).await;
    let threads = ada.list("/api/conversations/?page=1&page_size=20").await;
    assert_eq!(threads.len(), 1);
    let expected = json!({
        "id": thread, "character": "Bronn", "title": "Bronn — What is your price?",
        "created_at": threads[0]["created_at"], "updated_at": threads[0]["updated_at"],
        // What it passes over.
        "persona": "bronn",
    });
    assert_eq!(threads[0], expected);
    let path = format!("/api/conversations/{thread}/");
    let (status, renamed) = ada.json(Method::PATCH, &path, Some(&json!({ "title": "Wages" }))).await;
    assert_eq!((status, &renamed["title"], &renamed["character"]), (200, &json!("Wages"), &json!("Bronn")));
    let shown = ada.get(&path).await;
    assert_eq!((&shown["title"], shown["messages"].as_array().map(Vec::len)), (&json!("Wages"), Some(2)));

    ada.conversation().await;
    assert_eq!(ada.json(Method::DELETE, &path, None).await, (204, Value::Null));
    assert_eq!(ada.json(Method::GET, &path, None).await.0, 404);
    let bulk_delete = "/api/conversations/bulk-delete/?character=Bronn";
    assert_eq!(ada.json(Method::DELETE, bulk_delete, None).await, (200, json!({ "deleted": 1 })));
    assert!(ada.list("/api/conversations/").await.is_empty());
}

async fn regenerating_editing_and_answering_what_is_stored(on: Database) {
    let app = TestApp::start(on).await;
    for reply in ["Gold.", "Silver.", "A castle.", "Tomorrow."] {
        app.model.enqueue(&Script::reply([reply]));
    }
    let mut ada = OldClient::sign_up(&app).await;
    let thread = ada.conversation().await;
    ada.send(&thread, "What is your price?").await;

    // The same prompt again: the reply is replaced.
    assert_eq!(ada.send_unsaved(&thread, "What is your price?").await.text, "Silver.");
    assert_eq!(ada.shown(&thread).await, ["user: What is your price?", "assistant: Silver."]);

    // The prompt with other words, which it keeps to itself: the reply to them is added.
    assert_eq!(ada.send_unsaved(&thread, "What is your true price?").await.text, "A castle.");
    let shown = ["user: What is your price?", "assistant: Silver.", "assistant: A castle."];
    assert_eq!(ada.shown(&thread).await, shown);

    // A message that it stores first and has answered then.
    let path = format!("/api/conversations/{thread}/messages/create/");
    let (status, stored) = ada.json(Method::POST, &path, Some(&json!({ "content": "When?" }))).await;
    assert_eq!((status, &stored["role"], &stored["meta"]), (201, &json!("user"), &Value::Null));
    assert_eq!(ada.send_unsaved(&thread, "When?").await.text, "Tomorrow.");
    assert_eq!(ada.shown(&thread).await[3..], ["user: When?", "assistant: Tomorrow."]);
}

async fn an_access_token_that_has_expired_is_refreshed_on_the_way(on: Database) {
    let app = TestApp::start(on).await;
    let mut ada = OldClient::sign_up(&app).await;
    let thread = ada.conversation().await;
    let account = json!({ "access": ada.access, "refresh": ada.refresh, "user": ada.get("/api/me/").await });
    let expired = forged(&app.visitor().signed_in(&account), &json!({ "exp": 1_000_000_000 }));

    ada.access.clone_from(&expired);
    assert_eq!(ada.send(&thread, "Well?").await.text, "Aye.");
    assert_ne!(ada.access, expired);
    ada.access = expired;
    assert_eq!(ada.shown(&thread).await, ["user: Well?", "assistant: Aye."], "it was sent once");
}

async fn credentials_that_are_wrong_are_a_400_and_sign_nobody_out(on: Database) {
    let app = TestApp::start(on).await;
    let mut ada = OldClient::sign_up(&app).await;
    let refresh = ada.refresh.clone();
    // It takes any 401 for a token that has expired, and would refresh and ask again.
    for (path, body, detail) in [
        (
            "/api/auth/login/",
            json!({ "email": "ada@example.org", "password": "wrong" }),
            "invalid credentials",
        ),
        ("/api/auth/login/", json!({ "email": "ada@example.org" }), "email/password required"),
        (
            "/api/auth/register/",
            json!({ "email": "ada@example.org", "password": PASSWORD }),
            "email already registered",
        ),
        ("/api/chat/stream/", json!({ "prompt": "Well?" }), "conversation_id required"),
    ] {
        let (status, answer) = ada.json(Method::POST, path, Some(&body)).await;
        assert_eq!((status, &answer["detail"]), (400, &json!(detail)), "{path}");
    }
    let (status, answer) = ada.json(Method::POST, "/api/auth/refresh/", Some(&json!({}))).await;
    assert_eq!((status, &answer["refresh"]), (400, &json!(["This field is required."])));
    assert_eq!(ada.refresh, refresh);
    ada.get("/api/me/").await;
}

async fn when_the_model_fails_there_are_words_and_an_end(on: Database) {
    let app = TestApp::start(on).await;
    let mut ada = OldClient::sign_up(&app).await;
    for (script, said) in [
        (Script::error(401, "invalid_request_error", "invalid_api_key", "no such key"), ""),
        (Script::status(200).body("text/html", "<h1>hello</h1>"), ""),
        (Script::reply(["Gold", " first."]).cut_after(2), "Gold first."),
        (
            Script::reply(["Gold", " first."]).event_after(1, &chunk::error("overloaded", &Value::Null)),
            "Gold",
        ),
    ] {
        let thread = ada.conversation().await;
        app.model.enqueue(&script);
        let reply = ada.send(&thread, "Well?").await;
        let trouble = reply.text.strip_prefix(said).expect("what was said stays");
        assert!(!trouble.trim().is_empty(), "there are words: {reply:?}");
        let shown = ["user: Well?".to_owned(), format!("assistant: {}", reply.text)];
        assert_eq!(ada.shown(&thread).await, shown);
        // And it can simply try again.
        assert_eq!(ada.send_unsaved(&thread, "Well?").await.text, "Aye.");
        assert_eq!(ada.shown(&thread).await, ["user: Well?", "assistant: Aye."]);
    }
}

async fn what_is_sent_to_a_conversation_that_is_gone_is_answered_nowhere(on: Database) {
    let app = TestApp::start(on).await;
    let mut ada = OldClient::sign_up(&app).await;
    let (kept, gone) = (ada.conversation().await, ada.conversation().await);
    // In another tab.
    assert_eq!(ada.json(Method::DELETE, &format!("/api/conversations/{gone}/"), None).await.0, 204);
    let body = json!({ "conversation_id": gone, "prompt": "Well?" });
    let elsewhere = OldClient::elsewhere(&gone);
    for path in [OldClient::STREAM].into_iter().chain(elsewhere.iter().map(String::as_str)) {
        let response = ada.send_to(path, &body).await;
        assert_eq!(response.status(), 404, "{path}");
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(answer, json!({ "detail": "Not found.", "code": "not_found" }), "{path}");
    }
    // It was asked six times, and nobody was asked for an answer.
    assert_eq!((app.model.requests().len(), ada.shown(&kept).await.len()), (0, 0));

    // Where a conversation is there, no other path stands for this one.
    let body = json!({ "conversation_id": kept, "prompt": "Well?" });
    for path in &OldClient::elsewhere(&kept)[1..] {
        assert_eq!(ada.send_to(path, &body).await.status(), 404, "{path}");
    }
    assert_eq!(ada.send(&kept, "Well?").await.text, "Aye.");
    assert_eq!(ada.shown(&kept).await, ["user: Well?", "assistant: Aye."], "it was sent once");
}
