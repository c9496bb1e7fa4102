//! The servers that run on a database, and what each of them runs.
//!
//! An SQLite file belongs to one process, so whatever another one left running there is over. On Postgres many servers
//! run side by side: each shows that it lives, and one that has not been seen for a while is *buried*: its row goes,
//! and what it was running is interrupted. Every write to the chunk log holds on to its server's row, so one that only
//! seemed dead can add nothing to a reply that somebody has ended.

use std::collections::HashSet;
use std::time::Duration;

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use raconteur_domain::{GenerationId, Outcome, ServerId, Status, Timestamp};

use crate::connection::AnyConnection;
use crate::generations::{GenerationEnd, is_running};
use crate::rows::{id, uncount};
use crate::schema::{conversations, generations, servers};
use crate::{ReadTx, StorageError, WriteTx, chunks};

/// A generation that a server runs, as the database has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Which.
    pub generation: GenerationId,
    /// Whether it is to end: its conversation has been deleted, or somebody has asked another server to stop it.
    pub unwanted: bool,
}

/// How many times the silence of the dead a server has to have been seen itself, without a gap, before it may bury
/// others: when the database was away for everybody, everybody has been silent.
#[cfg(feature = "postgres")]
const WATCH: i64 = 2;

#[derive(QueryableByName)]
#[cfg(feature = "postgres")]
struct Now {
    #[diesel(sql_type = BigInt)]
    micros: i64,
}

/// The database's own time, by which servers are seen: theirs may differ.
#[cfg(feature = "postgres")]
fn database_time(connection: &mut diesel::PgConnection) -> QueryResult<i64> {
    let now: Now =
        diesel::sql_query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros")
            .get_result(connection)?;
    Ok(now.micros)
}

#[cfg(feature = "postgres")]
fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Holds on to those of these servers that have not been buried, until the transaction ends: nobody can bury them
/// meanwhile, and their own signs of life are not held up.
pub(crate) fn hold(
    connection: &mut AnyConnection,
    wanted: &HashSet<ServerId>,
) -> Result<HashSet<ServerId>, StorageError> {
    match connection {
        // The file's one server holds its lock.
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(wanted.clone()),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            let held: Vec<String> = servers::table
                .filter(servers::id.eq_any(wanted.iter().map(ToString::to_string)))
                .select(servers::id)
                .for_key_share()
                .load(connection)?;
            held.iter().map(|server| id(server)).collect()
        }
    }
}

/// How long ago a server was seen on this database at last, by the database's clock. Of a file that is ours alone
/// there is nothing to be known.
pub(crate) fn last_seen(connection: &mut AnyConnection) -> QueryResult<Option<Duration>> {
    if !connection.has_table("servers")? {
        return Ok(None);
    }
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(None),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            let last: Option<i64> = servers::table.select(max(servers::seen_at)).first(connection)?;
            let now = database_time(connection)?;
            Ok(last.map(|seen_at| Duration::from_micros(uncount(now.saturating_sub(seen_at)))))
        }
    }
}

/// The servers that are not coming back.
fn dead(
    connection: &mut AnyConnection,
    survivor: ServerId,
    silence: Duration,
) -> Result<Vec<String>, StorageError> {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => Ok(servers::table
            .filter(servers::id.ne(survivor.to_string()))
            .select(servers::id)
            .load(connection)?),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            let (now, silence) = (database_time(connection)?, micros(silence));
            let watches = servers::table
                .find(survivor.to_string())
                .filter(servers::seen_at.ge(now - silence / 2))
                .filter(servers::seen_since.lt(now - silence * WATCH));
            if !diesel::select(diesel::dsl::exists(watches)).get_result::<bool>(connection)? {
                return Ok(Vec::new());
            }
            // One that another server is just burying is left to that.
            Ok(servers::table
                .filter(servers::seen_at.lt(now - silence))
                .filter(servers::id.ne(survivor.to_string()))
                .select(servers::id)
                .for_update()
                .skip_locked()
                .load(connection)?)
        }
    }
}

impl ReadTx<'_> {
    /// At most `limit` of the generations that nobody runs any more: their servers have been buried or have left. They are to be ended by
    /// [`WriteTx::interrupt`], each by itself: a transaction over all of them would keep too many waiting.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn orphans(&mut self, limit: u32) -> Result<Vec<GenerationId>, StorageError> {
        let living = servers::table.select(servers::id);
        let orphans: Vec<String> = generations::table
            .filter(is_running())
            .filter(
                generations::server_id.is_null().or(generations::server_id.assume_not_null().ne_all(living)),
            )
            .limit(i64::from(limit))
            .select(generations::id)
            .load(self.connection)?;
        orphans.iter().map(|generation| id(generation)).collect()
    }

    /// What runs on a server, as the database has it.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn running_on(&mut self, server: ServerId) -> Result<Vec<Ours>, StorageError> {
        let rows: Vec<(String, bool, Option<i64>)> = generations::table
            .inner_join(conversations::table.on(conversations::id.eq(generations::conversation_id)))
            .filter(is_running())
            .filter(generations::server_id.eq(server.to_string()))
            .select((generations::id, generations::stop_wanted, conversations::deleted_at))
            .load(self.connection)?;
        rows.iter()
            .map(|(generation, stop, deleted)| {
                Ok(Ours { generation: id(generation)?, unwanted: *stop || deleted.is_some() })
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Adds a server, which is seen alive for the first time.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn join(&mut self, server: ServerId, now: Timestamp) -> Result<(), StorageError> {
        let now = match &mut *self.connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => now.as_micros(),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => database_time(connection)?,
        };
        diesel::insert_into(servers::table)
            .values((
                servers::id.eq(server.to_string()),
                servers::seen_since.eq(now),
                servers::seen_at.eq(now),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Shows that a server lives, as it has to several times in the `silence` after which it would be taken for dead.
    /// `false` where it has been buried: what it ran is over.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn show_alive(&mut self, server: ServerId, silence: Duration) -> Result<bool, StorageError> {
        match &mut *self.connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => Ok(true),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                let now = database_time(connection)?;
                let gap = servers::seen_at.lt(now - micros(silence) / 2);
                let since =
                    diesel::dsl::case_when(gap, now.into_sql::<BigInt>()).otherwise(servers::seen_since);
                let seen = diesel::update(servers::table.find(server.to_string()))
                    .set((servers::seen_since.eq(since), servers::seen_at.eq(now)))
                    .execute(connection)?;
                Ok(seen > 0)
            }
        }
    }

    /// Makes sure that a server has not been buried, and keeps it from being so until this transaction ends.
    ///
    /// # Errors
    ///
    /// [`StorageError::TakenOver`] where it has been; where the database fails.
    pub fn hold_on(&mut self, server: ServerId) -> Result<(), StorageError> {
        let held = hold(self.connection, &HashSet::from([server]))?;
        if held.contains(&server) { Ok(()) } else { Err(StorageError::TakenOver) }
    }

    /// Asks whichever server runs this generation to stop it, and tells it to look around.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn want_stop(&mut self, generation: GenerationId) -> Result<(), StorageError> {
        diesel::update(generations::table.find(generation.to_string()).filter(is_running()))
            .set(generations::stop_wanted.eq(true))
            .execute(self.connection)?;
        self.nudge()
    }

    /// Removes a server that ends and runs nothing any more.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn leave(&mut self, server: ServerId) -> Result<(), StorageError> {
        diesel::delete(servers::table.find(server.to_string())).execute(self.connection)?;
        Ok(())
    }

    /// Buries the servers that are dead: those that have not been seen for longer than `silence` by the database's
    /// clock, if the survivor itself has been seen all the time; and on SQLite every other one. From then on they can
    /// write nothing, and what they ran is nobody's ([`ReadTx::orphans`]).
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn bury_dead(&mut self, survivor: ServerId, silence: Duration) -> Result<(), StorageError> {
        let dead = dead(self.connection, survivor, silence)?;
        if !dead.is_empty() {
            diesel::delete(servers::table.filter(servers::id.eq_any(dead))).execute(self.connection)?;
        }
        Ok(())
    }

    /// Ends a generation that nobody runs any more, with the text that had become durable. `false` where it had ended.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn interrupt(&mut self, generation: GenerationId, now: Timestamp) -> Result<bool, StorageError> {
        let end = GenerationEnd {
            id: generation,
            status: Status::Interrupted,
            text: chunks::text(self.connection, &generation.to_string())?,
            spoken_bytes: None,
            outcome: Outcome { error_code: Some("interrupted".to_owned()), ..Outcome::default() },
            explanation: None,
            reasoning: None,
            prompt: None,
        };
        self.end_generation(&end, now)
    }
}
