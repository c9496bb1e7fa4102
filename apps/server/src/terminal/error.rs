//! Why there is no talking.

use std::path::PathBuf;

use raconteur_domain::ConversationId;
use raconteur_storage::{OpenError, StorageError};

use crate::parts::PartsError;

/// Why there is no talking, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// A running server, or another terminal, has the database.
    #[error(
        "{} is in use by a running server or another chat. You can\n  \
         - stop that one, and talk here;\n  \
         - talk through the server, in its web app or over its API;\n  \
         - talk here without keeping anything: raconteur chat --forget;\n  \
         - keep this in a database of its own: DATABASE_URL=sqlite://data/terminal.db raconteur chat;\n  \
         - move to Postgres, which servers and terminals share.",
        .0.display()
    )]
    InUse(PathBuf),
    /// The database does not open.
    #[error("DATABASE_URL: {0}")]
    Database(OpenError),
    /// The database does not answer.
    #[error("DATABASE_URL: {0}")]
    Storage(#[from] StorageError),
    /// There is nobody to speak to, or nobody who thinks.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// Nobody has that name.
    #[error("--persona: there is nobody called {name:?}; choose from: {}", known.join(", "))]
    UnknownPersona {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// Nobody can be talked to.
    #[error("there is nobody to talk to: PERSONAS_DIR has no persona in it")]
    NoPersonas,
    /// The text is no id.
    #[error(
        "--conversation: {0:?} is not an id: a UUID such as 018f4e6a-1c2d-7a3b-8c4d-5e6f70819203 was expected"
    )]
    NotAnId(String),
    /// The database has no such conversation.
    #[error("--conversation: there is no conversation {0} in this database; it may have been deleted")]
    UnknownConversation(ConversationId),
    /// The database has no such account.
    #[error(
        "--account: nobody has the address {0:?} in this database; an account is made in the web app or over the API"
    )]
    UnknownAccount(String),
    /// The terminal or its signals cannot be read.
    #[error("the terminal cannot be read: {0}")]
    Input(std::io::Error),
    /// What is said cannot be shown.
    #[error("the terminal cannot be written to: {0}")]
    Output(std::io::Error),
}
