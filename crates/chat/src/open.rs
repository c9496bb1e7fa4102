//! Opening a conversation.

use raconteur_domain::{Conversation, ConversationId, Message, MessageId, Role, Status, Timestamp, UserId};
use raconteur_persona::Persona;
use raconteur_storage::StorageError;

use crate::Chat;

/// A conversation to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Whose it is.
    pub owner: UserId,
    /// Who answers.
    pub character: String,
    /// What it is called; an empty title is given by the first message.
    pub title: String,
    /// Whether the character speaks first. Its other greetings are siblings of the one that is shown.
    pub greeting: bool,
}

impl Chat {
    /// Opens a conversation, with the character's greeting where that is wanted and there is one.
    ///
    /// # Errors
    ///
    /// Where the database fails; then nothing was written.
    pub async fn open(&self, open: Open) -> Result<Conversation, StorageError> {
        let (now, entropy) = (self.0.clock.now(), &*self.0.entropy);
        let conversation = Conversation {
            id: ConversationId::new(now, entropy),
            owner_id: open.owner,
            character: open.character,
            title: open.title,
            created_at: now,
            updated_at: now,
        };
        let persona = self.0.personas.find_or_stranger(&conversation.character);
        let greetings = if open.greeting { greetings(&persona, &conversation) } else { Vec::new() };
        let messages: Vec<Message> = greetings
            .into_iter()
            .enumerate()
            .map(|(place, content)| {
                greeting(&conversation, MessageId::new(now, entropy), content, place == 0, now)
            })
            .collect();
        let row = conversation.clone();
        let write = self.0.db.write(move |tx| {
            tx.insert_conversation(&row)?;
            messages.iter().try_for_each(|message| tx.insert_message(message))
        });
        write.await?;
        Ok(conversation)
    }
}

/// What the character may say first, without what no database keeps.
fn greetings(persona: &Persona, conversation: &Conversation) -> Vec<String> {
    let texts = persona.greetings(None, &conversation.id.to_string());
    texts.into_iter().map(|text| text.replace('\0', "\u{fffd}")).collect()
}

fn greeting(
    conversation: &Conversation,
    id: MessageId,
    content: String,
    active: bool,
    now: Timestamp,
) -> Message {
    Message {
        id,
        owner_id: conversation.owner_id,
        conversation_id: conversation.id,
        parent_id: None,
        depth: 0,
        active,
        role: Role::Assistant,
        content,
        status: Status::Complete,
        spoken_bytes: None,
        generation_id: None,
        meta: None,
        created_at: now,
    }
}
