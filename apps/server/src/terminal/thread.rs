//! The conversation that a terminal holds, and whose it is.

use std::sync::Arc;

use raconteur_domain::{
    Conversation, ConversationId, EmailAddress, GenerationId, Message, Role, User, UserId,
};
use raconteur_persona::{Persona, Personas};
use raconteur_storage::{Db, StorageError};

use super::TerminalError;
use crate::parts::Parts;

/// How many messages remind a person of where they were.
const REMINDERS: u32 = 6;

/// The account that talks where nobody names one. It has no password, so nobody signs in as it.
const OWN_ACCOUNT: &str = "terminal";

/// The conversation that a terminal holds.
pub(super) struct Thread {
    pub(super) conversation: Conversation,
    /// Who answers; a stranger of that name where nobody here has it.
    pub(super) persona: Arc<Persona>,
    /// What was said last, the oldest of it first.
    pub(super) before: Vec<Message>,
    /// Whether the database has it.
    kept: bool,
}

impl Thread {
    /// A new one. It is written when something is said in it.
    pub(super) async fn begin(
        db: &Db,
        parts: &Parts,
        persona: Arc<Persona>,
        account: Option<&str>,
    ) -> Result<Self, TerminalError> {
        let owner_id = match account {
            Some(email) => find_account(db, email).await?,
            None => own_account(db, parts).await?,
        };
        let now = parts.clock.now();
        let conversation = Conversation {
            id: ConversationId::new(now, &*parts.entropy),
            owner_id,
            character: persona.name().to_owned(),
            persona_id: None,
            title: String::new(),
            created_at: now,
            updated_at: now,
        };
        Ok(Self { conversation, persona, before: Vec::new(), kept: false })
    }

    /// One that there is, whoever's it is.
    pub(super) async fn resume(
        db: &Db,
        personas: &Personas,
        id: ConversationId,
    ) -> Result<Self, TerminalError> {
        let found = db
            .read(move |tx| {
                let conversation = tx.anybodys_conversation(id)?;
                Ok::<_, StorageError>(conversation.zip(Some(tx.newest_messages(id, REMINDERS)?)))
            })
            .await?;
        let (conversation, before) = found.ok_or(TerminalError::UnknownConversation(id))?;
        let persona = personas.find_or_stranger(&conversation.character);
        Ok(Self { conversation, persona, before, kept: true })
    }

    /// Makes sure that the database has it.
    pub(super) async fn keep(&mut self, db: &Db) -> Result<(), StorageError> {
        if !self.kept {
            let conversation = self.conversation.clone();
            db.write(move |tx| tx.insert_conversation(&conversation)).await?;
            self.kept = true;
        }
        Ok(())
    }

    /// Whether there is anything to come back to.
    pub(super) const fn is_kept(&self) -> bool {
        self.kept
    }

    /// The run that made the last answer before now.
    pub(super) fn last_answer(&self) -> Option<GenerationId> {
        let mut answers = self.before.iter().rev().filter(|message| message.role == Role::Assistant);
        answers.find_map(|message| message.generation_id)
    }
}

async fn find_account(db: &Db, email: &str) -> Result<UserId, TerminalError> {
    let key = EmailAddress::lookup_key(email);
    let found = db.read(move |tx| tx.credentials(&key)).await?;
    found.map(|found| found.user.id).ok_or_else(|| TerminalError::UnknownAccount(email.to_owned()))
}

/// The terminal's own account, which is made where there is none yet.
async fn own_account(db: &Db, parts: &Parts) -> Result<UserId, StorageError> {
    let email = EmailAddress::of_this_machine(OWN_ACCOUNT);
    let now = parts.clock.now();
    let user =
        User { id: UserId::new(now, &*parts.entropy), email: email.as_typed().to_owned(), created_at: now };
    db.write(move |tx| {
        if let Some(found) = tx.credentials(email.key())? {
            return Ok(found.user.id);
        }
        if tx.insert_user(&user, &email, None)? {
            return Ok(user.id);
        }
        // Another terminal on the same database was faster.
        tx.credentials(email.key())?.map(|found| found.user.id).ok_or(StorageError::Busy)
    })
    .await
}
