//! The database as the rest of the program sees it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
#[cfg(feature = "sqlite")]
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::chunks::Chunk;
use crate::connection::{AnyConnection, DatabaseUrl, Manager, Purpose};
use crate::copy::refuse_unfinished;
use crate::nudge::Listener;
use crate::search;
use crate::tx::{self, ReadTx, WriteTx};
use crate::writer::Writer;
use crate::{OpenError, StorageError};

/// How many connections read an SQLite file at once. They do not wait for the writer nor for each other.
#[cfg(feature = "sqlite")]
const READERS: u32 = 4;

/// How long work waits for a connection before the database is called busy.
const TURN_WAIT: Duration = Duration::from_secs(5);

/// How long making a connection may take.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// An open database. Clones share it; when the last one is dropped, what waits to be written is written first.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

/// How a pool of connections to Postgres is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// How many connections there are at most, beside the one that writes the text of running replies and the one that
    /// hears the other servers. At least 1.
    pub connections: u32,
}

impl Default for Pool {
    fn default() -> Self {
        Self { connections: 10 }
    }
}

struct Inner {
    pool: r2d2::Pool<Manager>,
    /// As many as there are connections: whoever waits for one does it without a thread.
    permits: Arc<Semaphore>,
    runtime: Handle,
    writer: Writer,
    /// Whether other servers may use the database at the same time; then each piece of work has a connection of the
    /// pool, where else the writer does it.
    shared: bool,
    /// Hears the other servers, where there may be any.
    listener: Option<Listener>,
    /// The lock on an SQLite file, held after the writer has ended. What is in memory is nobody else's anyway.
    _ownership: Option<File>,
}

impl Db {
    /// Opens the database, makes it where that can be done, and brings its tables up to date. An SQLite file then
    /// belongs to this process alone; the pool is for Postgres.
    ///
    /// It blocks, and has to be called inside a tokio runtime, on whose blocking threads work will run.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is in the way, and where it knows, what to do.
    pub fn open(url: &DatabaseUrl, pool: Pool) -> Result<Self, OpenError> {
        match url {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(path) => Self::open_file(url, path),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => Self::open_server(url, pool),
        }
    }

    /// A new database that is kept in memory alone and goes when the last clone is dropped. Nothing of it touches the
    /// disk. It is for one person's use: its readers and its writer wait for each other.
    ///
    /// It has to be called inside a tokio runtime, like [`Db::open`].
    ///
    /// # Errors
    ///
    /// [`OpenError`], which a lack of memory or threads explains, or a build without SQLite.
    pub fn in_memory() -> Result<Self, OpenError> {
        #[cfg(feature = "sqlite")]
        {
            static COUNT: AtomicU64 = AtomicU64::new(0);
            // The `memdb` file system lets the connections of one process share what has this name
            // (sqlite.org/vfs.html), and no setting can name it: a URL with a `?` is none of ours.
            let name = format!("file:/raconteur-{}?vfs=memdb", COUNT.fetch_add(1, Ordering::Relaxed));
            Self::start_file(&DatabaseUrl::Sqlite(name.into()), None)
        }
        #[cfg(not(feature = "sqlite"))]
        Err(OpenError::Setup("this build has no SQLite to keep it in memory".to_owned()))
    }

    #[cfg(feature = "sqlite")]
    fn open_file(url: &DatabaseUrl, path: &Path) -> Result<Self, OpenError> {
        if let Some(folder) = path.parent() {
            make_private_folder(folder)
                .map_err(|error| OpenError::File { path: folder.to_owned(), source: error })?;
        }
        let ownership = own(path)?;
        Self::start_file(url, Some(ownership))
    }

    #[cfg(feature = "sqlite")]
    fn start_file(url: &DatabaseUrl, ownership: Option<File>) -> Result<Self, OpenError> {
        let mut connection = url.connect(Purpose::Write)?;
        let migrations = connection.migrate()?;
        refuse_unfinished(&mut connection)?;
        search::catch_up(&mut connection)?;
        tracing::debug!(migrations, "the database is up to date");
        let checkpoints = crate::checkpoint::start(url.connect(Purpose::Write)?)?;
        let writer = Writer::start(connection, url.clone(), checkpoints)?;
        let readers = r2d2::Pool::builder()
            // Opened once and kept: a server that is short of file handles can still read.
            .max_lifetime(None)
            .idle_timeout(None)
            .test_on_check_out(false);
        let readers = build(readers, READERS, Manager { url: url.clone(), purpose: Purpose::Read })?;
        Self::new(readers, writer, None, ownership)
    }

    #[cfg(feature = "postgres")]
    fn open_server(url: &DatabaseUrl, pool: Pool) -> Result<Self, OpenError> {
        let mut connection = url.connect(Purpose::Maintain)?;
        let migrations = connection.migrate()?;
        refuse_unfinished(&mut connection)?;
        search::catch_up(&mut connection)?;
        tracing::debug!(migrations, "the database is up to date");
        // Given back before others are taken: there may be no more of them than the settings say.
        drop(connection);
        let writer = Writer::start(url.connect(Purpose::Write)?, url.clone(), || {})?;
        let manager = Manager { url: url.clone(), purpose: Purpose::Write };
        let pool = build(r2d2::Pool::builder().min_idle(Some(1)), pool.connections, manager)?;
        Self::new(pool, writer, Some(Listener::start(url.clone())?), None)
    }

    fn new(
        pool: r2d2::Pool<Manager>,
        writer: Writer,
        listener: Option<Listener>,
        ownership: Option<File>,
    ) -> Result<Self, OpenError> {
        let runtime = Handle::try_current().map_err(|error| OpenError::Setup(error.to_string()))?;
        let permits = Arc::new(Semaphore::new(pool.max_size() as usize));
        let shared = listener.is_some();
        let inner = Inner { pool, permits, runtime, writer, shared, listener, _ownership: ownership };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether other servers may use the database at the same time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.inner.shared
    }

    /// Resolves when another server has said that something may concern this one ([`WriteTx::nudge`]), or might have
    /// said it while it was not heard. Where there are no others it never does.
    pub async fn nudged(&self) {
        match &self.inner.listener {
            Some(listener) => listener.nudged().await,
            None => std::future::pending().await,
        }
    }

    /// Runs the work on a view of one moment, on a thread where it may block.
    ///
    /// # Errors
    ///
    /// What the work answers; [`StorageError::Busy`] where no connection became free in time.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: FnOnce(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.with_connection(move |connection| tx::read(connection, work)).await
    }

    /// Runs the work in a transaction, and returns once that is durable. Where it answers an error, nothing was
    /// written.
    ///
    /// # Errors
    ///
    /// What the work answers; [`StorageError::Busy`] where too much waits already.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        if self.inner.shared {
            self.with_connection(move |connection| tx::write(connection, work)).await
        } else {
            self.inner.writer.run(work).await
        }
    }

    /// As [`Db::write`], past everybody who waits for a connection: the writer does it, with the text of replies. For
    /// work that takes no longer than that and may not come late.
    ///
    /// # Errors
    ///
    /// What the work answers.
    pub async fn write_at_once<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.inner.writer.run(work).await
    }

    /// Appends to the chunk log, and returns once that is durable. Chunks of all generations that gather while a
    /// commit is on its way share the next one.
    ///
    /// # Errors
    ///
    /// Where the database fails; then nothing was written, and the same chunk may be appended again.
    /// [`StorageError::TakenOver`] where another server has buried the one that runs the generation.
    pub async fn append(&self, chunk: Chunk) -> Result<(), StorageError> {
        self.inner.writer.append(chunk).await
    }

    /// Whether the database answers and its tables are up to date.
    ///
    /// # Errors
    ///
    /// Where it does not answer.
    pub async fn is_ready(&self) -> Result<bool, StorageError> {
        self.with_connection(|connection| connection.needs_migration().map(|needed| !needed)).await
    }

    async fn with_connection<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    {
        // Waiting is done here, where it costs no thread.
        let permit = match timeout(TURN_WAIT, Arc::clone(&self.inner.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StorageError::Closed.into()),
            Err(_) => return Err(StorageError::Busy.into()),
        };
        let pool = self.inner.pool.clone();
        let work = self.inner.runtime.spawn_blocking(move || {
            let _permit = permit;
            let mut connection =
                pool.get().map_err(|error| StorageError::Unreachable(error.to_string().into()))?;
            work(&mut connection)
        });
        work.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }
}

/// The pool tries again by itself, several times a second. Whoever waits for it says so; the writer says when an outage
/// begins and ends.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<StorageError> for Quiet {
    fn handle_error(&self, error: StorageError) {
        tracing::debug!(%error, "the pool has no connection for now");
    }
}

fn build(
    pool: r2d2::Builder<Manager>,
    connections: u32,
    manager: Manager,
) -> Result<r2d2::Pool<Manager>, OpenError> {
    pool.max_size(connections.max(1))
        .connection_timeout(CONNECT_WAIT)
        .error_handler(Box::new(Quiet))
        .build(manager)
        .map_err(|error| OpenError::Setup(error.to_string()))
}

/// Makes a folder that only its owner may look into, where there is none.
///
/// # Errors
///
/// Where the system does not let it.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Takes the database for this process: the lock on the file beside it goes with the process, however that ends. Where
/// there is no database yet, an empty one is made, which nobody but its owner can read.
#[cfg(feature = "sqlite")]
pub(crate) fn own(database: &Path) -> Result<File, OpenError> {
    let failed = |path: &Path, source| OpenError::File { path: path.to_owned(), source };
    private_file(database).map_err(|error| failed(database, error))?;
    // Whatever links lead to it, the lock stands beside the file itself.
    let real = database.canonicalize().map_err(|error| failed(database, error))?;
    let mut name = real.into_os_string();
    name.push(".lock");
    let path = std::path::PathBuf::from(name);
    let file = private_file(&path).map_err(|error| failed(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(database.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(&path, error)),
    }
}

/// Opens a file for its owner alone, without a change where it is there already.
#[cfg(feature = "sqlite")]
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
