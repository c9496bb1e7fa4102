//! The chunk log: the text of running generations, as it becomes durable.

use diesel::prelude::*;
use raconteur_domain::GenerationId;

use crate::StorageError;
use crate::connection::AnyConnection;
use crate::rows::{count, json};
use crate::schema::chunks;

/// A piece of a running generation: one or more deltas that become durable together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Whose text it is.
    pub generation_id: GenerationId,
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

pub(crate) fn append(connection: &mut AnyConnection, chunk: &Chunk) -> Result<(), StorageError> {
    diesel::insert_into(chunks::table)
        .values(NewChunk {
            generation_id: chunk.generation_id.to_string(),
            seq: count(chunk.seq),
            text: &chunk.text,
            lengths: json(&chunk.lengths),
        })
        .execute(connection)?;
    Ok(())
}

/// The text of a generation as far as it is durable.
pub(crate) fn text(connection: &mut AnyConnection, generation_id: &str) -> Result<String, StorageError> {
    let pieces: Vec<String> = chunks::table
        .filter(chunks::generation_id.eq(generation_id))
        .order(chunks::seq)
        .select(chunks::text)
        .load(connection)?;
    Ok(pieces.concat())
}

pub(crate) fn remove(connection: &mut AnyConnection, generation_id: &str) -> Result<(), StorageError> {
    diesel::delete(chunks::table.filter(chunks::generation_id.eq(generation_id))).execute(connection)?;
    Ok(())
}
