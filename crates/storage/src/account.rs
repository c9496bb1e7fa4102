//! What becomes of an account: other credentials, and its end.

use std::time::Duration;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use raconteur_domain::{ConversationId, EmailAddress, Timestamp, UserId};

use crate::connection::AnyConnection;
use crate::rows::time;
use crate::schema::{conversations, idempotency_keys, personas, sessions, users};
use crate::search;
use crate::{Credentials, ReadTx, StorageError, WriteTx};

/// How long the row of a deleted account stays when all else of it has gone, so that what others of the fleet still do for
/// it finds what it refers to: they know of the end within seconds.
const ROW_STAYS: Duration = Duration::from_secs(60);

impl ReadTx<'_> {
    /// Whether there are rows of conversations of this person, deleted ones included.
    fn has_conversations(&mut self, owner: &str) -> Result<bool, StorageError> {
        let theirs = conversations::table.filter(conversations::owner_id.eq(owner.to_owned()));
        Ok(diesel::select(exists(theirs)).get_result(self.connection)?)
    }
}

impl WriteTx<'_> {
    /// As [`ReadTx::credentials_of`], to be changed: until the transaction ends nobody else changes them, and nobody is
    /// signed in by them.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn credentials_to_change(&mut self, user: UserId) -> Result<Option<Credentials>, StorageError> {
        match &mut *self.connection {
            // The one writer is alone.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                users::table.find(user.to_string()).select(users::id).for_update().execute(connection)?;
            }
        }
        self.credentials_of(user)
    }

    /// Gives an account another e-mail address, unless somebody else has it: then the answer is `false`, and nothing was
    /// written.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn change_email(&mut self, user: UserId, email: &EmailAddress) -> Result<bool, StorageError> {
        // In a savepoint: on some databases a refused statement spoils the transaction around it.
        let changed = self.connection.transaction(|connection| {
            diesel::update(users::table.find(user.to_string()))
                .set((users::email.eq(email.as_typed()), users::email_key.eq(email.key())))
                .execute(connection)
        });
        match changed {
            Ok(_) => Ok(true),
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives an account another password, by its hash. Its sessions go on.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn change_password(&mut self, user: UserId, hash: &str) -> Result<(), StorageError> {
        diesel::update(users::table.find(user.to_string()))
            .set(users::password_hash.eq(hash))
            .execute(self.connection)?;
        Ok(())
    }

    /// Ends an account at once: nobody is signed in to it, nobody can sign in to it, its address is free, and its
    /// characters and conversations are hidden; tells which conversations these are. The rows go later
    /// ([`WriteTx::forget_accounts`]).
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn delete_account(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<ConversationId>, StorageError> {
        self.revoke_sessions(user, None, now)?;
        let nobody = (
            users::email.eq(""),
            // No address is like it.
            users::email_key.eq(user.to_string()),
            users::password_hash.eq(None::<String>),
            users::google_sub.eq(None::<String>),
            users::display_name.eq(""),
            users::description.eq(""),
            users::deleted_at.eq(now.as_micros()),
        );
        diesel::update(users::table.find(user.to_string())).set(nobody).execute(self.connection)?;
        diesel::update(personas::table.filter(personas::owner_id.eq(user.to_string())))
            .set(personas::public.eq(false))
            .execute(self.connection)?;
        self.delete_conversations(user, None, now)
    }

    /// Removes at most `limit` rows of deleted accounts, but for those of their conversations, which
    /// [`WriteTx::purge`] removes. Whether there may be more of them. An account's own row is the last.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn forget_accounts(&mut self, now: Timestamp, limit: u32) -> Result<bool, StorageError> {
        let accounts: Vec<(String, Option<i64>)> = users::table
            .filter(users::deleted_at.is_not_null())
            .order(users::deleted_at)
            .limit(i64::from(limit))
            .select((users::id, users::deleted_at))
            .load(self.connection)?;
        for (user, deleted_at) in accounts {
            if self.forget_some_of(&user, limit, now)? {
                return Ok(true);
            }
            let has_stayed = deleted_at.is_some_and(|then| time(then) + ROW_STAYS <= now);
            if has_stayed && !self.has_conversations(&user)? {
                search::forget_owner(self.connection, &user)?;
                diesel::delete(users::table.find(user)).execute(self.connection)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes some rows of one account. `false` where none were left.
    fn forget_some_of(&mut self, user: &str, limit: u32, now: Timestamp) -> Result<bool, StorageError> {
        macro_rules! some {
            ($table:ident, $key:ident: $type:ty) => {{
                let some: Vec<$type> = $table::table
                    .filter($table::owner_id.eq(user))
                    .limit(i64::from(limit))
                    .select($table::$key)
                    .load(self.connection)?;
                if !some.is_empty() {
                    diesel::delete($table::table.filter($table::$key.eq_any(some)))
                        .execute(self.connection)?;
                    return Ok(true);
                }
            }};
        }
        some!(personas, key: i64);
        some!(sessions, id: String);
        some!(idempotency_keys, id: String);
        // Opened by a request that was on its way when the account ended.
        let left = self.delete_conversations(crate::rows::id(user)?, None, now)?;
        Ok(!left.is_empty())
    }
}
