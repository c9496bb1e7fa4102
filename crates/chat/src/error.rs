//! Why a request about a conversation is refused.

use raconteur_storage::StorageError;

/// Why something could not be done in a conversation. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChatError {
    /// The person has no such conversation.
    #[error("no such conversation")]
    NotFound,
    /// Another request has the key under which this one may be repeated.
    #[error("another request has this key")]
    KeyReused,
    /// The server is shutting down and begins nothing new.
    #[error("the server is shutting down")]
    Closing,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
