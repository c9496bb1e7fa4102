//! Reading a provider's refusal: an HTTP status with a body, or an error object in a stream.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::RETRY_AFTER;
use serde_json::Value;
use tokio::time::timeout;

use crate::dialect::Objection;
use crate::text::loggable;
use crate::{ModelError, ModelErrorKind};

/// How much of such a body is read.
const LONGEST_BODY: usize = 64 << 10;

/// How long it may take. The status is known by then: a body that hangs must not hold it back.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What an answer with a status other than 2xx means.
pub(crate) struct Refusal {
    pub(crate) error: ModelError,
    /// Where asking differently may help.
    pub(crate) objection: Option<Objection>,
}

/// Reads an answer with a status other than 2xx.
pub(crate) async fn refused(mut response: Response, key: Option<&str>) -> Refusal {
    let status = response.status().as_u16();
    let retry_after = retry_after(&response);
    let body = words(&mut response).await;
    let kind = match status {
        400 | 413 | 422 | 500 if is_about_context(&body) => ModelErrorKind::ContextExceeded,
        _ => ModelErrorKind::Status(status),
    };
    let object = serde_json::from_str::<Value>(&body).unwrap_or_else(|_| body.as_str().into());
    let error = ModelError::new(kind, loggable(&words_of(&object), key)).with_retry_after(retry_after);
    let objection =
        matches!(kind, ModelErrorKind::Status(400 | 422)).then(|| Objection::of(&object)).flatten();
    Refusal { error, objection }
}

/// What an answer says that is no reply. Cut, hanging or too long: what there is of it will do.
pub(crate) async fn words(response: &mut Response) -> String {
    let mut body = Vec::new();
    let _ = timeout(LONGEST_WAIT, read_up_to(response, LONGEST_BODY, &mut body)).await;
    String::from_utf8_lossy(&body).into_owned()
}

/// What an error object in a stream means. Its `code` may be an HTTP status: proxies answer 200 before they know better.
pub(crate) fn reported(error: &Value, key: Option<&str>) -> ModelError {
    let code = &error["code"];
    let status =
        code.as_u64().or_else(|| code.as_str()?.parse().ok()).and_then(|code| u16::try_from(code).ok());
    let kind = match status {
        _ if is_about_context(&error.to_string()) => ModelErrorKind::ContextExceeded,
        Some(status @ 400..=599) => ModelErrorKind::Status(status),
        _ => ModelErrorKind::Reported,
    };
    ModelError::new(kind, loggable(&words_of(error), key))
}

/// Reads a body until it is whole (true) or longer than `limit` (false). What has been read stays when this is cancelled.
pub(crate) async fn read_up_to(
    response: &mut Response,
    limit: usize,
    body: &mut Vec<u8>,
) -> reqwest::Result<bool> {
    while let Some(packet) = response.chunk().await? {
        let room = limit - body.len();
        body.extend_from_slice(&packet[..packet.len().min(room)]);
        if packet.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}

/// In seconds, as providers send it; a date is not read.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What refusals of a prompt that is too long have in common. OpenAI says `context_length_exceeded`, llama.cpp
/// `exceed_context_size_error` (with status 500 where it notices late); vLLM, Anthropic and others say it in English alone.
const ABOUT_CONTEXT: [&str; 5] =
    ["context length", "context size", "context window", "maximum model length", "prompt is too long"];

fn is_about_context(words: &str) -> bool {
    let words = words.to_ascii_lowercase().replace('_', " ");
    ABOUT_CONTEXT.iter().any(|phrase| words.contains(phrase))
}

/// What an error object says, without the JSON around it where the shape is the usual one.
fn words_of(object: &Value) -> String {
    let error = if object["error"].is_null() { object } else { &object["error"] };
    let Some(message) = error.as_str().or_else(|| error["message"].as_str()) else {
        return error.to_string();
    };
    let labels = ["type", "code"].map(|field| match &error[field] {
        Value::String(label) => label.clone(),
        Value::Number(label) => label.to_string(),
        _ => String::new(),
    });
    match labels.join(" ").trim() {
        "" => message.to_owned(),
        labels => format!("{message} ({labels})"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind(error: &Value) -> ModelErrorKind {
        reported(error, None).kind()
    }

    #[test]
    fn an_error_object_may_name_a_status() {
        assert_eq!(kind(&json!({ "message": "provider is down", "code": 502 })), ModelErrorKind::Status(502));
        assert_eq!(kind(&json!({ "message": "slow down", "code": "429" })), ModelErrorKind::Status(429));
        assert_eq!(kind(&json!({ "message": "oh", "code": "server_error" })), ModelErrorKind::Reported);
        assert_eq!(kind(&json!({ "message": "oh", "code": 1 })), ModelErrorKind::Reported);
        assert_eq!(kind(&json!("out of memory")), ModelErrorKind::Reported);
    }

    #[test]
    fn a_prompt_that_is_too_long_is_recognised_in_every_dialect() {
        for error in [
            json!({ "code": "context_length_exceeded", "message": "too long" }),
            json!({ "code": 400, "type": "exceed_context_size_error", "message": "too long", "n_ctx": 512 }),
            json!({ "code": 400, "message": "This model's maximum context length is 4096 tokens." }),
            json!({ "message": "The decoder prompt is longer than the maximum model length of 4096." }),
            json!({ "type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum" }),
            json!("prompt exceeds the context window"),
        ] {
            assert_eq!(kind(&error), ModelErrorKind::ContextExceeded, "{error}");
        }
    }

    #[test]
    fn the_words_come_without_the_json_around_them() {
        let openai = json!({ "error": { "message": "No.", "type": "invalid_request_error", "param": null, "code": 400 } });
        assert_eq!(words_of(&openai), "No. (invalid_request_error 400)");
        assert_eq!(words_of(&json!({ "error": "model 'x' not found" })), "model 'x' not found");
        assert_eq!(words_of(&json!({ "detail": "Not Found" })), r#"{"detail":"Not Found"}"#);
    }
}
