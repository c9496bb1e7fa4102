//! The work on one table: its rows are copied, and then compared.

use std::marker::PhantomData;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryResult};
use sha2::{Digest as _, Sha256};

use super::Checked;
use super::row::{Key as _, Row, next_rows};
use crate::connection::AnyConnection;
use crate::rows::uncount;

/// What went wrong, and where.
pub(super) enum Failure {
    Source(diesel::result::Error),
    Target(diesel::result::Error),
}

/// A table, whatever its rows are.
pub(super) trait Table: Send {
    fn name(&self) -> &'static str;

    /// Counts the rows on both sides, and finds where the target's end.
    fn survey(&mut self, source: &mut AnyConnection, target: &mut AnyConnection) -> Result<(), Failure>;

    /// How many rows the source and the target have.
    fn rows(&self) -> (u64, u64);

    /// The target's last row, unless the source has the very same.
    fn stranger(
        &self,
        source: &mut AnyConnection,
        target: &mut AnyConnection,
    ) -> Result<Option<String>, Failure>;

    /// Copies some rows in one transaction and tells how many; 0 once there are no more.
    fn copy_some(&mut self, source: &mut AnyConnection, target: &mut AnyConnection) -> Result<u64, Failure>;

    /// Leaves the target ready for use: new keys go on behind those that it was given.
    fn settle(&self, target: &mut AnyConnection) -> QueryResult<()>;

    /// Compares some rows and tells how many; 0 once there are no more.
    fn check_some(&mut self, source: &mut AnyConnection, target: &mut AnyConnection) -> Result<u64, Failure>;

    /// What the comparison found.
    fn checked(&self) -> Checked;

    #[cfg(test)]
    fn columns(&self) -> Vec<&'static str>;
}

/// One side of the comparison.
struct Side<R: Row> {
    rows: u64,
    read_to: R::Key,
    digest: Sha256,
}

impl<R: Row> Side<R> {
    fn new() -> Self {
        Self { rows: 0, read_to: R::Key::start(), digest: Sha256::new() }
    }

    fn next(&mut self, connection: &mut AnyConnection) -> QueryResult<Vec<R>> {
        let rows = next_rows::<R>(connection, &self.read_to)?;
        for row in &rows {
            row.feed(&mut self.digest);
        }
        if let Some(last) = rows.last() {
            self.read_to = last.key();
        }
        self.rows += rows.len() as u64;
        Ok(rows)
    }

    fn checksum(&self) -> String {
        super::hex(&self.digest.clone().finalize())
    }
}

/// How far the work on a table has come.
pub(super) struct Progress<R: Row> {
    rows: (u64, u64),
    copied_to: Option<R::Key>,
    source: Side<R>,
    target: Side<R>,
    difference: Option<String>,
    row: PhantomData<R>,
}

impl<R: Row> Progress<R>
where
    Self: Table,
{
    pub(super) fn boxed() -> Box<dyn Table>
    where
        R: Send,
        R::Key: Send,
    {
        Box::new(Self {
            rows: (0, 0),
            copied_to: None,
            source: Side::new(),
            target: Side::new(),
            difference: None,
            row: PhantomData,
        })
    }
}

impl<R: Row + Send> Table for Progress<R>
where
    R::Key: Send,
{
    fn name(&self) -> &'static str {
        R::TABLE
    }

    fn survey(&mut self, source: &mut AnyConnection, target: &mut AnyConnection) -> Result<(), Failure> {
        let theirs = R::count(source).map_err(Failure::Source)?;
        let ours = R::count(target).map_err(Failure::Target)?;
        self.rows = (uncount(theirs), uncount(ours));
        self.copied_to = R::last(target).map_err(Failure::Target)?;
        Ok(())
    }

    fn rows(&self) -> (u64, u64) {
        self.rows
    }

    fn stranger(
        &self,
        source: &mut AnyConnection,
        target: &mut AnyConnection,
    ) -> Result<Option<String>, Failure> {
        let Some(last) = &self.copied_to else {
            return Ok(None);
        };
        let there = R::find(target, last).map_err(Failure::Target)?;
        let here = R::find(source, last).map_err(Failure::Source)?;
        Ok(if here == there { None } else { there.map(|row| row.name()) })
    }

    fn copy_some(&mut self, source: &mut AnyConnection, target: &mut AnyConnection) -> Result<u64, Failure> {
        let after = self.copied_to.clone().unwrap_or_else(R::Key::start);
        let rows = next_rows::<R>(source, &after).map_err(Failure::Source)?;
        let Some(last) = rows.last() else {
            return Ok(0);
        };
        target.transaction(|target| R::insert(target, &rows)).map_err(Failure::Target)?;
        self.copied_to = Some(last.key());
        self.rows.1 += rows.len() as u64;
        Ok(rows.len() as u64)
    }

    fn settle(&self, target: &mut AnyConnection) -> QueryResult<()> {
        match target {
            // It counts on by itself.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(target) => {
                let table = R::TABLE;
                if R::Key::COUNTS_ON {
                    target.batch_execute(&format!(
                        "SELECT setval(pg_get_serial_sequence('{table}', 'key'), max(key)) FROM {table}"
                    ))?;
                }
                // Or the first hours would be planned as if the table were empty.
                target.batch_execute(&format!("ANALYZE {table}"))
            }
        }
    }

    fn check_some(&mut self, source: &mut AnyConnection, target: &mut AnyConnection) -> Result<u64, Failure> {
        let theirs = self.source.next(source).map_err(Failure::Source)?;
        let ours = self.target.next(target).map_err(Failure::Target)?;
        // Rows that are the same come the same number at a time; behind a difference nothing is compared.
        if self.difference.is_none() {
            self.difference = first_difference(&theirs, &ours);
        }
        Ok(theirs.len().max(ours.len()) as u64)
    }

    fn checked(&self) -> Checked {
        Checked {
            table: R::TABLE,
            rows: (self.source.rows, self.target.rows),
            checksums: (self.source.checksum(), self.target.checksum()),
            difference: self.difference.clone(),
        }
    }

    #[cfg(test)]
    fn columns(&self) -> Vec<&'static str> {
        R::COLUMNS.iter().map(|(name, _)| *name).collect()
    }
}

/// The name of the first row that only one side has, or that the other has differently.
fn first_difference<R: Row>(theirs: &[R], ours: &[R]) -> Option<String> {
    let place = (0..theirs.len().max(ours.len())).find(|place| theirs.get(*place) != ours.get(*place))?;
    let here = theirs.get(place).into_iter().chain(ours.get(place));
    here.min_by_key(|row| row.key()).map(Row::name)
}
