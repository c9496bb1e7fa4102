//! Coming back to a reply.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_chat::ResumeError;
use raconteur_domain::{GenerationId, UserId};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::id;
use crate::app::App;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::last_event::{LAST_EVENT_ID, LastEvent, Place, bytes};
use crate::http::openapi::errors::{inside, refusals, signed_out, too_often};
use crate::http::openapi::path_ids::ReplyPath;
use crate::http::openapi::schemas::{self, GENERATION_ID};
use crate::http::query::Query;
use crate::http::sse;
use crate::http::wire::page::parameter;
use crate::http::wire::stream::StreamEvent;

/// Where to come back to.
struct ResumeQuery;

impl IntoParams for ResumeQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let after = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let about = "How many bytes of the reply (in UTF-8) have been read: the number in the `id` of the last event. \
                     `0` is the whole stream, from its `start` on. The header `Last-Event-ID` comes before it.";
        let after = parameter("after", about, after).example(Some(json!(0))).build();
        let about = "Whether to be told what a reasoning model thinks, as `reasoning` events: what it has thought since \
                     that byte, of a reply that runs on this server.";
        let reasoning =
            parameter("reasoning", about, schemas::flag(false, about)).example(Some(json!(true))).build();
        vec![last_event_id(), after, reasoning]
    }
}

/// The header by which a client comes back.
pub(super) fn last_event_id() -> Parameter {
    let example = format!("{GENERATION_ID}:0");
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^[0-9a-fA-F-]{36}:([0-9]+|end)$"))
        .examples([example.clone()]);
    ParameterBuilder::new()
        .name(LAST_EVENT_ID)
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "The `id` of the last event that was read. The stream goes on behind it, without another `start`.",
        ))
        .schema(Some(schema))
        .example(Some(json!(example)))
        .build()
}

refusals! {
    Resume: [LastEvent::wrong(), another_reply(), wrong_after()],
        [past_the_end("after", 12), inside_a_character("after"), Query::wrong_flag("reasoning")],
        [ApiError::NotFound], signed_out(), too_often(), inside()
}

/// Come back to a reply
///
/// Streams a reply again from any byte of it, as it was streamed at first, and follows it to its end if it still runs:
/// after a connection broke, in another tab, on another server of the same database, after a restart. Nothing is missing
/// and nothing comes twice. Nothing is started by it, and any number may read at once.
///
/// The place is the `id` of the last event that was read, in the header `Last-Event-ID`, or the number in it as `after`.
/// Without either, or with `after=0`, it is the whole stream from its `start` on. What had been sent in small pieces may
/// come in larger ones; what comes live comes as at first.
#[utoipa::path(
    get, path = "/api/chat/stream/{id}", operation_id = "resumeReply", tag = "Chat", security(("bearer" = [])),
    params(ReplyPath, ResumeQuery),
    responses(
        (
            status = 200, description = "What is left of the reply, as it is spoken.", body = StreamEvent,
            content_type = "text/event-stream",
            headers(
                ("Cache-Control" = String, description = "`no-cache, no-transform`: the stream is to be passed on as it comes."),
                ("X-Accel-Buffering" = String, description = "`no`: a proxy is to hold nothing back.")
            ),
            example = json!(sse::example())
        ),
        (status = 204, description = "The client has read the reply to its `end`; there is nothing left, and no need to ask again."),
        Resume
    ),
)]
pub async fn resume(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let generation: GenerationId = id(&path)?;
    let query = Query::of(&request);
    let reasoning = query.flag("reasoning")?;
    let head = request.method() == Method::HEAD;
    if let Some(last) = LastEvent::of(&request)? {
        if last.generation != generation {
            return Err(another_reply());
        }
        return go_on(&app, caller.id(), last, reasoning, head).await;
    }
    let after = query.get("after").map_or(Some(0), bytes).ok_or_else(wrong_after)?;
    let open = app.limits.stream(caller.id())?;
    let reply = app.chat.resume(caller.id(), generation, after).await.map_err(|error| at("after", error))?;
    Ok(match after {
        _ if head => sse::head(),
        0 => sse::reply(reply, reasoning, open),
        _ => sse::rest(reply, reasoning, open),
    })
}

/// Goes on behind the last event that a client has seen.
pub(super) async fn go_on(
    app: &App,
    caller: UserId,
    last: LastEvent,
    reasoning: bool,
    head: bool,
) -> Result<HttpResponse, ApiError> {
    let Place::Byte(place) = last.place else {
        app.chat.find(caller, last.generation).await?;
        return Ok(HttpResponse::NoContent().finish());
    };
    let open = app.limits.stream(caller)?;
    let reply = app.chat.resume(caller, last.generation, place).await;
    let reply = reply.map_err(|error| at(LAST_EVENT_ID, error))?;
    Ok(if head { sse::head() } else { sse::rest(reply, reasoning, open) })
}

/// What is said of a place, by what it was named with.
fn at(name: &'static str, error: ResumeError) -> ApiError {
    match error {
        ResumeError::PastTheEnd(length) => past_the_end(name, length),
        ResumeError::InsideCharacter => inside_a_character(name),
        ResumeError::Chat(error) => error.into(),
    }
}

/// What is said of a place that nobody can have read up to.
pub(super) fn past_the_end(name: &'static str, length: usize) -> ApiError {
    ApiError::field(
        name,
        format!("There are {length} bytes of this reply. Give the id of the last event that was read."),
    )
}

/// What is said of a place between the bytes of a character.
pub(super) fn inside_a_character(name: &'static str) -> ApiError {
    ApiError::field(
        name,
        "This is in the middle of a character. Give the id of the last event that was read.",
    )
}

fn wrong_after() -> ApiError {
    ApiError::field("after", "A whole number of bytes was expected.")
}

fn another_reply() -> ApiError {
    ApiError::field(LAST_EVENT_ID, "This is an event of another reply than the one that is asked for.")
}
