//! The mark on a database that holds a part of a copy. It tells the next copy that it may go on there, and every server
//! that it must not start: people would be shown half of what is theirs, and what they wrote would be in the way.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::{OpenError, StorageError};

diesel::table! {
    /// It is there for as long as the copy is not finished, and has one row.
    unfinished_copy (of) {
        of -> Text,
    }
}

/// What the database holds an unfinished copy of, if it does.
pub(super) fn read(connection: &mut AnyConnection) -> QueryResult<Option<String>> {
    if !connection.has_table("unfinished_copy")? {
        return Ok(None);
    }
    unfinished_copy::table.select(unfinished_copy::of).first(connection).optional()
}

/// Marks the database, in place of what it was marked with before.
pub(super) fn write(connection: &mut AnyConnection, of: &str) -> QueryResult<()> {
    connection.transaction(|connection| {
        if !connection.has_table("unfinished_copy")? {
            connection.batch_execute("CREATE TABLE unfinished_copy (of TEXT NOT NULL PRIMARY KEY)")?;
        }
        diesel::delete(unfinished_copy::table).execute(connection)?;
        diesel::insert_into(unfinished_copy::table).values(unfinished_copy::of.eq(of)).execute(connection)?;
        Ok(())
    })
}

pub(super) fn remove(connection: &mut AnyConnection) -> QueryResult<()> {
    connection.batch_execute("DROP TABLE unfinished_copy")
}

/// Refuses a database into which a copy has not finished.
pub(crate) fn refuse_unfinished(connection: &mut AnyConnection) -> Result<(), OpenError> {
    match read(connection).map_err(StorageError::from)? {
        Some(of) => Err(OpenError::UnfinishedCopy(of)),
        None => Ok(()),
    }
}
