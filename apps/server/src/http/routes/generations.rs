//! What is known of a reply besides its text.

use actix_web::{HttpResponse, web};
use raconteur_domain::{Generation, GenerationId};
use raconteur_storage::StorageError;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::caller::Caller;
use crate::http::error::ApiError;

pub async fn show(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    // What is no id names nothing.
    let (owner, id): (_, GenerationId) = (caller.id(), path.parse().map_err(|_| ApiError::NotFound)?);
    let found = app
        .db
        .read(move |tx| {
            let Some(generation) = tx.generation(owner, id)? else {
                return Ok(None);
            };
            // That of a deleted conversation is gone with it, though its row may wait to be removed.
            if tx.conversation(owner, generation.conversation_id)?.is_none() {
                return Ok(None);
            }
            Ok::<_, StorageError>(Some((generation, tx.explanation(owner, id)?, tx.reasoning(owner, id)?)))
        })
        .await?;
    let (generation, explanation, reasoning) = found.ok_or(ApiError::NotFound)?;
    let mut body = show_generation(&generation);
    body["explanation"] = explanation.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    body["reasoning"] = reasoning.into();
    Ok(HttpResponse::Ok().json(body))
}

fn show_generation(generation: &Generation) -> Value {
    let outcome = &generation.outcome;
    json!({
        "id": generation.id,
        "conversation_id": generation.conversation_id,
        "message_id": generation.message_id,
        "model": generation.model,
        "status": generation.status,
        "created_at": generation.created_at,
        "finish_reason": outcome.finish_reason,
        "error_code": outcome.error_code,
        "usage": {
            "prompt_tokens": outcome.usage.map(|usage| usage.prompt_tokens),
            "completion_tokens": outcome.usage.map(|usage| usage.completion_tokens),
            "reasoning_tokens": outcome.reasoning_tokens,
        },
        "ttft_ms": outcome.ttft_ms,
    })
}
