//! What is asked: a person's messages and titles that contain a text, the newest first.

use std::cmp::Reverse;
use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use raconteur_domain::{Conversation, Message, UserId, fold};

use super::grams::Question;
use super::index::{self, owner};
use super::{KEY_MASK, Kind, search_texts};
use crate::connection::AnyConnection;
use crate::conversations::ConversationRow;
use crate::messages::MessageRow;
use crate::schema::{conversations, messages};
use crate::{ReadTx, StorageError};

/// How many of the newest messages are looked at before the index is asked: a millisecond's work, which
/// spares most people the index.
const NEWEST: usize = 1_000;

/// In how many of these is looked which pieces are rare with this person.
const EXAMPLES: usize = 250;

/// How many conversations are gone through at a time, the one that changed last first.
const CONVERSATIONS_AT_ONCE: i64 = 200;

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl ReadTx<'_> {
    /// A person's conversations with a title that contains the text, in any case and compatibility form; at most so
    /// many, the one that changed last first. The text is not empty.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn search_titles(
        &mut self,
        owner_id: UserId,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Conversation>, StorageError> {
        let Some(owner) = owner(self.connection, &owner_id.to_string())? else {
            return Ok(Vec::new());
        };
        let needle = fold(text);
        let titles = self.texts(Kind::Title, owner, i64::MAX)?;
        let hits = titles.iter().filter(|(_, folded)| folded.contains(&needle));
        let mut keys: HashSet<i64> = hits.map(|(id, _)| id & KEY_MASK).collect();
        let (mut found, mut before) = (Vec::new(), None);
        while found.len() < limit && !keys.is_empty() {
            let some = self.changed_before(owner_id, before)?;
            let Some((updated_at, key)) = some.last() else { break };
            before = Some((*updated_at, *key));
            found.extend(some.into_iter().map(|(_, key)| key).filter(|key| keys.remove(key)));
        }
        found.truncate(limit);
        self.conversations_of_keys(&found)
    }

    /// When a person's conversations changed, and their keys: some of them, the one that changed last first, behind
    /// this one.
    fn changed_before(
        &mut self,
        owner: UserId,
        before: Option<(i64, i64)>,
    ) -> Result<Vec<(i64, i64)>, StorageError> {
        let mut query = conversations::table
            .filter(conversations::owner_id.eq(owner.to_string()))
            .filter(conversations::deleted_at.is_null())
            .order((conversations::updated_at.desc(), conversations::key.desc()))
            .limit(CONVERSATIONS_AT_ONCE)
            .select((conversations::updated_at, conversations::key))
            .into_boxed();
        if let Some((updated_at, key)) = before {
            let later = conversations::updated_at.eq(updated_at).and(conversations::key.ge(key));
            query = query.filter(conversations::updated_at.le(updated_at)).filter(diesel::dsl::not(later));
        }
        Ok(query.load(self.connection)?)
    }

    fn conversations_of_keys(&mut self, keys: &[i64]) -> Result<Vec<Conversation>, StorageError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<ConversationRow> = conversations::table
            .filter(conversations::key.eq_any(keys))
            .order((conversations::updated_at.desc(), conversations::key.desc()))
            .select(ConversationRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(Conversation::try_from).collect()
    }

    /// A person's messages that contain the text, in any case and compatibility form; at most so many, the newest first.
    /// Only what is shown is found: messages on the active path of a conversation that is not deleted, once they have
    /// ended. The text is not empty.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn search_messages(
        &mut self,
        owner_id: UserId,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Message>, StorageError> {
        let Some(owner) = owner(self.connection, &owner_id.to_string())? else {
            return Ok(Vec::new());
        };
        let needle = fold(text);
        let newest = self.texts(Kind::Message, owner, NEWEST as i64)?;
        let hits: Vec<i64> =
            newest.iter().filter(|(_, folded)| folded.contains(&needle)).map(|(id, _)| *id).collect();
        let mut found = Vec::new();
        let mut parts = hits.chunks(limit.max(1));
        while let (true, Some(part)) = (found.len() < limit, parts.next()) {
            found.extend(self.shown(part)?);
        }
        found.truncate(limit);
        if let (Some((oldest, _)), true) = (newest.get(NEWEST - 1), found.len() < limit) {
            let examples: Vec<&str> =
                newest.iter().take(EXAMPLES).map(|(_, folded)| folded.as_str()).collect();
            let question = Question::new(&needle, &examples);
            let older = self.older(owner, *oldest, &question, &needle, limit - found.len())?;
            found.extend(self.shown(&older)?);
        }
        found.sort_by_key(|message| Reverse(message.created_at));
        Ok(found)
    }

    /// The newest texts of a person with their ids, the newest first.
    fn texts(&mut self, kind: Kind, owner: i64, limit: i64) -> Result<Vec<(i64, String)>, StorageError> {
        Ok(search_texts::table
            .filter(search_texts::id.ge(kind.id(owner, 0)))
            .filter(search_texts::id.lt(kind.end(owner)))
            .order(search_texts::id.desc())
            .limit(limit)
            .load(self.connection)?)
    }

    /// The ids of messages before `past` that contain the needle and are shown, found by the index.
    fn older(
        &mut self,
        owner: i64,
        past: i64,
        question: &Question,
        needle: &str,
        limit: usize,
    ) -> Result<Vec<i64>, StorageError> {
        let (first, limit) = (Kind::Message.id(owner, 0), i64::try_from(limit).unwrap_or(i64::MAX));
        let hits: Vec<Hit> = match &mut *self.connection {
            // In this order: for each text that the index names, newest first, it is looked whether it is a hit.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(connection) => diesel::sql_query(format!(
                "SELECT t.id FROM search_grams AS g \
                 CROSS JOIN search_texts AS t ON t.id = g.rowid \
                 CROSS JOIN messages AS m ON m.key = t.id & {KEY_MASK} \
                 CROSS JOIN conversations AS c ON c.id = m.conversation_id \
                 WHERE search_grams MATCH ? AND g.rowid >= ? AND g.rowid < ? AND instr(t.folded, ?) > 0 \
                 AND m.active AND c.deleted_at IS NULL \
                 ORDER BY g.rowid DESC LIMIT ?"
            ))
            .bind::<Text, _>(expression(question))
            .bind::<BigInt, _>(first)
            .bind::<BigInt, _>(past)
            .bind::<Text, _>(needle)
            .bind::<BigInt, _>(limit)
            .load(connection)?,
            // The hits by themselves: an order by their ids would tempt the planner to go through all texts in that
            // order instead.
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                let (operator, grams) = match question {
                    Question::Any(grams) => ("&&", grams),
                    Question::All(grams) => ("@>", grams),
                };
                let grams: Vec<i32> = grams.iter().map(|gram| index::owned(owner, *gram)).collect();
                diesel::sql_query(format!(
                    "WITH hits AS MATERIALIZED (SELECT id FROM search_texts \
                     WHERE grams {operator} $1 AND id >= $2 AND id < $3 AND strpos(folded, $4) > 0) \
                     SELECT t.id FROM hits AS t \
                     JOIN messages AS m ON m.key = t.id & {KEY_MASK} \
                     JOIN conversations AS c ON c.id = m.conversation_id \
                     WHERE m.active AND c.deleted_at IS NULL ORDER BY t.id DESC LIMIT $5"
                ))
                .bind::<diesel::sql_types::Array<diesel::sql_types::Integer>, _>(grams)
                .bind::<BigInt, _>(first)
                .bind::<BigInt, _>(past)
                .bind::<Text, _>(needle)
                .bind::<BigInt, _>(limit)
                .load(connection)?
            }
        };
        Ok(hits.into_iter().map(|hit| hit.id).collect())
    }

    /// The messages of these texts that are shown to their person, the newest first.
    fn shown(&mut self, ids: &[i64]) -> Result<Vec<Message>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<MessageRow> = messages::table
            .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
            .filter(messages::key.eq_any(ids.iter().map(|id| id & KEY_MASK).collect::<Vec<_>>()))
            .filter(messages::active)
            .filter(conversations::deleted_at.is_null())
            .order(messages::key.desc())
            .select(MessageRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(Message::try_from).collect()
    }
}

/// What FTS5 is asked (sqlite.org/fts5.html, 3).
#[cfg(feature = "sqlite")]
fn expression(question: &Question) -> String {
    let (grams, operator) = match question {
        Question::Any(grams) => (grams, " OR "),
        Question::All(grams) => (grams, " AND "),
    };
    let words: Vec<String> = grams.iter().map(|gram| index::word(*gram)).collect();
    words.join(operator)
}
