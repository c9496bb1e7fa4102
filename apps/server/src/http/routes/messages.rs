//! The messages of a conversation.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::Message;
use raconteur_domain::limits::CONTENT_MAX_CHARS;
use raconteur_storage::Order;
use serde_json::{Value, json};

use super::conversations::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::fields::Text;
use crate::http::query::{Query, page_body};

const PAGE_SIZE: u32 = 50;
const PAGE_SIZE_MAX: u32 = 200;

/// What is said is kept letter for letter.
pub(super) const CONTENT: Text = Text { max: CONTENT_MAX_CHARS, blank: true, trim: false };

pub async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    let query = Query::of(&request);
    let (order, page) = (order(&query)?, query.page(PAGE_SIZE, PAGE_SIZE_MAX)?);
    let page = app
        .db
        .read(move |tx| {
            tx.conversation(owner, id)?.ok_or(ApiError::NotFound)?;
            tx.messages(id, order, page)?.ok_or(ApiError::InvalidPage)
        })
        .await?;
    Ok(HttpResponse::Ok().json(page_body(&request, page, |message| show_message(&message))))
}

pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    app.db.read(move |tx| tx.conversation(owner, id)).await?.ok_or(ApiError::NotFound)?;
    let mut fields = body.fields().await?;
    let content = fields.required_text("content", CONTENT);
    fields.check()?;
    let message = app.chat.add_message(owner, id, content.unwrap_or_default()).await?;
    Ok(HttpResponse::Created().json(show_message(&message)))
}

fn order(query: &Query) -> Result<Order, ApiError> {
    match query.get("order") {
        None | Some("asc") => Ok(Order::Ascending),
        Some("desc") => Ok(Order::Descending),
        Some(_) => Err(ApiError::field("order", "asc or desc was expected.")),
    }
}

pub(super) fn show_message(message: &Message) -> Value {
    let meta: Value =
        message.meta.as_deref().and_then(|meta| serde_json::from_str(meta).ok()).unwrap_or_default();
    json!({
        "id": message.id,
        "role": message.role,
        "content": message.content,
        "meta": meta,
        "created_at": message.created_at,
        "parent_id": message.parent_id,
        "status": message.status,
        "generation_id": message.generation_id,
    })
}
