//! Everything that one database holds, copied into another one, whichever two they are.
//!
//! The rows go as they are, keys included, in the order of their keys and a bounded number in each transaction. So what
//! the target has is always the beginning of what the source has, and a copy that was killed goes on behind the last
//! row that it finds. Until everything has been compared the target is marked (`mark.rs`), and no server starts on it.

mod error;
mod mark;
mod row;
mod sides;
mod table;
mod tables;
#[cfg(all(test, feature = "sqlite", feature = "testing"))]
mod tests;
mod value;

use std::fmt::Write as _;
use std::time::Duration;

pub use error::CopyError;
pub(crate) use mark::refuse_unfinished;
use sides::{FROM, Source, TO, Target};
use table::{Failure, Table};

use crate::{DatabaseUrl, StorageError, search};

/// What the last step is called, as the others are by their tables.
const INDEX: &str = "search";

/// A copy that is being made. Where it is dropped, or its process killed, the next one goes on.
pub struct Copy {
    source: Source,
    target: Target,
    beginning: Beginning,
    tables: Vec<Box<dyn Table>>,
    /// How many tables are copied, whether keys go on behind what was copied, how many tables are compared, and whether
    /// it is noted that nothing of it can be found yet.
    copied: usize,
    settled: bool,
    checked: usize,
    noted: bool,
}

/// What a copy found when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The target was empty.
    Empty,
    /// The target has the beginning of an earlier copy, which is gone on with.
    Unfinished,
    /// The target is not empty, and no copy is under way: nothing is written there, only compared.
    Finished,
}

/// What is being done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Its rows go into the target.
    Copying,
    /// The rows of both sides are compared.
    Checking,
    /// What was copied is prepared for search.
    Indexing,
}

/// A step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub work: Work,
    /// With which table.
    pub table: &'static str,
    /// With how many rows.
    pub rows: u64,
}

/// How many rows a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Which table.
    pub table: &'static str,
    /// In the source.
    pub source: u64,
    /// In the target.
    pub target: u64,
}

/// What the comparison of a table found; of each pair, the source's is the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Which table.
    pub table: &'static str,
    /// How many rows there are.
    pub rows: (u64, u64),
    /// SHA-256 of every column of every row, in hexadecimal digits.
    pub checksums: (String, String),
    /// The first row that differs, or that one side alone has.
    pub difference: Option<String>,
}

impl Checked {
    /// Whether both sides have the same rows.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.difference.is_none() && self.rows.0 == self.rows.1 && self.checksums.0 == self.checksums.1
    }
}

impl Copy {
    /// Opens both databases and brings their tables up to date. The source is not changed otherwise and has to be
    /// there; the target is made as [`Db::open`](crate::Db::open) makes it. No server may run on either; one that
    /// has not been seen for `silence` is dead.
    ///
    /// Like the steps that follow it blocks, for as long as it takes.
    ///
    /// # Errors
    ///
    /// [`CopyError`] says what is in the way and what to do.
    pub fn begin(from: &DatabaseUrl, to: &DatabaseUrl, silence: Duration) -> Result<Self, CopyError> {
        let mut source = Source::open(from, to, silence)?;
        let mut target = Target::open(to, &mut source, silence)?;
        let mut tables = tables::all();
        for table in &mut tables {
            let surveyed = table.survey(&mut source.connection, &mut target.connection);
            surveyed.map_err(|failure| failed(&**table, failure))?;
        }
        let of = mark::read(&mut target.connection).map_err(|error| CopyError::in_target("marks", error))?;
        let beginning = match of {
            Some(_) => Beginning::Unfinished,
            None if tables.iter().all(|table| table.rows().1 == 0) => Beginning::Empty,
            None => Beginning::Finished,
        };
        for table in &tables {
            let stranger = table.stranger(&mut source.connection, &mut target.connection);
            let Some(row) = stranger.map_err(|failure| failed(&**table, failure))? else { continue };
            let (table, database) = (table.name(), to.describe());
            return Err(match of {
                Some(of) => CopyError::Elsewhere { database, of, table, row },
                None => CopyError::Occupied { database, table, row },
            });
        }
        if beginning != Beginning::Finished {
            mark::write(&mut target.connection, &from.describe())
                .map_err(|error| CopyError::in_target("marks", error))?;
        }
        let (copied, settled) =
            if beginning == Beginning::Finished { (tables.len(), true) } else { (0, false) };
        Ok(Self { source, target, beginning, tables, copied, settled, checked: 0, noted: false })
    }

    /// What it found when it began.
    #[must_use]
    pub const fn beginning(&self) -> Beginning {
        self.beginning
    }

    /// The tables in the order in which they are copied, and how far they have come.
    #[must_use]
    pub fn extents(&self) -> Vec<Extent> {
        let rows = self.tables.iter().map(|table| (table.name(), table.rows()));
        rows.map(|(table, (source, target))| Extent { table, source, target }).collect()
    }

    /// Takes the next step: copies some rows, once that is done compares some, and then makes some findable. `None` at
    /// the end.
    ///
    /// # Errors
    ///
    /// Where one of the databases fails. What is copied stays copied.
    pub fn step(&mut self) -> Result<Option<Step>, CopyError> {
        let (source, target) = (&mut self.source.connection, &mut self.target.connection);
        while let Some(table) = self.tables.get_mut(self.copied) {
            let copied = table.copy_some(source, target);
            let rows = copied.map_err(|failure| failed(&**table, failure))?;
            if rows > 0 {
                return Ok(Some(Step { work: Work::Copying, table: table.name(), rows }));
            }
            self.copied += 1;
        }
        if !self.settled {
            for table in &self.tables {
                let settled = table.settle(target);
                settled.map_err(|error| CopyError::in_target(table.name(), error))?;
            }
            self.settled = true;
        }
        while let Some(table) = self.tables.get_mut(self.checked) {
            let checked = table.check_some(source, target);
            let rows = checked.map_err(|failure| failed(&**table, failure))?;
            if rows > 0 {
                return Ok(Some(Step { work: Work::Checking, table: table.name(), rows }));
            }
            self.checked += 1;
        }
        self.index_some()
    }

    /// What was copied can be searched as soon as a server starts on it. Where nothing was, nothing is changed.
    fn index_some(&mut self) -> Result<Option<Step>, CopyError> {
        if self.beginning == Beginning::Finished {
            return Ok(None);
        }
        let target = &mut self.target.connection;
        if !self.noted {
            search::note_all(target).map_err(|error| CopyError::in_target(INDEX, error))?;
            self.noted = true;
        }
        while let Some(rows) = search::work_off(target).map_err(|error| CopyError::in_target(INDEX, error))? {
            if rows > 0 {
                return Ok(Some(Step { work: Work::Indexing, table: INDEX, rows: rows as u64 }));
            }
        }
        search::finish(target).map_err(|error| CopyError::in_target(INDEX, error))?;
        Ok(None)
    }

    /// Takes the steps that are left, and ends. Where nothing differs, the target's mark goes and servers may start
    /// on it; where something does, it stays.
    ///
    /// # Errors
    ///
    /// As with [`Copy::step`].
    pub fn finish(mut self) -> Result<Vec<Checked>, CopyError> {
        while self.step()?.is_some() {}
        let checked: Vec<Checked> = self.tables.iter().map(|table| table.checked()).collect();
        if self.beginning != Beginning::Finished && checked.iter().all(Checked::is_same) {
            mark::remove(&mut self.target.connection)
                .map_err(|error| CopyError::in_target("marks", error))?;
        }
        Ok(checked)
    }
}

impl CopyError {
    fn in_target(table: &'static str, error: impl Into<StorageError>) -> Self {
        Self::Database { option: TO, table, error: error.into() }
    }
}

fn failed(table: &dyn Table, failure: Failure) -> CopyError {
    let (option, error) = match failure {
        Failure::Source(error) => (FROM, error),
        Failure::Target(error) => (TO, error),
    };
    CopyError::Database { option, table: table.name(), error: StorageError::from(error) }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
