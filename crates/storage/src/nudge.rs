//! A word to the other servers on a Postgres database: look around, something may concern you. What it is stands in the
//! database; so a word that is lost, or one too many, does no harm.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tokio::sync::Notify;

use crate::connection::{AnyConnection, DatabaseUrl, Purpose};
use crate::{OpenError, StorageError, WriteTx};

/// How often is looked whether somebody has said something: a stop is on its way that long at most, and it costs a
/// hundredth of a core.
#[cfg(feature = "postgres")]
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long is waited before a lost connection is made again. Meanwhile the servers look around by themselves, now and
/// then.
#[cfg(feature = "postgres")]
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Where the servers of one schema talk; schemas of one database are not to wake each other.
#[cfg(feature = "postgres")]
const CHANNEL: &str = "'raconteur_' || md5(current_schema())";

impl WriteTx<'_> {
    /// Tells the other servers to look around, once the transaction is committed. On SQLite there are none.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn nudge(&mut self) -> Result<(), StorageError> {
        #[cfg(feature = "postgres")]
        if let AnyConnection::Postgres(connection) = &mut *self.connection {
            diesel::sql_query(format!("SELECT pg_notify({CHANNEL}, '')")).execute(connection)?;
        }
        Ok(())
    }
}

/// Hears what the other servers say, on a thread and a connection of its own, for as long as it is kept.
pub(crate) struct Listener {
    nudged: Arc<Notify>,
    /// When it is dropped the thread ends.
    _listening: Sender<()>,
}

impl Listener {
    #[cfg(feature = "postgres")]
    pub(crate) fn start(url: DatabaseUrl) -> Result<Self, OpenError> {
        let (nudged, (listening, over)) = (Arc::new(Notify::new()), channel());
        let notify = Arc::clone(&nudged);
        thread::Builder::new()
            .name("db-listener".to_owned())
            .spawn(move || listen(&url, &notify, &over))
            .map_err(|error| OpenError::Setup(error.to_string()))?;
        Ok(Self { nudged, _listening: listening })
    }

    /// Resolves when somebody has said something since this last resolved.
    pub(crate) async fn nudged(&self) {
        self.nudged.notified().await;
    }
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Channel {
    #[diesel(sql_type = Text)]
    channel: String,
}

/// Listens over one connection after the other until it is over.
#[cfg(feature = "postgres")]
fn listen(url: &DatabaseUrl, nudged: &Notify, over: &Receiver<()>) {
    let mut pause = Duration::ZERO;
    while matches!(over.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
        if let Err(error) = connected(url).and_then(|connection| hear(connection, nudged, over)) {
            tracing::debug!(%error, "what other servers say is not heard for now");
        }
        pause = RECONNECT_AFTER;
    }
}

#[cfg(feature = "postgres")]
fn connected(url: &DatabaseUrl) -> Result<PgConnection, StorageError> {
    let connection = url
        .connect(Purpose::Maintain)
        .map_err(|error| StorageError::Unreachable(error.to_string().into()))?;
    let AnyConnection::Postgres(mut connection) = connection else { return Err(StorageError::Closed) };
    let Channel { channel } =
        diesel::sql_query(format!("SELECT {CHANNEL} AS channel")).get_result(&mut connection)?;
    // Digits and letters; it cannot be bound here.
    connection.batch_execute(&format!("LISTEN {channel}"))?;
    Ok(connection)
}

/// Passes on what is said until the connection fails, or it is over.
#[cfg(feature = "postgres")]
fn hear(mut connection: PgConnection, nudged: &Notify, over: &Receiver<()>) -> Result<(), StorageError> {
    // Something may have been said before.
    nudged.notify_one();
    while matches!(over.recv_timeout(LOOK_EVERY), Err(RecvTimeoutError::Timeout)) {
        let mut said = false;
        for notification in connection.notifications_iter() {
            notification?;
            said = true;
        }
        if said {
            nudged.notify_one();
        }
    }
    Ok(())
}
