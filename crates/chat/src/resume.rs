//! Coming back to a reply, at any byte of it.

use std::sync::Arc;

use raconteur_domain::{GenerationId, UserId};
use raconteur_storage::{ReadTx, StorageError};

use crate::live::{Begun, Live};
use crate::replay::{Kept, Replay};
use crate::{Chat, ChatError, Subscription};

/// Why nobody can come back to a reply, or not there.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResumeError {
    /// The reply has no more than so many bytes. One that still runs may have more later; nobody has seen them.
    #[error("the reply has {0} bytes")]
    PastTheEnd(usize),
    /// The byte is in the middle of a character.
    #[error("no character begins at this byte")]
    InsideCharacter,
    /// There is no such reply, or it cannot be had now.
    #[error(transparent)]
    Chat(#[from] ChatError),
}

impl From<StorageError> for ResumeError {
    fn from(error: StorageError) -> Self {
        Self::Chat(error.into())
    }
}

impl Chat {
    /// A reader of a person's reply from a byte on, who is handed everything behind that once, and the end: of one that
    /// runs here, runs on another server, or has ended. It starts nothing.
    ///
    /// # Errors
    ///
    /// [`ResumeError`]: the byte has to be one that somebody may have read up to.
    pub async fn resume(
        &self,
        owner: UserId,
        generation: GenerationId,
        from: usize,
    ) -> Result<Subscription, ResumeError> {
        let chat = &self.0;
        // Before the database is asked: what ends meanwhile is in memory or has ended there.
        let live = chat.running.get(generation);
        let is_here = live.is_some();
        let found = chat.db.read(move |tx| {
            let Some(begun) = begun(tx, owner, generation)? else {
                return Ok(None);
            };
            let kept = if is_here { None } else { Some(Kept::read(tx, generation, 0)?) };
            Ok::<_, StorageError>(Some((begun, kept)))
        });
        let (begun, kept) = found.await?.ok_or(ChatError::NotFound)?;
        if let Some(live) = live {
            return resume_live(live, from);
        }
        let kept = kept.unwrap_or(Kept::Gone);
        if matches!(kept, Kept::Running(_)) && self.is_closing() {
            return Err(ChatError::Closing.into());
        }
        let mut replay = Replay::new(Arc::clone(chat), begun, kept);
        check(from, replay.text().len(), replay.text().is_char_boundary(from))?;
        replay.skip(from);
        Ok(Subscription::kept(replay))
    }

    /// Finds a person's reply.
    ///
    /// # Errors
    ///
    /// [`ChatError::NotFound`] where the person has no such reply, running or ended.
    pub async fn find(&self, owner: UserId, generation: GenerationId) -> Result<Begun, ChatError> {
        self.0.db.read(move |tx| begun(tx, owner, generation)).await?.ok_or(ChatError::NotFound)
    }
}

fn resume_live(live: Arc<Live>, from: usize) -> Result<Subscription, ResumeError> {
    let durable = live.progress().borrow().durable;
    check(from, durable, live.is_boundary(from))?;
    Ok(Subscription::from(live, from))
}

const fn check(from: usize, length: usize, is_boundary: bool) -> Result<(), ResumeError> {
    if from > length {
        return Err(ResumeError::PastTheEnd(length));
    }
    if !is_boundary {
        return Err(ResumeError::InsideCharacter);
    }
    Ok(())
}

/// What was known of a person's reply from the first moment on, as far as it is kept. A reply to a prompt that became no
/// message is told by the message that it hangs on. `None` where there is no such reply, or it was deleted.
fn begun(
    tx: &mut ReadTx<'_>,
    owner: UserId,
    generation: GenerationId,
) -> Result<Option<Begun>, StorageError> {
    let Some(generation) = tx.generation(owner, generation)? else {
        return Ok(None);
    };
    let Some(conversation) = tx.conversation(owner, generation.conversation_id)? else {
        return Ok(None);
    };
    Ok(tx.question(generation.message_id)?.map(|user_message_id| Begun {
        generation_id: generation.id,
        message_id: generation.message_id,
        user_message_id,
        conversation_id: conversation.id,
        character: conversation.character,
        model: generation.model,
        at: generation.created_at,
    }))
}
