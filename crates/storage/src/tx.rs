//! What may be done inside a transaction. The operations themselves stand with what they are about: `users.rs`,
//! `sessions.rs`, `conversations.rs`, `messages.rs`, `branches.rs`, `generations.rs`.

use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection as _;

use crate::StorageError;
use crate::connection::AnyConnection;

/// A view of the database at one moment.
pub struct ReadTx<'a> {
    pub(crate) connection: &'a mut AnyConnection,
}

/// A change of the database: all of it happens, or nothing.
pub struct WriteTx<'a>(ReadTx<'a>);

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.0
    }
}

impl<'a> DerefMut for WriteTx<'a> {
    fn deref_mut(&mut self) -> &mut ReadTx<'a> {
        &mut self.0
    }
}

/// Why a transaction was rolled back: by the work in it, or by the database.
enum Rollback<E> {
    Work(E),
    Database(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Rollback<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

/// Runs the work on a view of one moment, in a transaction that writes nothing.
pub(crate) fn read<T, E: From<StorageError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    connection.begin_read().map_err(StorageError::from)?;
    let result = guarded(connection, |connection| work(&mut ReadTx { connection }));
    if let Err(error) = connection.roll_back() {
        // What was read was read. The pool finds out what became of the connection.
        tracing::debug!(%error, "a transaction that only read did not end well");
    }
    result
}

/// Runs the work in a transaction; inside another one, in a savepoint of its own.
pub(crate) fn write<T, E: From<StorageError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let result = connection.transaction(|connection| {
        guarded(connection, |connection| work(&mut WriteTx(ReadTx { connection }))).map_err(Rollback::Work)
    });
    result.map_err(|rollback| match rollback {
        Rollback::Work(error) => error,
        Rollback::Database(error) => StorageError::from(error).into(),
    })
}

/// Runs the work; where it panics, that is its error.
fn guarded<T, E: From<StorageError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or_else(|_| Err(StorageError::Panicked.into()))
}
