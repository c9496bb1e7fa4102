//! People.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use raconteur_domain::{EmailAddress, User, UserId};

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
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewUser<'a> {
    id: String,
    email: &'a str,
    email_key: &'a str,
    password_hash: Option<&'a str>,
    created_at: i64,
}

/// A person, and the hash that their password has to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The person.
    pub user: User,
    /// The hash; a person without a password has none.
    pub password_hash: Option<String>,
}

impl TryFrom<UserRow> for Credentials {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        let user = User { id: id(&row.id)?, email: row.email, created_at: time(row.created_at) };
        Ok(Self { user, password_hash: row.password_hash })
    }
}

impl ReadTx<'_> {
    /// The person of this id.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn user(&mut self, user_id: UserId) -> Result<Option<User>, StorageError> {
        let row: Option<UserRow> = users::table
            .find(user_id.to_string())
            .select(UserRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(|row| Ok(Credentials::try_from(row)?.user)).transpose()
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
        let row = NewUser {
            id: user.id.to_string(),
            email: email.as_typed(),
            email_key: email.key(),
            password_hash,
            created_at: user.created_at.as_micros(),
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
}
