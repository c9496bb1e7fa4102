//! What is found: the folded texts and the index over them, kept in step with the messages and titles.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use raconteur_domain::fold;

use super::{Kind, grams, search_owners, search_texts};
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
                diesel::sql_query("INSERT INTO temp.search_pending (id, grams) VALUES (?, ?)")
                    .bind::<BigInt, _>(id)
                    .bind::<Text, _>(grams.into_iter().map(|gram| word(gram) + " ").collect::<String>())
                    .execute(connection)?;
            }
        }
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            use diesel::sql_types::{Array, Integer};
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
        for id in &ids {
            for statement in
                ["DELETE FROM temp.search_pending WHERE id = ?", "DELETE FROM search_grams WHERE rowid = ?"]
            {
                diesel::sql_query(statement).bind::<BigInt, _>(*id).execute(connection)?;
            }
        }
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
        let moved = diesel::sql_query(
            "INSERT INTO search_grams (rowid, grams) SELECT id, grams FROM temp.search_pending ORDER BY id",
        )
        .execute(connection)?;
        if moved > 0 {
            diesel::sql_query("DELETE FROM temp.search_pending").execute(connection)?;
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
pub(super) fn word(gram: u32) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    [20, 15, 10, 5, 0].map(|shift| char::from(DIGITS[(gram >> shift & 31) as usize])).iter().collect()
}

/// A gram as Postgres' index knows it: with its owner in it. Two of them may have the same number, as two grams may.
#[cfg(feature = "postgres")]
pub(super) fn owned(owner: i64, gram: u32) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is lost of it a hash can do without"
    )]
    let owner = grams::mix(owner as u32);
    grams::mix(owner ^ gram).cast_signed()
}
