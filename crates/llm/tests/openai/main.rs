//! What the OpenAI-compatible model makes of a provider, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod dialect;
mod failures;
mod framing;
mod reasoning;
mod recorded;
mod requests;
mod retries;
mod waiting;

use std::time::Duration;

use futures_util::StreamExt;
use raconteur_fake_upstream::{FakeUpstream, Script};
use raconteur_llm::{
    ChatEvent, ChatMessage, ChatModel, ChatRequest, FinishReason, Limits, ModelError, OpenAiConfig,
    OpenAiModel, Role, Usage, http_client,
};

/// A whole reply.
#[derive(Debug, PartialEq)]
struct Heard {
    deltas: Vec<String>,
    /// Joined: where it is cut does not matter.
    reasoning: String,
    end: Result<(Option<FinishReason>, Option<Usage>), ModelError>,
}

impl Heard {
    fn text(&self) -> String {
        self.deltas.concat()
    }

    fn error(&self) -> &ModelError {
        self.end.as_ref().expect_err("the reply should have failed")
    }
}

/// Limits that no test reaches, but with retries that do not wait.
fn limits() -> Limits {
    Limits { retry_pause: Duration::ZERO, ..Limits::default() }
}

fn config(base_url: &str) -> OpenAiConfig {
    OpenAiConfig {
        base_url: base_url.to_owned(),
        api_key: None,
        model: "test-model".to_owned(),
        others: vec!["another-model".to_owned()],
        limits: limits(),
    }
}

fn model(config: OpenAiConfig) -> OpenAiModel {
    thread_local! {
        /// One a test, which has a thread of its own: reading the machine's certificates takes its time.
        static CLIENT: reqwest::Client = http_client(&limits()).unwrap();
    }
    OpenAiModel::new(CLIENT.with(Clone::clone), config).unwrap()
}

fn question() -> ChatRequest {
    let messages =
        vec![ChatMessage::new(Role::System, "You are Bronn."), ChatMessage::new(Role::User, "How much?")];
    ChatRequest { messages, temperature: 0.3, max_tokens: 1024, ..ChatRequest::default() }
}

/// Hears a reply out, and holds it to the stream's promises: pieces are never empty, exactly one end, nothing after it.
async fn hear(model: &OpenAiModel) -> Heard {
    hear_answered(model, question()).await
}

/// As [`hear`], to another question.
async fn hear_answered(model: &OpenAiModel, question: ChatRequest) -> Heard {
    let mut stream = model.stream(question);
    let (mut deltas, mut reasoning) = (Vec::new(), String::new());
    let end = loop {
        match stream.next().await.expect("a stream ends with a finish or an error") {
            Ok(ChatEvent::Delta(delta)) => {
                assert!(!delta.is_empty());
                deltas.push(delta);
            }
            Ok(ChatEvent::Reasoning(piece)) => {
                assert!(!piece.is_empty());
                reasoning.push_str(&piece);
            }
            Ok(ChatEvent::Finish { reason, usage }) => break Ok((reason, usage)),
            Err(error) => break Err(error),
        }
    };
    assert!(stream.next().await.is_none());
    Heard { deltas, reasoning, end }
}

/// What is heard when a provider follows this script, with these limits.
async fn hear_within(limits: Limits, script: &Script) -> Heard {
    let upstream = FakeUpstream::start().await;
    upstream.always(script);
    hear(&model(OpenAiConfig { limits, ..config(&upstream.base_url()) })).await
}

/// What is heard when a provider follows this script and is asked once.
async fn hear_script(script: &Script) -> Heard {
    hear_within(Limits { retries: 0, ..limits() }, script).await
}
