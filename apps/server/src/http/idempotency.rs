//! The header under whose name a request may be repeated (IETF draft "The Idempotency-Key HTTP Header Field").

use actix_web::HttpRequest;
use raconteur_domain::limits::IDEMPOTENCY_KEY_MAX_CHARS;
use serde_json::json;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::error::ApiError;
use super::error_code::ErrorCode;

const HEADER: &str = "Idempotency-Key";

/// The key of a request, if it has one.
///
/// # Errors
///
/// 400 for what is no key.
pub fn key(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let visible = |text: &&str| {
        (1..=IDEMPOTENCY_KEY_MAX_CHARS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match value.to_str().ok().filter(visible) {
        Some(key) if values.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(wrong()),
    }
}

/// What is said of a key that is none.
pub fn wrong() -> ApiError {
    ApiError::field(
        HEADER,
        format!(
            "One to {IDEMPOTENCY_KEY_MAX_CHARS} visible ASCII characters without blanks were expected, once."
        ),
    )
}

/// What is said of a key that another request has.
pub fn reused() -> ApiError {
    ApiError::refused(ErrorCode::IdempotencyKeyReused, "Another request was made under this Idempotency-Key.")
}

/// The header, as the document has it.
pub fn parameter() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(IDEMPOTENCY_KEY_MAX_CHARS))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A name of the client's own for this request, such as a UUID. For 24 hours the same request under the same \
             name is not done again, but answered with what it made the first time; another one is a 422.",
        ))
        .schema(Some(schema))
        .example(Some(json!("0f8fad5b-d9cb-469f-a165-70867728950e")))
        .build()
}
