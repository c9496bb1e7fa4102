//! Somebody who uses the API: a visitor, or a person who is signed in.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::answer::{Answer, check_common_headers};
use super::sse::{EventStream, PATIENCE, Reply};

/// A client of one server. What it asks for is given as methods with a path; paths begin with `/`.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    account: Option<Account>,
    /// What was asked for by this client, the one that it was made of, and all others that were made of that one.
    asked: Arc<Mutex<BTreeSet<String>>>,
}

/// Who a client is signed in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub access: String,
    pub refresh: String,
}

/// The password of everybody in these tests.
pub const PASSWORD: &str = "correct horse battery staple";

impl Client {
    /// Somebody who is not signed in. `base` is the server's address without a slash at its end.
    pub fn visitor(base: &str) -> Self {
        let http = reqwest::Client::builder().build().expect("an HTTP client can be built");
        Self { http, base: base.to_owned(), account: None, asked: Arc::default() }
    }

    /// The same client, with a new account.
    pub async fn register(&self, email: &str) -> Self {
        let answer = self.post("/api/auth/register", &json!({ "email": email, "password": PASSWORD })).await;
        self.signed_in(&answer.expect(201).json())
    }

    /// The same client, signed in with what `/auth/register` or `/auth/login` answered.
    pub fn signed_in(&self, answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let account = Account {
            id: text(&answer["user"]["id"]),
            email: text(&answer["user"]["email"]),
            access: text(&answer["access"]),
            refresh: text(&answer["refresh"]),
        };
        Self { account: Some(account), ..self.clone() }
    }

    /// The same client at another server, where its tokens are good too.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub fn account(&self) -> &Account {
        self.account.as_ref().expect("somebody who is signed in")
    }

    /// A request that is not sent yet.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.asked.lock().expect("nothing panics while it notes this").insert(format!("{method} {path}"));
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.account {
            Some(account) => request.bearer_auth(&account.access),
            None => request,
        }
    }

    /// What was asked for so far, each as `METHOD PATH?QUERY`: by this client, the one that it was made of, and all others
    /// that were made of that one.
    #[allow(dead_code, reason = "for a test that is a program of its own")]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().expect("nothing panics while it notes this").clone()
    }

    /// Sends a request and reads the answer.
    pub async fn answer(&self, request: RequestBuilder) -> Answer {
        let request = request.timeout(PATIENCE).build().expect("a request");
        let asked = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        Answer::read(asked, response).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.answer(self.ask(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.answer(self.ask(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.answer(self.ask(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.answer(self.ask(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.answer(self.ask(Method::DELETE, path)).await
    }
}

/// What a person does.
impl Client {
    /// Opens a conversation with a character and returns its id.
    pub async fn conversation(&self, character: &str) -> String {
        let answer = self.post("/api/conversations", &json!({ "character": character })).await;
        answer.expect(201).json()["id"].as_str().expect("a conversation has an id").to_owned()
    }

    /// A conversation as it is shown.
    pub async fn show(&self, thread: &str) -> Value {
        self.get(&format!("/api/conversations/{thread}")).await.expect(200).json()
    }

    /// The messages of a conversation, the first one first.
    pub async fn messages(&self, thread: &str) -> Vec<Value> {
        let path = format!("/api/conversations/{thread}/messages?page_size=200");
        let page = self.get(&path).await.expect(200).json();
        page["results"].as_array().expect("a page has results").clone()
    }

    /// What was said in a conversation, as `role: content`.
    pub async fn said(&self, thread: &str) -> Vec<String> {
        let line = |message: &Value| {
            format!("{}: {}", message["role"].as_str().unwrap(), message["content"].as_str().unwrap())
        };
        self.messages(thread).await.iter().map(line).collect()
    }

    /// All messages of a conversation, on whichever branch.
    pub async fn tree(&self, thread: &str) -> Vec<Value> {
        let path = format!("/api/conversations/{thread}/messages?all=true&page_size=200");
        let page = self.get(&path).await.expect(200).json();
        page["results"].as_array().expect("a page has results").clone()
    }

    /// Waits until no reply in a conversation runs.
    pub async fn until_ended(&self, thread: &str) {
        let ended = async {
            while self.messages(thread).await.iter().any(|message| message["status"] == "running") {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, ended).await.expect("every reply ends");
    }

    /// Adds a message without asking for a reply.
    pub async fn say(&self, thread: &str, content: &str) -> Value {
        let path = format!("/api/conversations/{thread}/messages/create");
        self.post(&path, &json!({ "content": content })).await.expect(201).json()
    }

    /// Sends a prompt and reads the reply to its end.
    pub async fn send(&self, thread: &str, prompt: &str) -> Reply {
        self.begin(thread, prompt).await.finish().await
    }

    /// Sends a prompt and begins to read the reply.
    pub async fn begin(&self, thread: &str, prompt: &str) -> EventStream {
        self.stream(&json!({ "conversation_id": thread, "prompt": prompt })).await
    }

    /// Sends a prompt that is no message of its own (an edit or a regeneration, for a client of old) and reads the
    /// reply to its end.
    pub async fn send_unsaved(&self, thread: &str, prompt: &str) -> Reply {
        let body = json!({ "conversation_id": thread, "prompt": prompt, "create_user_message": false });
        self.stream(&body).await.finish().await
    }

    /// Begins to read the reply to this body.
    pub async fn stream(&self, body: &Value) -> EventStream {
        self.begin_stream("/api/chat/stream", body).await
    }

    /// Begins to read the reply that is asked for at this path.
    pub async fn begin_stream(&self, path: &str, body: &Value) -> EventStream {
        let response = self.ask(Method::POST, path).json(body).send().await.expect("an answer");
        let asked = format!("POST {path} {body}");
        if response.status() != 200 {
            let answer = Answer::read(asked, response).await;
            panic!("no stream: {answer}");
        }
        check_common_headers(response.headers(), &asked);
        EventStream::new(response)
    }

    /// Asks for a reply again, behind the event of this id.
    pub fn ask_again(&self, generation: &str, last_event: Option<&str>) -> RequestBuilder {
        let request = self.ask(Method::GET, &format!("/api/chat/stream/{generation}"));
        match last_event {
            Some(id) => request.header("Last-Event-ID", id),
            None => request,
        }
    }

    /// Comes back to a reply, behind the event of this id or to all of it.
    pub async fn resume(&self, generation: &str, last_event: Option<&str>) -> EventStream {
        Self::open(self.ask_again(generation, last_event)).await
    }

    /// Begins to read the stream that this request is answered with.
    pub async fn open(request: RequestBuilder) -> EventStream {
        let response = request.send().await.expect("an answer");
        if response.status() != 200 {
            let answer = Answer::read("a stream".to_owned(), response).await;
            panic!("no stream: {answer}");
        }
        check_common_headers(response.headers(), "a stream");
        EventStream::new(response)
    }

    /// Reads the reply that is asked for at this path to its end.
    pub async fn read_stream(&self, path: &str, body: &Value) -> Reply {
        self.begin_stream(path, body).await.finish().await
    }
}
