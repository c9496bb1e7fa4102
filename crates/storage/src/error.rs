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
    /// This server was silent for so long that another one took it for dead and ended what it was running.
    #[error("another server has ended what this one was running, because it had not been seen for too long")]
    TakenOver,
    /// The work on the database panicked; it was rolled back.
    #[error("the work on the database panicked")]
    Panicked,
}

/// What the databases say of troubles that pass, when somebody has made room, let go or started them again.
const PASSING: [&str; 12] = [
    // SQLite
    "database or disk is full",
    "database is locked",
    "unable to open database file",
    "disk I/O error",
    // Postgres
    "deadlock detected",
    "canceling statement due to",
    "terminating connection due to",
    "the database system is",
    "could not extend file",
    "No space left on device",
    "out of shared memory",
    "connection slots are reserved",
];

impl StorageError {
    /// Whether the same work may well succeed later: the database is busy, away, full or out of order, and not
    /// the work at fault.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::Unreachable(_) => true,
            Self::Closed | Self::TakenOver | Self::Unreadable(_) | Self::Panicked => false,
            Self::Database(error) => match &**error {
                Error::BrokenTransactionManager | Error::RollbackErrorOnCommit { .. } => true,
                Error::DatabaseError(DatabaseErrorKind::Unknown, about) => {
                    PASSING.iter().any(|trouble| about.message().contains(trouble))
                }
                Error::DatabaseError(kind, _) => matches!(
                    kind,
                    DatabaseErrorKind::ClosedConnection
                        // A standby that has not become the primary yet.
                        | DatabaseErrorKind::ReadOnlyTransaction
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
    #[error(
        "no database URL: sqlite://FOLDER/FILE.db, sqlite:///ABSOLUTE/FILE.db or \
         postgres://USER:PASSWORD@HOST/DATABASE was expected, with anything unusual in the password percent-encoded"
    )]
    Url,
    /// Another server runs on this database.
    #[error("{} is in use by another running server: stop that one, or give this one another DATABASE_URL", .0.display())]
    InUse(PathBuf),
    /// The database was migrated by a newer version of this program.
    #[error("the database is newer than this program: it has the migration {0}; run the newer version")]
    Newer(String),
    /// It holds a part of a copy.
    #[error(
        "a copy of {0} into this database has not finished: run the same `raconteur copy` again, which goes on where \
         it was, or empty the database"
    )]
    UnfinishedCopy(String),
    /// The Postgres database cannot hold every text.
    #[error("the database's encoding is {0}; make one with ENCODING 'UTF8' (and TEMPLATE template0)")]
    Encoding(String),
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
