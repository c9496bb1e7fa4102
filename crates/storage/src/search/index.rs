//! What is found: the folded texts and the index over them, kept in step with the messages and titles.

use diesel::prelude::*;
use raconteur_domain::fold;

use super::grams::{self, Question};
use super::{Kind, search_owners, search_texts};
#[cfg(feature = "sqlite")]
use super::{search_grams, search_pending};
use crate::connection::AnyConnection;

/// Makes a message or a title findable that is not yet. An empty one never is.
pub(crate) fn add(
    connection: &mut AnyConnection,
    kind: Kind,
    owner_id: &str,
    key: i64,
    text: &str,
) -> QueryResult<()> {
    if text.is_empty() {
        return Ok(());
    }
    let owner = owner_or_new(connection, owner_id)?;
    let (id, folded) = (kind.id(owner, key), fold(text));
    // Titles are few, and all of them are looked at.
    let grams = if kind == Kind::Message { grams::of_text(&folded) } else { grams::Numbers::new() };
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => {
            diesel::insert_into(search_texts::table)
                .values((search_texts::id.eq(id), search_texts::folded.eq(folded)))
                .execute(connection)?;
            if !grams.is_empty() {
                let words: String = grams.into_iter().map(|gram| word(gram) + " ").collect();
                diesel::insert_into(search_pending::table)
                    .values((search_pending::id.eq(id), search_pending::grams.eq(words)))
                    .execute(connection)?;
            }
        }
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            use diesel::sql_types::{Array, BigInt, Integer, Text};
            let grams: Vec<i32> = grams.into_iter().map(|gram| owned(owner, gram)).collect();
            diesel::sql_query("INSERT INTO search_texts (id, folded, grams) VALUES ($1, $2, $3)")
                .bind::<BigInt, _>(id)
                .bind::<Text, _>(folded)
                .bind::<Array<Integer>, _>(grams)
                .execute(connection)?;
        }
    }
    Ok(())
}

/// Makes a message or a title findable by this text, and by no other that it had before.
pub(crate) fn put(
    connection: &mut AnyConnection,
    kind: Kind,
    owner_id: &str,
    key: i64,
    text: &str,
) -> QueryResult<()> {
    remove(connection, kind, owner_id, &[key])?;
    add(connection, kind, owner_id, key, text)
}

/// Forgets a person of whom nothing is findable any more.
pub(crate) fn forget_owner(connection: &mut AnyConnection, owner_id: &str) -> QueryResult<()> {
    diesel::delete(search_owners::table.filter(search_owners::owner_id.eq(owner_id))).execute(connection)?;
    Ok(())
}

/// Makes messages or titles of one person findable no more.
pub(crate) fn remove(
    connection: &mut AnyConnection,
    kind: Kind,
    owner_id: &str,
    keys: &[i64],
) -> QueryResult<()> {
    let Some(owner) = owner(connection, owner_id)? else {
        return Ok(());
    };
    let ids: Vec<i64> = keys.iter().map(|key| kind.id(owner, *key)).collect();
    #[cfg(feature = "sqlite")]
    if let (AnyConnection::Sqlite(connection), Kind::Message) = (&mut *connection, kind) {
        diesel::delete(search_pending::table.filter(search_pending::id.eq_any(&ids))).execute(connection)?;
        diesel::delete(search_grams::table.filter(search_grams::rowid.eq_any(&ids))).execute(connection)?;
    }
    diesel::delete(search_texts::table.filter(search_texts::id.eq_any(ids))).execute(connection)?;
    Ok(())
}

/// Where the grams of new messages wait on SQLite for the end of the transaction. FTS5 writes what it has gathered at every
/// savepoint, of which each piece of work in a commit has one; so it is handed everything at once. What is undone with a
/// savepoint is gone from here, too.
#[cfg(feature = "sqlite")]
pub(crate) const PENDING: &str =
    "CREATE TEMP TABLE IF NOT EXISTS search_pending (id INTEGER NOT NULL PRIMARY KEY, grams TEXT NOT NULL);";

/// Takes what waits into the index. It has to be called before a transaction on SQLite is committed in which messages
/// were made findable.
pub(crate) fn settle(connection: &mut AnyConnection) -> QueryResult<()> {
    #[cfg(feature = "sqlite")]
    if let AnyConnection::Sqlite(connection) = connection {
        let moved = search_pending::table
            .select((search_pending::id, search_pending::grams))
            .order(search_pending::id)
            .insert_into(search_grams::table)
            .into_columns((search_grams::rowid, search_grams::grams))
            .execute(connection)?;
        if moved > 0 {
            diesel::delete(search_pending::table).execute(connection)?;
        }
    }
    Ok(())
}

/// The number of a person; none where nothing of theirs can be found.
pub(super) fn owner(connection: &mut AnyConnection, owner_id: &str) -> QueryResult<Option<i64>> {
    search_owners::table
        .filter(search_owners::owner_id.eq(owner_id))
        .select(search_owners::key)
        .first(connection)
        .optional()
}

fn owner_or_new(connection: &mut AnyConnection, owner_id: &str) -> QueryResult<i64> {
    if let Some(owner) = owner(connection, owner_id)? {
        return Ok(owner);
    }
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => diesel::insert_into(search_owners::table)
            .values(search_owners::owner_id.eq(owner_id))
            .returning(search_owners::key)
            .get_result(connection),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => diesel::insert_into(search_owners::table)
            .values(search_owners::owner_id.eq(owner_id))
            .on_conflict(search_owners::owner_id)
            // Another server was quicker. What it made is left as it is, but returned.
            .do_update()
            .set(search_owners::owner_id.eq(owner_id))
            .returning(search_owners::key)
            .get_result(connection),
    }
}

/// A gram as SQLite's index knows it: five letters and digits, which its tokenizer leaves as they are.
#[cfg(feature = "sqlite")]
fn word(gram: u32) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    [20, 15, 10, 5, 0].map(|shift| char::from(DIGITS[(gram >> shift & 31) as usize])).iter().collect()
}

/// A question as FTS5 is asked it (sqlite.org/fts5.html, 3): words and operators, nothing that would have to be quoted.
#[cfg(feature = "sqlite")]
pub(super) fn expression(question: &Question) -> String {
    let (grams, operator) = match question {
        Question::Any(grams) => (grams, " OR "),
        Question::All(grams) => (grams, " AND "),
    };
    grams.iter().map(|gram| word(*gram)).collect::<Vec<_>>().join(operator)
}

/// A gram as Postgres' index knows it: with its owner in it. Two of them may have the same number, as two grams may.
#[cfg(feature = "postgres")]
fn owned(owner: i64, gram: u32) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is lost of it a hash can do without"
    )]
    let owner = grams::mix(owner as u32);
    grams::mix(owner ^ gram).cast_signed()
}

/// A question as Postgres is asked it, of the texts of one person: numbers and an operator.
#[cfg(feature = "postgres")]
pub(super) fn condition(owner: i64, question: &Question) -> String {
    let (operator, grams) = match question {
        Question::Any(grams) => ("&&", grams),
        Question::All(grams) => ("@>", grams),
    };
    let grams: Vec<String> = grams.iter().map(|gram| owned(owner, *gram).to_string()).collect();
    format!("grams {operator} '{{{}}}'::int[]", grams.join(","))
}
