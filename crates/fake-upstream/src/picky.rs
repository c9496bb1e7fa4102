//! Refusals that depend on what is asked, for [`FakeUpstream::refuse_if`](crate::FakeUpstream::refuse_if): word for
//! word those of `OpenAI`'s reasoning models.

use serde_json::json;

use crate::{Request, Script};

/// Refuses `max_tokens`, and wants `max_completion_tokens`.
#[must_use]
pub fn max_tokens(request: &Request) -> Option<Script> {
    let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    refusal(request, "max_tokens", "unsupported_parameter", message)
}

/// Refuses `max_completion_tokens`, as providers do that have never heard of it.
#[must_use]
pub fn max_completion_tokens(request: &Request) -> Option<Script> {
    let message = "Unsupported parameter: 'max_completion_tokens' is not supported with this model.";
    refusal(request, "max_completion_tokens", "unsupported_parameter", message)
}

/// Refuses any `temperature`.
#[must_use]
pub fn temperature(request: &Request) -> Option<Script> {
    let message = format!(
        "Unsupported value: 'temperature' does not support {} with this model. Only the default (1) value is supported.",
        request.body["temperature"]
    );
    refusal(request, "temperature", "unsupported_value", &message)
}

/// A 400 for requests that have this field.
fn refusal(request: &Request, field: &str, code: &str, message: &str) -> Option<Script> {
    request.body.get(field)?;
    let error = json!({ "message": message, "type": "invalid_request_error", "param": field, "code": code });
    Some(Script::status(400).json(&json!({ "error": error })))
}
