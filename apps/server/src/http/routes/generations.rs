//! What is known of a reply besides its text.

use actix_web::{HttpResponse, web};
use raconteur_domain::{GenerationId, UserId};
use raconteur_storage::{ReadTx, StorageError};

use crate::app::App;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{inside, refusals, signed_out};
use crate::http::wire::generation::Generation;

refusals! { Show: [ApiError::NotFound], signed_out(), inside() }

/// Explain a reply
///
/// Shows what is known of a reply besides its text: the model, times, tokens, how it ended, and which knowledge went into
/// its prompt and why.
#[utoipa::path(
    get, path = "/api/generations/{id}", operation_id = "getGeneration", tag = "Chat", security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The `generation_id` of the reply.", example = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203")),
    responses((status = 200, description = "The run of the model that made the reply.", body = Generation), Show),
)]
pub async fn show(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    // What is no id names nothing.
    let (owner, id): (_, GenerationId) = (caller.id(), path.parse().map_err(|_| ApiError::NotFound)?);
    let found = app.db.read(move |tx| find(tx, owner, id)).await?;
    Ok(HttpResponse::Ok().json(found.ok_or(ApiError::NotFound)?))
}

/// What is known of a person's generation. That of a deleted conversation is gone with it, though its row may wait to be
/// removed.
pub(super) fn find(
    tx: &mut ReadTx<'_>,
    owner: UserId,
    id: GenerationId,
) -> Result<Option<Generation>, StorageError> {
    let Some(generation) = tx.generation(owner, id)? else {
        return Ok(None);
    };
    if tx.conversation(owner, generation.conversation_id)?.is_none() {
        return Ok(None);
    }
    let (explanation, reasoning) = (tx.explanation(owner, id)?, tx.reasoning(owner, id)?);
    Ok(Some(Generation::new(generation, explanation, reasoning)))
}
