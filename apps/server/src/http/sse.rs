//! Server-sent events, as the contract spells them (WHATWG HTML, 9.2): `event`, `data` and `id` lines, LF only,
//! a blank line after each.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use async_stream::stream;
use raconteur_chat::{Begun, End, ReplyEvent, Subscription};
use raconteur_domain::GenerationId;
use serde::Serialize;
use tokio::time::timeout;

use super::openapi::schemas::example_of;
use super::wire::error::StreamError;
use super::wire::stream::{StreamEnd, StreamReasoning, StreamStart, StreamToken};
use crate::limits::OpenStream;

/// How long a stream may be silent before a comment shows that it lives.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A reply as a stream of events, from its `start` on, with what the model thinks where that is wanted.
pub fn reply(subscription: Subscription, reasoning: bool, open: OpenStream) -> HttpResponse {
    let mut start = String::new();
    write_start(&mut start, subscription.begun().clone());
    stream_of(start, subscription, reasoning, open)
}

/// What is left of a reply for somebody who has seen its `start`.
pub fn rest(subscription: Subscription, reasoning: bool, open: OpenStream) -> HttpResponse {
    stream_of(String::new(), subscription, reasoning, open)
}

/// The answer to HEAD: that of a stream, without any of it.
pub fn head() -> HttpResponse {
    answer().finish()
}

fn stream_of(start: String, subscription: Subscription, reasoning: bool, open: OpenStream) -> HttpResponse {
    let mut subscription = if reasoning { subscription.with_reasoning() } else { subscription };
    let generation = subscription.begun().generation_id;
    let events = stream! {
        // Until its end, or until its reader has gone.
        let _open = open;
        let mut out = start;
        if !out.is_empty() {
            yield Ok::<_, Infallible>(Bytes::from(std::mem::take(&mut out)));
        }
        loop {
            match timeout(KEEP_ALIVE, subscription.next()).await {
                Err(_) => yield Ok(Bytes::from_static(b": keep-alive\n\n")),
                Ok(None) => break,
                Ok(Some(news)) => {
                    for event in news {
                        write_event(&mut out, generation, event);
                    }
                    yield Ok(Bytes::from(std::mem::take(&mut out)));
                }
            }
        }
    };
    answer().streaming(events)
}

fn answer() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache, no-transform"))
        .insert_header(("X-Accel-Buffering", "no"));
    answer
}

fn write_start(out: &mut String, begun: Begun) {
    let id = format!("{}:0", begun.generation_id);
    write_block(out, "start", &StreamStart::from(begun), Some(&id));
}

fn write_event(out: &mut String, generation: GenerationId, event: ReplyEvent) {
    match event {
        ReplyEvent::Delta { text, offset } => {
            write_block(out, "token", &StreamToken { delta: &text }, Some(&format!("{generation}:{offset}")));
        }
        // No place to come back to: it is not kept while it streams.
        ReplyEvent::Reasoning(thought) => {
            write_block(out, "reasoning", &StreamReasoning { delta: &thought }, None);
        }
        ReplyEvent::End(end) => write_end(out, generation, end),
    }
}

fn write_end(out: &mut String, generation: GenerationId, end: End) {
    if let Some(trouble) = end.trouble {
        write_block(out, "error", &StreamError::from(trouble), None);
    }
    write_block(out, "end", &StreamEnd::from(end), Some(&format!("{generation}:end")));
}

/// One block. JSON has no bare line break in it, so the data is one line.
fn write_block(out: &mut String, event: &str, data: &impl Serialize, id: Option<&str>) {
    out.push_str("event: ");
    out.push_str(event);
    out.push_str("\ndata: ");
    // Nothing of ours fails to be written; were it to, an empty object is still an event.
    out.push_str(serde_json::to_string(data).as_deref().unwrap_or("{}"));
    if let Some(id) = id {
        out.push_str("\nid: ");
        out.push_str(id);
    }
    out.push_str("\n\n");
}

/// A whole stream, made of the examples of its events.
pub fn example() -> String {
    let (mut out, start) = (String::new(), example_of::<StreamStart>());
    let generation = start["generation_id"].as_str().unwrap_or_default().to_owned();
    let mut write = |event: &str, data: serde_json::Value, place: Option<&str>| {
        write_block(&mut out, event, &data, place.map(|place| format!("{generation}:{place}")).as_deref());
    };
    write("start", start, Some("0"));
    write("reasoning", example_of::<StreamReasoning<'_>>(), None);
    write("token", example_of::<StreamToken<'_>>(), Some("4"));
    write("error", example_of::<StreamError>(), None);
    write("end", example_of::<StreamEnd>(), Some("end"));
    out
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::sync::Arc;

    use actix_web::body::{BoxBody, MessageBody as _};
    use futures_util::{StreamExt as _, stream};
    use proptest::prelude::*;
    use raconteur_chat::{Chat, ChatSettings, Durability, Parts, Send};
    use raconteur_domain::{Clock as _, Conversation, ConversationId, EmailAddress, User, UserId};
    use raconteur_llm::{ChatModel, ChatRequest, ChatStream};
    use raconteur_persona::Personas;
    use raconteur_storage::{Db, Pool};
    use serde_json::{Value, json};
    use tempfile::TempDir;
    use tokio::runtime::Handle;
    use tokio::time::Instant;

    use super::*;
    use crate::system::{SystemClock, SystemEntropy};

    /// A model that never says anything.
    struct Silent;

    impl ChatModel for Silent {
        fn name(&self) -> &'static str {
            "silent"
        }

        fn stream(&self, _: ChatRequest) -> ChatStream {
            stream::pending().boxed()
        }
    }

    /// A reply that has begun and goes no further, for as long as the folder is there.
    async fn silent_reply() -> (TempDir, Subscription) {
        let (folder, now) = (tempfile::tempdir().unwrap(), SystemClock.now());
        let url = format!("sqlite://{}/raconteur.db", folder.path().display());
        let db = Db::open(&url.parse().unwrap(), Pool::default()).unwrap();
        let email = EmailAddress::parse("ada@example.org").unwrap();
        let ada = User {
            id: UserId::new(now, &SystemEntropy),
            email: email.as_typed().to_owned(),
            created_at: now,
        };
        let thread = Conversation {
            id: ConversationId::new(now, &SystemEntropy),
            owner_id: ada.id,
            character: "Bronn".to_owned(),
            persona_id: None,
            title: String::new(),
            created_at: now,
            updated_at: now,
        };
        let (owner, conversation) = (ada.id, thread.id);
        let setting = db.write(move |tx| {
            tx.insert_user(&ada, &email, None)?;
            tx.insert_conversation(&thread)
        });
        setting.await.unwrap();

        let parts = Parts {
            db,
            personas: Arc::new(Personas::default()),
            model: Arc::new(Silent),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            runtime: Handle::current(),
        };
        let settings = ChatSettings {
            context_tokens: 10_000,
            history_tokens: 100,
            temperature: 0.0,
            max_tokens: 100,
            summaries: false,
            keep_reasoning: false,
            durability: Durability::Strict,
            dead_after: Duration::from_secs(10),
        };
        let chat = Chat::start(parts, settings).await.unwrap();
        let send = Send { owner, conversation, prompt: "Well?".to_owned(), create_user_message: true };
        (folder, chat.send(send).await.unwrap())
    }

    async fn next_bytes(body: &mut BoxBody) -> Bytes {
        poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await.unwrap().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_shows_every_15_seconds_that_it_lives() {
        let (_folder, subscription) = silent_reply().await;
        let mut body = reply(subscription, false, OpenStream::uncounted()).into_body();
        assert!(next_bytes(&mut body).await.starts_with(b"event: start\n"));
        for _ in 0..3 {
            let before = Instant::now();
            assert_eq!(next_bytes(&mut body).await, ": keep-alive\n\n");
            assert_eq!(before.elapsed().as_secs(), 15);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_one_data_line_that_reads_back(text in any::<String>()) {
            let mut out = String::new();
            write_block(&mut out, "token", &json!({ "delta": text }), Some("x:1"));
            let lines: Vec<&str> = out.split('\n').collect();
            prop_assert_eq!(lines.len(), 5);
            prop_assert_eq!((lines[0], lines[2], lines[3], lines[4]), ("event: token", "id: x:1", "", ""));
            let data: Value = serde_json::from_str(lines[1].strip_prefix("data: ").unwrap()).unwrap();
            prop_assert_eq!(data, json!({ "delta": text }));
        }
    }

    #[test]
    fn other_alphabets_are_not_escaped() {
        let mut out = String::new();
        write_block(&mut out, "token", &json!({ "delta": "é 漢" }), None);
        assert_eq!(out, "event: token\ndata: {\"delta\":\"é 漢\"}\n\n");
    }
}
