//! Copies of an SQLite database in one file, made while a server goes on, and the way back.
//!
//! SQLite's own backup is used (sqlite.org/backup.html), page by page, from a read transaction: what is copied is the
//! database of one moment, whatever is written meanwhile, and nobody waits for a lock. It goes slowly on purpose. A copy in
//! one go keeps the disk busy, and the replies that are being streamed wait for every one of their commits.

mod error;
mod restore;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub use error::BackupError;
pub use restore::{Restored, restore};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tokio::time::Instant;

/// How many pages one step copies: 256 KiB where a page has 4.
const PAGES: i32 = 64;

/// The rest after a step, in times of what the step took, and the shortest.
const REST: u32 = 9;
const SHORTEST_REST: Duration = Duration::from_millis(2);

/// How far a backup has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many bytes are copied.
    pub copied: u64,
    /// How many there are.
    pub bytes: u64,
}

/// Copies a database into a new file. A server may run on it; `progress` is told now and then how far it has come.
///
/// The file appears under its name when it is whole and on the disk. It blocks, for as long as it takes.
///
/// # Errors
///
/// [`BackupError`] says what is in the way. There is no file of that name then.
pub fn back_up(database: &Path, file: &Path, mut progress: impl FnMut(Progress)) -> Result<(), BackupError> {
    if !database.exists() {
        return Err(BackupError::NoDatabase(database.to_owned()));
    }
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let part = Part::create(file)?;
    let source = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // From here on the source is seen as it is now: SQLite would begin anew after every change otherwise.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
    copy(&source, &part, &mut progress)?;
    part.finish(file)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, BackupError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn copy(source: &Connection, part: &Part, progress: &mut impl FnMut(Progress)) -> Result<(), BackupError> {
    let mut target = open(&part.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // What is half written is thrown away, and synced here: little by little, not all of it at the end.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_spill = 1;")?;
    let page_size: u32 = source.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let backup = Backup::new(source, &mut target)?;
    loop {
        let begun = Instant::now();
        let step = backup.step(PAGES)?;
        part.sync()?;
        let state = backup.progress();
        let bytes = |pages: i32| u64::try_from(pages).unwrap_or_default() * u64::from(page_size);
        progress(Progress {
            copied: bytes(state.pagecount - state.remaining),
            bytes: bytes(state.pagecount),
        });
        match step {
            StepResult::Done => return Ok(()),
            // The source is busy only where it is opened for the first time after a crash.
            _ => rest(begun.elapsed()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "there is nothing to wait for but time")]
fn rest(taken: Duration) {
    thread::sleep((taken * REST).max(SHORTEST_REST));
}

/// The file while it is not whole, under a name of its own. It goes with this value unless it is finished.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn create(file: &Path) -> Result<Self, BackupError> {
        let mut name = file.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let mut options = File::options();
        options.write(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(&path).map_err(|error| BackupError::file(&path, error))?;
        // Whoever died left it behind; whoever lives holds the lock.
        opened.try_lock().map_err(|_| BackupError::InUse(path.clone()))?;
        opened.set_len(0).map_err(|error| BackupError::file(&path, error))?;
        Ok(Self { path, file: opened })
    }

    fn sync(&self) -> Result<(), BackupError> {
        self.file.sync_data().map_err(|error| BackupError::file(&self.path, error))
    }

    /// Takes in another file, but none of the rights that others have to that.
    fn fill(&self, from: &Path) -> Result<(), BackupError> {
        let mut source = File::open(from).map_err(|error| BackupError::file(from, error))?;
        std::io::copy(&mut source, &mut &self.file).map_err(|error| BackupError::file(&self.path, error))?;
        Ok(())
    }

    /// Gives it its name, for good.
    fn finish(self, name: &Path) -> Result<(), BackupError> {
        self.file.sync_all().map_err(|error| BackupError::file(&self.path, error))?;
        // Unlike a rename, a link does not replace what has come there meanwhile.
        std::fs::hard_link(&self.path, name).map_err(|error| BackupError::file(name, error))?;
        sync_folder_of(name)
    }

    /// Puts it in the place of what has that name.
    fn replace(self, name: &Path) -> Result<(), BackupError> {
        self.file.sync_all().map_err(|error| BackupError::file(&self.path, error))?;
        std::fs::rename(&self.path, name).map_err(|error| BackupError::file(name, error))?;
        sync_folder_of(name)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // What cannot be removed is found by its name, and taken over by the next backup.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes sure that the names in the folder survive a power cut.
fn sync_folder_of(path: &Path) -> Result<(), BackupError> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| BackupError::file(folder, error))?;
    }
    Ok(())
}
