//! Search: which of a person's messages and titles contain a text, in any case and any alphabet.
//!
//! Every message that has ended and every title is kept a second time, folded (`raconteur_domain::fold`), under an id
//! that begins with a number for its person ([`Kind::id`]). So the texts of a person stand together, the newest last, and
//! what a search costs follows that person's own texts, however many others there are (`find.rs`):
//!
//! 1. the newest thousand are read and looked at, which is all there is to do for most people and most words;
//! 2. past them an index of short pieces (`grams.rs`) tells which older messages may contain what is sought; each of
//!    those is looked at, so that nothing wrong is found.
//!
//! On SQLite the index is an FTS5 table that is handed the numbers of the pieces as words; its lists are in the order of
//! the ids, so that those of a person are one stretch of each. On Postgres it is a GIN index over arrays of numbers, into
//! which the owner is mixed. Texts and index change in the transaction that changes what they are made of (`index.rs`).

mod backlog;
mod find;
mod grams;
mod index;

pub(crate) use backlog::{catch_up, finish, note_all, work_off};
#[cfg(feature = "sqlite")]
pub(crate) use index::PENDING;
pub(crate) use index::{add, forget_owner, put, remove, settle};

/// What a text is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Message,
    Title,
}

/// How many bits of an id tell the message or conversation, how many of what kind it is. The others tell the owner: there
/// is room for 67 million people and 68 thousand million messages.
const KEY_BITS: u32 = 36;
const KIND_BITS: u32 = 1;

/// The part of an id that is the key.
const KEY_MASK: i64 = (1 << KEY_BITS) - 1;

impl Kind {
    /// The id of a text. Those of one owner and kind follow each other.
    const fn id(self, owner: i64, key: i64) -> i64 {
        let stretch = owner << KIND_BITS | matches!(self, Self::Title) as i64;
        stretch << KEY_BITS | key
    }

    /// The id behind the last one of an owner and kind.
    const fn end(self, owner: i64) -> i64 {
        self.id(owner, KEY_MASK) + 1
    }
}

diesel::table! {
    search_owners (key) {
        key -> BigInt,
        owner_id -> Text,
    }
}

diesel::table! {
    search_texts (id) {
        id -> BigInt,
        folded -> Text,
    }
}

#[cfg(feature = "sqlite")]
diesel::table! {
    /// SQLite's index, an FTS5 table.
    search_grams (rowid) {
        rowid -> BigInt,
        grams -> Text,
    }
}

#[cfg(feature = "sqlite")]
diesel::table! {
    /// What waits to be taken into it, in a table of the connection's own.
    temp.search_pending (id) {
        id -> BigInt,
        grams -> Text,
    }
}

diesel::table! {
    search_backlog (source) {
        source -> Text,
        next_key -> BigInt,
        last_key -> BigInt,
    }
}
