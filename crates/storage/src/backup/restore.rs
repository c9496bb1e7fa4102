//! Back to a backup.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{BackupError, Part, open};
use crate::connection::{DatabaseUrl, Purpose};
use crate::db::{make_private_folder, own};

/// What going back did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the database is now that was there before, if there was one.
    pub before: Option<PathBuf>,
}

/// Puts a backup in the place of a database, on which no server may run. What was there before is kept beside it under
/// another name. It blocks, for as long as it takes.
///
/// # Errors
///
/// [`BackupError`] says what is in the way. The database is as it was then.
pub fn restore(file: &Path, database: &Path) -> Result<Restored, BackupError> {
    if !file.is_file() {
        return Err(BackupError::file(file, ErrorKind::NotFound.into()));
    }
    if let Some(folder) = database.parent() {
        make_private_folder(folder).map_err(|error| BackupError::file(folder, error))?;
    }
    let existed = fs::metadata(database).is_ok_and(|about| about.len() > 0);
    let _ownership = own(database)?;
    // Where a link leads to the database, the link stays.
    let database = &database.canonicalize().map_err(|error| BackupError::file(database, error))?;
    let part = Part::create(database)?;
    part.fill(file)?;
    examine(file, &part.path)?;
    let before = if existed { Some(keep(database)?) } else { None };
    part.replace(database)?;
    Ok(Restored { before })
}

/// Whether the copy is whole and ours, and of no newer version.
fn examine(file: &Path, copy: &Path) -> Result<(), BackupError> {
    let no_backup = |why: String| BackupError::NoBackup { path: file.to_owned(), why };
    let connection = open(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| no_backup(error.to_string()))?;
    if found != "ok" {
        return Err(no_backup(format!("it is damaged ({found})")));
    }
    drop(connection);
    let url = DatabaseUrl::Sqlite(copy.to_owned());
    let mut connection = url.connect(Purpose::Write).map_err(crate::OpenError::from)?;
    let ours = connection
        .has_table("__diesel_schema_migrations")
        .and_then(|migrated| Ok(migrated && connection.has_table("generations")?));
    if !ours.map_err(|error| no_backup(error.to_string()))? {
        return Err(no_backup("it has other tables".to_owned()));
    }
    // Brings an older one up to date, and refuses a newer one.
    connection.migrate()?;
    Ok(())
}

/// Gives the database that is there a second name, under which it stays.
fn keep(database: &Path) -> Result<PathBuf, BackupError> {
    // What is left in the log of a server that was killed belongs to it.
    let connection = Connection::open(database)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    drop(connection);
    let mut number = 1_u32;
    loop {
        let mut name = database.as_os_str().to_owned();
        name.push(format!(".before-restore-{number}"));
        let name = PathBuf::from(name);
        match fs::hard_link(database, &name) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(BackupError::file(&name, error)),
        }
    }
}
