//! The messages of a conversation.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::{self as domain, ConversationId, MessageId, PageRequest, Placed};
use raconteur_storage::{Order, ReadTx, Side, StorageError, Stretch};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::idempotency;
use crate::http::openapi::errors::{body, inside, refusals, signed_out};
use crate::http::openapi::path_ids::ConversationPath;
use crate::http::openapi::schemas;
use crate::http::query::{PARTS, PageSizes, Query};
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
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .default(Some(json!(PAGE_SIZES.default)));
        for (name, about) in [
            ("before", "The id of a message: those before it are listed, instead of a page by its number."),
            ("after", "The id of a message: those after it are listed, instead of a page by its number."),
        ] {
            let id = schemas::id(schemas::QUESTION_ID, about);
            parameters.push(parameter(name, about, id).example(Some(json!(schemas::QUESTION_ID))).build());
        }
        let max = PAGE_SIZES.max;
        let about =
            format!("How many messages are listed beside one at most. More than {max} is taken as {max}.");
        parameters.push(parameter("limit", &about, limit).example(Some(json!(PAGE_SIZES.default))).build());
        let about = "Whether the whole tree is listed, by pages, in the order in which it was written: the messages of \
                     every branch, not only those that are shown.";
        parameters
            .push(parameter("all", about, schemas::flag(false, about)).example(Some(json!(false))).build());
        parameters
    }
}

refusals! {
    List: [ApiError::NotFound, ApiError::InvalidPage], [wrong_order(), Query::wrong_flag("all")], [PAGE_SIZES.wrong("page_size", 1)],
        [two_parts(), only_pages()], signed_out(), inside()
}

/// List messages
///
/// Lists the messages of a conversation. A reply that is still running is among them, with the text so far.
///
/// Pages have numbers, or lie beside a message: `before` or `after` with its id lists those next to it, at most `limit`.
/// That costs the same however long the history is, and no message comes twice when others are added meanwhile. `next` and
/// `previous` lead on in either way.
///
/// What is listed is the path through the tree of messages that the conversation shows. With `all=true` it is the whole
/// tree: `parent_id` says what each message follows, `active` whether it is shown.
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages", operation_id = "listMessages", tag = "Messages",
    security(("bearer" = [])),
    params(ConversationPath, ListQuery),
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
    let (order, part) = (order(&query)?, part(&query)?);
    let page = app.db.read(move |tx| {
        tx.conversation(owner, id)?.ok_or(ApiError::NotFound)?;
        match part {
            Part::Page(page) => {
                let page = tx.messages(id, order, page)?.ok_or(ApiError::InvalidPage)?;
                Ok(Listed::Page(placed(tx, id, page)?))
            }
            Part::PageOfAll(page) => {
                let page = tx.all_messages(id, order, page)?.ok_or(ApiError::InvalidPage)?;
                Ok(Listed::Page(placed(tx, id, page)?))
            }
            Part::Beside(side, message, limit) => {
                let stretch = tx.messages_beside(id, side, message, limit)?.ok_or(ApiError::NotFound)?;
                let Stretch { messages, count, more_before, more_after } = stretch;
                let messages = tx.placed(id, messages)?;
                Ok::<_, ApiError>(Listed::Beside(Stretch { messages, count, more_before, more_after }))
            }
        }
    });
    let page = match page.await? {
        Listed::Page(page) => MessagePage::answering(&request, page),
        Listed::Beside(stretch) => MessagePage::beside(&request, stretch, order == Order::Descending),
    };
    Ok(HttpResponse::Ok().json(page))
}

/// The messages of a page with their places.
fn placed(
    tx: &mut ReadTx<'_>,
    conversation: ConversationId,
    page: domain::Page<domain::Message>,
) -> Result<domain::Page<Placed>, StorageError> {
    let domain::Page { items, count, span } = page;
    Ok(domain::Page { items: tx.placed(conversation, items)?, count, span })
}

/// Which messages are asked for: those of a page, of what is shown or of all, or some beside another one.
enum Part {
    Page(PageRequest),
    PageOfAll(PageRequest),
    Beside(Side, MessageId, u32),
}

/// Which messages are listed.
enum Listed {
    Page(domain::Page<Placed>),
    Beside(Stretch<Placed>),
}

fn part(query: &Query) -> Result<Part, ApiError> {
    let mut given = PARTS.into_iter().filter_map(|name| Some((name, query.get(name)?)));
    let beside = match (given.next(), given.next()) {
        (_, Some(_)) => return Err(two_parts()),
        (Some(("before", id)), None) => Some((Side::Before, id)),
        (Some(("after", id)), None) => Some((Side::After, id)),
        _ => None,
    };
    // A wrong size is told whether it counts or not.
    let (page, limit) = (query.page(PAGE_SIZES)?, query.size("limit", PAGE_SIZES)?);
    let all = query.flag("all")?;
    match beside {
        Some(_) if all => Err(only_pages()),
        Some((side, message)) => Ok(Part::Beside(side, id(message)?, limit)),
        None if all => Ok(Part::PageOfAll(page)),
        None => Ok(Part::Page(page)),
    }
}

/// What is said of messages of all branches beside one.
fn only_pages() -> ApiError {
    ApiError::refused(ErrorCode::Invalid, "All messages are listed by page, not by before or after.")
}

fn two_parts() -> ApiError {
    ApiError::refused(ErrorCode::Invalid, "Only one of page, before and after can be given.")
}

/// What the request to add a message may say in headers.
struct CreateHeaders;

impl IntoParams for CreateHeaders {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![idempotency::parameter()]
    }
}

refusals! {
    Create: [ApiError::NotFound], [idempotency::wrong(), idempotency::reused()], [ApiError::field("content", "This field is required.")], body(), signed_out(),
        inside()
}

/// Add a message
///
/// Adds a message of the caller's without asking for a reply. To be answered, send it to `/api/chat/stream` instead.
///
/// Under the same `Idempotency-Key` the same message is added once: a repetition is answered with the first.
#[utoipa::path(
    post, path = "/api/conversations/{id}/messages/create", operation_id = "createMessage", tag = "Messages",
    security(("bearer" = [])),
    params(ConversationPath, CreateHeaders),
    request_body = NewMessage,
    responses((status = 201, description = "The new message.", body = Message), Create),
)]
pub async fn create(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    app.db.read(move |tx| tx.conversation(owner, id)).await?.ok_or(ApiError::NotFound)?;
    let key = idempotency::key(&request)?;
    let NewMessage { content } = NewMessage::read(&mut body.fields().await?)?;
    let message = app.chat.add_message(owner, id, content, key).await?;
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
