//! Talking.

use actix_web::{HttpResponse, web};
use raconteur_chat::Send;
use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_domain::{GenerationId, UserId, is_blank, strip};
use serde_json::json;

use super::conversations::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::fields::{Fields, Given};
use crate::http::sse;

pub async fn stream(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let mut fields = body.fields_of_any_type().await?;
    let reasoning = fields.flag("reasoning").unwrap_or(false);
    let send = send_from(&mut fields, caller.id())?;
    let reply = app.chat.send(send).await?;
    Ok(sse::reply(if reasoning { reply.with_reasoning() } else { reply }))
}

pub async fn stop(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let generation = generation_from(&mut body.fields().await?)?;
    app.chat.stop(caller.id(), generation).await?;
    Ok(HttpResponse::Accepted().json(json!({})))
}

/// What is no id names nothing, like an id that nobody has.
fn generation_from(fields: &mut Fields) -> Result<GenerationId, ApiError> {
    let generation = fields.raw_text("generation_id");
    fields.check()?;
    match generation {
        Given::Value(text) if !is_blank(&text) => strip(&text).parse().map_err(|_| ApiError::NotFound),
        _ => Err(ApiError::refused(ErrorCode::Invalid, "generation_id required")),
    }
}

fn send_from(fields: &mut Fields, owner: UserId) -> Result<Send, ApiError> {
    let conversation = fields.raw_text("conversation_id");
    let prompt = fields.raw_text("prompt").value().unwrap_or_default();
    let create_user_message = fields.flag("create_user_message").unwrap_or(true);
    if prompt.chars().count() > CONTENT_MAX_CHARS {
        fields.note("prompt", format!("Ensure this field has no more than {CONTENT_MAX_CHARS} characters."));
    }
    fields.check()?;
    match conversation {
        Given::Value(text) if !is_blank(&text) => {
            Ok(Send { owner, conversation: id(strip(&text))?, prompt, create_user_message })
        }
        _ => Err(ApiError::refused(ErrorCode::Invalid, "conversation_id required")),
    }
}
