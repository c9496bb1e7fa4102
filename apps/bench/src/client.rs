//! A client of the server, and one of the model itself to compare with.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::Failure;
use crate::clock::Stopwatch;

/// How many requests are on their way at once where many are sent.
const AT_ONCE: usize = 64;

/// What one stream brought.
#[derive(Debug, Default)]
pub struct Read {
    /// Microseconds from the model's sending a token to its arrival here.
    pub delays: Vec<u64>,
    /// The text.
    pub text: String,
    /// Whether the stream said that it is complete.
    pub complete: bool,
}

/// Reads a stream to its end. Every token has to come, in order.
async fn read(request: RequestBuilder, clock: Stopwatch) -> Result<Read, Failure> {
    let mut body = request.send().await?.error_for_status()?.bytes_stream();
    let (mut read, mut unread) = (Read::default(), Vec::new());
    while let Some(bytes) = body.next().await {
        unread.extend_from_slice(&bytes?);
        let arrived = clock.micros();
        let whole = unread.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = unread.drain(..whole).collect();
        for line in String::from_utf8(lines)?.lines() {
            take(&mut read, line, arrived)?;
        }
    }
    Ok(read)
}

fn take(read: &mut Read, line: &str, arrived: u64) -> Result<(), Failure> {
    let Some(data) = line.strip_prefix("data: ").filter(|data| data.starts_with('{')) else {
        return Ok(());
    };
    let data: Value = serde_json::from_str(data)?;
    read.complete |= data["status"] == "complete" || data["choices"][0]["finish_reason"] == "stop";
    let delta = data["delta"].as_str().or_else(|| data["choices"][0]["delta"]["content"].as_str());
    if let Some(delta) = delta {
        let (seq, sent) = delta.trim().split_once(':').ok_or("a token that the model did not send")?;
        if seq.parse() != Ok(read.delays.len()) {
            return Err(format!("token {seq} came as number {}", read.delays.len()).into());
        }
        read.delays.push(arrived.saturating_sub(sent.parse()?));
        read.text.push_str(delta);
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a client of the server under load, not of a model")]
pub fn new() -> Client {
    Client::new()
}

/// Asks the model itself.
pub async fn ask_directly(client: Client, upstream: String, clock: Stopwatch) -> Result<Read, Failure> {
    read(client.post(format!("{upstream}/chat/completions")).json(&json!({})), clock).await
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    client: Client,
    base: String,
    token: String,
}

impl Person {
    pub async fn register(base: &str, name: &str) -> Result<Self, Failure> {
        let client = new();
        let email = format!("{name}@example.org");
        let body = json!({ "email": email, "password": "correct horse battery" });
        let answer = client.post(format!("{base}/api/auth/register")).json(&body).send().await?;
        let answer: Value = answer.error_for_status()?.json().await?;
        Ok(Self { client, base: base.to_owned(), token: text(&answer["access"])? })
    }

    /// The same person at another server on the same database.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub async fn open_conversation(&self) -> Result<String, Failure> {
        let request = self.client.post(format!("{}/api/conversations", self.base)).bearer_auth(&self.token);
        let answer: Value = request.json(&json!({})).send().await?.error_for_status()?.json().await?;
        text(&answer["id"])
    }

    pub async fn ask(self, conversation: String, clock: Stopwatch) -> Result<Read, Failure> {
        let body = json!({ "conversation_id": conversation, "prompt": "Go on." });
        let url = format!("{}/api/chat/stream", self.base);
        let read = read(self.client.post(url).bearer_auth(&self.token).json(&body), clock).await?;
        if read.complete && self.last_message(&conversation).await? != read.text {
            return Err("what was stored is not what was streamed".into());
        }
        Ok(read)
    }

    /// Writes so many messages into a conversation, some at a time.
    pub async fn write(&self, count: usize) -> Result<(), Failure> {
        let url =
            format!("{}/api/conversations/{}/messages/create", self.base, self.open_conversation().await?);
        let body = json!({ "content": "About three hundred bytes of what people say. ".repeat(6) });
        let post = || self.client.post(&url).bearer_auth(&self.token).json(&body).send();
        for _ in 0..count.div_ceil(AT_ONCE) {
            for answer in join_all((0..AT_ONCE).map(|_| post())).await {
                answer?.error_for_status()?;
            }
        }
        Ok(())
    }

    /// Deletes everything.
    pub async fn delete_all(&self) -> Result<(), Failure> {
        let url = format!("{}/api/conversations/bulk-delete", self.base);
        self.client.delete(url).bearer_auth(&self.token).send().await?.error_for_status()?;
        Ok(())
    }

    /// The reply that runs in a conversation, once it does.
    pub async fn running_reply(&self, conversation: &str) -> Result<String, Failure> {
        let url = format!("{}/api/conversations/{conversation}", self.base);
        loop {
            let request = self.client.get(&url).bearer_auth(&self.token);
            let shown: Value = request.send().await?.error_for_status()?.json().await?;
            if let Some(generation) = shown["messages"][1]["generation_id"].as_str() {
                return Ok(generation.to_owned());
            }
        }
    }

    /// Ends a reply.
    pub async fn stop(&self, generation: &str) -> Result<(), Failure> {
        let request = self.client.post(format!("{}/api/chat/stop", self.base)).bearer_auth(&self.token);
        request.json(&json!({ "generation_id": generation })).send().await?.error_for_status()?;
        Ok(())
    }

    /// Begins to read a reply from its start and stops after its first bytes. The connection is held open by what is
    /// returned.
    pub async fn stall(&self, generation: &str) -> Result<reqwest::Response, Failure> {
        let url = format!("{}/api/chat/stream/{generation}", self.base);
        let mut response = self.client.get(url).bearer_auth(&self.token).send().await?.error_for_status()?;
        response.chunk().await?;
        Ok(response)
    }

    async fn last_message(&self, conversation: &str) -> Result<String, Failure> {
        let url = format!("{}/api/conversations/{conversation}/messages?order=desc&page_size=1", self.base);
        let answer: Value =
            self.client.get(url).bearer_auth(&self.token).send().await?.error_for_status()?.json().await?;
        text(&answer["results"][0]["content"])
    }
}

fn text(value: &Value) -> Result<String, Failure> {
    Ok(value.as_str().ok_or("the server left something out")?.to_owned())
}
