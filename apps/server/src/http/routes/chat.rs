//! Talking.

use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::{resume, whole};
use crate::app::App;
use crate::http::accept::prefers_json;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::idempotency;
use crate::http::last_event::{LAST_EVENT_ID, LastEvent};
use crate::http::openapi::errors::{
    body, body_of_any_type, inside, prompt_too_long, refusals, signed_out, too_often,
};
use crate::http::openapi::schemas::example_of;
use crate::http::sse;
use crate::http::wire::stream::{Accepted, ReplyRequest, StopRequest, StreamEvent, StreamRequest};
use crate::http::wire::whole::WholeReply;

/// What a send may say in headers.
struct StreamHeaders;

impl IntoParams for StreamHeaders {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![resume::last_event_id(), idempotency::parameter()]
    }
}

refusals! {
    Stream: [StreamRequest::required(), ApiError::field("prompt", "Not a valid string."), ApiError::NotFound],
        [prompt_too_long()],
        [idempotency::wrong(), idempotency::reused()],
        [LastEvent::wrong(), resume::past_the_end(LAST_EVENT_ID, 12), resume::inside_a_character(LAST_EVENT_ID)],
        body_of_any_type(), signed_out(), too_often(), inside()
}

/// Say something and hear the answer
///
/// Answers with a stream of server-sent events as the character speaks. `EventSource` cannot POST; read the body with
/// `fetch`. The `Content-Type` of the request is not looked at.
///
/// A block of the stream is `event: NAME`, `data: {json}` and, for some, `id:` lines, and ends with a blank line. Lines
/// that begin with a colon are comments, one after every 15 seconds of silence. The data of each event is one of the
/// schemas of this document:
///
/// | event | data | when |
/// | --- | --- | --- |
/// | `start` | `StreamStart` | once, first, before the model has said anything |
/// | `token` | `StreamToken` | for each piece of the reply; what is shown has been stored |
/// | `reasoning` | `StreamReasoning` | for each piece of what the model thinks, if `reasoning` was true |
/// | `error` | `StreamError` | at most once, just before the end of a reply that failed or was interrupted |
/// | `end` | `StreamEnd` | once, last, as long as the server lives |
///
/// Unknown events are to be passed over. The reply belongs to the conversation and not to the connection: it goes on
/// and is kept when the connection ends. `/api/chat/stop` ends it. A model that fails is no error of this request: the
/// character says a line about it, the `error` event says what happened, and what was said stays.
///
/// A client that would rather have JSON, and says so (`Accept: application/json`), waits for the end and gets the message
/// and its generation at once. Whether it failed is said by the `status` of both.
///
/// A reply that was cut off on its way is read on with `GET /api/chat/stream/{id}`. A client that repeats its request
/// instead, with the `Last-Event-ID` of an event that it has seen, does the same: the reply goes on, none is begun, and
/// of the body nothing is looked at but `reasoning`. The answer is a stream then, whatever `Accept` says. Where it may not
/// even have seen the first event, an `Idempotency-Key` makes a repetition safe: it is answered with the reply to the
/// first request, from its beginning.
#[utoipa::path(
    post, path = "/api/chat/stream", operation_id = "streamReply", tag = "Chat", security(("bearer" = [])),
    params(StreamHeaders), request_body = StreamRequest,
    responses(
        (
            status = 200, description = "The reply, as it is spoken; or whole, once it has ended.",
            content(
                (StreamEvent = "text/event-stream", example = json!(sse::example())),
                (WholeReply = "application/json", example = json!(example_of::<WholeReply>()))
            ),
            headers(
                ("Cache-Control" = String, description = "`no-cache, no-transform`: the stream is to be passed on as it comes."),
                ("X-Accel-Buffering" = String, description = "`no`: a proxy is to hold nothing back.")
            )
        ),
        (status = 204, description = "The `Last-Event-ID` is that of an `end`: there is nothing left, and no need to ask again."),
        Stream
    ),
)]
pub async fn stream(
    http: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (last, key) = (LastEvent::of(&http)?, idempotency::key(&http)?);
    let mut fields = body.fields_of_any_type().await?;
    if let Some(last) = last {
        let ReplyRequest { reasoning } = ReplyRequest::read(&mut fields)?;
        return resume::go_on(&app, caller.id(), last, reasoning, false).await;
    }
    let request = StreamRequest::read(&mut fields)?;
    let reasoning = request.reasoning;
    let open = app.limits.stream(caller.id())?;
    app.limits.chat(caller.id())?;
    let send = request.into_send(caller.id());
    let reply = match key {
        Some(key) => app.chat.send_once(send, key).await?,
        None => app.chat.send(send).await?,
    };
    if prefers_json(&http) {
        return whole::whole(&app, caller.id(), reply).await;
    }
    Ok(sse::reply(reply, reasoning, open))
}

refusals! {
    Stop: [StopRequest::required(), ApiError::NotFound], body(), signed_out(), inside()
}

/// Stop a reply
///
/// Ends a reply that is running, at the model too. What was said so far is kept, and its stream ends with the status
/// `stopped`. A reply that has ended already is left as it is.
#[utoipa::path(
    post, path = "/api/chat/stop", operation_id = "stopReply", tag = "Chat", security(("bearer" = [])),
    request_body = StopRequest,
    responses((status = 202, description = "The reply ends, or has ended.", body = Accepted), Stop),
)]
pub async fn stop(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let StopRequest { generation_id } = StopRequest::read(&mut body.fields().await?)?;
    app.chat.stop(caller.id(), generation_id).await?;
    Ok(HttpResponse::Accepted().json(Accepted {}))
}
