//! Where messages stand among those that follow the same one.

use std::collections::HashMap;

use diesel::prelude::*;
use raconteur_domain::{ConversationId, Message, Placed, Siblings};

use crate::schema::messages;
use crate::{ReadTx, StorageError};

/// The ids below each parent, in the order in which they were written; the first messages stand below none.
type Families = HashMap<Option<String>, Vec<String>>;

impl ReadTx<'_> {
    /// The messages, all of this conversation, with their places among their siblings. What is read for that are the ids
    /// of these and of their siblings, in two questions at most.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn placed(
        &mut self,
        conversation: ConversationId,
        listed: Vec<Message>,
    ) -> Result<Vec<Placed>, StorageError> {
        let families = self.families(conversation, &listed)?;
        let place = |message: Message| {
            let siblings = families.get(&parent(&message)).and_then(|family| {
                let id = message.id.to_string();
                let index = family.iter().position(|sibling| *sibling == id)?;
                Some(Siblings { index: index as u64, count: family.len() as u64 })
            });
            Placed { message, siblings: siblings.unwrap_or(Siblings::NONE) }
        };
        Ok(listed.into_iter().map(place).collect())
    }

    fn families(
        &mut self,
        conversation: ConversationId,
        listed: &[Message],
    ) -> Result<Families, StorageError> {
        let conversation = conversation.to_string();
        let mut families = Families::new();
        let mut parents: Vec<String> = listed.iter().filter_map(parent).collect();
        // The messages of a tree come with their siblings.
        parents.sort_unstable();
        parents.dedup();
        if !parents.is_empty() {
            let children: Vec<(Option<String>, String)> = messages::table
                .filter(messages::conversation_id.eq(&conversation))
                .filter(messages::parent_id.eq_any(parents))
                .order(messages::key)
                .select((messages::parent_id, messages::id))
                .load(self.connection)?;
            for (parent, id) in children {
                families.entry(parent).or_default().push(id);
            }
        }
        if listed.iter().any(|message| message.parent_id.is_none()) {
            let first: Vec<String> = messages::table
                .filter(messages::conversation_id.eq(&conversation))
                .filter(messages::parent_id.is_null())
                .order(messages::key)
                .select(messages::id)
                .load(self.connection)?;
            families.insert(None, first);
        }
        Ok(families)
    }
}

fn parent(message: &Message) -> Option<String> {
    message.parent_id.map(|id| id.to_string())
}
