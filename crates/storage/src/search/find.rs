//! What is asked: a person's messages and titles that contain a text, the newest first.

use std::cmp::Reverse;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use raconteur_domain::{Conversation, Message, UserId, fold};

use super::grams::Question;
use super::index::{self, owner};
use super::{KEY_MASK, Kind, search_texts};
use crate::connection::AnyConnection;
use crate::conversations::ConversationRow;
use crate::messages::MessageRow;
use crate::rows::count;
use crate::schema::{conversations, messages};
use crate::{ReadTx, StorageError};

/// How many of the newest messages are looked at before the index is asked: a millisecond's work, which spares most people
/// the index.
const NEWEST: i64 = 1_000;

/// In how many of these is looked which pieces are rare with this person, and in how many characters of each.
const EXAMPLES: i64 = 250;
const EXAMPLE_CHARS: i64 = 2_000;

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = BigInt)]
    key: i64,
}

/// What is sought, and of whose.
struct Search {
    owner_id: String,
    owner: i64,
    needle: String,
}

impl Search {
    /// The beginning and the end of the person's texts of this kind.
    const fn range(&self, kind: Kind) -> (i64, i64) {
        (kind.id(self.owner, 0), kind.end(self.owner))
    }
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
        owner: UserId,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Conversation>, StorageError> {
        let Some(search) = self.search(owner, text)? else {
            return Ok(Vec::new());
        };
        let contains = contains(self.connection);
        let keys = self.hits(
            &search,
            search.range(Kind::Title),
            limit,
            &format!(
                "SELECT c.key FROM search_texts AS t CROSS JOIN conversations AS c \
                 WHERE t.id >= $1 AND t.id < $2 AND {contains}(t.folded, $3) > 0 \
                 AND c.key = t.id & {KEY_MASK} AND c.owner_id = $4 AND c.deleted_at IS NULL \
                 ORDER BY c.updated_at DESC, c.key DESC LIMIT $5"
            ),
        )?;
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
        owner: UserId,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Message>, StorageError> {
        let Some(search) = self.search(owner, text)? else {
            return Ok(Vec::new());
        };
        let (first, end) = search.range(Kind::Message);
        let oldest_of_newest = self.oldest_of_newest(&search)?;
        let newest = (oldest_of_newest.unwrap_or(first), end);
        let mut keys = self.newest_hits(&search, newest, limit)?;
        if let (Some(past), true) = (oldest_of_newest, keys.len() < limit) {
            keys.extend(self.older_hits(&search, (first, past), limit - keys.len())?);
        }
        self.messages_of_keys(&keys)
    }

    /// `None` where nothing of the person's can be found.
    fn search(&mut self, owner_id: UserId, text: &str) -> Result<Option<Search>, StorageError> {
        let (owner_id, needle) = (owner_id.to_string(), fold(text));
        let owner = owner(self.connection, &owner_id)?;
        Ok(owner.map(|owner| Search { owner_id, owner, needle }))
    }

    /// Where the newest texts begin, in front of which there are others.
    fn oldest_of_newest(&mut self, search: &Search) -> Result<Option<i64>, StorageError> {
        let (first, end) = search.range(Kind::Message);
        Ok(search_texts::table
            .filter(search_texts::id.ge(first))
            .filter(search_texts::id.lt(end))
            .order(search_texts::id.desc())
            .offset(NEWEST - 1)
            .select(search_texts::id)
            .first(self.connection)
            .optional()?)
    }

    /// Messages of this range that contain what is sought and are shown, found by looking at each.
    fn newest_hits(
        &mut self,
        search: &Search,
        range: (i64, i64),
        limit: usize,
    ) -> Result<Vec<i64>, StorageError> {
        let contains = contains(self.connection);
        // In this order: from the newest on, until there are enough.
        let statement = format!(
            "SELECT m.key FROM search_texts AS t CROSS JOIN messages AS m CROSS JOIN conversations AS c \
             WHERE t.id >= $1 AND t.id < $2 AND {contains}(t.folded, $3) > 0 \
             AND m.key = t.id & {KEY_MASK} AND m.owner_id = $4 AND m.active \
             AND c.id = m.conversation_id AND c.deleted_at IS NULL \
             ORDER BY t.id DESC LIMIT $5"
        );
        self.hits(search, range, limit, &statement)
    }

    /// The same, found by the index.
    fn older_hits(
        &mut self,
        search: &Search,
        range: (i64, i64),
        limit: usize,
    ) -> Result<Vec<i64>, StorageError> {
        let examples = self.examples(search)?;
        let examples: Vec<&str> = examples.iter().map(String::as_str).collect();
        let question = Question::new(&search.needle, &examples);
        let statement = match &*self.connection {
            // In this order: for each text that the index names, newest first, it is looked whether it is a hit.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => format!(
                "SELECT m.key FROM search_grams AS g CROSS JOIN search_texts AS t ON t.id = g.rowid \
                 CROSS JOIN messages AS m ON m.key = t.id & {KEY_MASK} \
                 CROSS JOIN conversations AS c ON c.id = m.conversation_id \
                 WHERE search_grams MATCH '{}' AND g.rowid >= $1 AND g.rowid < $2 AND instr(t.folded, $3) > 0 \
                 AND m.owner_id = $4 AND m.active AND c.deleted_at IS NULL \
                 ORDER BY g.rowid DESC LIMIT $5",
                index::expression(&question)
            ),
            // The hits by themselves: an order by their ids would tempt the planner to go through all texts in that
            // order instead.
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => format!(
                "WITH hits AS MATERIALIZED (SELECT id FROM search_texts \
                 WHERE {} AND id >= $1 AND id < $2 AND strpos(folded, $3) > 0) \
                 SELECT m.key FROM hits AS t JOIN messages AS m ON m.key = t.id & {KEY_MASK} \
                 JOIN conversations AS c ON c.id = m.conversation_id \
                 WHERE m.owner_id = $4 AND m.active AND c.deleted_at IS NULL ORDER BY t.id DESC LIMIT $5",
                index::condition(search.owner, &question)
            ),
        };
        self.hits(search, range, limit, &statement)
    }

    /// The beginnings of some of the newest texts.
    fn examples(&mut self, search: &Search) -> Result<Vec<String>, StorageError> {
        let (first, end) = search.range(Kind::Message);
        Ok(search_texts::table
            .filter(search_texts::id.ge(first))
            .filter(search_texts::id.lt(end))
            .order(search_texts::id.desc())
            .limit(EXAMPLES)
            .select(sql::<Text>(&format!("substr(folded, 1, {EXAMPLE_CHARS})")))
            .load(self.connection)?)
    }

    /// The keys that a statement finds for a search between these ids: `$1` and `$2` are the ids, `$3` what is sought, `$4`
    /// whose it is and `$5` how many there are at most, in this order.
    fn hits(
        &mut self,
        search: &Search,
        (first, end): (i64, i64),
        limit: usize,
        statement: &str,
    ) -> Result<Vec<i64>, StorageError> {
        let query = diesel::sql_query(statement)
            .bind::<BigInt, _>(first)
            .bind::<BigInt, _>(end)
            .bind::<Text, _>(&search.needle)
            .bind::<Text, _>(&search.owner_id)
            .bind::<BigInt, _>(count(limit as u64));
        let hits: Vec<Hit> = match &mut *self.connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(connection) => query.load(connection)?,
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => query.load(connection)?,
        };
        Ok(hits.into_iter().map(|hit| hit.key).collect())
    }

    fn messages_of_keys(&mut self, keys: &[i64]) -> Result<Vec<Message>, StorageError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<MessageRow> = messages::table
            .filter(messages::key.eq_any(keys))
            .order(messages::key.desc())
            .select(MessageRow::as_select())
            .load(self.connection)?;
        let mut found: Vec<Message> = rows.into_iter().map(Message::try_from).collect::<Result<_, _>>()?;
        found.sort_by_key(|message| Reverse(message.created_at));
        Ok(found)
    }
}

/// What each database calls the place of a text in another, from 1.
const fn contains(connection: &AnyConnection) -> &'static str {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => "instr",
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => "strpos",
    }
}
