//! All of a person's data in one file: taken along, and brought.

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest, HttpResponse, HttpResponseBuilder, rt, web};
use async_stream::try_stream;
use futures_util::{Stream, TryStreamExt as _};
use raconteur_domain::{Conversation, UserId};
use raconteur_persona::package::Format;
use raconteur_storage::{PersonaFilter, StorageError, Whose};
use serde::Serialize;

use crate::app::App;
use crate::archive::{BATCH, ImportError, Importer, Taken};
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::lines::{LINE_MAX_BYTES, Lines};
use crate::http::openapi::errors::{inside, refusals, signed_out};
use crate::http::wire::archive::{self, ConversationLine, Line, MEDIA_TYPE, TakenIn};
use crate::own_personas::PersonaError;

refusals! { Export: signed_out(), inside() }

/// Take everything along
///
/// All of the caller's data, as JSON lines: first the account, then each of their characters, then each conversation, the
/// oldest first, followed by all of its messages on whichever branch, and at the end one line of `type` `end`. Without that
/// the file is not whole. What a password or a token could be made of is not in it, nor what characters of others know.
///
/// It is written while it is sent, a conversation as it is when its turn comes.
#[utoipa::path(
    get, path = "/api/me/export", operation_id = "exportMe", tag = "Accounts", security(("bearer" = [])),
    responses(
        (status = 200, description = "The archive.", body = String, content_type = "application/jsonl", example = json!(archive::EXAMPLE)),
        Export,
    ),
)]
pub async fn export(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    let mut answer = answer();
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    Ok(answer.streaming(lines(app, caller.id()).map_err(Error::from)))
}

fn answer() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, MEDIA_TYPE))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"raconteur.jsonl\""))
        .insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// The archive, as it is sent. One that fails ends in the middle, and its connection with it.
fn lines(app: web::Data<App>, owner: UserId) -> impl Stream<Item = Result<Bytes, ApiError>> {
    try_stream! {
        let found = app.db.read(move |tx| Ok::<_, StorageError>((tx.user(owner)?, tx.profile(owner)?)));
        let (user, profile) = found.await?;
        let user = user.ok_or(ApiError::InvalidToken)?;
        yield line(&archive::account(&user, &profile.unwrap_or_default()))?;

        // There are no more of them than a page or two of a list.
        let theirs = PersonaFilter { whose: Whose::Own(owner), text: None };
        for own in app.db.read(move |tx| tx.personas(&theirs, 0, u32::MAX)).await? {
            match app.own_personas.package(&own).await {
                Ok(package) => {
                    let slug = own.slug.clone();
                    let zip = web::block(move || package.write(&slug, Format::Zip)).await;
                    let zip = zip.map_err(failed)?.map_err(failed)?;
                    yield line(&archive::persona(&own, &zip))?;
                }
                // Deleted since.
                Err(PersonaError::NotFound) => {}
                Err(error) => Err(error)?,
            }
        }

        let (mut conversations, mut messages) = (0, 0);
        let mut after = 0;
        while let Some((key, conversation)) =
            app.db.read(move |tx| tx.conversation_after(owner, after)).await?
        {
            after = key;
            let id = conversation.id;
            let (described, keys) = describe(&app, owner, conversation).await?;
            yield line(&described)?;
            conversations += 1;
            for some in keys.chunks(BATCH) {
                let some = some.to_vec();
                let mut out = Vec::new();
                for message in app.db.read(move |tx| tx.messages_to_keep(id, some)).await? {
                    out.extend_from_slice(&line(&archive::message(message))?);
                    messages += 1;
                }
                yield Bytes::from(out);
            }
        }
        yield line(&archive::end(conversations, messages))?;
    }
}

/// The line of a conversation, and the keys of its messages.
async fn describe(
    app: &App,
    owner: UserId,
    conversation: Conversation,
) -> Result<(ConversationLine, Vec<i64>), ApiError> {
    let (id, persona) = (conversation.id, conversation.persona_id);
    let found = app.db.read(move |tx| {
        let persona = persona.map(|persona| tx.persona(persona)).transpose()?.flatten();
        let settings = tx.conversation_settings(id)?.unwrap_or_default();
        Ok::<_, StorageError>((persona, settings, tx.active_leaf(id)?, tx.message_keys(id)?))
    });
    let (persona, settings, leaf, keys) = found.await?;
    let line = ConversationLine {
        r#type: "conversation",
        id,
        character: conversation.character,
        persona: persona.filter(|persona| persona.is_of(Some(owner))).map(|persona| persona.slug),
        title: conversation.title,
        summary_through: settings.summary_through,
        settings: settings.into(),
        last_shown: leaf.map(|leaf| leaf.id),
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
    };
    Ok((line, keys))
}

fn line(of: &impl Serialize) -> Result<Bytes, ApiError> {
    let mut line = serde_json::to_vec(of).map_err(failed)?;
    line.push(b'\n');
    Ok(line.into())
}

fn failed(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "an archive could not be written");
    ApiError::Internal
}

refusals! {
    Import: [at(12, "A message stands before any conversation."), cut_off()],
        [ApiError::refused(ErrorCode::IncompleteBody, "The request body broke off.")],
        [ApiError::refused(ErrorCode::PersonasFull, "You have 500 characters, and more are not kept. Delete one first.")],
        [ApiError::TooLarge(LINE_MAX_BYTES)], signed_out(), inside()
}

/// Bring everything
///
/// Takes in an archive as `/api/me/export` gives it out, beside what is in the account; a fresh one has the same in it
/// afterwards. Everything gets new ids, and a character another short name where it is taken. What the person told of
/// themselves is taken where nothing has been told here; the e-mail address and how they sign in stay as they are.
///
/// It is written while it is read. An archive that is refused at some line leaves nothing behind but what the person told of
/// themselves. The largest one has a gibibyte.
#[utoipa::path(
    post, path = "/api/me/import", operation_id = "importMe", tag = "Accounts", security(("bearer" = [])),
    request_body(content = String, content_type = "application/octet-stream", description = "The archive, of whatever media type.", example = json!(archive::EXAMPLE)),
    responses((status = 200, description = "All of it was taken in.", body = TakenIn), Import),
)]
pub async fn import(app: web::Data<App>, caller: Caller, lines: Lines) -> Result<HttpResponse, ApiError> {
    let mut importer = Importer::new(app.get_ref().clone(), caller.id());
    // In a task of its own: it is done whole or taken back, also where the client goes away.
    let work = rt::spawn(async move {
        match take(&mut importer, lines).await {
            Ok(taken) => Ok(taken),
            Err(error) => {
                importer.undo().await;
                Err(error)
            }
        }
    });
    let taken = work.await.map_err(failed)??;
    Ok(HttpResponse::Ok().json(TakenIn::from(taken)))
}

async fn take(importer: &mut Importer, mut lines: Lines) -> Result<Taken, ApiError> {
    let mut number = 0;
    while let Some(text) = lines.next().await? {
        number += 1;
        let taken = match Line::read(&text).map_err(|error| refused(number, error))? {
            Line::Account(profile) => importer.profile(profile).await,
            Line::Persona(persona) => importer.persona(persona).await,
            Line::Conversation(conversation) => importer.conversation(*conversation).await,
            Line::Message(message) => importer.message(*message).await,
            Line::End => return importer.finish().await.map_err(|error| refused(number, error.into())),
        };
        taken.map_err(|error| refused(number, error.into()))?;
    }
    Err(cut_off())
}

/// What is said of a line that is refused. What is no fault of the line's stays as it is.
fn refused(line: u64, error: ApiError) -> ApiError {
    match error {
        ApiError::Refused {
            code: ErrorCode::BadArchive | ErrorCode::BadCard | ErrorCode::Invalid, ..
        }
        | ApiError::Fields(_) => at(line, &error.to_string()),
        error => error,
    }
}

fn at(line: u64, why: &str) -> ApiError {
    ApiError::refused(ErrorCode::BadArchive, format!("Line {line}: {why}"))
}

fn cut_off() -> ApiError {
    ApiError::refused(
        ErrorCode::BadArchive,
        "The archive is cut off: its last line, of type end, is missing.",
    )
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Persona(error) => error.into(),
            ImportError::Storage(error) => error.into(),
            error => Self::refused(ErrorCode::BadArchive, error.to_string()),
        }
    }
}
