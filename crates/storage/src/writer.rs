//! The writer: a thread that commits in groups.
//!
//! Two lanes lead to it. The text of running replies goes first; on SQLite, which has room for one writer only,
//! everything else shares the same commits, for a bounded time each, so that no reply waits long and one sync to
//! disk pays for all that gathered while the last one was on its way. Postgres has room for many: there the other
//! lane stays empty, and each piece of work commits by itself, on a connection of the pool.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::chunks::{self, Chunk};
use crate::connection::{AnyConnection, DatabaseUrl, Purpose};
use crate::tx::{self, WriteTx};
use crate::{OpenError, StorageError, search, servers};

/// How long the pieces of work that share a commit may take, before the others wait for the next one: what the text of
/// replies may be held up. The index for search, which takes in at the end what they wrote, takes about as long again.
const JOBS_TIME: Duration = Duration::from_millis(4);

/// How many pieces of work may wait. Past it the database is busy, and says so, rather than late.
const JOBS_WAITING: usize = 10_000;

/// Work in a savepoint of its own, or the reason why nothing can be done. It returns what is to be told once the
/// commit has succeeded or failed.
type Job = Box<dyn FnOnce(Result<&mut AnyConnection, StorageError>) -> Settle + Send>;
type Settle = Box<dyn FnOnce(Result<(), StorageError>) + Send>;

struct PendingChunk {
    chunk: Chunk,
    durable: oneshot::Sender<Result<(), StorageError>>,
}

#[derive(Default)]
struct Lanes {
    chunks: Vec<PendingChunk>,
    jobs: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Queue {
    lanes: Mutex<Lanes>,
    arrival: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Lanes> {
        // A panic elsewhere cannot leave the lanes half changed: each change of them is one push or one take.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work and takes the chunks that there are; `None` when closed and empty.
    fn next(&self) -> Option<Vec<PendingChunk>> {
        let mut lanes = self.lock();
        while lanes.chunks.is_empty() && lanes.jobs.is_empty() {
            if lanes.closed {
                return None;
            }
            lanes = self.arrival.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
        Some(std::mem::take(&mut lanes.chunks))
    }

    fn next_job(&self) -> Option<Job> {
        self.lock().jobs.pop_front()
    }
}

/// However the thread ends, nobody waits for it any more.
struct CloseAtEnd(Arc<Queue>);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        let mut lanes = self.0.lock();
        lanes.closed = true;
        lanes.chunks.clear();
        lanes.jobs.clear();
    }
}

/// The way to the writer. When it is dropped, what waits is written and the thread ends.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which writes over this connection and makes itself another one where that fails.
    /// `committed` is called in it after every commit.
    pub(crate) fn start(
        connection: AnyConnection,
        url: DatabaseUrl,
        mut committed: impl FnMut() + Send + 'static,
    ) -> Result<Self, OpenError> {
        let queue = Arc::new(Queue::default());
        let mut link = Link { url, connection: Some(connection), failing: false };
        let thread = thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn({
                let queue = Arc::clone(&queue);
                move || {
                    let _closing = CloseAtEnd(Arc::clone(&queue));
                    while let Some(chunks) = queue.next() {
                        link.commit(chunks, &queue);
                        committed();
                    }
                }
            })
            .map_err(|error| OpenError::Setup(error.to_string()))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Runs the work in a transaction, and returns once that is durable.
    pub(crate) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let outcome = connection.map_err(E::from).and_then(|connection| tx::write(connection, work));
            Box::new(move |committed| {
                // Whoever asked may be gone; the work is done all the same.
                let _ = answer.send(committed.map_err(E::from).and(outcome));
            })
        });
        self.push_job(job)?;
        result.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    fn push_job(&self, job: Job) -> Result<(), StorageError> {
        let mut lanes = self.queue.lock();
        if lanes.closed {
            return Err(StorageError::Closed);
        }
        if lanes.jobs.len() >= JOBS_WAITING {
            return Err(StorageError::Busy);
        }
        lanes.jobs.push_back(job);
        self.queue.arrival.notify_one();
        Ok(())
    }

    /// Appends to the chunk log, and returns once that is durable.
    pub(crate) async fn append(&self, chunk: Chunk) -> Result<(), StorageError> {
        let (durable, result) = oneshot::channel();
        {
            let mut lanes = self.queue.lock();
            if lanes.closed {
                return Err(StorageError::Closed);
            }
            lanes.chunks.push(PendingChunk { chunk, durable });
            self.queue.arrival.notify_one();
        }
        result.await.unwrap_or(Err(StorageError::Closed))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.arrival.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread catches the panics of the work; there is no result to lose.
            let _ = thread.join();
        }
    }
}

/// The writer's connection. One over which something failed is not used again: what state it is in is not worth
/// guessing.
struct Link {
    url: DatabaseUrl,
    connection: Option<AnyConnection>,
    /// Whether the last group failed. An outage is logged when it begins and when it ends, not at every try.
    failing: bool,
}

impl Link {
    /// Commits the chunks, and of the jobs that wait as many as there is time for.
    fn commit(&mut self, chunks: Vec<PendingChunk>, queue: &Queue) {
        let connected = self.connection.take().map_or_else(|| self.url.connect(Purpose::Write), Ok);
        let begun = connected
            .map_err(|error| StorageError::Unreachable(error.to_string().into()))
            .and_then(|mut connection| Ok(connection.begin_write().map(|()| connection)?));
        let committed = match begun {
            Ok(mut connection) => commit_group(&mut connection, chunks, queue).map(|()| connection),
            Err(error) => {
                refuse_group(chunks, queue, &error);
                Err(error)
            }
        };
        match &committed {
            Err(error) if !self.failing => tracing::error!(%error, "nothing can be written for now"),
            Ok(_) if self.failing => tracing::warn!("the database takes writes again"),
            _ => {}
        }
        self.failing = committed.is_err();
        self.connection = committed.ok();
    }
}

/// Does the work of a group, as far as there is time, in the transaction that has begun, ends that, and tells everybody
/// whose work was done.
fn commit_group(
    connection: &mut AnyConnection,
    chunks: Vec<PendingChunk>,
    queue: &Queue,
) -> Result<(), StorageError> {
    // A failed statement may have ended the transaction (a full disk does), so nothing more is done in it.
    let chunks = match append(connection, chunks) {
        Ok(chunks) => chunks,
        Err((chunks, error)) => {
            refuse_group(chunks, queue, &error);
            return Err(error);
        }
    };
    let (begun, mut settles) = (Instant::now(), Vec::<Settle>::new());
    while begun.elapsed() < JOBS_TIME {
        let Some(job) = queue.next_job() else { break };
        settles.push(job(Ok(&mut *connection)));
    }

    // Text alone leaves nothing to be found.
    let settled = if settles.is_empty() { Ok(()) } else { search::settle(connection) };
    let committed = settled.and_then(|()| connection.commit()).map_err(StorageError::from);
    if committed.is_ok() {
        tracing::trace!(chunks = chunks.len(), jobs = settles.len(), "committed");
    }
    for pending in chunks {
        let _ = pending.durable.send(committed.clone());
    }
    for settle in settles {
        settle(committed.clone());
    }
    committed
}

/// Appends the chunks of the servers that have not been buried, and returns them; the others are told.
fn append(
    connection: &mut AnyConnection,
    chunks: Vec<PendingChunk>,
) -> Result<Vec<PendingChunk>, (Vec<PendingChunk>, StorageError)> {
    if chunks.is_empty() {
        return Ok(chunks);
    }
    let running: HashSet<_> = chunks.iter().map(|pending| pending.chunk.server_id).collect();
    let held = match servers::hold(connection, &running) {
        Ok(held) => held,
        Err(error) => return Err((chunks, error)),
    };
    let (chunks, buried): (Vec<_>, Vec<_>) =
        chunks.into_iter().partition(|pending| held.contains(&pending.chunk.server_id));
    for pending in buried {
        let _ = pending.durable.send(Err(StorageError::TakenOver));
    }
    let group: Vec<&Chunk> = chunks.iter().map(|pending| &pending.chunk).collect();
    match chunks::append(connection, &group) {
        Ok(()) => Ok(chunks),
        Err(error) => Err((chunks, error)),
    }
}

/// Nothing can be written: everybody who waits is told, and nothing was.
fn refuse_group(chunks: Vec<PendingChunk>, queue: &Queue, error: &StorageError) {
    for pending in chunks {
        let _ = pending.durable.send(Err(error.clone()));
    }
    let jobs = std::mem::take(&mut queue.lock().jobs);
    for job in jobs {
        job(Err(error.clone()))(Ok(()));
    }
}
