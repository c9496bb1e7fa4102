//! One connection, to whichever database.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

use diesel::backend::Backend;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::{ConnectionError, QueryResult};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

pub use self::url::DatabaseUrl;
use crate::{OpenError, StorageError};

/// A connection to one of the databases that Raconteur runs on. Queries are written once, for all of them.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// The embedded database.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
    /// A server that several of ours may share.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
}

diesel::table! {
    /// Where the migrations that ran are noted down.
    #[sql_name = "__diesel_schema_migrations"]
    schema_migrations (version) {
        version -> Text,
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// What a connection is for, which decides how it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reading, where somebody else writes.
    #[cfg(feature = "sqlite")]
    Read,
    /// Whatever there is to do.
    Write,
    /// Bringing the tables up to date or copying them, which takes the time that it takes.
    #[cfg(feature = "postgres")]
    Maintain,
}

impl DatabaseUrl {
    pub(crate) fn connect(&self, purpose: Purpose) -> Result<AnyConnection, ConnectionError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => sqlite::connect(path, purpose).map(AnyConnection::Sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => postgres::connect(server, purpose).map(AnyConnection::Postgres),
        }
    }
}

impl AnyConnection {
    /// Brings the tables up to date and tells how many migrations ran. Of several servers that come at once, one
    /// does it and the others wait.
    pub(crate) fn migrate(&mut self) -> Result<usize, OpenError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => run_migrations(connection, sqlite::MIGRATIONS),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => {
                postgres::alone(connection, |connection| run_migrations(connection, postgres::MIGRATIONS))
            }
        }
    }

    /// Whether migrations wait to be run.
    pub(crate) fn needs_migration(&mut self) -> Result<bool, StorageError> {
        let known = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&sqlite::MIGRATIONS),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => versions::<diesel::pg::Pg>(&postgres::MIGRATIONS),
        };
        // The library's own question would make its table where that is missing.
        let applied: Vec<String> = schema_migrations::table.select(schema_migrations::version).load(self)?;
        Ok(!known.iter().all(|version| applied.contains(version)))
    }

    /// Whether there is a table of this name, where ours are.
    pub(crate) fn has_table(&mut self, name: &str) -> QueryResult<bool> {
        let found: Found = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => diesel::sql_query(
                "SELECT count(*) > 0 AS found FROM sqlite_master WHERE type = 'table' AND name = ?",
            )
            .bind::<Text, _>(name)
            .get_result(connection)?,
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => diesel::sql_query(
                "SELECT count(*) > 0 AS found FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1",
            )
            .bind::<Text, _>(name)
            .get_result(connection)?,
        };
        Ok(found.found)
    }

    /// Whether there is any table, where ours would be.
    pub(crate) fn has_any_table(&mut self) -> QueryResult<bool> {
        let found: Found = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                diesel::sql_query("SELECT count(*) > 0 AS found FROM sqlite_master").get_result(connection)?
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => diesel::sql_query(
                "SELECT count(*) > 0 AS found FROM pg_tables WHERE schemaname = current_schema()",
            )
            .get_result(connection)?,
        };
        Ok(found.found)
    }

    /// Begins a transaction that sees the database as it is now, whatever is written meanwhile.
    pub(crate) fn begin_read(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN"),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(
                connection,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }
    }

    /// Begins a transaction that will write: on SQLite it takes the write lock at once, where one that began by
    /// reading could fail when it came to write.
    pub(crate) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN"),
        }
    }

    /// Whether SQLite makes checkpoints of its own, where nobody does beside the writer; else its log would only grow.
    pub(crate) fn keep_log_short(&mut self, by_itself: bool) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                let pages = if by_itself { 1000 } else { 0 };
                connection.batch_execute(&format!("PRAGMA wal_autocheckpoint = {pages}"))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        <Self as diesel::Connection>::TransactionManager::commit_transaction(self)
    }

    pub(crate) fn roll_back(&mut self) -> QueryResult<()> {
        <Self as diesel::Connection>::TransactionManager::rollback_transaction(self)
    }
}

/// Runs the migrations that have not been run. A database that a newer version of the program has migrated is
/// refused: what this one would write there, nobody knows.
fn run_migrations<C>(connection: &mut C, migrations: EmbeddedMigrations) -> Result<usize, OpenError>
where
    C: MigrationHarness<C::Backend> + diesel::Connection + 'static,
    EmbeddedMigrations: MigrationSource<C::Backend>,
{
    let known = versions::<C::Backend>(&migrations);
    let applied = connection.applied_migrations().map_err(OpenError::Migration)?;
    let unknown = applied.iter().map(ToString::to_string).find(|version| !known.contains(version));
    if let Some(version) = unknown {
        return Err(OpenError::Newer(version));
    }
    Ok(connection.run_pending_migrations(migrations).map_err(OpenError::Migration)?.len())
}

/// The versions of the migrations that this program knows.
fn versions<B: Backend>(migrations: &EmbeddedMigrations) -> Vec<String>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    // They were read when the program was built; there is nothing left to fail.
    let known: Vec<Box<dyn Migration<B>>> = migrations.migrations().unwrap_or_default();
    known.iter().map(|migration| migration.name().version().to_string()).collect()
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
        match connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(connection) => Ok(connection.batch_execute("SELECT 1")?),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => postgres::check_writable(connection),
        }
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        use diesel::r2d2::R2D2Connection as _;
        std::thread::panicking() || connection.is_broken()
    }
}
