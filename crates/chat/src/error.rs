//! Why a request about a conversation is refused.

use raconteur_persona::PromptTooLong;
use raconteur_storage::StorageError;

/// Why something could not be done in a conversation. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChatError {
    /// The person has no such conversation, or no such message.
    #[error("no such conversation or message")]
    NotFound,
    /// Another request has the key under which this one may be repeated.
    #[error("another request has this key")]
    KeyReused,
    /// What was asked for is only to be had of a message of the character's.
    #[error("the message is not a reply")]
    NotAReply,
    /// The reply still runs: it can be changed once it has ended.
    #[error("the reply is still running")]
    StillRunning,
    /// Only the reply that a conversation ends with can be continued.
    #[error("the reply is not the last message")]
    NotTheLast,
    /// What is to be answered does not fit the model, even without anything that was said before.
    #[error(transparent)]
    PromptTooLong(PromptTooLong),
    /// The server is shutting down and begins nothing new.
    #[error("the server is shutting down")]
    Closing,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
