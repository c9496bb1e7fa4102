//! Bringing an archive to an account.
//!
//! Everything gets ids of its own, for the account that it was taken from may be at this server too. The id of a message
//! is derived from its name in the archive, so that nothing has to be kept of the messages that have been written.

use std::collections::HashMap;

use raconteur_domain::{
    Conversation, ConversationId, Entropy, Message, MessageId, PersonaId, Profile, Timestamp, UserId,
};
use raconteur_storage::{ProfileChange, StorageError, WriteTx};
use sha2::{Digest as _, Sha256};

use super::{ArchivedConversation, ArchivedMessage, ArchivedPersona, BATCH};
use crate::app::App;
use crate::own_personas::PersonaError;

/// How many bytes of text are written in one transaction, unless a single message has more.
const BATCH_BYTES: usize = 1024 * 1024;

/// How many notes on what was left out are kept.
const NOTES: usize = 100;

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A message stands before any conversation.
    #[error("A message stands before any conversation.")]
    NoConversation,
    /// A message follows one that has not come before it.
    #[error("A message follows one that did not come before it in its conversation.")]
    NoParent,
    /// Two messages have the same id.
    #[error("A message has the id of an earlier one.")]
    Repeated,
    /// The conversation was deleted while its messages came.
    #[error("The conversation was deleted meanwhile.")]
    Deleted,
    /// A character is not taken.
    #[error(transparent)]
    Persona(#[from] PersonaError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What was taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many characters.
    pub personas: u64,
    /// How many conversations.
    pub conversations: u64,
    /// How many messages.
    pub messages: u64,
    /// What of the characters was left out, a sentence each.
    pub ignored: Vec<String>,
}

/// The conversation whose messages come.
struct Open {
    id: ConversationId,
    last_shown: Option<MessageId>,
    /// How deep the messages of the last transaction stand: what comes next mostly follows one of them.
    depths: HashMap<MessageId, u64>,
}

/// Takes in an archive, a record at a time.
pub struct Importer {
    app: App,
    owner: UserId,
    now: Timestamp,
    salt: [u8; 16],
    personas: HashMap<String, PersonaId>,
    made_personas: Vec<String>,
    made_conversations: Vec<ConversationId>,
    open: Option<Open>,
    batch: Vec<Message>,
    batch_bytes: usize,
    taken: Taken,
}

/// What a derived id is made of in the place of chance.
struct Derived([u8; 32]);

impl Entropy for Derived {
    fn fill(&self, buffer: &mut [u8]) {
        for (byte, derived) in buffer.iter_mut().zip(self.0) {
            *byte = derived;
        }
    }
}

impl Importer {
    /// Begins to take an archive into this person's account.
    pub fn new(app: App, owner: UserId) -> Self {
        let mut salt = [0; 16];
        app.entropy.fill(&mut salt);
        Self {
            owner,
            now: app.clock.now(),
            salt,
            personas: HashMap::new(),
            made_personas: Vec::new(),
            made_conversations: Vec::new(),
            open: None,
            batch: Vec::new(),
            batch_bytes: 0,
            taken: Taken::default(),
            app,
        }
    }

    /// Takes what the person told of themselves, unless they have told something here.
    ///
    /// # Errors
    ///
    /// [`ImportError`].
    pub async fn profile(&mut self, profile: ProfileChange) -> Result<(), ImportError> {
        let owner = self.owner;
        let work = self.app.db.write(move |tx| {
            if tx.profile(owner)? == Some(Profile::default()) {
                tx.change_profile(owner, &profile)?;
            }
            Ok::<_, StorageError>(())
        });
        Ok(work.await?)
    }

    /// Takes a character, under its short name or another one where that is taken.
    ///
    /// # Errors
    ///
    /// [`ImportError`].
    pub async fn persona(&mut self, persona: ArchivedPersona) -> Result<(), ImportError> {
        let ArchivedPersona { slug, public, package } = persona;
        let (found, ignored) = self.app.own_personas.bring_back(self.owner, package, public, &slug).await?;
        if let Some(own) = found.own {
            self.made_personas.push(own.slug);
            self.personas.insert(slug, own.id);
        }
        let room = NOTES.saturating_sub(self.taken.ignored.len());
        self.taken.ignored.extend(ignored.into_iter().take(room));
        self.taken.personas += 1;
        Ok(())
    }

    /// Opens a conversation, whose messages come next.
    ///
    /// # Errors
    ///
    /// [`ImportError`].
    pub async fn conversation(&mut self, archived: ArchivedConversation) -> Result<(), ImportError> {
        self.close().await?;
        let id = ConversationId::new(self.now, &*self.app.entropy);
        let conversation = Conversation {
            id,
            owner_id: self.owner,
            character: archived.character,
            persona_id: archived.persona.and_then(|slug| self.personas.get(&slug).copied()),
            title: archived.change.title.clone().unwrap_or_default(),
            created_at: archived.created_at.min(self.now),
            updated_at: archived.updated_at.min(self.now),
        };
        let (owner, change) = (self.owner, archived.change);
        let through = archived.summary_through.map(|message| self.derived(id, message));
        self.open = Some(Open {
            id,
            last_shown: archived.last_shown.map(|message| self.derived(id, message)),
            depths: HashMap::new(),
        });
        self.made_conversations.push(id);
        let work = self.app.db.write(move |tx| {
            tx.insert_conversation(&conversation)?;
            let summary = change.summary.clone().unwrap_or_default();
            tx.change_conversation(owner, id, &change, conversation.updated_at)?;
            if let Some(through) = through {
                tx.summarize(id, &summary, &summary, through)?;
            }
            Ok::<_, StorageError>(())
        });
        work.await?;
        self.taken.conversations += 1;
        Ok(())
    }

    /// Takes a message of the conversation that is open.
    ///
    /// # Errors
    ///
    /// [`ImportError`], of this message or of one that came shortly before.
    pub async fn message(&mut self, archived: ArchivedMessage) -> Result<(), ImportError> {
        let conversation_id = self.open.as_ref().ok_or(ImportError::NoConversation)?.id;
        self.batch_bytes += archived.content.len() + archived.meta.as_ref().map_or(0, String::len);
        self.batch.push(Message {
            id: self.derived(conversation_id, archived.id),
            owner_id: self.owner,
            conversation_id,
            parent_id: archived.parent_id.map(|parent| self.derived(conversation_id, parent)),
            depth: 0,
            active: false,
            role: archived.role,
            content: archived.content,
            status: archived.status,
            spoken_bytes: archived.spoken_bytes,
            generation_id: None,
            meta: archived.meta,
            created_at: archived.created_at.min(self.now),
        });
        self.taken.messages += 1;
        if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES { self.write().await } else { Ok(()) }
    }

    /// Ends it: all of it is there.
    ///
    /// # Errors
    ///
    /// [`ImportError`].
    pub async fn finish(&mut self) -> Result<Taken, ImportError> {
        self.close().await?;
        Ok(std::mem::take(&mut self.taken))
    }

    /// Takes back what was taken in so far, but for what the person told of themselves.
    pub async fn undo(self) {
        for conversation in self.made_conversations {
            if let Err(error) = self.app.chat.delete_conversation(self.owner, conversation).await {
                tracing::debug!(%error, "a conversation of an archive that was refused is left");
            }
        }
        for slug in self.made_personas {
            if let Err(error) = self.app.own_personas.delete(self.owner, &slug).await {
                tracing::debug!(%error, "a character of an archive that was refused is left");
            }
        }
    }

    fn derived(&self, conversation: ConversationId, message: MessageId) -> MessageId {
        let digest = Sha256::new()
            .chain_update(self.salt)
            .chain_update(conversation.to_string())
            .chain_update(message.to_string())
            .finalize();
        MessageId::new(self.now, &Derived(digest.into()))
    }

    /// Writes the messages that wait.
    async fn write(&mut self) -> Result<(), ImportError> {
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        let Some(open) = self.open.as_mut().filter(|_| !batch.is_empty()) else { return Ok(()) };
        let (owner, conversation, known) = (self.owner, open.id, std::mem::take(&mut open.depths));
        let work = self.app.db.write(move |tx| {
            tx.conversation_to_write(owner, conversation)?.ok_or(ImportError::Deleted)?;
            insert(tx, conversation, batch, &known)
        });
        open.depths = work.await?;
        Ok(())
    }

    /// Ends the conversation that is open: its messages are shown as they were.
    async fn close(&mut self) -> Result<(), ImportError> {
        self.write().await?;
        let Some(Open { id, last_shown, .. }) = self.open.take() else { return Ok(()) };
        let owner = self.owner;
        let work = self.app.db.write(move |tx| {
            tx.conversation_to_write(owner, id)?.ok_or(ImportError::Deleted)?;
            let last = last_shown.map(|last| tx.message(last)).transpose()?.flatten();
            tx.lead_path_to(id, last.as_ref())?;
            Ok::<_, ImportError>(tx.lead_path_on(id, last.map(|last| last.id))?)
        });
        work.await
    }
}

/// Inserts messages of one conversation, and tells how deep they stand.
fn insert(
    tx: &mut WriteTx<'_>,
    conversation: ConversationId,
    batch: Vec<Message>,
    known: &HashMap<MessageId, u64>,
) -> Result<HashMap<MessageId, u64>, ImportError> {
    let mut depths = HashMap::new();
    for mut message in batch {
        message.depth = match message.parent_id {
            None => 0,
            Some(parent) => {
                1 + match depths.get(&parent).or_else(|| known.get(&parent)) {
                    Some(depth) => *depth,
                    None => {
                        let parent = tx.message(parent)?.filter(|it| it.conversation_id == conversation);
                        parent.ok_or(ImportError::NoParent)?.depth
                    }
                }
            }
        };
        if tx.message(message.id)?.is_some() {
            return Err(ImportError::Repeated);
        }
        tx.insert_message(&message)?;
        depths.insert(message.id, message.depth);
    }
    Ok(depths)
}
