//! Checkpoints of SQLite's write-ahead log, beside the writer rather than in it: copying pages back into the
//! database takes longer than a commit may.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::connection::AnyConnection;
use crate::{OpenError, StorageError};

/// After how many commits a checkpoint is worth its while.
const COMMITS_BETWEEN: u32 = 100;

/// How long the log may grow, in pages of 4 KiB, before a checkpoint makes the writer wait until it begins anew.
/// The usual, passive one never waits, but under constant writing it never quite catches up either.
const PAGES_BEFORE_RESTART: i32 = 8_192;

/// How long such a checkpoint waits for those who read, and the writer for it: a backup may read for minutes, and the next
/// checkpoint tries again.
const WAIT: &str = "PRAGMA busy_timeout = 5";

#[derive(QueryableByName)]
struct Progress {
    #[diesel(sql_type = Integer)]
    log: i32,
}

/// Starts the thread, and returns what the writer calls after each commit. The thread ends when that is dropped.
pub(crate) fn start(mut connection: AnyConnection) -> Result<impl FnMut() + Send + 'static, OpenError> {
    connection.batch_execute(WAIT).map_err(StorageError::from)?;
    let (due, wake) = sync_channel(1);
    thread::Builder::new()
        .name("db-checkpoint".to_owned())
        .spawn(move || run(connection, &wake))
        .map_err(|error| OpenError::Setup(error.to_string()))?;
    Ok(every_so_many(due))
}

fn every_so_many(due: SyncSender<()>) -> impl FnMut() + Send + 'static {
    let mut commits = 0;
    move || {
        commits += 1;
        if commits >= COMMITS_BETWEEN {
            commits = 0;
            // Full means that one is due already.
            let _ = due.try_send(());
        }
    }
}

fn run(mut connection: AnyConnection, due: &Receiver<()>) {
    while due.recv().is_ok() {
        if let Err(error) = checkpoint(&mut connection) {
            tracing::warn!(%error, "a checkpoint failed; the next one makes up for it");
        }
    }
}

fn checkpoint(connection: &mut AnyConnection) -> QueryResult<()> {
    let progress: Progress = diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(connection)?;
    if progress.log > PAGES_BEFORE_RESTART {
        diesel::sql_query("PRAGMA wal_checkpoint(RESTART)").get_result::<Progress>(connection)?;
    }
    Ok(())
}
