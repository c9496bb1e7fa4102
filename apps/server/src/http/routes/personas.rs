//! Characters that can be spoken to.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_chat::{ChatError, Found};
use raconteur_domain::limits::SEARCH_MAX_CHARS;
use raconteur_domain::{OwnPersona, Page as Listed, PageRequest, UserId, fold};
use raconteur_persona::{self as persona, PromptRequest};
use raconteur_storage::{PersonaFilter, ReadTx, StorageError, Whose};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::{Caller, Visitor};
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, prompt_too_long, refusals, signed_out};
use crate::http::openapi::path_ids::PersonaPath;
use crate::http::openapi::schemas;
use crate::http::query::{PageSizes, Query};
use crate::http::wire::page::{Page, paging, parameter};
use crate::http::wire::persona::{Persona, Preview, PreviewRequest, WholePersona};
use crate::http::wire::persona_source::PersonaSource;
use crate::own_personas::Source;
use crate::personas::Assets;

const PAGE_SIZES: PageSizes = PageSizes { default: 20, max: 100 };

/// What a picture may do that somebody opens by itself: a drawing can hold scripts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

type PersonaPage = Page<Persona>;

/// What a list of characters can be asked for.
struct ListQuery;

impl IntoParams for ListQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = paging(PAGE_SIZES);
        let sought =
            "Only the characters with this in their name, description or tags, in any case. Blank for all.";
        let text = schemas::raw_text(sought).max_length(Some(SEARCH_MAX_CHARS));
        parameters.push(parameter("q", sought, text).example(Some(json!("ferry"))).build());
        let mine = "`true` for the caller's own alone.";
        parameters
            .push(parameter("mine", mine, schemas::flag(false, mine)).example(Some(json!(true))).build());
        parameters
    }
}

refusals! {
    List: [ApiError::InvalidPage], [PAGE_SIZES.wrong("page_size", 1)], [ApiError::InvalidToken], inside()
}

/// List characters
///
/// Lists the characters that can be spoken to: those that the server brings, the caller's own where there is a token, and those
/// that others here have made for everybody.
#[utoipa::path(
    get, path = "/api/personas", operation_id = "listPersonas", tag = "Personas", params(ListQuery),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page of characters.", body = PersonaPage), List),
)]
pub async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    visitor: Visitor,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request);
    let (page, text) = (query.page(PAGE_SIZES)?, query.text("q", SEARCH_MAX_CHARS)?);
    let (viewer, mine) = (visitor.id(), query.flag("mine")?);
    let built_in = if mine { Vec::new() } else { built_in(&app.assets.load(), text.as_deref()) };
    let whose = match (viewer.map(Whose::Own), mine) {
        (own, true) => Vec::from_iter(own),
        (own, false) => own.into_iter().chain([Whose::Public(viewer)]).collect(),
    };
    let filters = whose.into_iter().map(|whose| PersonaFilter { whose, text: text.clone() }).collect();
    let page = app.db.read(move |tx| one_page(tx, built_in, filters, viewer, page));
    let page = page.await?.ok_or(ApiError::InvalidPage)?;
    Ok(HttpResponse::Ok().json(PersonaPage::answering(&request, page)))
}

/// A page of the server's own characters and, behind them, of those that each of these filters lets through.
fn one_page(
    tx: &mut ReadTx<'_>,
    built_in: Vec<Persona>,
    filters: Vec<PersonaFilter>,
    viewer: Option<UserId>,
    page: PageRequest,
) -> Result<Option<Listed<Persona>>, StorageError> {
    let mut counted = Vec::new();
    for filter in filters {
        counted.push((tx.count_personas(&filter)?, filter));
    }
    let count = built_in.len() as u64 + counted.iter().map(|(count, _)| count).sum::<u64>();
    let Some(span) = page.span(count) else { return Ok(None) };
    let mut before = built_in.len() as u64;
    let first = usize::try_from(span.offset).unwrap_or(usize::MAX);
    let mut items: Vec<Persona> = built_in.into_iter().skip(first).take(page.size as usize).collect();
    for (count, filter) in counted {
        let room = page.size.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
        let offset = span.offset.saturating_sub(before);
        if room > 0 && offset < count {
            let some = tx.personas(&filter, offset, room)?;
            items.extend(some.iter().map(|own| Persona::own(own, viewer)));
        }
        before += count;
    }
    Ok(Some(Listed { items, count, span }))
}

/// The server's own characters with this in their name, description or tags.
fn built_in(assets: &Assets, text: Option<&str>) -> Vec<Persona> {
    let sought = text.map(fold);
    let has = |persona: &persona::Persona| {
        let Some(sought) = &sought else { return true };
        let mut words = vec![persona.name(), persona.slug()];
        words.extend(persona.full_name());
        words.extend(persona.description());
        words.extend(persona.aliases().iter().chain(persona.tags()).map(String::as_str));
        fold(&words.join("\n")).contains(sought)
    };
    let found = assets.personas.iter().filter(|persona| has(persona));
    found.map(|persona| Persona::built_in(persona, assets.pictures.get(persona.slug()))).collect()
}

/// The character that stands at this address, for this person.
pub(super) async fn find(app: &App, viewer: Option<UserId>, name: &str) -> Result<Found, ApiError> {
    app.chat.cast().at(viewer, name).await?.ok_or(ApiError::NotFound)
}

/// A character, as this person sees it: its owner sees what it is made of.
pub(super) async fn whole(
    app: &App,
    viewer: Option<UserId>,
    found: &Found,
) -> Result<WholePersona, ApiError> {
    let Some(own) = &found.own else {
        let assets = app.assets.load();
        let picture = assets.pictures.get(found.persona.slug());
        return Ok(WholePersona::new(&found.persona, Persona::built_in(&found.persona, picture), None));
    };
    let source = if own.is_of(viewer) { Some(source(app, own).await?) } else { None };
    Ok(WholePersona::new(&found.persona, Persona::own(own, viewer), source))
}

async fn source(app: &App, own: &OwnPersona) -> Result<PersonaSource, ApiError> {
    let source = Source { package: app.own_personas.package(own).await? };
    Ok(PersonaSource::new(own, &source))
}

refusals! { Show: [ApiError::NotFound], [ApiError::InvalidToken], inside() }

/// Show a character
///
/// Shows who a character is and how it talks, but not how it is told to. Its owner sees what it is made of, too.
#[utoipa::path(
    get, path = "/api/personas/{slug}", operation_id = "getPersona", tag = "Personas", params(PersonaPath),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The character.", body = WholePersona), Show),
)]
pub async fn show(
    app: web::Data<App>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = find(&app, visitor.id(), &path).await?;
    Ok(HttpResponse::Ok().json(whole(&app, visitor.id(), &found).await?))
}

/// Which state of a picture is wanted.
struct AvatarQuery;

impl IntoParams for AvatarQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Which state of the picture, as a character's `avatar` says it. Shows a private character's picture \
                           without a token.";
        let tag = schemas::raw_text(description);
        vec![parameter("v", description, tag).example(Some(json!("0f3a6c2b9d41e857"))).build()]
    }
}

refusals! {
    Avatar: [ApiError::field("v", "Null characters are not allowed.")], [ApiError::NotFound], [ApiError::InvalidToken], inside()
}

/// Show a character's picture
///
/// The picture. The address that a character's `avatar` gives changes with it.
#[utoipa::path(
    get, path = "/api/personas/{slug}/avatar", operation_id = "getPersonaAvatar", tag = "Personas",
    params(PersonaPath, AvatarQuery), security((), ("bearer" = [])),
    responses(
        (status = 200, description = "The picture.", body = String, content_type = "image/*", example = json!("<svg …>")),
        (status = 304, description = "It is the one that the request has already (`If-None-Match`)."),
        Avatar
    ),
)]
pub async fn avatar(
    request: HttpRequest,
    app: web::Data<App>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (slug, version) = (path.into_inner(), Query::of(&request).text("v", SEARCH_MAX_CHARS)?);
    let own = match version {
        Some(version) => {
            let slug = slug.clone();
            app.db.read(move |tx| tx.persona_of_version(&slug, &version)).await?
        }
        None => None,
    };
    let own = match own {
        Some(own) => Some(own),
        None => find(&app, visitor.id(), &slug).await?.own,
    };
    match own {
        Some(own) => own_picture(&request, &app, &own).await,
        None => built_in_picture(&request, &app, &slug),
    }
}

async fn own_picture(request: &HttpRequest, app: &App, own: &OwnPersona) -> Result<HttpResponse, ApiError> {
    let media_type = own.picture_type.as_deref().ok_or(ApiError::NotFound)?;
    let answer = picture_headers(request, &own.version);
    if answer.is_known {
        return Ok(answer.finish(media_type, Vec::new()));
    }
    let id = own.id;
    let picture = app.db.read(move |tx| tx.persona_picture(id)).await?.ok_or(ApiError::NotFound)?;
    Ok(answer.finish(media_type, picture))
}

fn built_in_picture(request: &HttpRequest, app: &App, slug: &str) -> Result<HttpResponse, ApiError> {
    let assets = app.assets.load();
    let persona = assets.personas.find(slug).ok_or(ApiError::NotFound)?;
    let picture = assets.pictures.get(persona.slug()).ok_or(ApiError::NotFound)?;
    let answer = picture_headers(request, &picture.tag);
    Ok(answer.finish(picture.media_type, picture.bytes.clone()))
}

/// The answer with a picture in this state.
struct PictureAnswer {
    tag: String,
    is_known: bool,
}

fn picture_headers(request: &HttpRequest, tag: &str) -> PictureAnswer {
    let tag = format!("\"{tag}\"");
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    PictureAnswer { is_known: known.is_some_and(|tags| tags.contains(&tag)), tag }
}

impl PictureAnswer {
    fn finish(self, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
        let mut answer = if self.is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer
            .insert_header((ETAG, self.tag))
            .insert_header((CACHE_CONTROL, "private, max-age=3600"))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .content_type(media_type);
        if self.is_known { answer.finish() } else { answer.body(bytes) }
    }
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
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let found = find(&app, Some(caller.id()), &path).await?;
    let request = PreviewRequest::read(&mut body.fields().await?)?;
    let preview = prompt(&app, &caller, request, move || Ok(found.persona)).await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// The prompt for this request, of a character that is made where nobody waits for the thread: a lorebook may be large and a
/// text long.
pub(super) async fn prompt<P: AsRef<persona::Persona>>(
    app: &App,
    caller: &Caller,
    request: PreviewRequest,
    character: impl FnOnce() -> Result<P, ApiError> + Send + 'static,
) -> Result<Preview, ApiError> {
    let (budget, owner) = (app.budget, caller.id());
    let profile = app.db.read(move |tx| tx.profile(owner)).await?.unwrap_or_default();
    let prompt = web::block(move || {
        let name = Some(profile.display_name.trim()).filter(|name| !name.is_empty());
        let description = Some(profile.description.trim()).filter(|text| !text.is_empty());
        let request = PromptRequest {
            query: &request.query,
            history: &request.history,
            user: persona::User { name, description },
            budget,
            ..PromptRequest::default()
        };
        let prompt = character()?.as_ref().prompt(&request);
        prompt.map_err(|error| ApiError::from(ChatError::PromptTooLong(error)))
    });
    let prompt = prompt.await.map_err(|error| {
        tracing::error!(%error, "a prompt could not be previewed");
        ApiError::Internal
    })?;
    Ok(Preview::from(prompt?))
}
