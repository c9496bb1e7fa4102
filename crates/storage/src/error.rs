//! What can go wrong with a database.

use std::path::PathBuf;
use std::sync::Arc;

use diesel::result::{DatabaseErrorKind, Error};

/// Why something could not be read or written. Nothing is half written.
///
/// It can be cloned, because one failed commit may be the answer to many who waited for it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// Every connection stayed in use, or too much waits to be written; trying again soon is right.
    #[error("the database is busy")]
    Busy,
    /// The database is closed, because the program ends.
    #[error("the database is closed")]
    Closed,
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Database(Arc<Error>),
    /// No connection could be made.
    #[error("no connection to the database: {0}")]
    Unreachable(Arc<str>),
    /// A row holds what this program never writes.
    #[error("the database holds something unreadable: {0}")]
    Unreadable(Arc<str>),
    /// The work on the database panicked; it was rolled back.
    #[error("the work on the database panicked")]
    Panicked,
}

/// What SQLite says of troubles that pass, when somebody has made room or let go.
const PASSING: [&str; 4] =
    ["database or disk is full", "database is locked", "unable to open database file", "disk I/O error"];

impl StorageError {
    /// Whether the same work may well succeed later: the database is busy, away, full or out of order, and not
    /// the work at fault.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::Unreachable(_) => true,
            Self::Closed | Self::Unreadable(_) | Self::Panicked => false,
            Self::Database(error) => match &**error {
                Error::BrokenTransactionManager => true,
                Error::DatabaseError(DatabaseErrorKind::Unknown, about) => {
                    PASSING.iter().any(|trouble| about.message().contains(trouble))
                }
                Error::DatabaseError(kind, _) => matches!(
                    kind,
                    DatabaseErrorKind::ClosedConnection
                        | DatabaseErrorKind::SerializationFailure
                        | DatabaseErrorKind::UnableToSendCommand
                ),
                _ => false,
            },
        }
    }
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that this program knows.
    #[error("{0:?} is no database URL: sqlite://FOLDER/FILE.db or sqlite:///ABSOLUTE/FILE.db was expected")]
    Url(String),
    /// Another server runs on this database.
    #[error("{} is in use by another running server: stop that one, or give this one another DATABASE_URL", .0.display())]
    InUse(PathBuf),
    /// A file or folder could not be made or opened.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No connection could be made.
    #[error("the database does not open: {0}")]
    Connection(#[from] diesel::ConnectionError),
    /// The tables could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// The first statements failed.
    #[error("the database does not answer: {0}")]
    Storage(#[from] StorageError),
    /// The pool or a thread could not be set up.
    #[error("the database could not be set up: {0}")]
    Setup(String),
}
