//! The messages of a conversation.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_storage::Order;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::conversations::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals, signed_out};
use crate::http::query::{PageSizes, Query};
use crate::http::wire::message::{Message, NewMessage};
use crate::http::wire::page::{Page, paging, parameter};

const PAGE_SIZES: PageSizes = PageSizes { default: 50, max: 200 };

type MessagePage = Page<Message>;

/// What a list of messages can be asked for.
struct ListQuery;

impl IntoParams for ListQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let order = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["asc", "desc"]))
            .default(Some(json!("asc")));
        let about = "Whether the first message comes first (`asc`) or the last one (`desc`).";
        let mut parameters = vec![parameter("order", about, order).example(Some(json!("desc"))).build()];
        parameters.extend(paging(PAGE_SIZES));
        parameters
    }
}

refusals! {
    List: [ApiError::NotFound, ApiError::InvalidPage], [wrong_order()],
        [PAGE_SIZES.wrong()], signed_out(), inside()
}

/// List messages
///
/// Lists the messages of a conversation. A reply that is still running is among them, with the text so far.
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages", operation_id = "listMessages", tag = "Messages",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The conversation's id.", example = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203"), ListQuery),
    responses((status = 200, description = "A page of messages.", body = MessagePage), List),
)]
pub async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    let query = Query::of(&request);
    let (order, page) = (order(&query)?, query.page(PAGE_SIZES)?);
    let page = app
        .db
        .read(move |tx| {
            tx.conversation(owner, id)?.ok_or(ApiError::NotFound)?;
            tx.messages(id, order, page)?.ok_or(ApiError::InvalidPage)
        })
        .await?;
    Ok(HttpResponse::Ok().json(MessagePage::answering(&request, page)))
}

refusals! {
    Create: [ApiError::NotFound], [ApiError::field("content", "This field is required.")], body(), signed_out(),
        inside()
}

/// Add a message
///
/// Adds a message of the caller's without asking for a reply. To be answered, send it to `/api/chat/stream` instead.
#[utoipa::path(
    post, path = "/api/conversations/{id}/messages/create", operation_id = "createMessage", tag = "Messages",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The conversation's id.", example = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203")),
    request_body = NewMessage,
    responses((status = 201, description = "The new message.", body = Message), Create),
)]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    app.db.read(move |tx| tx.conversation(owner, id)).await?.ok_or(ApiError::NotFound)?;
    let NewMessage { content } = NewMessage::read(&mut body.fields().await?)?;
    let message = app.chat.add_message(owner, id, content).await?;
    Ok(HttpResponse::Created().json(Message::from(message)))
}

/// What is said of an order that is none.
fn wrong_order() -> ApiError {
    ApiError::field("order", "asc or desc was expected.")
}

fn order(query: &Query) -> Result<Order, ApiError> {
    match query.get("order") {
        None | Some("asc") => Ok(Order::Ascending),
        Some("desc") => Ok(Order::Descending),
        Some(_) => Err(wrong_order()),
    }
}
