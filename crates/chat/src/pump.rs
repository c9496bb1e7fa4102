//! From the live text into the chunk log.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use raconteur_storage::{Chunk, Db, StorageError};
use tokio::time::{Sleep, sleep};

use crate::chat::Durability;
use crate::live::Live;

/// How long text gathers before it is committed, where the readers do not wait for that.
const GATHER_FOR: Duration = Duration::from_millis(80);

/// The first pause after the database failed; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Moves what a generation says into the chunk log. While one chunk is on its way to the disk the next gathers,
/// so that a fast model makes large chunks and not a queue.
pub(crate) struct Pump {
    db: Db,
    live: Arc<Live>,
    seq: u64,
    /// How many bytes have been taken into chunks.
    taken: usize,
    on_its_way: Option<BoxFuture<'static, Result<(), StorageError>>>,
    durability: Durability,
    /// Runs while text gathers for a commit that nobody waits for.
    gathering: Option<Pin<Box<Sleep>>>,
}

impl Pump {
    pub(crate) fn new(db: Db, live: Arc<Live>, durability: Durability) -> Self {
        Self { db, live, seq: 0, taken: 0, on_its_way: None, durability, gathering: None }
    }

    /// Shows what was just said, where the readers do not wait for the disk.
    pub(crate) fn show_if_relaxed(&self) {
        if self.durability == Durability::Relaxed {
            self.live.publish(self.live.len());
        }
    }

    /// Whether [`Pump::commit`] has anything to do.
    pub(crate) fn has_work(&self) -> bool {
        self.on_its_way.is_some() || self.live.len() > self.taken
    }

    /// Commits what has gathered and shows it to the readers. It may be dropped and called again without a loss.
    pub(crate) async fn commit(&mut self) -> Result<(), StorageError> {
        if self.on_its_way.is_none() {
            if self.durability == Durability::Relaxed {
                // Nobody waits for it, and fewer commits cost less.
                self.gathering.get_or_insert_with(|| Box::pin(sleep(GATHER_FOR))).await;
                self.gathering = None;
            }
            let chunk = self.gather();
            self.on_its_way = Some(append(self.db.clone(), chunk).boxed());
        }
        self.settle().await
    }

    /// Waits for the chunk that is on its way, if there is one, and begins no other.
    pub(crate) async fn settle(&mut self) -> Result<(), StorageError> {
        let Some(on_its_way) = &mut self.on_its_way else {
            return Ok(());
        };
        let result = on_its_way.await;
        self.on_its_way = None;
        result.inspect(|()| self.live.publish(self.taken))
    }

    fn gather(&mut self) -> Chunk {
        let deltas = self.live.deltas(self.taken, usize::MAX);
        let chunk = Chunk {
            generation_id: self.live.begun.generation_id,
            server_id: self.live.server,
            seq: self.seq,
            // A delta comes from an event of at most a few MiB.
            lengths: deltas.iter().map(|delta| u32::try_from(delta.len()).unwrap_or(u32::MAX)).collect(),
            text: deltas.concat(),
        };
        self.taken += chunk.text.len();
        self.seq += 1;
        chunk
    }
}

async fn append(db: Db, chunk: Chunk) -> Result<(), StorageError> {
    until_it_works(|| db.append(chunk.clone())).await
}

/// Does the work until the database takes it. While it cannot, the reply goes on in memory and its readers wait.
pub(crate) async fn until_it_works<T, F>(mut work: impl FnMut() -> F) -> Result<T, StorageError>
where
    F: Future<Output = Result<T, StorageError>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match work().await {
            Err(error) if error.is_transient() => {
                tracing::debug!(%error, "a reply waits for the database");
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            result => return result,
        }
    }
}
