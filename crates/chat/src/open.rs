//! Opening a conversation.

use raconteur_domain::{Conversation, ConversationId, Message, MessageId, Role, Status, Timestamp, UserId};
use raconteur_persona::Persona;
use raconteur_storage::StorageError;

use crate::{Chat, Found};

/// A conversation to be opened.
#[derive(Clone, Debug)]
pub struct Open {
    /// Whose it is.
    pub owner: UserId,
    /// The name of who answers.
    pub character: String,
    /// Who answers, where that is known already; else it is found by the name.
    pub persona: Option<Found>,
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
        let found = match open.persona {
            Some(found) => Some(found),
            None => self.0.cast.called(open.owner, &open.character).await?,
        };
        let (persona, own) = found.map(|found| (found.persona, found.own)).unzip();
        let conversation = Conversation {
            id: ConversationId::new(now, entropy),
            owner_id: open.owner,
            character: open.character,
            persona_id: own.flatten().map(|own| own.id),
            title: open.title,
            created_at: now,
            updated_at: now,
        };
        let greetings = match persona.filter(|_| open.greeting) {
            Some(persona) => greetings(&persona, &self.user_name(open.owner).await?, &conversation),
            None => Vec::new(),
        };
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

    /// What a person is called; empty where they have not told.
    async fn user_name(&self, person: UserId) -> Result<String, StorageError> {
        let profile = self.0.db.read(move |tx| tx.profile(person)).await?;
        Ok(profile.unwrap_or_default().display_name)
    }
}

/// What the character may say first, without what no database keeps.
fn greetings(persona: &Persona, user: &str, conversation: &Conversation) -> Vec<String> {
    let user = Some(user.trim()).filter(|user| !user.is_empty());
    let texts = persona.greetings(user, &conversation.id.to_string());
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
