//! Why a backup was not made, or not gone back to.

use std::io;
use std::path::{Path, PathBuf};

use crate::OpenError;

/// Why a backup was not made, or not gone back to. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("there is no database at {}: start the server once, or correct DATABASE_URL", .0.display())]
    NoDatabase(PathBuf),
    /// The name is taken.
    #[error("{} is there already, and stays as it is: name another file, or move this one away", .0.display())]
    Exists(PathBuf),
    /// Another backup is being written under the same name.
    #[error("{} is being written by another backup: wait for it, or name another file", .0.display())]
    InUse(PathBuf),
    /// The file is not a database of ours.
    #[error("{} is no backup of Raconteur: {why}", .path.display())]
    NoBackup {
        /// Which.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite refused or failed.
    #[error("SQLite failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database that is to be replaced, or the copy, does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl BackupError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}
