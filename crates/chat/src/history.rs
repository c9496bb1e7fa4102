//! What was said before, as far as it fits.

use raconteur_domain::{ConversationId, Message, MessageId, Role, Status, is_blank};
use raconteur_persona::{MESSAGE_OVERHEAD, Speaker, Turn, estimate_tokens};
use raconteur_storage::{ReadTx, StorageError};

/// What was said before, oldest first.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) turns: Vec<Turn>,
    /// How deep in the tree each of them stands.
    pub(crate) depths: Vec<u64>,
}

/// The turns that lead to a message and the message itself, oldest first: the newest of all, and those before it
/// that may fit the budget.
pub(crate) fn read(
    tx: &mut ReadTx<'_>,
    conversation: ConversationId,
    leaf: MessageId,
    budget: usize,
) -> Result<History, StorageError> {
    let History { mut turns, mut depths } = History::default();
    let mut tokens = 0;
    tx.walk_up(conversation, leaf, |message| {
        if let Some(turn) = turn(&message) {
            // The newest one may be the prompt, which is no part of the budget.
            if !turns.is_empty() {
                tokens += estimate_tokens(&turn.text) + MESSAGE_OVERHEAD;
            }
            turns.push(turn);
            depths.push(message.depth);
        }
        tokens <= budget
    })?;
    turns.reverse();
    depths.reverse();
    Ok(History { turns, depths })
}

/// A message as the model is shown it; not at all where it is blank, still running, or from neither side.
pub(crate) fn turn(message: &Message) -> Option<Turn> {
    let speaker = match message.role {
        Role::User => Speaker::User,
        Role::Assistant => Speaker::Assistant,
        Role::System => return None,
    };
    let text = message.spoken();
    (message.status != Status::Running && !is_blank(text)).then(|| Turn { speaker, text: text.to_owned() })
}
