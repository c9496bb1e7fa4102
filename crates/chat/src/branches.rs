//! Branches of a conversation: other replies, more of a reply, other words, and which of them is shown.

use std::sync::Arc;

use raconteur_domain::{
    Conversation, ConversationId, GenerationId, Message, MessageId, Placed, Role, Status, Timestamp, UserId,
};
use raconteur_storage::{Where, WriteTx};

use crate::accept::{self, Fresh, Place};
use crate::begin::Acceptance;
use crate::{Chat, ChatError, Subscription};

impl Chat {
    /// Asks for another reply in the place of one, and returns a reader of it. The new one is shown; the old one and what
    /// follows it are kept as a branch, and where it still runs it goes on.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was written.
    pub async fn regenerate(&self, owner: UserId, message: MessageId) -> Result<Subscription, ChatError> {
        self.begin(owner, Where::At(message), move |tx, fresh, model, server| {
            let (conversation, old) = reply_to_write(tx, owner, message)?;
            let parent = old.parent_id.map(|parent| tx.message(parent)).transpose()?.flatten();
            tx.lead_path_to(conversation.id, parent.as_ref())?;
            let place = Place { parent, unsaved_prompt: None };
            Ok(Acceptance::New(accept::begin_reply(tx, conversation, place, fresh, model, server)?))
        })
        .await
    }

    /// Asks for more of the reply that a conversation ends with, and returns a reader of what is added. The message runs
    /// again, and what it says already stays, but for a line about the model's trouble.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was written.
    pub async fn continue_reply(&self, owner: UserId, message: MessageId) -> Result<Subscription, ChatError> {
        self.begin(owner, Where::At(message), move |tx, fresh, model, server| {
            let (conversation, reply) = reply_to_write(tx, owner, message)?;
            if reply.status == Status::Running {
                return Err(ChatError::StillRunning);
            }
            if tx.active_leaf(conversation.id)?.is_none_or(|leaf| leaf.id != reply.id) {
                return Err(ChatError::NotTheLast);
            }
            let parent = reply.parent_id.map(|parent| tx.message(parent)).transpose()?.flatten();
            let said = reply.spoken().to_owned();
            tx.continue_message(reply.id, &said, fresh.generation)?;
            let place = Place { parent, unsaved_prompt: None };
            let message = (reply.id, Some(said));
            let accepted = accept::begin_generation(tx, conversation, place, message, fresh, model, server)?;
            Ok(Acceptance::New(accepted))
        })
        .await
    }

    /// Gives a message other words. One of the person's gets a sibling with them, which is shown from now on and has no
    /// reply yet; one of the character's is changed itself.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was written.
    pub async fn edit(
        &self,
        owner: UserId,
        message: MessageId,
        content: String,
    ) -> Result<Placed, ChatError> {
        let fresh = self.0.fresh();
        self.0.db.write(move |tx| edit(tx, owner, message, content, fresh)).await
    }

    /// Shows the branch that a message is on: those before it, the message, and the newest one below at each step.
    /// Returns the conversation that it stands in.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was written.
    pub async fn activate(&self, owner: UserId, message: MessageId) -> Result<ConversationId, ChatError> {
        let now = self.0.clock.now();
        self.0
            .db
            .write(move |tx| {
                let (conversation, message) =
                    tx.message_to_write(owner, message)?.ok_or(ChatError::NotFound)?;
                tx.lead_path_to(conversation.id, Some(&message))?;
                tx.lead_path_on(conversation.id, Some(message.id))?;
                tx.touch_conversation(conversation.id, now)?;
                Ok(conversation.id)
            })
            .await
    }

    /// Deletes a message and everything that follows it, and stops what runs in it. Where it was shown, its newest
    /// sibling is shown instead, or the conversation ends with its parent.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was deleted.
    pub async fn delete_message(&self, owner: UserId, message: MessageId) -> Result<(), ChatError> {
        let chat = Arc::clone(&self.0);
        let delete = async move {
            let now = chat.clock.now();
            let bin = ConversationId::new(now, &*chat.entropy);
            let running = chat.db.write(move |tx| delete(tx, owner, message, bin, now)).await?;
            for generation in running {
                // One that another server runs is stopped as soon as that has heard of it.
                chat.running.stop(generation);
            }
            chat.deleted.notify_one();
            Ok(())
        };
        self.0.do_whole(delete).await
    }
}

/// A person's message that the character said.
fn reply_to_write(
    tx: &mut WriteTx<'_>,
    owner: UserId,
    message: MessageId,
) -> Result<(Conversation, Message), ChatError> {
    let found = tx.message_to_write(owner, message)?.ok_or(ChatError::NotFound)?;
    if found.1.role == Role::Assistant { Ok(found) } else { Err(ChatError::NotAReply) }
}

fn edit(
    tx: &mut WriteTx<'_>,
    owner: UserId,
    message: MessageId,
    content: String,
    fresh: Fresh,
) -> Result<Placed, ChatError> {
    let (conversation, old) = tx.message_to_write(owner, message)?.ok_or(ChatError::NotFound)?;
    let edited = if old.role == Role::User {
        let parent = old.parent_id.map(|parent| tx.message(parent)).transpose()?.flatten();
        tx.lead_path_to(conversation.id, parent.as_ref())?;
        let (id, now) = (fresh.user_message, fresh.now);
        accept::write_user_message(tx, &conversation, parent.as_ref(), content, id, now)?
    } else {
        if old.status == Status::Running {
            return Err(ChatError::StillRunning);
        }
        tx.replace_content(old.id, &content)?;
        tx.touch_conversation(conversation.id, fresh.now)?;
        Message { content, spoken_bytes: None, ..old }
    };
    let placed = tx.placed(conversation.id, vec![edited])?.pop();
    placed.ok_or(ChatError::NotFound)
}

fn delete(
    tx: &mut WriteTx<'_>,
    owner: UserId,
    message: MessageId,
    bin: ConversationId,
    now: Timestamp,
) -> Result<Vec<GenerationId>, ChatError> {
    let (conversation, message) = tx.message_to_write(owner, message)?.ok_or(ChatError::NotFound)?;
    let running = tx.remove_branch(&message, bin, now)?;
    tx.touch_conversation(conversation.id, now)?;
    Ok(running)
}
