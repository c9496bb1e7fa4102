//! Connections to a Postgres server.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{ConnectionError, PgConnection, QueryResult};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::Purpose;
use super::url::PostgresUrl;
use crate::{OpenError, StorageError};

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Half of the name of the advisory lock that migrations run under; the other half is the schema's.
const MIGRATION_LOCK: &str = "raconteur migrations";

/// What libpq is told where the URL does not say it: a server that has vanished without a word is noticed within
/// some twenty seconds rather than after hours.
const DEFAULTS: [(&str, &str); 6] = [
    ("fallback_application_name", "raconteur"),
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
];

/// A statement that takes longer than any of ours should, and a transaction that somebody has forgotten, are ended,
/// so that their locks hold up nobody for long.
const TIME_LIMITS: &str = "SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'";

/// A commit that is answered before it is on disk would break the promise that what was seen is saved. The other
/// ways to weaken or strengthen it (`local`, `remote_apply`, …) are the operator's choice.
const DURABLE_COMMITS: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

pub(super) fn connect(url: &PostgresUrl, purpose: Purpose) -> Result<PgConnection, ConnectionError> {
    let mut connection = PgConnection::establish(&url.with_defaults(&DEFAULTS))?;
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
    let lock = |verb: &str| {
        format!("SELECT {verb}(hashtext('{MIGRATION_LOCK}'), hashtext(coalesce(current_schema(), '')))")
    };
    connection.batch_execute(&lock("pg_advisory_lock")).map_err(StorageError::from)?;
    let result = work(connection);
    // The lock goes with the connection at the latest.
    let _ = connection.batch_execute(&lock("pg_advisory_unlock"));
    result
}
