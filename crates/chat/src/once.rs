//! One request, done once, however often it is sent.

use raconteur_domain::{ConversationId, UserId};
use raconteur_storage::Repeatable;

use crate::Send;

/// The same for the same send, and for no other. What was said comes last, so that nothing of it is taken for the rest.
pub(crate) fn send(send: &Send, key: String) -> Repeatable {
    let Send { owner, conversation, prompt, create_user_message } = send;
    Repeatable { owner: *owner, key, request: format!("send {conversation} {create_user_message} {prompt}") }
}

/// The same for the same message, and for no other.
pub(crate) fn message(owner: UserId, conversation: ConversationId, content: &str, key: String) -> Repeatable {
    Repeatable { owner, key, request: format!("message {conversation} {content}") }
}
