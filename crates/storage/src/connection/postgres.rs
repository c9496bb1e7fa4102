//! Connections to a Postgres server.

use std::path::Path;

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::{ConnectionError, PgConnection, QueryResult};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::Purpose;
use super::url::PostgresUrl;
use crate::{OpenError, StorageError};

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// What the advisory lock that migrations run under is named after, beside the schema.
const MIGRATION_LOCK: &str = "raconteur migrations";

/// What libpq is told where the URL does not say it: a server that has vanished without a word is noticed within some
/// ten seconds rather than after hours, and of several hosts the one that can be written to is used.
const DEFAULTS: [(&str, &str); 7] = [
    ("fallback_application_name", "raconteur"),
    ("target_session_attrs", "read-write"),
    ("connect_timeout", "5"),
    ("keepalives_idle", "4"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "2"),
    ("tcp_user_timeout", "8000"),
];

/// Where Debian and most others have the socket of a server on this machine. The libpq that is built in looks in /tmp.
const SOCKETS: &str = "/var/run/postgresql";

/// A statement that takes longer than any of ours should, a lock that is not given up and a transaction that somebody
/// has forgotten are ended, so that they hold up nobody for long.
const TIME_LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
                           SET idle_in_transaction_session_timeout = '30s'";

/// A commit that is answered before it is on disk would break the promise that what was seen is saved. The other
/// ways to weaken or strengthen it (`local`, `remote_apply`, …) are the operator's choice.
const DURABLE_COMMITS: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Which troubles pass is told by the server's words ([`StorageError::is_transient`]), whose language not everybody may
/// choose.
const ENGLISH: &str = "SET lc_messages = 'C'";

pub(super) fn connect(url: &PostgresUrl, purpose: Purpose) -> Result<PgConnection, ConnectionError> {
    let mut defaults = DEFAULTS.to_vec();
    if url.names_no_host() && std::env::var_os("PGHOST").is_none() && Path::new(SOCKETS).is_dir() {
        defaults.push(("host", SOCKETS));
    }
    let mut connection = PgConnection::establish(&url.with_defaults(&defaults)).map_err(in_one_line)?;
    if let Err(error) = connection.batch_execute(ENGLISH) {
        tracing::debug!(%error, "the database server speaks the language that it likes");
    }
    let mut set_up = || -> QueryResult<()> {
        connection.batch_execute(DURABLE_COMMITS)?;
        if purpose == Purpose::Write {
            connection.batch_execute(TIME_LIMITS)?;
        }
        Ok(())
    };
    set_up().map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// libpq ends its complaints with a new line, and goes on after others.
fn in_one_line(error: ConnectionError) -> ConnectionError {
    match error {
        ConnectionError::BadConnection(words) => {
            let lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            ConnectionError::BadConnection(lines.join(" "))
        }
        error => error,
    }
}

#[derive(QueryableByName)]
struct Writable {
    #[diesel(sql_type = Bool)]
    writable: bool,
}

/// Fails where the connection is dead, or leads to a server that cannot be written to: one that was the primary until
/// another took its place.
pub(super) fn check_writable(connection: &mut PgConnection) -> Result<(), StorageError> {
    let answer: Writable =
        diesel::sql_query("SELECT current_setting('transaction_read_only') = 'off' AS writable")
            .get_result(connection)?;
    if answer.writable { Ok(()) } else { Err(StorageError::Unreachable("it can only be read".into())) }
}

#[derive(QueryableByName)]
struct Encoding {
    #[diesel(sql_type = Text)]
    server_encoding: String,
}

/// Does the work while no other server migrates this schema.
pub(super) fn alone(
    connection: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<usize, OpenError>,
) -> Result<usize, OpenError> {
    let Encoding { server_encoding } =
        diesel::sql_query("SHOW server_encoding").get_result(connection).map_err(StorageError::from)?;
    if server_encoding != "UTF8" {
        return Err(OpenError::Encoding(server_encoding));
    }
    // Given back with the transaction, whatever becomes of that; a pooler in between cannot lose it.
    let lock = format!(
        "SELECT pg_advisory_xact_lock(hashtext('{MIGRATION_LOCK}'), hashtext(coalesce(current_schema(), '')))"
    );
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN").map_err(StorageError::from)?;
    let result = match connection.batch_execute(&lock) {
        Ok(()) => work(connection),
        Err(error) => Err(StorageError::from(error).into()),
    };
    let ended = if result.is_ok() {
        AnsiTransactionManager::commit_transaction(connection)
    } else {
        AnsiTransactionManager::rollback_transaction(connection)
    };
    result.and_then(|count| ended.map(|()| count).map_err(|error| StorageError::from(error).into()))
}
