//! Messages: a tree, of which one path is active.

use std::collections::HashMap;
use std::ops::Range;

use diesel::prelude::*;
use raconteur_domain::{ConversationId, Message, MessageId, Page, PageRequest, Status};

use crate::rows::{count, id, role, status, time, uncount};
use crate::schema::messages;
use crate::search::{self, Kind};
use crate::{ReadTx, StorageError, WriteTx, chunks};

/// How many messages of a long history are read at a time.
const HISTORY_BATCH: i64 = 64;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    id: String,
    owner_id: String,
    conversation_id: String,
    parent_id: Option<String>,
    depth: i64,
    active: bool,
    role: String,
    content: String,
    status: String,
    spoken_bytes: Option<i64>,
    generation_id: Option<String>,
    meta: Option<String>,
    created_at: i64,
}

impl TryFrom<MessageRow> for Message {
    type Error = StorageError;

    fn try_from(row: MessageRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: id(&row.id)?,
            owner_id: id(&row.owner_id)?,
            conversation_id: id(&row.conversation_id)?,
            parent_id: row.parent_id.as_deref().map(id).transpose()?,
            depth: uncount(row.depth),
            active: row.active,
            role: role(&row.role)?,
            content: row.content,
            status: status(&row.status)?,
            spoken_bytes: row.spoken_bytes.map(uncount),
            generation_id: row.generation_id.as_deref().map(id).transpose()?,
            meta: row.meta,
            created_at: time(row.created_at),
        })
    }
}

impl From<&Message> for MessageRow {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id.to_string(),
            owner_id: message.owner_id.to_string(),
            conversation_id: message.conversation_id.to_string(),
            parent_id: message.parent_id.map(|id| id.to_string()),
            depth: count(message.depth),
            active: message.active,
            role: message.role.to_string(),
            content: message.content.clone(),
            status: message.status.to_string(),
            spoken_bytes: message.spoken_bytes.map(count),
            generation_id: message.generation_id.map(|id| id.to_string()),
            meta: message.meta.clone(),
            created_at: message.created_at.as_micros(),
        }
    }
}

/// In which order messages are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first message first.
    Ascending,
    /// The newest message first.
    Descending,
}

/// On which side of a message others are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those that come before it.
    Before,
    /// Those that come after it.
    After,
}

/// Some messages of the active path that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch<T = Message> {
    /// The messages, the first one first.
    pub messages: Vec<T>,
    /// How many messages the whole path has.
    pub count: u64,
    /// Whether there are messages before these.
    pub more_before: bool,
    /// Whether there are messages after these.
    pub more_after: bool,
}

impl ReadTx<'_> {
    /// The last message of the active path. A reply that still runs comes without its text.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn active_leaf(&mut self, conversation: ConversationId) -> Result<Option<Message>, StorageError> {
        self.newest_rows(conversation, 1)?.pop().map(Message::try_from).transpose()
    }

    /// How many messages the active path has. It costs the same however many there are.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn message_count(&mut self, conversation: ConversationId) -> Result<u64, StorageError> {
        let last: Option<i64> = messages::table
            .filter(messages::active)
            .filter(messages::conversation_id.eq(conversation.to_string()))
            .order(messages::depth.desc())
            .select(messages::depth)
            .first(self.connection)
            .optional()?;
        Ok(last.map_or(0, |depth| uncount(depth) + 1))
    }

    /// The newest messages of the active path, the oldest of them first.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn newest_messages(
        &mut self,
        conversation: ConversationId,
        limit: u32,
    ) -> Result<Vec<Message>, StorageError> {
        let mut rows = self.newest_rows(conversation, limit)?;
        rows.reverse();
        self.with_running_text(rows)
    }

    /// The messages of the active path at these depths, the first one first.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn path(
        &mut self,
        conversation: ConversationId,
        depths: Range<u64>,
    ) -> Result<Vec<Message>, StorageError> {
        let rows = self.rows_between(conversation, depths)?;
        self.with_running_text(rows)
    }

    fn rows_between(
        &mut self,
        conversation: ConversationId,
        depths: Range<u64>,
    ) -> Result<Vec<MessageRow>, StorageError> {
        Ok(messages::table
            .filter(messages::active)
            .filter(messages::conversation_id.eq(conversation.to_string()))
            .filter(messages::depth.ge(count(depths.start)))
            .filter(messages::depth.lt(count(depths.end)))
            .order(messages::depth)
            .select(MessageRow::as_select())
            .load(self.connection)?)
    }

    fn newest_rows(
        &mut self,
        conversation: ConversationId,
        limit: u32,
    ) -> Result<Vec<MessageRow>, StorageError> {
        Ok(messages::table
            .filter(messages::active)
            .filter(messages::conversation_id.eq(conversation.to_string()))
            .order(messages::depth.desc())
            .limit(i64::from(limit))
            .select(MessageRow::as_select())
            .load(self.connection)?)
    }

    /// A page of the active path; `None` where there is no such page. A page deep in a long history costs what
    /// the first does.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn messages(
        &mut self,
        conversation: ConversationId,
        order: Order,
        page: PageRequest,
    ) -> Result<Option<Page<Message>>, StorageError> {
        let total = self.message_count(conversation)?;
        let Some(span) = page.span(total) else {
            return Ok(None);
        };
        let end = total.min(span.offset + u64::from(page.size));
        // The depths of the active path are 0, 1, 2, …, so a page is a range of them.
        let (first, past) = match order {
            Order::Ascending => (span.offset, end),
            Order::Descending => (total - end, total - span.offset),
        };
        let mut rows = self.rows_between(conversation, first..past)?;
        if order == Order::Descending {
            rows.reverse();
        }
        Ok(Some(Page { items: self.with_running_text(rows)?, count: total, span }))
    }

    /// At most so many messages of the active path beside one of the conversation's, those next to it. It costs the same
    /// however long the history is. `None` where the conversation has no such message; one off the active path counts
    /// as standing where it branches off.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn messages_beside(
        &mut self,
        conversation: ConversationId,
        side: Side,
        message: MessageId,
        limit: u32,
    ) -> Result<Option<Stretch>, StorageError> {
        let depth: Option<i64> = messages::table
            .filter(messages::id.eq(message.to_string()))
            .filter(messages::conversation_id.eq(conversation.to_string()))
            .select(messages::depth)
            .first(self.connection)
            .optional()?;
        let Some(depth) = depth.map(uncount) else {
            return Ok(None);
        };
        let (count, limit) = (self.message_count(conversation)?, u64::from(limit));
        let range = match side {
            Side::Before => depth.min(count).saturating_sub(limit)..depth.min(count),
            Side::After => count.min(depth + 1)..count.min(depth + 1 + limit),
        };
        let (more_before, more_after) = (range.start > 0, range.end < count);
        let rows = self.rows_between(conversation, range)?;
        Ok(Some(Stretch { messages: self.with_running_text(rows)?, count, more_before, more_after }))
    }

    /// The message of this id, with its text so far.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn message(&mut self, message: MessageId) -> Result<Option<Message>, StorageError> {
        let row = self.row(message)?;
        Ok(self.with_running_text(row.into_iter().collect())?.pop())
    }

    pub(crate) fn row(&mut self, message: MessageId) -> Result<Option<MessageRow>, StorageError> {
        Ok(messages::table
            .filter(messages::id.eq(message.to_string()))
            .select(MessageRow::as_select())
            .first(self.connection)
            .optional()?)
    }

    /// Walks from a message towards the first one, handing each to `visit` until that answers `false`.
    ///
    /// It follows `parent_id`, whichever path is active by now; where the path is still active, which it nearly
    /// always is, it reads many messages at a time. Replies that still run come without their text.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn walk_up(
        &mut self,
        conversation: ConversationId,
        from: MessageId,
        mut visit: impl FnMut(Message) -> bool,
    ) -> Result<(), StorageError> {
        let mut ahead: HashMap<MessageId, Message> = HashMap::new();
        let mut next = self.row(from)?.map(Message::try_from).transpose()?;
        while let Some(message) = next {
            let (parent, depth) = (message.parent_id, message.depth);
            if !visit(message) {
                return Ok(());
            }
            let Some(parent) = parent else {
                return Ok(());
            };
            if !ahead.contains_key(&parent) {
                ahead = self.active_before(conversation, depth)?;
            }
            next = match ahead.remove(&parent) {
                Some(message) => Some(message),
                None => self.row(parent)?.map(Message::try_from).transpose()?,
            };
        }
        Ok(())
    }

    fn active_before(
        &mut self,
        conversation: ConversationId,
        depth: u64,
    ) -> Result<HashMap<MessageId, Message>, StorageError> {
        let rows: Vec<MessageRow> = messages::table
            .filter(messages::active)
            .filter(messages::conversation_id.eq(conversation.to_string()))
            .filter(messages::depth.lt(count(depth)))
            .order(messages::depth.desc())
            .limit(HISTORY_BATCH)
            .select(MessageRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(|row| Message::try_from(row).map(|message| (message.id, message))).collect()
    }

    /// The rows as messages; what a reply that still runs adds to its content stands in the chunk log.
    pub(crate) fn with_running_text(&mut self, rows: Vec<MessageRow>) -> Result<Vec<Message>, StorageError> {
        rows.into_iter()
            .map(|mut row| {
                if let (true, Some(generation)) = (row.status == Status::Running.as_str(), &row.generation_id)
                {
                    row.content.push_str(&chunks::text(self.connection, generation)?);
                }
                Message::try_from(row)
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Adds a message, which can be found from now on unless it is a reply that still runs.
    ///
    /// # Errors
    ///
    /// Where the database fails; also where an active message would stand beside another active one.
    pub fn insert_message(&mut self, message: &Message) -> Result<(), StorageError> {
        let row = MessageRow::from(message);
        let owner = row.owner_id.clone();
        let key: i64 = diesel::insert_into(messages::table)
            .values(row)
            .returning(messages::key)
            .get_result(self.connection)?;
        if message.status != Status::Running {
            search::add(self.connection, Kind::Message, &owner, key, &message.content)?;
        }
        Ok(())
    }

    /// Takes what stands at this depth and below off the active path, to make room for a sibling.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn cut_active_path(&mut self, conversation: ConversationId, depth: u64) -> Result<(), StorageError> {
        diesel::update(
            messages::table
                .filter(messages::active)
                .filter(messages::conversation_id.eq(conversation.to_string()))
                .filter(messages::depth.ge(count(depth))),
        )
        .set(messages::active.eq(false))
        .execute(self.connection)?;
        Ok(())
    }
}
