//! Branches: other replies, more of one, other words, and which of them is shown.

use actix_web::{HttpResponse, web};
use raconteur_chat::ChatError;
use raconteur_domain::{MessageId, UserId};

use super::conversations::show_whole;
use super::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, prompt_too_long, refusals, signed_out, too_often};
use crate::http::openapi::path_ids::{
    ActivatedPath, ContinuedPath, DeletedPath, EditedPath, RegeneratedPath,
};
use crate::http::sse;
use crate::http::wire::conversation::ConversationWithMessages;
use crate::http::wire::message::{EditedMessage, Message};
use crate::http::wire::stream::{ReplyRequest, StreamEvent};

/// Whether there is such a message comes before what is to become of it.
async fn look_for(app: &App, owner: UserId, message: MessageId) -> Result<(), ApiError> {
    app.db.read(move |tx| tx.message_of(owner, message)).await?.ok_or(ApiError::NotFound)?;
    Ok(())
}

/// Whether somebody who asks for a reply in this place wants what the model thinks, too.
async fn wants_reasoning(
    app: &App,
    owner: UserId,
    message: MessageId,
    body: JsonBody,
) -> Result<bool, ApiError> {
    look_for(app, owner, message).await?;
    Ok(ReplyRequest::read(&mut body.fields().await?)?.reasoning)
}

refusals! {
    Regenerate: [ApiError::from(ChatError::NotAReply), prompt_too_long()], [ApiError::field("reasoning", "Must be a valid boolean.")],
        [ApiError::NotFound], body(), signed_out(), too_often(), inside()
}

/// Have a reply given anew
///
/// Asks for another reply in the place of this one, and answers with its stream, as `/api/chat/stream` does. The new reply
/// is a sibling of the old one and is what the conversation shows from now on; the old one stays, with what followed it.
#[utoipa::path(
    post, path = "/api/messages/{id}/regenerate", operation_id = "regenerateReply", tag = "Branches",
    security(("bearer" = [])),
    params(RegeneratedPath),
    request_body = ReplyRequest,
    responses(
        (
            status = 200, description = "The new reply, as it is spoken.", body = StreamEvent,
            content_type = "text/event-stream", example = json!(sse::example())
        ),
        Regenerate
    ),
)]
pub async fn regenerate(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    let reasoning = wants_reasoning(&app, owner, id, body).await?;
    let open = app.limits.stream(owner)?;
    app.limits.chat(owner)?;
    Ok(sse::reply(app.chat.regenerate(owner, id).await?, reasoning, open))
}

refusals! {
    GoOn: [ApiError::from(ChatError::NotAReply), ApiError::from(ChatError::StillRunning), ApiError::from(ChatError::NotTheLast), prompt_too_long()],
        [ApiError::field("reasoning", "Must be a valid boolean.")], [ApiError::NotFound], body(), signed_out(),
        too_often(), inside()
}

/// Have a reply continued
///
/// Asks for more of the reply that the conversation ends with, and answers with the stream of what is added, as
/// `/api/chat/stream` does. The message is the same, running again, and shows what it said before followed by what is
/// added; only the line in which the character told of the model's trouble is taken out first. The run is another one:
/// its `generation_id` is new, and the offsets in the ids of its events count what is added.
#[utoipa::path(
    post, path = "/api/messages/{id}/continue", operation_id = "continueReply", tag = "Branches",
    security(("bearer" = [])),
    params(ContinuedPath),
    request_body = ReplyRequest,
    responses(
        (
            status = 200, description = "What is added, as it is spoken.", body = StreamEvent,
            content_type = "text/event-stream", example = json!(sse::example())
        ),
        GoOn
    ),
)]
pub async fn go_on(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    let reasoning = wants_reasoning(&app, owner, id, body).await?;
    let open = app.limits.stream(owner)?;
    app.limits.chat(owner)?;
    Ok(sse::reply(app.chat.continue_reply(owner, id).await?, reasoning, open))
}

refusals! {
    Edit: [ApiError::NotFound], [ApiError::from(ChatError::StillRunning)],
        [ApiError::field("content", "This field is required.")], body(), signed_out(), inside()
}

/// Edit a message
///
/// Gives a message other words. One of the person's stays as it is and gets a sibling with the new words, which is what
/// the conversation shows from now on, without a reply: send its content to `/api/chat/stream` with
/// `create_user_message` false to have it answered. One of the character's is changed itself.
#[utoipa::path(
    patch, path = "/api/messages/{id}", operation_id = "editMessage", tag = "Branches",
    security(("bearer" = [])),
    params(EditedPath),
    request_body = EditedMessage,
    responses((status = 200, description = "The message with the new words: a new one, where the old one is the person's.", body = Message), Edit),
)]
pub async fn edit(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    look_for(&app, owner, id).await?;
    let EditedMessage { content } = EditedMessage::read(&mut body.fields().await?)?;
    let edited = app.chat.edit(owner, id, content).await?;
    Ok(HttpResponse::Ok().json(Message::from(edited)))
}

refusals! { OnlyFound: [ApiError::NotFound], signed_out(), inside() }

/// Show a branch
///
/// Makes the conversation show this message: what comes before it, the message, and below it the newest message at each
/// step. The rest of the tree stays as it is, to be shown again.
#[utoipa::path(
    post, path = "/api/messages/{id}/activate", operation_id = "activateMessage", tag = "Branches",
    security(("bearer" = [])),
    params(ActivatedPath),
    responses((status = 200, description = "The conversation as it is shown now.", body = ConversationWithMessages), OnlyFound),
)]
pub async fn activate(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let conversation = app.chat.activate(caller.id(), id(&path)?).await?;
    let shown = show_whole(&app, caller.id(), conversation).await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// Delete a message
///
/// Deletes a message and everything that follows it, on every branch. A reply among it that still runs is stopped. If the
/// message was shown, the conversation then shows its newest sibling, with the newest message at each step below, or ends
/// with the message before it.
#[utoipa::path(
    delete, path = "/api/messages/{id}", operation_id = "deleteMessage", tag = "Branches",
    security(("bearer" = [])),
    params(DeletedPath),
    responses((status = 204, description = "It is gone."), OnlyFound),
)]
pub async fn delete(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    app.chat.delete_message(caller.id(), id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
