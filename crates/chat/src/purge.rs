//! The rows of deleted conversations, removed in the background.

use std::sync::Arc;

use raconteur_storage::Purge;

use crate::chat::Inner;

/// How many rows one transaction removes: a few milliseconds' work.
const ROWS: u32 = 200;

/// Removes what is deleted whenever it is told to, until the server ends.
pub(crate) async fn run(chat: Arc<Inner>) {
    let work = async {
        loop {
            chat.deleted.notified().await;
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
    while chat.db.write(|tx| tx.purge(ROWS)).await? == Purge::More {}
    Ok(())
}
