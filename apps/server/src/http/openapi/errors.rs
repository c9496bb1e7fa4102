//! What an operation may be refused for, as its responses: from the errors themselves, so that status, headers and
//! examples are those that a client sees.

use std::collections::BTreeMap;

use actix_web::ResponseError as _;
use raconteur_chat::ChatError;
use raconteur_persona::PromptTooLong;
use serde_json::json;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};

use super::schemas::REQUEST_ID;
use crate::http::body::BODY_MAX_BYTES;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::limits::LimitReached;

/// Makes a type whose responses are these errors, given as lists of them.
macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident: $($errors:expr),* $(,)?) => {
        $(#[$doc])*
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses()
            -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                let errors: Vec<$crate::http::error::ApiError> = [$(Vec::from($errors)),*].concat();
                $crate::http::openapi::errors::responses(&errors)
            }
        }
    };
}
pub(crate) use refusals;

/// What everybody is refused for who is not signed in.
pub fn signed_out() -> Vec<ApiError> {
    vec![ApiError::NotAuthenticated, ApiError::InvalidToken]
}

/// What is said where a prompt does not fit the model.
pub fn prompt_too_long() -> ApiError {
    ChatError::PromptTooLong(PromptTooLong { tokens: 9_311, available: 6_902 }).into()
}

/// What any body may be refused for, whatever is wanted of it.
pub fn body() -> Vec<ApiError> {
    let media_type = ApiError::UnsupportedMediaType("text/plain".to_owned());
    [body_of_any_type(), vec![media_type]].concat()
}

/// As [`body`], where the media type is not looked at.
pub fn body_of_any_type() -> Vec<ApiError> {
    vec![
        ApiError::refused(
            ErrorCode::ParseError,
            "JSON parse error - EOF while parsing an object at line 1 column 1",
        ),
        ApiError::refused(ErrorCode::Invalid, "Invalid data. Expected a JSON object, but got an array."),
        ApiError::refused(ErrorCode::IncompleteBody, "The request body broke off."),
        ApiError::TooLarge(BODY_MAX_BYTES),
    ]
}

/// What is said to whoever asks too often.
pub fn too_often() -> Vec<ApiError> {
    let retry_after = std::time::Duration::from_secs(6);
    vec![ApiError::RateLimited(LimitReached { what: "You have asked too often.", retry_after })]
}

/// What fails inside, wherever the database is asked.
pub fn inside() -> Vec<ApiError> {
    vec![ApiError::Internal, ApiError::Unavailable("The database is busy or out of order.")]
}

/// The responses that these errors are, one for each status.
pub fn responses(errors: &[ApiError]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<&ApiError>> = BTreeMap::new();
    for error in errors {
        by_status.entry(error.code().status().as_u16().to_string()).or_default().push(error);
    }
    by_status.into_iter().map(|(status, errors)| (status, response(&errors).into())).collect()
}

fn response(errors: &[&ApiError]) -> Response {
    let mut codes: Vec<ErrorCode> = Vec::new();
    let mut examples = Vec::new();
    for error in errors {
        let (code, body) = (error.code(), error.body(Some(REQUEST_ID)));
        if !codes.contains(&code) {
            codes.push(code);
        }
        let nth = errors.iter().take_while(|other| *other != error).filter(|e| e.code() == code).count();
        let name = if nth == 0 { code.as_str().to_owned() } else { format!("{}_{}", code.as_str(), nth + 1) };
        let summary = body["detail"].as_str().unwrap_or_default().to_owned();
        examples.push((name, ExampleBuilder::new().summary(summary).value(Some(body)).build()));
    }
    let meanings: Vec<String> = codes
        .iter()
        .map(|code| format!("`{}`: {} {}", code.as_str(), code.meaning(), code.remedy()))
        .collect();
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Error")))
        .examples_from_iter(examples)
        .build();
    let mut response =
        ResponseBuilder::new().description(meanings.join("\n\n")).content("application/json", content);
    if let Some(answer) = errors.first().map(|error| error.error_response()) {
        for (name, value) in answer.headers() {
            if let (Some(name), Ok(value)) = (documented(name.as_str()), value.to_str()) {
                response = response.header(name.0, header(name.1, value));
            }
        }
    }
    response.build()
}

/// The headers of errors that a client wants to know of: each with its proper spelling and what it says.
fn documented(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "www-authenticate" => Some(("WWW-Authenticate", "How to say who is asking (RFC 6750).")),
        "retry-after" => Some(("Retry-After", "After how many seconds to try again.")),
        "allow" => Some(("Allow", "The methods that the path takes.")),
        _ => None,
    }
}

fn header(description: &str, example: &str) -> utoipa::openapi::Header {
    let (kind, example) = match example.parse::<u64>() {
        Ok(number) => (Type::Integer, json!(number)),
        Err(_) => (Type::String, json!(example)),
    };
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(kind).examples([example])))
        .description(Some(description))
        .build()
}
