//! Keys under which a client may repeat a request: it is done once, and the repetition gets what the first one made.

use diesel::prelude::*;
use raconteur_domain::limits::IDEMPOTENCY_LIFETIME;
use raconteur_domain::{GenerationId, MessageId, Timestamp, UserId};
use sha2::{Digest as _, Sha256};

use crate::connection::AnyConnection;
use crate::rows::id;
use crate::schema::idempotency_keys;
use crate::{StorageError, WriteTx};

/// A request that may be repeated under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeatable {
    /// Whose it is. Others may have the same key.
    pub owner: UserId,
    /// What the client named it.
    pub key: String,
    /// What is asked, in any words that are the same when it is asked again. They are not kept, but a hash of them.
    pub request: String,
}

/// What a request makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The message that is written, or the reply.
    pub message: MessageId,
    /// The run that produces the reply.
    pub generation: Option<GenerationId>,
}

/// Whether a request is done for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is, and its key belongs to it from now on.
    First,
    /// It was done already, and made this.
    Repeated(Made),
    /// Another request has the key.
    Another,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct KeyRow {
    id: String,
    owner_id: String,
    request: String,
    message_id: String,
    generation_id: Option<String>,
    created_at: i64,
}

impl WriteTx<'_> {
    /// Gives a key to a request, which makes this in the same transaction; unless somebody has it. Who asks for the same
    /// key at the same moment waits until it is known which of them is the first. A key is free again after a day
    /// ([`IDEMPOTENCY_LIFETIME`]).
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn claim_key(
        &mut self,
        repeatable: &Repeatable,
        made: Made,
        now: Timestamp,
    ) -> Result<Claim, StorageError> {
        let row = KeyRow {
            id: hash([repeatable.owner.to_string().as_str(), &repeatable.key]),
            owner_id: repeatable.owner.to_string(),
            request: hash([repeatable.request.as_str()]),
            message_id: made.message.to_string(),
            generation_id: made.generation.map(|generation| generation.to_string()),
            created_at: now.as_micros(),
        };
        let key = idempotency_keys::table.find(row.id.clone());
        diesel::delete(key.clone().filter(idempotency_keys::created_at.le(expired(now))))
            .execute(self.connection)?;
        let request = row.request.clone();
        if insert(self.connection, &row)? {
            return Ok(Claim::First);
        }
        let first: KeyRow = key.select(KeyRow::as_select()).first(self.connection)?;
        if first.request != request {
            return Ok(Claim::Another);
        }
        Ok(Claim::Repeated(Made {
            message: id(&first.message_id)?,
            generation: first.generation_id.as_deref().map(id).transpose()?,
        }))
    }

    /// Removes at most so many keys that have had their day, the oldest first. Whether there may be more of them.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn forget_keys(&mut self, now: Timestamp, limit: u32) -> Result<bool, StorageError> {
        let some: Vec<String> = idempotency_keys::table
            .filter(idempotency_keys::created_at.le(expired(now)))
            .order(idempotency_keys::created_at)
            .limit(i64::from(limit))
            .select(idempotency_keys::id)
            .load(self.connection)?;
        if some.is_empty() {
            return Ok(false);
        }
        diesel::delete(idempotency_keys::table.filter(idempotency_keys::id.eq_any(some)))
            .execute(self.connection)?;
        Ok(true)
    }
}

/// Whether the key was free.
fn insert(connection: &mut AnyConnection, row: &KeyRow) -> QueryResult<bool> {
    let inserted = match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => diesel::insert_into(idempotency_keys::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(connection)?,
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => diesel::insert_into(idempotency_keys::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(connection)?,
    };
    Ok(inserted > 0)
}

/// The moment at and before which a key was made that has had its day.
fn expired(now: Timestamp) -> i64 {
    let lifetime = i64::try_from(IDEMPOTENCY_LIFETIME.as_micros()).unwrap_or(i64::MAX);
    now.as_micros().saturating_sub(lifetime)
}

/// SHA-256, in hexadecimal digits, of texts of which none runs into the next.
fn hash<const N: usize>(texts: [&str; N]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        // A `usize` has 64 bits at most.
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    crate::copy::hex(&digest.finalize())
}
