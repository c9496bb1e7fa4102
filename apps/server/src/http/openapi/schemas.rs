//! The pieces that schemas are made of, from the constants that the requests are checked by.

use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};

use crate::http::fields::Text;

/// Any text but one with a NUL, which no database keeps.
pub const NO_NUL: &str = r"^[^\u0000]*$";

/// A text, letter for letter.
pub fn raw_text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(NO_NUL)).description(Some(description))
}

/// As [`raw_text`], where `null` counts as nothing.
pub fn raw_text_or_null(description: &str) -> ObjectBuilder {
    raw_text(description).schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

/// A text that [`Fields::text`](crate::http::fields::Fields::text) takes by these rules.
pub fn text(rules: Text, description: &str) -> ObjectBuilder {
    let text = raw_text(description).max_length(Some(rules.max));
    if rules.blank { text } else { filled(text) }
}

/// This text, with something in it that is not blank: [`is_blank_char`](raconteur_domain::is_blank_char) in the words
/// of ECMA-262, whose `\s` lacks five of these characters.
pub fn filled(text: ObjectBuilder) -> ObjectBuilder {
    text.min_length(Some(1)).pattern(Some(r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"))
}

/// An e-mail address, as [`EmailAddress::parse`](raconteur_domain::EmailAddress::parse) takes it. It takes more than the
/// format `email` does, such as other alphabets.
pub fn email(text: ObjectBuilder) -> ObjectBuilder {
    // No blanks but around it, no control characters; two labels or more, none of which begins or ends with a hyphen.
    let never = r"@\s\u0000-\u001f\u007f-\u009f";
    let label = format!(r"[^{never}.\-]([^{never}.]*[^{never}.\-])?");
    text.pattern(Some(format!(r"^\s*[^{never}]+@{label}(\.{label})+\s*$")))
}

/// The id of something, such as this one. What is no UUID is answered like an id that nothing has.
pub fn id(example: &'static str, description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .description(Some(description))
        .examples([example])
}

/// A conversation's id. The examples of the document are all of one talk, and have the same ids throughout.
pub const CONVERSATION_ID: &str = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203";
/// The id of what the person said in it.
pub const QUESTION_ID: &str = "018f4e6a-2aff-7c11-9d22-6e7f80910a01";
/// The id of what the character answered.
pub const REPLY_ID: &str = "018f4e6a-2b00-7c11-9d22-6e7f80910a02";
/// The id of the run of the model that made the answer.
pub const GENERATION_ID: &str = "018f4e6a-2b01-7c11-9d22-6e7f80910a03";
/// The id of the person's session.
pub const SESSION_ID: &str = "018f4e6a-0a00-7b01-8d11-4c5d6e7f8090";
/// The id of a request.
pub const REQUEST_ID: &str = "018f4e6a-3c00-7d22-8e33-708190a1b204";

/// A truth value that need not be there.
pub fn flag(default: bool, description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(Value::Bool(default)))
        .description(Some(description))
}

/// One of these words.
pub fn words(words: impl IntoIterator<Item = &'static str>, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .description(Some(description))
        .into()
}

/// The first example of a type; null where it has none.
pub fn example_of<T: PartialSchema>() -> Value {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.examples.into_iter().next().unwrap_or_default(),
        _ => Value::Null,
    }
}
