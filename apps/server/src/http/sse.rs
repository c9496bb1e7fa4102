//! Server-sent events, as the contract spells them (WHATWG HTML, 9.2): `event`, `data` and `id` lines, LF only,
//! a blank line after each.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Bytes;
use async_stream::stream;
use raconteur_chat::{Begun, End, ReplyEvent, Subscription};
use raconteur_domain::GenerationId;
use serde_json::{Value, json};
use tokio::time::timeout;

/// How long a stream may be silent before a comment shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A reply as a stream of events.
pub fn reply(mut subscription: Subscription) -> HttpResponse {
    let events = stream! {
        let begun = subscription.begun().clone();
        let mut out = String::new();
        write_start(&mut out, &begun);
        yield Ok::<_, Infallible>(Bytes::from(std::mem::take(&mut out)));
        loop {
            match timeout(KEEP_ALIVE, subscription.next()).await {
                Err(_) => yield Ok(Bytes::from_static(b": keep-alive\n\n")),
                Ok(None) => break,
                Ok(Some(news)) => {
                    for event in &news {
                        write_event(&mut out, begun.generation_id, event);
                    }
                    yield Ok(Bytes::from(std::mem::take(&mut out)));
                }
            }
        }
    };
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache, no-transform"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events)
}

fn write_start(out: &mut String, begun: &Begun) {
    let data = json!({
        "message_id": begun.message_id,
        "ts": begun.at,
        "conversation_id": begun.conversation_id,
        "user_message_id": begun.user_message_id,
        "generation_id": begun.generation_id,
        "character": begun.character,
        "model": begun.model,
    });
    write_block(out, "start", &data, Some(&format!("{}:0", begun.generation_id)));
}

fn write_event(out: &mut String, generation: GenerationId, event: &ReplyEvent) {
    match event {
        ReplyEvent::Delta { text, offset } => {
            write_block(out, "token", &json!({ "delta": text }), Some(&format!("{generation}:{offset}")));
        }
        ReplyEvent::End(end) => write_end(out, generation, end),
    }
}

fn write_end(out: &mut String, generation: GenerationId, end: &End) {
    if let Some(trouble) = end.trouble {
        let data = json!({ "detail": trouble.detail, "code": trouble.code, "retryable": trouble.retryable });
        write_block(out, "error", &data, None);
    }
    let data = json!({
        "ts": end.at,
        "status": end.status,
        "finish_reason": end.finish_reason,
        "usage": end.usage,
        "ttft_ms": end.ttft_ms,
    });
    write_block(out, "end", &data, Some(&format!("{generation}:end")));
}

/// One block. JSON has no bare line break in it, so the data is one line.
fn write_block(out: &mut String, event: &str, data: &Value, id: Option<&str>) {
    out.push_str("event: ");
    out.push_str(event);
    out.push_str("\ndata: ");
    out.push_str(&data.to_string());
    if let Some(id) = id {
        out.push_str("\nid: ");
        out.push_str(id);
    }
    out.push_str("\n\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
