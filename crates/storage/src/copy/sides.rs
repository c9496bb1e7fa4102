//! The two databases of a copy, each held so that nobody else writes there meanwhile.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{CopyError, refuse_unfinished};
use crate::connection::{AnyConnection, Purpose};
use crate::{DatabaseUrl, OpenError, StorageError, servers};

/// The options that name the two.
pub(super) const FROM: &str = "--from";
pub(super) const TO: &str = "--to";

/// What is copied, as it was when the copy began.
pub(super) struct Source {
    pub(super) connection: AnyConnection,
    identity: Option<String>,
    _ownership: Option<File>,
}

impl Source {
    pub(super) fn open(from: &DatabaseUrl, to: &DatabaseUrl, silence: Duration) -> Result<Self, CopyError> {
        let ownership = match from.file() {
            Some(path) if !path.is_file() => return Err(CopyError::Missing(path.to_owned())),
            Some(path) if is_same_file(path, to.file()) => return Err(CopyError::Same),
            path => own(FROM, from, path)?,
        };
        let side = Side { option: FROM, url: from, silence };
        let mut connection = side.connect()?;
        if !side.check(is_ours(&mut connection))? {
            return Err(CopyError::Foreign(from.describe()));
        }
        side.refuse_served(&mut connection)?;
        side.migrate(&mut connection)?;
        refuse_unfinished(&mut connection).map_err(|error| side.refuse(error))?;
        let identity = side.check(identity(&mut connection))?;
        side.check(hold_still(&mut connection))?;
        side.refuse_served(&mut connection)?;
        Ok(Self { connection, identity, _ownership: ownership })
    }
}

/// Where the copy goes.
pub(super) struct Target {
    pub(super) connection: AnyConnection,
    _ownership: Option<File>,
}

impl Target {
    pub(super) fn open(to: &DatabaseUrl, source: &mut Source, silence: Duration) -> Result<Self, CopyError> {
        let side = Side { option: TO, url: to, silence };
        let path = to.file();
        if let Some(folder) = path.and_then(Path::parent) {
            crate::make_private_folder(folder).map_err(|error| CopyError::Open {
                option: TO,
                error: OpenError::File { path: folder.to_owned(), source: error },
            })?;
        }
        let ownership = own(TO, to, path)?;
        let mut connection = side.connect()?;
        let identity = side.check(identity(&mut connection))?;
        if identity.is_some() && identity == source.identity {
            return Err(CopyError::Same);
        }
        side.refuse_served(&mut connection)?;
        if !side.check(be_the_only_copy(&mut connection))? {
            return Err(CopyError::Busy(to.describe()));
        }
        if !side.check(connection.has_table("__diesel_schema_migrations"))?
            && side.check(connection.has_any_table())?
        {
            return Err(CopyError::NotOurs(to.describe()));
        }
        side.check(connection.keep_log_short(true))?;
        side.migrate(&mut connection)?;
        Ok(Self { connection, _ownership: ownership })
    }
}

/// What is asked of either.
struct Side<'a> {
    option: &'static str,
    url: &'a DatabaseUrl,
    silence: Duration,
}

impl Side<'_> {
    fn connect(&self) -> Result<AnyConnection, CopyError> {
        let connected = match self.url {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(_) => self.url.connect(Purpose::Write),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => self.url.connect(Purpose::Maintain),
        };
        connected.map_err(|error| self.refuse(error.into()))
    }

    fn migrate(&self, connection: &mut AnyConnection) -> Result<(), CopyError> {
        connection.migrate().map_err(|error| self.refuse(error))?;
        Ok(())
    }

    /// Refuses a database on which a server has just been seen. On a file there is none, for it is ours.
    fn refuse_served(&self, connection: &mut AnyConnection) -> Result<(), CopyError> {
        match self.check(servers::last_seen(connection))? {
            Some(age) if age < self.silence => Err(CopyError::Served {
                option: self.option,
                database: self.url.describe(),
                seconds: age.as_secs(),
                patience: self.silence.as_secs(),
            }),
            _ => Ok(()),
        }
    }

    fn check<T>(&self, answer: QueryResult<T>) -> Result<T, CopyError> {
        answer.map_err(|error| self.refuse(StorageError::from(error).into()))
    }

    fn refuse(&self, error: OpenError) -> CopyError {
        CopyError::Open { option: self.option, error }
    }
}

/// Takes a file for this process.
fn own(option: &'static str, url: &DatabaseUrl, path: Option<&Path>) -> Result<Option<File>, CopyError> {
    #[cfg(feature = "sqlite")]
    if let Some(path) = path {
        return match crate::db::own(path) {
            Ok(ownership) => Ok(Some(ownership)),
            Err(OpenError::InUse(_)) => Err(CopyError::InUse { option, database: url.describe() }),
            Err(error) => Err(CopyError::Open { option, error }),
        };
    }
    Ok(None)
}

fn is_same_file(source: &Path, target: Option<&Path>) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    target.is_some_and(|target| canonical(target).is_some_and(|target| canonical(source) == Some(target)))
}

/// Whether our migrations have been there: somebody else's database would have our tables made beside its own.
fn is_ours(connection: &mut AnyConnection) -> QueryResult<bool> {
    Ok(connection.has_table("__diesel_schema_migrations")? && connection.has_table("generations")?)
}

#[derive(QueryableByName)]
#[cfg(feature = "postgres")]
struct Identity {
    #[diesel(sql_type = Text)]
    identity: String,
}

/// Which database on which server a connection leads to, and which schema there, whatever its address looks like.
fn identity(connection: &mut AnyConnection) -> QueryResult<Option<String>> {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(None),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            let row: Identity = diesel::sql_query(
                "SELECT concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()), database.oid, \
                 current_schema()) AS identity FROM pg_database AS database WHERE datname = current_database()",
            )
            .get_result(connection)?;
            Ok(Some(row.identity))
        }
    }
}

/// Reads one and the same state from now on, and lets no server join until the copy ends: what it wrote would not be
/// copied.
fn hold_still(connection: &mut AnyConnection) -> QueryResult<()> {
    connection.begin_read()?;
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            connection.batch_execute("SET LOCAL lock_timeout = '10s'; LOCK TABLE servers IN SHARE MODE")
        }
    }
}

#[derive(QueryableByName)]
#[cfg(feature = "postgres")]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

/// Makes sure that no other copy goes to the same place.
fn be_the_only_copy(connection: &mut AnyConnection) -> QueryResult<bool> {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(true),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            // One that was just killed may have a statement that still runs, and its lock goes with that.
            for _ in 0..LOCK_ATTEMPTS {
                let row: Locked = diesel::sql_query(
                    "SELECT pg_try_advisory_lock(hashtext('raconteur copy'), \
                     hashtext(coalesce(current_schema(), ''))) AS locked",
                )
                .get_result(connection)?;
                if row.locked {
                    return Ok(true);
                }
                connection.batch_execute("SELECT pg_sleep(0.1)")?;
            }
            Ok(false)
        }
    }
}

/// How many tenths of a second an earlier copy that was killed has to go.
#[cfg(feature = "postgres")]
const LOCK_ATTEMPTS: u32 = 50;
