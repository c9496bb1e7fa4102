//! How a conversation is led.

use raconteur_domain::limits::{NOTE_DEPTH_MAX, NOTE_MAX_CHARS, SUMMARY_MAX_CHARS};
use raconteur_domain::{self as domain, Temperature};
use raconteur_storage::ConversationChange;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use super::persona_source::{self, MAX_TOKENS, max_tokens_schema, temperature_schema};
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas;

const NOTE: Text = Text { max: NOTE_MAX_CHARS, blank: true, trim: false };
const SUMMARY: Text = Text { max: SUMMARY_MAX_CHARS, blank: true, trim: false };

/// How a conversation is led, beyond who takes part in it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "note": "It has begun to rain.", "note_depth": 4, "model": null, "temperature": 0.8, "max_tokens": null, "summary": "",
})))]
pub struct ConversationSettings {
    #[schema(schema_with = note)]
    note: String,
    #[schema(schema_with = note_depth)]
    note_depth: u32,
    #[schema(schema_with = model, required)]
    model: Option<String>,
    #[schema(schema_with = temperature, required)]
    temperature: Option<f64>,
    #[schema(schema_with = max_tokens, required)]
    max_tokens: Option<u32>,
    #[schema(schema_with = summary)]
    summary: String,
}

pub fn note() -> ObjectBuilder {
    schemas::text(NOTE, "The author's note: what the model is reminded of in every prompt. Empty for none.")
}

pub fn note_depth() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(NOTE_DEPTH_MAX))
        .description(Some("How many messages come after the author's note; 0 is the very end of the prompt."))
}

pub fn model() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null])).description(Some(
        "The model that answers: one of those at `/api/about`. Null for the character's, or else the server's.",
    ))
}

pub fn temperature() -> ObjectBuilder {
    temperature_schema(
        "How freely the model chooses its words. Null for what the character says of it, or else the server.",
    )
}

pub fn max_tokens() -> ObjectBuilder {
    max_tokens_schema(
        "The longest reply, in the model's own tokens; never more than the server allows. Null for what the character says \
         of it, or else the server.",
    )
}

pub fn summary() -> ObjectBuilder {
    schemas::text(
        SUMMARY,
        "What happened in the part of the conversation that prompts have no room for. Where the server has it written by the \
         model, it goes on from what stands here. Empty for nothing.",
    )
}

impl From<domain::ConversationSettings> for ConversationSettings {
    fn from(settings: domain::ConversationSettings) -> Self {
        Self {
            note: settings.note,
            note_depth: settings.note_depth,
            model: settings.model,
            temperature: settings.temperature.map(Temperature::value),
            max_tokens: settings.max_tokens,
            summary: settings.summary,
        }
    }
}

/// Reads what of them is to be different.
pub fn read(fields: &mut Fields) -> ConversationChange {
    ConversationChange {
        note: fields.text("note", NOTE),
        note_depth: read_depth(fields),
        model: persona_source::read_model(fields),
        temperature: persona_source::read_temperature(fields),
        max_tokens: persona_source::read_max_tokens(fields, MAX_TOKENS),
        summary: fields.text("summary", SUMMARY),
        ..ConversationChange::default()
    }
}

fn read_depth(fields: &mut Fields) -> Option<u32> {
    let value = fields.value("note_depth")?;
    let depth = value.as_u64().and_then(|depth| u32::try_from(depth).ok());
    let depth = depth.filter(|depth| *depth <= NOTE_DEPTH_MAX);
    if depth.is_none() {
        fields.note("note_depth", format!("Expected a number from 0 to {NOTE_DEPTH_MAX}."));
    }
    depth
}
