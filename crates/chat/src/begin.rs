//! Beginning a reply: it is accepted in one transaction, and from then on a task of the server's runs it.

use std::marker;
use std::sync::Arc;

use raconteur_domain::{GenerationId, ServerId, UserId};
use raconteur_persona::{Budget, Estimate, Personas, PromptRequest};
use raconteur_storage::{StorageError, WriteTx};

use crate::accept::{Accepted, Fresh};
use crate::chat::Inner;
use crate::live::Live;
use crate::{Chat, ChatError, ResumeError, Subscription, run};

/// What a request for a reply comes to.
pub(crate) enum Acceptance<T = Accepted> {
    /// A reply that has begun with it.
    New(T),
    /// The reply that the same request began before.
    Repeated(GenerationId),
}

/// The work that accepts a reply: with fresh ids, on the model of this name and on this server.
pub(crate) trait Accept:
    FnOnce(&mut WriteTx<'_>, Fresh, &str, ServerId) -> Result<Acceptance, ChatError> + marker::Send + 'static
{
}

impl<F> Accept for F where
    F: FnOnce(&mut WriteTx<'_>, Fresh, &str, ServerId) -> Result<Acceptance, ChatError>
        + marker::Send
        + 'static
{
}

impl Chat {
    /// Begins the reply that a person's request comes to, and returns a reader of it as soon as it exists, before the
    /// model is asked. The reply goes on whether it is read or not.
    pub(crate) async fn begin(&self, owner: UserId, accept: impl Accept) -> Result<Subscription, ChatError> {
        let chat = Arc::clone(&self.0);
        let begin = async move {
            // Asked in here: a shutdown that has not begun by now waits for this task and for what it begins.
            if chat.closing.is_cancelled() {
                return Err(ChatError::Closing);
            }
            Ok(match chat.accept(accept).await? {
                Acceptance::New((live, accepted)) => {
                    let subscription = Subscription::new(Arc::clone(&live));
                    chat.spawn(run::run(Arc::clone(&chat), live, accepted));
                    Acceptance::New(subscription)
                }
                Acceptance::Repeated(generation) => Acceptance::Repeated(generation),
            })
        };
        match self.0.do_whole(begin).await? {
            Acceptance::New(subscription) => Ok(subscription),
            Acceptance::Repeated(generation) => self.read_again(owner, generation).await,
        }
    }

    /// A reply that was begun before, from its beginning.
    async fn read_again(&self, owner: UserId, generation: GenerationId) -> Result<Subscription, ChatError> {
        self.resume(owner, generation, 0).await.map_err(|error| match error {
            ResumeError::Chat(error) => error,
            // Every reply has a first byte.
            ResumeError::PastTheEnd(_) | ResumeError::InsideCharacter => ChatError::NotFound,
        })
    }
}

/// What has to be known to refuse a prompt that no model would take, before it is anywhere.
struct RoomForPrompts {
    personas: Arc<Personas>,
    budget: Budget,
    counter: Estimate,
}

impl RoomForPrompts {
    fn check(&self, accepted: &Accepted) -> Result<(), ChatError> {
        let persona = self.personas.find_or_stranger(&accepted.begun.character);
        let query = accepted.unsaved_prompt.as_deref().or(accepted.answered.as_deref()).unwrap_or_default();
        let said = accepted.said.as_deref();
        let request = PromptRequest {
            query,
            said,
            budget: self.budget,
            counter: &self.counter,
            ..PromptRequest::default()
        };
        persona.check_room(&request).map_err(ChatError::PromptTooLong)
    }
}

impl Inner {
    async fn accept(&self, accept: impl Accept) -> Result<Acceptance<(Arc<Live>, Accepted)>, ChatError> {
        let (fresh, server) = (self.fresh(), self.fleet.us());
        // Not `self`: whoever is the last to let go of the database waits for its writer, which runs this work.
        let (running, model) = (self.running.clone(), self.model.name().to_owned());
        let room = RoomForPrompts {
            personas: Arc::clone(&self.personas),
            budget: self.settings.budget(),
            counter: self.calibration.counter(),
        };
        let accepting = self.db.write(move |tx| {
            tx.hold_on(server)?;
            let accepted = match accept(tx, fresh, &model, server)? {
                Acceptance::New(accepted) => accepted,
                Acceptance::Repeated(generation) => return Ok(Acceptance::Repeated(generation)),
            };
            room.check(&accepted)?;
            let live = Arc::new(Live::new(accepted.begun.clone(), server));
            // Inside the transaction, so that whoever deletes what it belongs to after it finds the run.
            running.insert(Arc::clone(&live));
            Ok::<_, ChatError>(Acceptance::New((live, accepted)))
        });
        accepting.await.map_err(|error| {
            self.running.remove(fresh.generation);
            match error {
                // It has another name in a moment.
                ChatError::Storage(StorageError::TakenOver) => StorageError::Busy.into(),
                error => error,
            }
        })
    }
}
