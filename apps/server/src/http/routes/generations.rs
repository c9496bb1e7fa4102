//! What is known of a reply besides its text.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::{GenerationId, UserId};
use raconteur_storage::{ReadTx, StorageError};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::id;
use crate::app::App;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{inside, refusals, signed_out};
use crate::http::openapi::path_ids::ReplyPath;
use crate::http::openapi::schemas;
use crate::http::query::Query;
use crate::http::wire::generation::Generation;
use crate::http::wire::page::parameter;

/// What can be shown besides.
struct ShowQuery;

impl IntoParams for ShowQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "Whether to show what was sent to the model, too.";
        vec![parameter("prompt", about, schemas::flag(false, about)).example(Some(json!(true))).build()]
    }
}

refusals! { Show: [ApiError::NotFound, Query::wrong_flag("prompt")], signed_out(), inside() }

/// Explain a reply
///
/// Shows what is known of a reply besides its text: the model, times, tokens, how it ended, and which knowledge went into
/// its prompt and why. With `prompt=true` also what was sent to the model, which may be long.
#[utoipa::path(
    get, path = "/api/generations/{id}", operation_id = "getGeneration", tag = "Chat", security(("bearer" = [])),
    params(ReplyPath, ShowQuery),
    responses((status = 200, description = "The run of the model that made the reply.", body = Generation), Show),
)]
pub async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    // What is no id names nothing.
    let (owner, id): (_, GenerationId) = (caller.id(), id(&path)?);
    let with_prompt = Query::of(&request).flag("prompt")?;
    let read = app.db.read(move |tx| {
        let found = find(tx, owner, id)?;
        if with_prompt {
            let prompt = tx.prompt(owner, id)?;
            return Ok::<_, StorageError>(found.map(|found| found.with_prompt(prompt)));
        }
        Ok(found)
    });
    let found = read.await?;
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
