//! One connection, to whichever database.

use std::path::{Path, PathBuf};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection as _, ConnectionError, QueryResult, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{OpenError, StorageError};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// A connection to one of the databases that Raconteur runs on. Queries are written once, for all of them.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// The embedded database.
    Sqlite(SqliteConnection),
}

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = OpenError;

    /// `sqlite://data/file.db` lies below the working directory, `sqlite:///var/file.db` does not.
    fn from_str(url: &str) -> Result<Self, OpenError> {
        match url.strip_prefix("sqlite://") {
            Some(path) if is_file(path) => Ok(Self::Sqlite(path.into())),
            _ => Err(OpenError::Url(url.to_owned())),
        }
    }
}

/// Whether the path names a file, to SQLite too, which gives some names another meaning.
fn is_file(path: &str) -> bool {
    let special = path.starts_with(':') || path.starts_with("file:");
    !path.is_empty() && !path.ends_with('/') && !special && !path.contains(['\0', '?', '#'])
}

/// What a connection is for, which decides how it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

impl DatabaseUrl {
    /// The name to show: what the database is and where, with nothing secret in it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("SQLite at {}", path.display()),
        }
    }

    pub(crate) fn connect(&self, purpose: Purpose) -> Result<AnyConnection, ConnectionError> {
        match self {
            Self::Sqlite(path) => connect_sqlite(path, purpose).map(AnyConnection::Sqlite),
        }
    }
}

fn connect_sqlite(path: &Path, purpose: Purpose) -> Result<SqliteConnection, ConnectionError> {
    let path = path
        .to_str()
        .ok_or_else(|| ConnectionError::InvalidConnectionUrl(format!("{} is not UTF-8", path.display())))?;
    let mut connection = SqliteConnection::establish(path)?;
    // The time limit first, since the next statement may already have to wait for another process.
    // Sorting never spills into a file: what is in memory stays there, and the rest is small.
    let common = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; \
                  PRAGMA temp_store = MEMORY;";
    let special = match purpose {
        Purpose::Read => "PRAGMA query_only = ON;",
        // FULL makes a commit in WAL mode wait for the disk; `fullfsync` makes macOS mean it. Checkpoints are
        // made beside the writer (`checkpoint.rs`).
        Purpose::Write => "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 0;",
    };
    for pragmas in [common, special] {
        connection.batch_execute(pragmas).map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(connection)
}

impl AnyConnection {
    /// Brings the tables up to date and tells how many migrations ran.
    pub(crate) fn migrate(&mut self) -> Result<usize, OpenError> {
        match self {
            Self::Sqlite(connection) => {
                let run =
                    connection.run_pending_migrations(SQLITE_MIGRATIONS).map_err(OpenError::Migration)?;
                Ok(run.len())
            }
        }
    }

    /// Whether migrations wait to be run.
    pub(crate) fn needs_migration(&mut self) -> Result<bool, StorageError> {
        match self {
            Self::Sqlite(connection) => connection.has_pending_migration(SQLITE_MIGRATIONS),
        }
        .map_err(|error| StorageError::Unreadable(error.to_string().into()))
    }

    /// Begins a transaction that will write: on SQLite it takes the write lock at once, where one that began by
    /// reading could fail when it came to write.
    pub(crate) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
        }
    }

    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        <Self as diesel::Connection>::TransactionManager::commit_transaction(self)
    }
}

/// Makes connections for the pool.
#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) url: DatabaseUrl,
    pub(crate) purpose: Purpose,
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = StorageError;

    fn connect(&self) -> Result<AnyConnection, StorageError> {
        self.url.connect(self.purpose).map_err(|error| StorageError::Unreachable(error.to_string().into()))
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StorageError> {
        Ok(connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        use diesel::r2d2::R2D2Connection as _;
        std::thread::panicking() || connection.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_and_an_absolute_file_are_told_apart() {
        let parse = |url: &str| url.parse::<DatabaseUrl>().ok();
        assert_eq!(
            parse("sqlite://data/raconteur.db"),
            Some(DatabaseUrl::Sqlite("data/raconteur.db".into()))
        );
        assert_eq!(
            parse("sqlite:///var/raconteur.db"),
            Some(DatabaseUrl::Sqlite("/var/raconteur.db".into()))
        );
        for url in [
            "",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://file:x.db",
            "sqlite://x.db?mode=ro",
            "sqlite://data/",
            "data/raconteur.db",
            "mysql://x/y",
        ] {
            assert_eq!(parse(url), None, "{url:?}");
        }
    }
}
