//! Between rows and domain values.

use std::str::FromStr;

use raconteur_domain::{Role, Status, Timestamp};

use crate::StorageError;

pub(crate) fn unreadable(what: &str, value: &str) -> StorageError {
    StorageError::Unreadable(format!("{what} {value:?}").into())
}

pub(crate) fn id<T: FromStr>(text: &str) -> Result<T, StorageError> {
    text.parse().map_err(|_| unreadable("id", text))
}

pub(crate) fn role(word: &str) -> Result<Role, StorageError> {
    Role::from_word(word).ok_or_else(|| unreadable("role", word))
}

pub(crate) fn status(word: &str) -> Result<Status, StorageError> {
    Status::from_word(word).ok_or_else(|| unreadable("status", word))
}

pub(crate) const fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// A count as a column holds it. No count of ours comes near the limit.
pub(crate) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A column as the count that it is.
pub(crate) fn uncount(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Numbers as JSON text.
pub(crate) fn json(numbers: &[u32]) -> String {
    serde_json::json!(numbers).to_string()
}
