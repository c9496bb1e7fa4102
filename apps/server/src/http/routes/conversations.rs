//! Conversations.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::limits::{CHARACTER_MAX_CHARS, CONVERSATION_SHOWN_MESSAGES, TITLE_MAX_CHARS};
use raconteur_domain::{Conversation, ConversationId, UserId};
use raconteur_storage::{ConversationChange, StorageError};
use serde_json::{Value, json};

use super::messages::show_message;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::query::{Query, page_body};

const PAGE_SIZE: u32 = 20;
const PAGE_SIZE_MAX: u32 = 100;

const CHARACTER: Text = Text { max: CHARACTER_MAX_CHARS, blank: false, trim: true };
const TITLE: Text = Text { max: TITLE_MAX_CHARS, blank: true, trim: true };

/// Who answers where nobody is named.
const DEFAULT_CHARACTER: &str = "Bronn";

/// A conversation's id from the path. What is no id names nothing.
pub(super) fn id(path: &str) -> Result<ConversationId, ApiError> {
    path.parse().map_err(|_| ApiError::NotFound)
}

pub async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request);
    let (page, character) = (query.page(PAGE_SIZE, PAGE_SIZE_MAX)?, query.filter("character")?);
    let owner = caller.id();
    let page = app.db.read(move |tx| tx.conversations(owner, character.as_deref(), page)).await?;
    let page = page.ok_or(ApiError::InvalidPage)?;
    Ok(HttpResponse::Ok().json(page_body(&request, page, |conversation| show_conversation(&conversation))))
}

pub async fn create(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let change = change_from(&mut body.fields().await?)?;
    let now = app.clock.now();
    let conversation = Conversation {
        id: ConversationId::new(now, &*app.entropy),
        owner_id: caller.id(),
        character: change.character.unwrap_or_else(|| DEFAULT_CHARACTER.to_owned()),
        title: change.title.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    let row = conversation.clone();
    app.db.write(move |tx| tx.insert_conversation(&row)).await?;
    Ok(HttpResponse::Created().json(show_conversation(&conversation)))
}

pub async fn show(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let body = show_whole(&app, caller.id(), id(&path)?).await?;
    Ok(HttpResponse::Ok().json(body))
}

pub async fn change(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    // Whether there is anything to change comes before what is to be changed.
    app.db.read(move |tx| tx.conversation(owner, id)).await?.ok_or(ApiError::NotFound)?;
    let change = change_from(&mut body.fields().await?)?;
    let now = app.clock.now();
    if !app.db.write(move |tx| tx.change_conversation(owner, id, &change, now)).await? {
        return Err(ApiError::NotFound);
    }
    Ok(HttpResponse::Ok().json(show_whole(&app, owner, id).await?))
}

pub async fn delete(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    app.chat.delete_conversation(caller.id(), id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The character stands in the query or in the body.
pub async fn bulk_delete(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let mut fields = body.fields().await?;
    let in_body = fields.raw_text("character").value().map(|name| raconteur_domain::strip(&name).to_owned());
    fields.check()?;
    let in_query = Query::of(&request).filter("character")?;
    let character = in_query.or_else(|| in_body.filter(|name| !name.is_empty()));
    let deleted = app.chat.delete_conversations(caller.id(), character).await?;
    Ok(HttpResponse::Ok().json(json!({ "deleted": deleted })))
}

fn change_from(fields: &mut Fields) -> Result<ConversationChange, ApiError> {
    let change = ConversationChange {
        title: fields.text("title", TITLE),
        character: fields.text("character", CHARACTER),
    };
    fields.check()?;
    Ok(change)
}

/// A conversation with its newest messages.
async fn show_whole(app: &App, owner: UserId, id: ConversationId) -> Result<Value, ApiError> {
    let found = app
        .db
        .read(move |tx| {
            let Some(conversation) = tx.conversation(owner, id)? else {
                return Ok(None);
            };
            let count = tx.message_count(id)?;
            let messages = tx.newest_messages(id, CONVERSATION_SHOWN_MESSAGES)?;
            Ok::<_, StorageError>(Some((conversation, count, messages)))
        })
        .await?;
    let (conversation, count, messages) = found.ok_or(ApiError::NotFound)?;
    let mut body = show_conversation(&conversation);
    body["messages"] = messages.iter().map(show_message).collect();
    body["message_count"] = count.into();
    Ok(body)
}

fn show_conversation(conversation: &Conversation) -> Value {
    json!({
        "id": conversation.id,
        "character": conversation.character,
        "title": conversation.title,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    })
}
