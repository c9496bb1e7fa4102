//! The database as the rest of the program sees it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::chunks::Chunk;
use crate::connection::{AnyConnection, DatabaseUrl, Manager, Purpose};
use crate::tx::{self, ReadTx, WriteTx};
use crate::writer::Writer;
use crate::{OpenError, StorageError, checkpoint};

/// How many connections read at once. SQLite's readers do not wait for the writer nor for each other.
const READERS: u32 = 4;

/// How long a reader waits for a connection before the database is called busy.
const READ_WAIT: Duration = Duration::from_secs(5);

/// How long making a connection may take.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// An open database. Clones share it; when the last one is dropped, what waits to be written is written first.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    readers: r2d2::Pool<Manager>,
    permits: Arc<Semaphore>,
    runtime: Handle,
    writer: Writer,
    /// Held as long as the database is open, after the writer has ended. What is in memory is nobody else's anyway.
    _ownership: Option<File>,
}

impl Db {
    /// Opens the database for this process alone, makes it if there is none, and brings its tables up to date.
    ///
    /// It blocks, and has to be called inside a tokio runtime, on whose blocking threads reads will run.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is in the way, and where it knows, what to do.
    pub fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        let DatabaseUrl::Sqlite(path) = url;
        if let Some(folder) = path.parent() {
            make_private_folder(folder)
                .map_err(|error| OpenError::File { path: folder.to_owned(), source: error })?;
        }
        let ownership = own(path)?;
        Self::start(url, Some(ownership))
    }

    /// A new database that is kept in memory alone and goes when the last clone is dropped. Nothing of it touches the
    /// disk. It is for one person's use: its readers and its writer wait for each other.
    ///
    /// It has to be called inside a tokio runtime, like [`Db::open`].
    ///
    /// # Errors
    ///
    /// [`OpenError`], which only a lack of memory or threads explains.
    pub fn in_memory() -> Result<Self, OpenError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        // The `memdb` file system lets the connections of one process share what has this name (sqlite.org/vfs.html),
        // and no setting can name it: a URL with a `?` is none of ours.
        let name = format!("file:/raconteur-{}?vfs=memdb", COUNT.fetch_add(1, Ordering::Relaxed));
        Self::start(&DatabaseUrl::Sqlite(name.into()), None)
    }

    fn start(url: &DatabaseUrl, ownership: Option<File>) -> Result<Self, OpenError> {
        let mut connection = url.connect(Purpose::Write)?;
        let migrations = connection.migrate()?;
        tracing::debug!(migrations, "the database is up to date");
        let writer =
            Writer::start(connection, url.clone(), checkpoint::start(url.connect(Purpose::Write)?)?)?;

        let readers = r2d2::Pool::builder()
            .max_size(READERS)
            // Opened once and kept: a server that is short of file handles can still read.
            .max_lifetime(None)
            .idle_timeout(None)
            .connection_timeout(CONNECT_WAIT)
            .test_on_check_out(false)
            .build(Manager { url: url.clone(), purpose: Purpose::Read })
            .map_err(|error| OpenError::Setup(error.to_string()))?;
        let runtime = Handle::try_current().map_err(|error| OpenError::Setup(error.to_string()))?;
        let permits = Arc::new(Semaphore::new(READERS as usize));
        let inner = Inner { readers, permits, runtime, writer, _ownership: ownership };
        Ok(Self { inner: Arc::new(inner) })
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
        self.with_reader(move |connection| tx::read(connection, work)).await
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
        self.inner.writer.run(work).await
    }

    /// Appends to the chunk log, and returns once that is durable. Chunks of all generations that gather while a
    /// commit is on its way share the next one.
    ///
    /// # Errors
    ///
    /// Where the database fails; then nothing was written, and the same chunk may be appended again.
    pub async fn append(&self, chunk: Chunk) -> Result<(), StorageError> {
        self.inner.writer.append(chunk).await
    }

    /// Whether the database answers and its tables are up to date.
    ///
    /// # Errors
    ///
    /// Where it does not answer.
    pub async fn is_ready(&self) -> Result<bool, StorageError> {
        self.with_reader(|connection| connection.needs_migration().map(|needed| !needed)).await
    }

    async fn with_reader<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    {
        // Waiting is done here, where it costs no thread.
        let permit = match timeout(READ_WAIT, Arc::clone(&self.inner.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StorageError::Closed.into()),
            Err(_) => return Err(StorageError::Busy.into()),
        };
        let readers = self.inner.readers.clone();
        let work = self.inner.runtime.spawn_blocking(move || {
            let _permit = permit;
            let mut connection =
                readers.get().map_err(|error| StorageError::Unreachable(error.to_string().into()))?;
            work(&mut connection)
        });
        work.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }
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

/// Takes the database for this process: the lock on the file beside it goes with the process, however that ends.
fn own(database: &Path) -> Result<File, OpenError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let failed = |source| OpenError::File { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(database.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
