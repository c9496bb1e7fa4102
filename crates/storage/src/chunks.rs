//! The chunk log: the text of running generations, as it becomes durable. All of them append to its end; when a
//! generation has ended its text stands with it, and the log is trimmed from its beginning.

use diesel::dsl::{max, min};
use diesel::prelude::*;
use raconteur_domain::{GenerationId, ServerId};

use crate::StorageError;
use crate::connection::AnyConnection;
use crate::generations::is_running;
use crate::rows::{count, json};
use crate::schema::{chunks, generations};

/// A piece of a running generation: one or more deltas that become durable together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Whose text it is.
    pub generation_id: GenerationId,
    /// Who runs that.
    pub server_id: ServerId,
    /// Its place among the generation's chunks, from 0.
    pub seq: u64,
    /// The text of its deltas, joined.
    pub text: String,
    /// How many bytes of the text each delta has, in order.
    pub lengths: Vec<u32>,
}

#[derive(Insertable)]
#[diesel(table_name = chunks)]
struct NewChunk<'a> {
    generation_id: String,
    seq: i64,
    text: &'a str,
    lengths: String,
}

impl<'a> From<&'a Chunk> for NewChunk<'a> {
    fn from(chunk: &'a Chunk) -> Self {
        Self {
            generation_id: chunk.generation_id.to_string(),
            seq: count(chunk.seq),
            text: &chunk.text,
            lengths: json(&chunk.lengths),
        }
    }
}

/// Appends chunks of any generations, each generation's in their order.
pub(crate) fn append(connection: &mut AnyConnection, group: &[&Chunk]) -> Result<(), StorageError> {
    let rows = group.iter().map(|chunk| NewChunk::from(*chunk));
    match connection {
        // A call of a function each; there is nothing to be saved by one long statement.
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => {
            for row in rows {
                diesel::insert_into(chunks::table).values(row).execute(connection)?;
            }
        }
        // One round trip for many rows.
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            let rows: Vec<NewChunk<'_>> = rows.collect();
            for some in rows.chunks(ROWS_PER_STATEMENT) {
                append_at_once(connection, some)?;
            }
        }
    }
    Ok(())
}

/// How many rows one statement appends at most; what it sends stays within a few megabytes.
#[cfg(feature = "postgres")]
const ROWS_PER_STATEMENT: usize = 1_000;

/// Arrays rather than rows of parameters, whose number has a limit.
#[cfg(feature = "postgres")]
fn append_at_once(connection: &mut diesel::PgConnection, rows: &[NewChunk<'_>]) -> QueryResult<()> {
    use diesel::sql_types::{Array, BigInt, Text};
    diesel::sql_query(
        "INSERT INTO chunks (generation_id, seq, text, lengths) \
         SELECT generation_id, seq, text, lengths FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) \
         WITH ORDINALITY AS given (generation_id, seq, text, lengths, place) ORDER BY place",
    )
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.generation_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.seq).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.text).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.lengths.as_str()).collect::<Vec<_>>())
    .execute(connection)?;
    Ok(())
}

/// Where the log goes on: the key below which nothing of what begins now will stand.
pub(crate) fn end_of_log(connection: &mut AnyConnection) -> Result<i64, StorageError> {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => {
            let last: Option<i64> = chunks::table.select(max(chunks::key)).first(connection)?;
            Ok(last.map_or(0, |key| key + 1))
        }
        // Not the largest key in the table, to find which may mean to step over all those that were trimmed and are
        // not yet vacuumed.
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            let (last, given): (i64, bool) = chunks_key_seq::table
                .select((chunks_key_seq::last_value, chunks_key_seq::is_called))
                .first(connection)?;
            Ok(if given { last + 1 } else { last })
        }
    }
}

#[cfg(feature = "postgres")]
diesel::table! {
    /// Where Postgres counts the keys of the log.
    chunks_key_seq (last_value) {
        last_value -> BigInt,
        is_called -> Bool,
    }
}

/// The text of a running generation as far as it is durable.
pub(crate) fn text(connection: &mut AnyConnection, generation_id: &str) -> Result<String, StorageError> {
    let from: i64 =
        generations::table.find(generation_id).select(generations::chunks_from).first(connection)?;
    Ok(since(connection, generation_id, from, 0)?.0)
}

/// What was appended to a generation's text from a chunk of this number on, and the number of the next one. The chunks
/// stand in the log at a key or behind it.
///
/// On SQLite it reads everything that was appended since the generation began, for there is no index over whose a
/// chunk is: keeping one would cost each commit a page for every generation that runs. On Postgres it costs a short
/// record in the log of changes, and there is one.
pub(crate) fn since(
    connection: &mut AnyConnection,
    generation_id: &str,
    key: i64,
    seq: i64,
) -> Result<(String, i64), StorageError> {
    let pieces: Vec<(i64, String)> = chunks::table
        .filter(chunks::key.ge(key))
        .filter(chunks::generation_id.eq(generation_id))
        .filter(chunks::seq.ge(seq))
        .order((chunks::seq, chunks::key))
        .select((chunks::seq, chunks::text))
        .load(connection)?;
    let (mut text, mut next) = (String::new(), seq);
    for (seq, piece) in pieces {
        // A chunk whose commit was not answered for may have been appended again.
        if seq >= next {
            text.push_str(&piece);
            next = seq + 1;
        }
    }
    Ok((text, next))
}

/// Removes at most about `limit` chunks from the beginning of the log, those that no running generation needs.
/// Whether there may be more of them.
pub(crate) fn trim(connection: &mut AnyConnection, limit: u32) -> Result<bool, StorageError> {
    // Asked before what runs is: whatever begins after that appends behind `last`.
    let last: Option<i64> = chunks::table.select(max(chunks::key)).first(connection)?;
    // By itself: a question for both ends makes SQLite read everything between them.
    let first: Option<i64> = chunks::table.select(min(chunks::key)).first(connection)?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(false);
    };
    let needed: Option<i64> =
        generations::table.filter(is_running()).select(min(generations::chunks_from)).first(connection)?;
    let end = needed.unwrap_or(i64::MAX).min(first.saturating_add(i64::from(limit))).min(last + 1);
    let trimmed = chunks::table.filter(chunks::key.ge(first)).filter(chunks::key.lt(end));
    let removed = diesel::delete(trimmed).execute(connection)?;
    Ok(removed > 0)
}
