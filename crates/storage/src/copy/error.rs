//! Why a copy cannot be made, or does not go on.

use std::path::PathBuf;

use crate::{OpenError, StorageError};

/// Why a copy cannot be made, or does not go on. The source stays as it was, and what is copied stays copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is no such file, and none is made.
    #[error("--from: there is no database at {}", .0.display())]
    Missing(PathBuf),
    /// The source is somebody else's, or empty.
    #[error("--from: {0} holds no Raconteur database")]
    Foreign(String),
    /// The target has tables, and none of ours.
    #[error("--to: {0} holds tables of another program: nothing was written; give a database that is empty")]
    NotOurs(String),
    /// Both are the same database.
    #[error("--from and --to are the same database")]
    Same,
    /// The file belongs to another process.
    #[error("{option}: {database} is in use: stop the server that runs on it, and copy again")]
    InUse {
        /// Which of the two: `--from` or `--to`.
        option: &'static str,
        /// What and where it is.
        database: String,
    },
    /// Servers run there.
    #[error(
        "{option}: a server was running on {database} {seconds} seconds ago: stop every server that runs on it, \
         wait {patience} seconds where one was killed, and copy again"
    )]
    Served {
        /// Which of the two.
        option: &'static str,
        /// What and where it is.
        database: String,
        /// When the last one was seen.
        seconds: u64,
        /// For how long a server has to be silent to be taken for dead.
        patience: u64,
    },
    /// Another copy writes there.
    #[error("--to: another copy into {0} is under way")]
    Busy(String),
    /// The target has what no copy brought there.
    #[error(
        "--to: {database} holds data of its own (in {table}, the row with {row}): nothing was written; give a \
         database that is empty"
    )]
    Occupied {
        /// What and where the target is.
        database: String,
        /// Where something was found.
        table: &'static str,
        /// What was found.
        row: String,
    },
    /// The target has an unfinished copy that cannot be gone on with.
    #[error(
        "--to: {database} holds an unfinished copy of {of}, and its last row in {table} (with {row}) is not in the \
         source now: that is another database, or it has changed since. Empty {database}, and copy again"
    )]
    Elsewhere {
        /// What and where the target is.
        database: String,
        /// What it is a copy of.
        of: String,
        /// Where the difference was found.
        table: &'static str,
        /// Which row differs.
        row: String,
    },
    /// One of the two does not open.
    #[error("{option}: {error}")]
    Open {
        /// Which of the two.
        option: &'static str,
        /// Why.
        error: OpenError,
    },
    /// One of the two failed on the way.
    #[error("{option}: {error} (in {table})")]
    Database {
        /// Which of the two.
        option: &'static str,
        /// Where.
        table: &'static str,
        /// Why.
        error: StorageError,
    },
}
