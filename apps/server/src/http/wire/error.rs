//! Errors, and the words of the programs' own.

use std::borrow::Cow;

use raconteur_chat::Trouble;
use serde::Serialize;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Schema};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::http::error_code::ErrorCode;
use crate::http::openapi::schemas;

/// What every error looks like; [`ApiError`](crate::http::error::ApiError) writes it.
pub struct Error;

impl ToSchema for Error {
    fn name() -> Cow<'static, str> {
        "Error".into()
    }

    fn schemas(list: &mut Vec<(String, RefOr<Schema>)>) {
        list.push((ErrorWord::name().into(), ErrorWord::schema()));
    }
}

impl PartialSchema for Error {
    fn schema() -> RefOr<Schema> {
        let problems = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String)).build();
        ObjectBuilder::new()
            .description(Some(
                "What was wrong. Where fields or query parameters were wrong, each of them is a key of its own with \
                 a list of messages, beside `detail` and `code`.",
            ))
            .property("detail", schemas::raw_text("What was wrong, in words for a person."))
            .required("detail")
            .property("code", Ref::from_schema_name(ErrorWord::name()))
            .required("code")
            .property(
                "request_id",
                schemas::id(
                    schemas::REQUEST_ID,
                    "Under which the server's log says more. Only where the server itself failed (5xx).",
                ),
            )
            .additional_properties(Some(AdditionalProperties::from(Schema::Array(problems))))
            .examples([serde_json::json!({
                "detail": "title: This field may not be null.",
                "code": "invalid",
                "title": ["This field may not be null."],
            })])
            .into()
    }
}

/// The codes of errors.
pub struct ErrorWord;

impl ToSchema for ErrorWord {
    fn name() -> Cow<'static, str> {
        "ErrorCode".into()
    }
}

impl PartialSchema for ErrorWord {
    fn schema() -> RefOr<Schema> {
        schemas::words(
            ErrorCode::ALL.iter().map(|code| code.as_str()),
            "What was wrong, in a word that stays the same over versions.",
        )
    }
}

/// Why a reply failed. It comes just before the end of its stream, and never with another status than 200.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "code": "model_timeout",
    "detail": "The model took too long to answer. Try again in a moment.",
    "retryable": true,
})))]
pub struct StreamError {
    #[schema(schema_with = trouble_words)]
    code: &'static str,
    /// What happened and what to do, in words for a person.
    detail: &'static str,
    /// Whether sending the same again may help.
    retryable: bool,
}

impl From<Trouble> for StreamError {
    fn from(trouble: Trouble) -> Self {
        Self { code: trouble.code.as_str(), detail: trouble.code.detail(), retryable: trouble.retryable }
    }
}

fn trouble_words() -> RefOr<Schema> {
    let mut words: Vec<&str> = Trouble::all().iter().map(|trouble| trouble.code.as_str()).collect();
    words.dedup();
    schemas::words(words, "What went wrong, in a word that stays the same over versions.")
}
