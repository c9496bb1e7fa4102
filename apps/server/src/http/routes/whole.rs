//! A reply as one answer, for a client that does not want a stream.

use actix_web::HttpResponse;
use raconteur_chat::{ReplyEvent, Subscription};
use raconteur_domain::UserId;
use raconteur_storage::StorageError;

use super::generations;
use crate::app::App;
use crate::http::error::ApiError;
use crate::http::wire::whole::WholeReply;

/// Waits for the end of a person's reply and answers with all of it. The reply goes on where the client does not wait.
pub(super) async fn whole(
    app: &App,
    owner: UserId,
    mut reply: Subscription,
) -> Result<HttpResponse, ApiError> {
    let (generation, message) = (reply.begun().generation_id, reply.begun().message_id);
    let mut ended = false;
    while let Some(events) = reply.next().await {
        ended = events.iter().any(|event| matches!(event, ReplyEvent::End(_)));
    }
    let found = app.db.read(move |tx| {
        let Some(generation) = generations::find(tx, owner, generation)? else {
            return Ok(None);
        };
        let Some(message) = tx.message(message)? else {
            return Ok(None);
        };
        let placed = tx.placed(message.conversation_id, vec![message])?.pop();
        Ok::<_, StorageError>(placed.map(|message| (message, generation)))
    });
    // Where the conversation was deleted meanwhile.
    let (message, generation) = found.await?.ok_or(ApiError::NotFound)?;
    if !ended {
        return Err(ApiError::Unavailable("The reply could not be followed to its end."));
    }
    Ok(HttpResponse::Ok().json(WholeReply::new(message, generation)))
}
