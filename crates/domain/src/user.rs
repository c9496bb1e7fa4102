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

/// What a person tells the characters of themselves. Both are empty where they tell nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What they are called.
    pub display_name: String,
    /// Who they are.
    pub description: String,
}
