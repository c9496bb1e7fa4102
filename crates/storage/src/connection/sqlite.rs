//! Connections to an SQLite file.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, ConnectionError, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::Purpose;
use crate::search::PENDING;

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

pub(super) fn connect(path: &Path, purpose: Purpose) -> Result<SqliteConnection, ConnectionError> {
    let path = path
        .to_str()
        .ok_or_else(|| ConnectionError::InvalidConnectionUrl(format!("{} is not UTF-8", path.display())))?;
    let mut connection = SqliteConnection::establish(path)?;
    // The time limit first, since the next statement may already have to wait for another process.
    // Sorting never spills into a file: what is in memory stays there, and the rest is small.
    let common = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; \
                  PRAGMA temp_store = MEMORY;";
    let special = if purpose == Purpose::Read {
        "PRAGMA query_only = ON;"
    } else {
        // FULL makes a commit in WAL mode wait for the disk; `fullfsync` makes macOS mean it. Checkpoints are
        // made beside the writer (`checkpoint.rs`).
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 0;"
    };
    let pending = if purpose == Purpose::Read { "" } else { PENDING };
    for statements in [common, special, pending] {
        connection.batch_execute(statements).map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(connection)
}
