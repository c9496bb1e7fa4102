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

/// The database's own time, by which servers are seen: theirs may differ.
#[derive(QueryableByName)]
#[cfg(feature = "postgres")]
struct Now {
    #[diesel(sql_type = BigInt)]
    micros: i64,
    /// When the database itself came up. Until then it could see nobody.
    #[diesel(sql_type = BigInt)]
    up_since: i64,
}

#[cfg(feature = "postgres")]
fn database_time(connection: &mut diesel::PgConnection) -> QueryResult<Now> {
    diesel::sql_query(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros, \
         (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS up_since",
    )
    .get_result(connection)
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
            let now = database_time(connection)?.micros;
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
            let now = database_time(connection)?;
            let silence = i64::try_from(silence.as_micros()).unwrap_or(i64::MAX);
            let horizon = now.micros.saturating_sub(silence);
            if now.up_since > horizon {
                return Ok(Vec::new());
            }
            // One that another server is just burying is left to that.
            Ok(servers::table
                .filter(servers::seen_at.lt(horizon))
                .filter(servers::id.ne(survivor.to_string()))
                .select(servers::id)
                .for_update()
                .skip_locked()
                .load(connection)?)
        }
    }
}

impl ReadTx<'_> {
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
        diesel::insert_into(servers::table)
            .values((servers::id.eq(server.to_string()), servers::seen_at.eq(now.as_micros())))
            .execute(self.connection)?;
        self.show_alive(server)?;
        Ok(())
    }

    /// Shows that a server lives. `false` where it has been buried: what it ran is over.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn show_alive(&mut self, server: ServerId) -> Result<bool, StorageError> {
        match &mut *self.connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => Ok(true),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                let now = database_time(connection)?.micros;
                let seen = diesel::update(servers::table.find(server.to_string()))
                    .set(servers::seen_at.eq(now))
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

    /// Asks whichever server runs this generation to stop it; it finds that out when it next looks around.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn want_stop(&mut self, generation: GenerationId) -> Result<(), StorageError> {
        diesel::update(generations::table.find(generation.to_string()).filter(is_running()))
            .set(generations::stop_wanted.eq(true))
            .execute(self.connection)?;
        Ok(())
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
    /// clock, and on SQLite every other one. What nobody runs any more is interrupted, each reply with the text that
    /// had become durable. Tells how many.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn bury_dead(
        &mut self,
        survivor: ServerId,
        silence: Duration,
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let dead = dead(self.connection, survivor, silence)?;
        diesel::delete(servers::table.filter(servers::id.eq_any(dead))).execute(self.connection)?;
        let living = servers::table.select(servers::id);
        let orphans: Vec<String> = generations::table
            .filter(is_running())
            .filter(
                generations::server_id.is_null().or(generations::server_id.assume_not_null().ne_all(living)),
            )
            // In an order, so that two servers that bury at once take them the same way.
            .order(generations::id)
            .select(generations::id)
            .load(self.connection)?;
        let mut interrupted = 0;
        for orphan in orphans {
            interrupted += u64::from(self.interrupt(id(&orphan)?, now)?);
        }
        Ok(interrupted)
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
        };
        self.end_generation(&end, now)
    }
}
