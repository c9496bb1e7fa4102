//! One request, done once, however often it is sent.

use raconteur_domain::{ConversationId, Timestamp, UserId};
use raconteur_storage::{Claim, Made, Repeatable, WriteTx};

use crate::{ChatError, Send};

/// The same for the same send, and for no other. What was said comes last, so that nothing of it is taken for the rest.
pub(crate) fn send(send: &Send, key: String) -> Repeatable {
    let Send { owner, conversation, prompt, create_user_message } = send;
    Repeatable { owner: *owner, key, request: format!("send {conversation} {create_user_message} {prompt}") }
}

/// The same for the same message, and for no other.
pub(crate) fn message(owner: UserId, conversation: ConversationId, content: &str, key: String) -> Repeatable {
    Repeatable { owner, key, request: format!("message {conversation} {content}") }
}

/// What the same request made before, where it was done already. Otherwise it has its key from now on, and makes this.
pub(crate) fn before(
    tx: &mut WriteTx<'_>,
    request: &Repeatable,
    made: Made,
    now: Timestamp,
) -> Result<Option<Made>, ChatError> {
    match tx.claim_key(request, made, now)? {
        Claim::First => Ok(None),
        Claim::Repeated(made) => Ok(Some(made)),
        Claim::Another => Err(ChatError::KeyReused),
    }
}
