//! The JSON of a streamed chat completion, as OpenAI documents it and as the others imitate it.
//!
//! Each function gives the `data` of one event, without its framing.

use serde_json::{Value, json};

/// The model that the fake upstream says it is.
pub const MODEL: &str = "fake-model";

/// The first chunk: who speaks, and no text yet.
#[must_use]
pub fn role() -> String {
    delta(&json!({ "role": "assistant", "content": "" }), None)
}

/// A piece of text.
#[must_use]
pub fn content(text: &str) -> String {
    delta(&json!({ "content": text }), None)
}

/// A piece of reasoning, in the field of `DeepSeek` and llama.cpp.
#[must_use]
pub fn reasoning(text: &str) -> String {
    reasoning_as("reasoning_content", text)
}

/// A piece of reasoning in a field of this name: `OpenRouter`, Ollama and vLLM call it `reasoning`.
#[must_use]
pub fn reasoning_as(field: &str, text: &str) -> String {
    delta(&json!({ field: text }), None)
}

/// A chunk whose content is null.
#[must_use]
pub fn null_content() -> String {
    delta(&json!({ "content": null }), None)
}

/// A chunk without choices and without usage, as content filters and proxies send.
#[must_use]
pub fn empty_choices() -> String {
    envelope(&json!([]), &Value::Null)
}

/// The chunk that says why the reply ends: `stop`, `length`, `content_filter`.
#[must_use]
pub fn finish(reason: &str) -> String {
    delta(&json!({}), Some(reason))
}

/// The chunk after the finish that counts tokens.
#[must_use]
pub fn usage(prompt_tokens: u64, completion_tokens: u64) -> String {
    envelope(
        &json!([]),
        &json!({
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        }),
    )
}

/// The same, from a provider that counts the reasoning too.
#[must_use]
pub fn usage_with_reasoning(prompt_tokens: u64, completion_tokens: u64, reasoning_tokens: u64) -> String {
    envelope(
        &json!([]),
        &json!({
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "completion_tokens_details": { "reasoning_tokens": reasoning_tokens },
        }),
    )
}

/// An error object, which some providers send in the middle of a stream.
#[must_use]
pub fn error(message: &str, code: &Value) -> String {
    json!({ "error": { "message": message, "type": "server_error", "param": null, "code": code } })
        .to_string()
}

/// A whole completion, as a provider answers that does not stream.
#[must_use]
pub fn whole(text: &str) -> Value {
    json!({
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": MODEL,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text },
            "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12 },
    })
}

fn delta(delta: &Value, finish_reason: Option<&str>) -> String {
    let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason });
    envelope(&json!([choice]), &Value::Null)
}

fn envelope(choices: &Value, usage: &Value) -> String {
    json!({
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": MODEL,
        "choices": choices,
        "usage": usage,
    })
    .to_string()
}
