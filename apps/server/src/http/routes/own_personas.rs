//! A person's own characters: made, brought, changed, taken along.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_persona::cards::{Card, CardError};
use raconteur_persona::package::{Format, Package};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::personas::{find, prompt, whole};
use crate::app::App;
use crate::http::body::{FILE_MAX_BYTES, FileBody, JsonBody, no_file};
use crate::http::caller::{Caller, Visitor};
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::openapi::errors::{body, inside, prompt_too_long, refusals, signed_out};
use crate::http::openapi::path_ids::PersonaPath;
use crate::http::openapi::schemas;
use crate::http::query::Query;
use crate::http::wire::page::parameter;
use crate::http::wire::persona::{
    DraftPreview, ImportedPersona, Persona, Preview, PreviewRequest, WholePersona,
};
use crate::http::wire::persona_source::{PRIVATE, PUBLIC, PersonaChanges, PersonaDraft};
use crate::own_personas::PersonaError;
use crate::pictures::{Picture, PictureError};

/// What is said of what a character is made of.
fn bad_draft() -> Vec<ApiError> {
    let field = |field, problem: &str| PersonaError::Field(field, problem.to_owned()).into();
    vec![
        field("name", "This field is required."),
        field("slug", "Another character has this short name."),
        field("knowledge", "entry 2: `id` is missing; the entry is not used"),
        PersonaError::Full("You have 500 characters, and more are not kept. Delete one first.".to_owned())
            .into(),
    ]
}

/// What a file may be refused for, besides what it says.
fn file() -> Vec<ApiError> {
    vec![
        no_file(),
        ApiError::refused(ErrorCode::IncompleteBody, "The request body broke off."),
        ApiError::TooLarge(FILE_MAX_BYTES),
    ]
}

refusals! { Create: bad_draft(), body(), signed_out(), inside() }

/// Make a character
///
/// Makes a character of one's own, for oneself or for everybody at this server.
#[utoipa::path(
    post, path = "/api/personas", operation_id = "createPersona", tag = "Personas", security(("bearer" = [])),
    request_body = PersonaDraft,
    responses((status = 201, description = "The new character.", body = WholePersona), Create),
)]
pub async fn create(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let draft = PersonaDraft::read_new(&mut body.fields().await?)?;
    let found = app.own_personas.create(caller.id(), draft).await?;
    Ok(HttpResponse::Created().json(whole(&app, Some(caller.id()), &found).await?))
}

refusals! { Change: bad_draft(), [ApiError::NotFound], body(), signed_out(), inside() }

/// Change a character
///
/// Changes what is named of one's own character, and leaves the rest: what a card had that nobody here knows, too.
#[utoipa::path(
    put, path = "/api/personas/{slug}", operation_id = "updatePersona", tag = "Personas", security(("bearer" = [])),
    params(PersonaPath), request_body = PersonaChanges,
    responses((status = 200, description = "The character as it is now.", body = WholePersona), Change),
)]
pub async fn change(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let draft = PersonaDraft::read(&mut body.fields().await?)?;
    let found = app.own_personas.change(caller.id(), &path, draft).await?;
    Ok(HttpResponse::Ok().json(whole(&app, Some(caller.id()), &found).await?))
}

refusals! { Delete: [ApiError::NotFound], signed_out(), inside() }

/// Delete a character
///
/// Deletes one's own character. Conversations with it stay; who answers in them from then on is a character of that name without
/// knowledge.
#[utoipa::path(
    delete, path = "/api/personas/{slug}", operation_id = "deletePersona", tag = "Personas", security(("bearer" = [])),
    params(PersonaPath),
    responses((status = 204, description = "It is gone."), Delete),
)]
pub async fn delete(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    app.own_personas.delete(caller.id(), &path).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How a file is taken in.
struct ImportQuery;

impl IntoParams for ImportQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Who may speak to it; its owner alone where nothing is said.";
        let words = schemas::words([PRIVATE, PUBLIC], description);
        vec![parameter("visibility", description, words).example(Some(json!(PUBLIC))).build()]
    }
}

/// What is said of a word that is neither of the two.
fn bad_visibility() -> ApiError {
    ApiError::field("visibility", "Expected private or public.")
}

/// What is said of a file that is no character.
fn bad_card() -> ApiError {
    PersonaError::Card(CardError::UnknownFormat).into()
}

refusals! { Import: [bad_card(), bad_visibility()], bad_draft(), file(), signed_out(), inside() }

/// Bring a character
///
/// Takes in a character from a file, which is the body as it is: a character card of version 1, 2 or 3 as JSON, PNG or CHARX, or a
/// zip of a folder with `style.yml` and `kb.jsonl`. What it is called and of what media type does not matter. Nothing in it is run
/// or fetched.
#[utoipa::path(
    post, path = "/api/personas/import", operation_id = "importPersona", tag = "Personas", security(("bearer" = [])),
    params(ImportQuery),
    request_body(content = String, content_type = "application/octet-stream", description = "The file."),
    responses((status = 201, description = "The character, and what of the file was left out.", body = ImportedPersona), Import),
)]
pub async fn import(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    file: FileBody,
) -> Result<HttpResponse, ApiError> {
    let public = match Query::of(&request).text("visibility", PRIVATE.len())?.as_deref() {
        None | Some(PRIVATE) => false,
        Some(PUBLIC) => true,
        Some(_) => return Err(bad_visibility()),
    };
    let (found, ignored) = app.own_personas.import(caller.id(), file.bytes().await?, public).await?;
    let persona = whole(&app, Some(caller.id()), &found).await?;
    Ok(HttpResponse::Created().json(ImportedPersona { persona, ignored }))
}

/// As what a character is taken along.
struct ExportQuery;

impl IntoParams for ExportQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description =
            "A card as JSON (where nothing is said), in a PNG picture or as CHARX, or a zip of its folder.";
        let words = schemas::words(["json", "png", "charx", "zip"], description);
        vec![parameter("format", description, words).example(Some(json!("png"))).build()]
    }
}

fn bad_format() -> ApiError {
    ApiError::field("format", "Expected json, png, charx or zip.")
}

refusals! { Export: [bad_format()], [ApiError::NotFound], [ApiError::InvalidToken], inside() }

/// Take a character along
///
/// A character as a file, to be used in another program or brought to another server: one's own, one of the server's, or a public
/// one.
#[utoipa::path(
    get, path = "/api/personas/{slug}/export", operation_id = "exportPersona", tag = "Personas",
    params(PersonaPath, ExportQuery), security((), ("bearer" = [])),
    responses((status = 200, description = "The file.", body = String, content_type = "application/octet-stream", example = json!("{}")), Export),
)]
pub async fn export(
    request: HttpRequest,
    app: web::Data<App>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let format = match Query::of(&request).text("format", 16)?.as_deref() {
        None | Some("json") => Format::Json,
        Some("png") => Format::Png,
        Some("charx") => Format::Charx,
        Some("zip") => Format::Zip,
        Some(_) => return Err(bad_format()),
    };
    let found = find(&app, visitor.id(), &path).await?;
    let slug = found.own.as_ref().map_or_else(|| found.persona.slug().to_owned(), |own| own.slug.clone());
    let package = match &found.own {
        Some(own) => Some(app.own_personas.package(own).await?),
        None => None,
    };
    let (assets, name) = (app.assets.load_full(), slug.clone());
    let written = web::block(move || {
        let package = package.or_else(|| assets.package(&found.persona)).ok_or(PersonaError::NotFound)?;
        Ok::<_, PersonaError>(with_png(package, format).write(&name, format)?)
    });
    let bytes = written.await.map_err(|error| PersonaError::Inside(error.to_string()))??;
    Ok(HttpResponse::Ok()
        // To be kept, whatever it is.
        .content_type("application/octet-stream")
        .insert_header((CONTENT_DISPOSITION, attachment(&slug, format)))
        .body(bytes))
}

/// The package with its picture as the PNG that a card is written into.
fn with_png(mut package: Package, format: Format) -> Package {
    if format == Format::Png
        && let Some(png) = package.picture.as_deref().and_then(|picture| Picture::as_png(picture).ok())
    {
        package.picture = Some(png);
    }
    package
}

/// A file to be saved under this name (RFC 6266), which may have any letters (RFC 8187).
fn attachment(slug: &str, format: Format) -> String {
    let encoded: String = form_urlencoded::byte_serialize(slug.as_bytes()).collect();
    let plain: String = slug.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let extension = format.extension();
    format!("attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{encoded}.{extension}")
}

refusals! {
    SetAvatar: [PersonaError::Picture(PictureError::Unknown).into()], file(), [ApiError::NotFound], signed_out(), inside()
}

/// Give a character a picture
///
/// Gives one's own character this picture: a PNG, JPEG or WebP, which is the body as it is. It is written anew, upright and with
/// sides of at most 1,024 pixels, and nothing but the picture is kept of the file.
#[utoipa::path(
    put, path = "/api/personas/{slug}/avatar", operation_id = "setPersonaAvatar", tag = "Personas",
    security(("bearer" = [])), params(PersonaPath),
    request_body(content = String, content_type = "image/*", description = "The picture."),
    responses((status = 200, description = "The character with its new picture.", body = Persona), SetAvatar),
)]
pub async fn set_avatar(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    file: FileBody,
) -> Result<HttpResponse, ApiError> {
    let found = app.own_personas.set_picture(caller.id(), &path, Some(file.bytes().await?)).await?;
    let own = found.own.as_ref().ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().json(Persona::own(own, Some(caller.id()))))
}

/// Take a character's picture away
///
/// One's own character has no picture from then on.
#[utoipa::path(
    delete, path = "/api/personas/{slug}/avatar", operation_id = "deletePersonaAvatar", tag = "Personas",
    security(("bearer" = [])), params(PersonaPath),
    responses((status = 204, description = "It has no picture."), Delete),
)]
pub async fn delete_avatar(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    app.own_personas.set_picture(caller.id(), &path, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

refusals! {
    PreviewDraft: bad_draft(), [prompt_too_long(), PreviewRequest::wrong_history()], body(), signed_out(), inside()
}

/// Preview a prompt of a character to be
///
/// The same as the preview of a character, for one that is not kept yet: what it would be made of comes along.
#[utoipa::path(
    post, path = "/api/personas/preview", operation_id = "previewDraft", tag = "Personas", security(("bearer" = [])),
    request_body = DraftPreview,
    responses((status = 200, description = "The prompt, and the reason for it.", body = Preview), PreviewDraft),
)]
pub async fn preview(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let mut fields = body.fields().await?;
    let draft = PersonaDraft::read_new(&mut fields)?;
    let request = PreviewRequest::read(&mut fields)?;
    let preview = prompt(&app, &caller, request, move || {
        let mut package = Package::new(Card::new(draft.name.clone().unwrap_or_default()));
        let slug = draft.slug.clone().unwrap_or_default();
        draft.apply(&mut package)?;
        Ok(std::sync::Arc::new(package.load(&slug).persona))
    });
    Ok(HttpResponse::Ok().json(preview.await?))
}
