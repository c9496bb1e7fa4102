//! People.

use crate::{Timestamp, UserId};

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The person's id.
    pub id: UserId,
    /// The e-mail address, as it was typed.
    pub email: String,
    /// When the account was made.
    pub created_at: Timestamp,
}
