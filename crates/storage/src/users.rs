//! People.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use raconteur_domain::{EmailAddress, Timestamp, User, UserId};

use crate::connection::AnyConnection;
use crate::rows::{id, time};
use crate::schema::users;
use crate::{ReadTx, StorageError, WriteTx};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: String,
    email: String,
    password_hash: Option<String>,
    created_at: i64,
    google_sub: Option<String>,
    token_epoch: i64,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewUser<'a> {
    id: String,
    email: &'a str,
    email_key: &'a str,
    password_hash: Option<&'a str>,
    created_at: i64,
    google_sub: Option<&'a str>,
}

/// A person, and how they show who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The person.
    pub user: User,
    /// The hash that their password has to match; a person without a password has none.
    pub password_hash: Option<String>,
    /// Google's name for the person, if they sign in with Google.
    pub google_sub: Option<String>,
    /// What a token of theirs from before there were sessions has to carry to be good.
    pub token_epoch: i64,
}

impl TryFrom<UserRow> for Credentials {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        let user = User { id: id(&row.id)?, email: row.email, created_at: time(row.created_at) };
        Ok(Self {
            user,
            password_hash: row.password_hash,
            google_sub: row.google_sub,
            token_epoch: row.token_epoch,
        })
    }
}

impl ReadTx<'_> {
    /// The person of this id; nobody where their account is deleted.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn user(&mut self, user_id: UserId) -> Result<Option<User>, StorageError> {
        Ok(self.credentials_of(user_id)?.map(|credentials| credentials.user))
    }

    /// As [`ReadTx::user`], with how they show who they are.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn credentials_of(&mut self, user_id: UserId) -> Result<Option<Credentials>, StorageError> {
        let row: Option<UserRow> = users::table
            .find(user_id.to_string())
            .filter(users::deleted_at.is_null())
            .select(UserRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(Credentials::try_from).transpose()
    }

    /// The person whom Google knows by this name.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn credentials_of_google(&mut self, sub: &str) -> Result<Option<Credentials>, StorageError> {
        let row: Option<UserRow> = users::table
            .filter(users::google_sub.eq(sub))
            .select(UserRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(Credentials::try_from).transpose()
    }

    /// The person whose e-mail address has this key ([`EmailAddress::key`]).
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn credentials(&mut self, email_key: &str) -> Result<Option<Credentials>, StorageError> {
        let row: Option<UserRow> = users::table
            .filter(users::email_key.eq(email_key))
            .select(UserRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(Credentials::try_from).transpose()
    }
}

impl WriteTx<'_> {
    /// As [`ReadTx::credentials_of`], to sign somebody in by: until the transaction ends nobody changes them.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn held_credentials(&mut self, user_id: UserId) -> Result<Option<Credentials>, StorageError> {
        match &mut *self.connection {
            // The one writer is alone.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => self.credentials_of(user_id),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                let row: Option<UserRow> = users::table
                    .find(user_id.to_string())
                    .filter(users::deleted_at.is_null())
                    .select(UserRow::as_select())
                    .for_share()
                    .first(connection)
                    .optional()?;
                row.map(Credentials::try_from).transpose()
            }
        }
    }

    /// Adds a person, unless the address is taken: then the answer is `false`, and nothing was written. Without a
    /// hash nobody can sign in with a password.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn insert_user(
        &mut self,
        user: &User,
        email: &EmailAddress,
        password_hash: Option<&str>,
    ) -> Result<bool, StorageError> {
        self.insert(user, email, password_hash, None)
    }

    /// Adds a person who signs in with Google, by Google's name for them, unless that or the address is taken: then
    /// the answer is `false`, and nothing was written.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn insert_google_user(
        &mut self,
        user: &User,
        email: &EmailAddress,
        sub: &str,
    ) -> Result<bool, StorageError> {
        self.insert(user, email, None, Some(sub))
    }

    fn insert(
        &mut self,
        user: &User,
        email: &EmailAddress,
        password_hash: Option<&str>,
        google_sub: Option<&str>,
    ) -> Result<bool, StorageError> {
        let row = NewUser {
            id: user.id.to_string(),
            email: email.as_typed(),
            email_key: email.key(),
            password_hash,
            created_at: user.created_at.as_micros(),
            google_sub,
        };
        // In a savepoint: on some databases a refused statement spoils the transaction around it.
        let inserted = self
            .connection
            .transaction(|connection| diesel::insert_into(users::table).values(row).execute(connection));
        match inserted {
            Ok(_) => Ok(true),
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives an account to the person whom Google knows by this name, unless it has such a person already: then the
    /// answer is `false`. Its password ends, and so does every session of it: whoever made the account may have been
    /// somebody else.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn give_to_google_user(
        &mut self,
        user: UserId,
        sub: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let given = diesel::update(users::table.find(user.to_string()))
            .filter(users::google_sub.is_null())
            .set((users::google_sub.eq(sub), users::password_hash.eq(None::<String>)))
            .execute(self.connection)?;
        if given == 0 {
            return Ok(false);
        }
        self.revoke_sessions(user, None, now)?;
        Ok(true)
    }
}
