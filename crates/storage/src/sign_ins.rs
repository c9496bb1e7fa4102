//! Sign-ins that have failed of late, by the e-mail address that was tried, whether anybody has it or not.

use std::time::Duration;

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use raconteur_domain::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::connection::AnyConnection;
use crate::rows::{time, uncount};
use crate::schema::sign_in_failures as failures;
use crate::{StorageError, WriteTx};

/// For how long they are counted together, from the first one on.
pub const FAILURES_COUNT_FOR: Duration = Duration::from_secs(60);

impl WriteTx<'_> {
    /// Counts a sign-in with the address of this key as one that fails, until [`WriteTx::forget_failures`] says that it
    /// has not. Where `most` have failed already, the answer is when the next one may be tried.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn count_failure(
        &mut self,
        email_key: &str,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StorageError> {
        let before = expired(now);
        macro_rules! count {
            ($connection:expr) => {
                diesel::insert_into(failures::table)
                    .values((
                        failures::id.eq(hash(email_key)),
                        failures::count.eq(1),
                        failures::since.eq(now.as_micros()),
                    ))
                    .on_conflict(failures::id)
                    .do_update()
                    .set((
                        failures::count.eq(case_when(failures::since.le(before), 1_i64.into_sql::<BigInt>())
                            .otherwise(failures::count + 1)),
                        failures::since.eq(case_when(
                            failures::since.le(before),
                            now.as_micros().into_sql::<BigInt>(),
                        )
                        .otherwise(failures::since)),
                    ))
                    .returning((failures::count, failures::since))
                    .get_result($connection)?
            };
        }
        let (count, since): (i64, i64) = match &mut *self.connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(connection) => count!(connection),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => count!(connection),
        };
        Ok((uncount(count) > u64::from(most)).then(|| time(since) + FAILURES_COUNT_FOR))
    }

    /// Forgets the failures with the address of this key: whoever has it has signed in.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn forget_failures(&mut self, email_key: &str) -> Result<(), StorageError> {
        diesel::delete(failures::table.find(hash(email_key))).execute(self.connection)?;
        Ok(())
    }

    /// Removes at most so many that are counted no more, the oldest first. Whether there may be more of them.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn forget_old_failures(&mut self, now: Timestamp, limit: u32) -> Result<bool, StorageError> {
        let some: Vec<String> = failures::table
            .filter(failures::since.le(expired(now)))
            .order(failures::since)
            .limit(i64::from(limit))
            .select(failures::id)
            .load(self.connection)?;
        if some.is_empty() {
            return Ok(false);
        }
        diesel::delete(failures::table.filter(failures::id.eq_any(some))).execute(self.connection)?;
        Ok(true)
    }
}

/// The moment at and before which those began that are counted no more.
fn expired(now: Timestamp) -> i64 {
    let lifetime = i64::try_from(FAILURES_COUNT_FOR.as_micros()).unwrap_or(i64::MAX);
    now.as_micros().saturating_sub(lifetime)
}

/// What was tried may be anything, of any length, and is nobody's business.
fn hash(email_key: &str) -> String {
    crate::copy::hex(&Sha256::digest(email_key))
}
