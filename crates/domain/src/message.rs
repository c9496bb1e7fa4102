//! Utterances, and the tree that they form.

use crate::{ConversationId, GenerationId, MessageId, Role, Status, Timestamp, UserId};

/// One utterance. Messages form a tree by `parent_id`; the *active path* through it is what a person is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// Whose conversation it stands in.
    pub owner_id: UserId,
    /// The conversation it stands in.
    pub conversation_id: ConversationId,
    /// What it answers or follows; the first message follows nothing.
    pub parent_id: Option<MessageId>,
    /// How many messages stand before it on its path: 0 for the first.
    pub depth: u64,
    /// Whether it is on the active path.
    pub active: bool,
    /// Who it is from.
    pub role: Role,
    /// Its text, letter for letter; of a running reply, the text so far.
    pub content: String,
    /// How far the reply has come; what a person wrote is complete.
    pub status: Status,
    /// How many bytes of the content the model itself said, where the rest is a line that the persona added
    /// about its trouble, which no prompt shows to the model.
    pub spoken_bytes: Option<u64>,
    /// The run of the model that made it.
    pub generation_id: Option<GenerationId>,
    /// JSON that came with the message from elsewhere.
    pub meta: Option<String>,
    /// When it was written, or begun.
    pub created_at: Timestamp,
}

/// Where a message stands among those that follow the same one, or among the first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Siblings {
    /// Its place among them, from 0, in the order in which they were written.
    pub index: u64,
    /// How many they are, itself included.
    pub count: u64,
}

impl Siblings {
    /// Those of a message that has none.
    pub const NONE: Self = Self { index: 0, count: 1 };
}

/// A message, and its place among its siblings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The message.
    pub message: Message,
    /// Where it stands.
    pub siblings: Siblings,
}

impl Message {
    /// What the model may be shown of it later.
    ///
    /// ```
    /// # use raconteur_domain::*;
    /// # struct Zeros;
    /// # impl Entropy for Zeros { fn fill(&self, buffer: &mut [u8]) { buffer.fill(0); } }
    /// # let now = Timestamp::from_micros(0);
    /// let reply = Message {
    ///     role: Role::Assistant,
    ///     status: Status::Failed,
    ///     content: "Gold first. Hells, lost my thread.".to_owned(),
    ///     spoken_bytes: Some(11),
    /// #   id: MessageId::new(now, &Zeros), owner_id: UserId::new(now, &Zeros),
    /// #   conversation_id: ConversationId::new(now, &Zeros), parent_id: None, depth: 0, active: true,
    /// #   generation_id: None, meta: None, created_at: now,
    /// };
    /// assert_eq!(reply.spoken(), "Gold first.");
    /// ```
    #[must_use]
    pub fn spoken(&self) -> &str {
        self.spoken_bytes
            .and_then(|end| self.content.get(..usize::try_from(end).ok()?))
            .unwrap_or(&self.content)
    }
}
