//! The rows of deleted accounts and conversations, old keys of requests, sessions that have expired and sign-ins that failed, removed in the background.

use std::sync::Arc;
use std::time::Duration;

use raconteur_storage::Purge;
use tokio::time::{sleep, timeout};

use crate::chat::Inner;

/// How many rows one transaction removes, a millisecond's work or two, and how long it then leaves the writer to the others.
const ROWS: u32 = 25;
const PAUSE: Duration = Duration::from_millis(5);

/// How often it looks for what has had its day, where nothing else wakes it.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Removes what is deleted whenever it is told to, and what has had its day every now and then, until the server ends.
pub(crate) async fn run(chat: Arc<Inner>) {
    let work = async {
        loop {
            // Whichever comes first.
            let _ = timeout(EVERY, chat.deleted.notified()).await;
            if let Err(error) = purge(&chat).await {
                tracing::warn!(%error, "deleted rows could not be removed; the next time they will be");
            }
        }
    };
    tokio::select! {
        () = chat.closing.cancelled() => {}
        () = work => {}
    }
}

async fn purge(chat: &Inner) -> Result<(), raconteur_storage::StorageError> {
    let now = chat.clock.now();
    // First, for what is left of their conversations is to go with the others.
    while chat.db.write(move |tx| tx.forget_accounts(now, ROWS)).await? {
        sleep(PAUSE).await;
    }
    while chat.db.write(|tx| tx.purge(ROWS)).await? == Purge::More {
        sleep(PAUSE).await;
    }
    while chat.db.write(move |tx| tx.forget_keys(now, ROWS)).await? {
        sleep(PAUSE).await;
    }
    while chat.db.write(move |tx| tx.forget_sessions(now, ROWS)).await? {
        sleep(PAUSE).await;
    }
    while chat.db.write(move |tx| tx.forget_old_failures(now, ROWS)).await? {
        sleep(PAUSE).await;
    }
    Ok(())
}
