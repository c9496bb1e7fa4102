//! What is not findable yet: what an older version of the program wrote, and what was copied from another database.

use diesel::connection::SimpleConnection as _;
use diesel::dsl::{max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use raconteur_domain::Status;

use super::index::{add, owner, settle};
use super::{Kind, search_backlog, search_texts};
use crate::StorageError;
use crate::connection::AnyConnection;
use crate::schema::{conversations, messages};

/// How many rows one transaction takes in.
const AT_ONCE: i64 = 500;

/// After how many rows is said how far it has come.
const SAY_EVERY: usize = 20_000;

/// The tables that texts come from, as the backlog calls them.
const CONVERSATIONS: &str = "conversations";
const MESSAGES: &str = "messages";

/// A row that is to be found: its key, whose it is, and its text.
type Source = (i64, String, String);

/// Makes everything findable that is not yet, and says so where it takes a while.
pub(crate) fn catch_up(connection: &mut AnyConnection) -> Result<(), StorageError> {
    let (mut done, mut said) = (0, 0);
    connection.keep_log_short(true)?;
    while let Some(rows) = work_off(connection)? {
        done += rows;
        if done >= said + SAY_EVERY {
            said = done;
            tracing::info!(rows = done, "what was written before is being prepared for search");
        }
    }
    connection.keep_log_short(false)?;
    finish(connection)?;
    if done > 0 {
        tracing::info!(rows = done, "what was written before can be searched");
    }
    Ok(())
}

/// The index on Postgres. A piece goes to its place at once: a list of what waits to be sorted in would have to be read by
/// every search, and now and then be worked off by somebody who only wanted to write a message.
#[cfg(feature = "postgres")]
const INDEX: &str =
    "CREATE INDEX search_texts_by_gram ON search_texts USING gin (grams) WITH (fastupdate = off)";

/// Ends the work: makes the index of what there is where there is none, as on Postgres at first.
pub(crate) fn finish(connection: &mut AnyConnection) -> QueryResult<()> {
    #[cfg(feature = "postgres")]
    if let AnyConnection::Postgres(connection) = connection {
        // Asked first: to make it is to wait for whoever writes.
        if !has_index(connection)? {
            connection.transaction(|connection| {
                // Of several servers that start at once, one does it while the others wait.
                connection.batch_execute("LOCK TABLE search_backlog IN SHARE ROW EXCLUSIVE MODE")?;
                if has_index(connection)? { Ok(()) } else { connection.batch_execute(INDEX) }
            })?;
        }
    }
    Ok(())
}

#[cfg(feature = "postgres")]
fn has_index(connection: &mut diesel::PgConnection) -> QueryResult<bool> {
    diesel::select(sql::<Bool>(
        "to_regclass(quote_ident(current_schema()) || '.search_texts_by_gram') IS NOT NULL",
    ))
    .get_result(connection)
}

/// Notes that nothing of what the database holds can be found yet. Nobody else uses the database meanwhile.
pub(crate) fn note_all(connection: &mut AnyConnection) -> QueryResult<()> {
    #[cfg(feature = "postgres")]
    if let AnyConnection::Postgres(connection) = &mut *connection
        && has_index(connection)?
    {
        connection.batch_execute("DROP INDEX search_texts_by_gram")?;
    }
    let of_conversations: (Option<i64>, Option<i64>) =
        conversations::table.select((min(conversations::key), max(conversations::key))).first(connection)?;
    let of_messages: (Option<i64>, Option<i64>) =
        messages::table.select((min(messages::key), max(messages::key))).first(connection)?;
    diesel::delete(search_backlog::table).execute(connection)?;
    for (source, ends) in [(CONVERSATIONS, of_conversations), (MESSAGES, of_messages)] {
        let (Some(first), Some(last)) = ends else { continue };
        diesel::insert_into(search_backlog::table)
            .values((
                search_backlog::source.eq(source),
                search_backlog::next_key.eq(first),
                search_backlog::last_key.eq(last),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Makes some more rows findable, in one transaction, and tells how many; `None` once there is nothing left to do.
pub(crate) fn work_off(connection: &mut AnyConnection) -> Result<Option<usize>, StorageError> {
    Ok(connection.transaction(|connection| {
        let Some((source, next, last)) = next_part(connection)? else {
            return Ok::<_, diesel::result::Error>(None);
        };
        let (kind, rows) = match source.as_str() {
            CONVERSATIONS => (Kind::Title, some_titles(connection, next, last)?),
            _ => (Kind::Message, some_messages(connection, next, last)?),
        };
        for (key, owner_id, text) in &rows {
            if !is_there(connection, kind, owner_id, *key)? {
                add(connection, kind, owner_id, *key, text)?;
            }
        }
        settle(connection)?;
        let part = search_backlog::table.find(source);
        match rows.last() {
            Some((key, ..)) => {
                diesel::update(part).set(search_backlog::next_key.eq(key + 1)).execute(connection)?
            }
            None => diesel::delete(part).execute(connection)?,
        };
        Ok(Some(rows.len()))
    })?)
}

/// What is to be done next. Of several servers that come at once, one does it while the others wait.
fn next_part(connection: &mut AnyConnection) -> QueryResult<Option<(String, i64, i64)>> {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => search_backlog::table.first(connection).optional(),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            search_backlog::table.for_update().first(connection).optional()
        }
    }
}

fn some_titles(connection: &mut AnyConnection, next: i64, last: i64) -> QueryResult<Vec<Source>> {
    conversations::table
        .filter(conversations::key.between(next, last))
        .order(conversations::key)
        .limit(AT_ONCE)
        .select((conversations::key, conversations::owner_id, conversations::title))
        .load(connection)
}

/// What still runs is made findable when it ends, and has no text before.
fn some_messages(connection: &mut AnyConnection, next: i64, last: i64) -> QueryResult<Vec<Source>> {
    messages::table
        .filter(messages::key.between(next, last))
        .filter(messages::status.ne(Status::Running.as_str()))
        .order(messages::key)
        .limit(AT_ONCE)
        .select((messages::key, messages::owner_id, messages::content))
        .load(connection)
}

fn is_there(connection: &mut AnyConnection, kind: Kind, owner_id: &str, key: i64) -> QueryResult<bool> {
    let Some(owner) = owner(connection, owner_id)? else {
        return Ok(false);
    };
    let text = search_texts::table.find(kind.id(owner, key)).select(search_texts::id);
    Ok(text.first::<i64>(connection).optional()?.is_some())
}
