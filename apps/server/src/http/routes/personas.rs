//! Characters that can be spoken to.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_chat::ChatError;
use raconteur_domain::Page as Found;
use raconteur_persona::{self as persona, PromptRequest};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, prompt_too_long, refusals, signed_out};
use crate::http::openapi::path_ids::PersonaPath;
use crate::http::query::{PageSizes, Query};
use crate::http::wire::page::{Page, paging};
use crate::http::wire::persona::{Persona, Preview, PreviewRequest, WholePersona};

const PAGE_SIZES: PageSizes = PageSizes { default: 20, max: 100 };

/// What a picture may do that somebody opens by itself: a drawing can hold scripts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

type PersonaPage = Page<Persona>;

/// What a list of characters can be asked for.
struct ListQuery;

impl IntoParams for ListQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        paging(PAGE_SIZES)
    }
}

refusals! { List: [ApiError::InvalidPage], [PAGE_SIZES.wrong("page_size", 1)] }

/// List characters
///
/// Lists the characters that can be spoken to, by their short names.
#[utoipa::path(
    get, path = "/api/personas", operation_id = "listPersonas", tag = "Personas", params(ListQuery),
    responses((status = 200, description = "A page of characters.", body = PersonaPage), List),
)]
pub async fn list(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let page = Query::of(&request).page(PAGE_SIZES)?;
    let cast = &app.cast;
    let all: Vec<Persona> = cast
        .personas
        .iter()
        .map(|persona| Persona::new(persona, cast.pictures.contains_key(persona.slug())))
        .collect();
    let page = Found::of(all, page).ok_or(ApiError::InvalidPage)?;
    Ok(HttpResponse::Ok().json(PersonaPage::answering(&request, page)))
}

/// The character of this short name, name or alias.
fn find(app: &App, name: &str) -> Result<Arc<persona::Persona>, ApiError> {
    app.cast.personas.find(name).ok_or(ApiError::NotFound)
}

refusals! { Show: [ApiError::NotFound] }

/// Show a character
///
/// Shows who a character is and how it talks, but not how it is told to.
#[utoipa::path(
    get, path = "/api/personas/{slug}", operation_id = "getPersona", tag = "Personas", params(PersonaPath),
    responses((status = 200, description = "The character.", body = WholePersona), Show),
)]
pub async fn show(app: web::Data<App>, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let persona = find(&app, &path)?;
    let has_picture = app.cast.pictures.contains_key(persona.slug());
    Ok(HttpResponse::Ok().json(WholePersona::new(&persona, has_picture)))
}

refusals! { Avatar: [ApiError::NotFound] }

/// Show a character's picture
///
/// The picture, as it is in the character's files. The address that a character's `avatar` gives changes with them.
#[utoipa::path(
    get, path = "/api/personas/{slug}/avatar", operation_id = "getPersonaAvatar", tag = "Personas",
    params(PersonaPath),
    responses(
        (status = 200, description = "The picture.", body = String, content_type = "image/*", example = json!("<svg …>")),
        (status = 304, description = "It is the one that the request has already (`If-None-Match`)."),
        Avatar
    ),
)]
pub async fn avatar(
    request: HttpRequest,
    app: web::Data<App>,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let persona = find(&app, &path)?;
    let picture = app.cast.pictures.get(persona.slug()).ok_or(ApiError::NotFound)?;
    let tag = format!("\"{}\"", persona.version());
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let mut answer = if known.is_some_and(|tags| tags.contains(&tag)) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    let answer = answer
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .content_type(picture.media_type);
    Ok(answer.body(picture.bytes.clone()))
}

refusals! {
    PreviewOne: [ApiError::NotFound, prompt_too_long(), PreviewRequest::wrong_history()], body(), signed_out(), inside()
}

/// Preview a prompt
///
/// Shows what a model would be asked for a text, and why: which knowledge was considered, what was used and what was left
/// out. No model is called and nothing is kept.
#[utoipa::path(
    post, path = "/api/personas/{slug}/preview", operation_id = "previewPrompt", tag = "Personas",
    security(("bearer" = [])), params(PersonaPath), request_body = PreviewRequest,
    responses((status = 200, description = "The prompt, and the reason for it.", body = Preview), PreviewOne),
)]
pub async fn preview(
    app: web::Data<App>,
    _caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let persona = find(&app, &path)?;
    let PreviewRequest { query, history } = PreviewRequest::read(&mut body.fields().await?)?;
    let budget = app.budget;
    // A lorebook may be large and a text long; nobody waits for this thread.
    let prompt = web::block(move || {
        persona.prompt(&PromptRequest {
            query: &query,
            history: &history,
            budget,
            ..PromptRequest::default()
        })
    });
    let prompt = prompt.await.map_err(|error| {
        tracing::error!(%error, "a prompt could not be previewed");
        ApiError::Internal
    })?;
    Ok(HttpResponse::Ok().json(Preview::from(prompt.map_err(ChatError::PromptTooLong)?)))
}
