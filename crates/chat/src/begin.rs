//! Beginning a reply: it is accepted in one transaction, and from then on a task of the server's runs it.

use std::marker;
use std::sync::Arc;

use raconteur_domain::{GenerationId, OwnPersona, ServerId, UserId};
use raconteur_persona::{Budget, PromptRequest};
use raconteur_storage::{StorageError, Where, WriteTx};

use crate::accept::{Accepted, Fresh};
use crate::calibration::Calibration;
use crate::chat::Inner;
use crate::live::Live;
use crate::stage::{Set, Stage};
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
    FnOnce(&mut WriteTx<'_>, Fresh, &str, ServerId) -> Result<Acceptance, ChatError>
    + Clone
    + marker::Send
    + 'static
{
}

impl<F> Accept for F where
    F: FnOnce(&mut WriteTx<'_>, Fresh, &str, ServerId) -> Result<Acceptance, ChatError>
        + Clone
        + marker::Send
        + 'static
{
}

impl Chat {
    /// Begins the reply that a person's request comes to, and returns a reader of it as soon as it exists, before the
    /// model is asked. The reply goes on whether it is read or not.
    pub(crate) async fn begin(
        &self,
        owner: UserId,
        place: Where,
        accept: impl Accept,
    ) -> Result<Subscription, ChatError> {
        let chat = Arc::clone(&self.0);
        let begin = async move {
            // Asked in here: a shutdown that has not begun by now waits for this task and for what it begins.
            if chat.closing.is_cancelled() {
                return Err(ChatError::Closing);
            }
            Ok(match chat.accept(owner, place, accept).await? {
                Acceptance::New((stage, live, accepted)) => {
                    let subscription = Subscription::new(Arc::clone(&live));
                    chat.spawn(run::run(Arc::clone(&chat), live, *stage, accepted));
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

/// How often it is tried to begin a reply of a character that is changed at the same time, again and again.
const TRIES: usize = 5;

/// A reply that has begun, and what it is made with.
type Begun = (Box<Stage>, Arc<Live>, Accepted);

/// Why a reply has not begun.
enum NotBegun {
    /// Whoever is to speak has to be read first.
    Waits(Box<OwnPersona>),
    Refused(ChatError),
}

impl<E: Into<ChatError>> From<E> for NotBegun {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl Inner {
    async fn accept(
        &self,
        owner: UserId,
        place: Where,
        accept: impl Accept,
    ) -> Result<Acceptance<Begun>, ChatError> {
        for _ in 0..TRIES {
            match self.try_to_accept(owner, place, accept.clone()).await {
                Ok(acceptance) => return Ok(acceptance),
                Err(NotBegun::Refused(error)) => return Err(error),
                // Outside of the transaction, so that nobody waits for it.
                Err(NotBegun::Waits(own)) => self.cast.read(&own).await?,
            };
        }
        Err(StorageError::Busy.into())
    }

    async fn try_to_accept(
        &self,
        owner: UserId,
        place: Where,
        accept: impl Accept,
    ) -> Result<Acceptance<Begun>, NotBegun> {
        let (fresh, server) = (self.fresh(), self.fleet.us());
        // Not `self`: whoever is the last to let go of the database waits for its writer, which runs this work.
        let (running, stages, calibration) =
            (self.running.clone(), self.stages(), Arc::clone(&self.calibration));
        let accepting = self.db.write(move |tx| {
            tx.hold_on(server)?;
            let stage = match stages.set(tx, owner, place)? {
                Set::Ready(stage) => stage,
                Set::Waits(own) => return Err(NotBegun::Waits(own)),
            };
            let accepted = match accept(tx, fresh, &stage.model, server)? {
                Acceptance::New(accepted) => accepted,
                Acceptance::Repeated(generation) => return Ok(Acceptance::Repeated(generation)),
            };
            check_room(&stage, stage.budget(&stages.settings), &calibration, &accepted)?;
            let live = Arc::new(Live::new(accepted.begun.clone(), server));
            // Inside the transaction, so that whoever deletes what it belongs to after it finds the run.
            running.insert(Arc::clone(&live));
            Ok(Acceptance::New((stage, live, accepted)))
        });
        accepting.await.map_err(|error| {
            self.running.remove(fresh.generation);
            match error {
                // It has another name in a moment.
                NotBegun::Refused(ChatError::Storage(StorageError::TakenOver)) => StorageError::Busy.into(),
                error => error,
            }
        })
    }
}

/// Refuses a prompt that no model would take, before it is anywhere.
fn check_room(
    stage: &Stage,
    budget: Budget,
    calibration: &Calibration,
    accepted: &Accepted,
) -> Result<(), ChatError> {
    let query = accepted.unsaved_prompt.as_deref().or(accepted.answered.as_deref()).unwrap_or_default();
    let counter = calibration.counter(&stage.model);
    let request =
        PromptRequest { query, said: accepted.said.as_deref(), budget, counter: &counter, ..stage.request() };
    stage.persona.check_room(&request).map_err(ChatError::PromptTooLong)
}
