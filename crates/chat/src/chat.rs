//! The way in.

use std::sync::Arc;
use std::time::Duration;

use raconteur_domain::{
    Clock, ConversationId, Entropy, GenerationId, MessageId, Placed, ServerId, Status, UserId,
};
use raconteur_llm::ChatModel;
use raconteur_persona::{Budget, Personas};
use raconteur_storage::{Credentials, Db, Made, StorageError, Where};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::{self, Fresh, Send};
use crate::begin::Acceptance;
use crate::calibration::Calibration;
use crate::cast::Cast;
use crate::fleet::{self, Fleet};
use crate::running::Running;
use crate::stage::Stages;
use crate::{ChatError, Subscription, once, purge};

/// How long interrupted replies get to write their ends, after the grace that they had to finish.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// What a chat is made of.
pub struct Parts {
    /// Where everything is kept.
    pub db: Db,
    /// Who can be spoken to.
    pub personas: Arc<Personas>,
    /// Who thinks.
    pub model: Arc<dyn ChatModel>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
    /// Where generations run: they belong to the server, not to a request.
    pub runtime: Handle,
}

/// How replies are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChatSettings {
    /// How many tokens the prompt and the reply have together, by a conservative estimate that learns from what the model
    /// reports.
    pub context_tokens: usize,
    /// How many of them the history takes at most.
    pub history_tokens: usize,
    /// From 0 (always the likeliest word) to 2.
    pub temperature: f32,
    /// The longest reply, in the model's own tokens.
    pub max_tokens: u32,
    /// Whether the model sums up what of a conversation prompts have no room for.
    pub summaries: bool,
    /// Whether what the model thought is kept with the generation.
    pub keep_reasoning: bool,
    /// Whether the readers wait for the disk.
    pub durability: Durability,
    /// How long a server that shares its database with others may be silent before they take it for dead and end
    /// what it was running. It shows several times as often that it lives.
    pub dead_after: Duration,
}

impl ChatSettings {
    /// How much room a prompt has.
    #[must_use]
    pub const fn budget(&self) -> Budget {
        Budget { context: self.context_tokens, reply: self.max_tokens as usize, history: self.history_tokens }
    }
}

/// When what the model says is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Once it is durable: what was seen is saved, whatever happens.
    #[default]
    Strict,
    /// At once. It is made durable within about a tenth of a second; that much may be lost of what was seen when the
    /// server is killed.
    Relaxed,
}

/// Conversations and the replies in them. Clones share everything.
#[derive(Clone)]
pub struct Chat(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) cast: Cast,
    pub(crate) model: Arc<dyn ChatModel>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: ChatSettings,
    pub(crate) calibration: Arc<Calibration>,
    pub(crate) fleet: Fleet,
    runtime: Handle,
    pub(crate) running: Running,
    tasks: TaskTracker,
    /// Nothing new is begun.
    pub(crate) closing: CancellationToken,
    /// What still runs is interrupted.
    pub(crate) grace_over: CancellationToken,
    /// Rows may wait to be removed.
    pub(crate) deleted: Notify,
}

impl Inner {
    /// Does the work in a task of the server's own, so that it is done whole even where whoever asked for it goes
    /// away meanwhile.
    pub(crate) async fn do_whole<T: std::marker::Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ChatError>> + std::marker::Send + 'static,
    ) -> Result<T, ChatError> {
        let task = self.tasks.spawn_on(work, &self.runtime);
        // A task is lost with its runtime alone, when the server is at its end.
        task.await.unwrap_or(Err(ChatError::Closing))
    }

    /// Whoever sets the stages of replies.
    pub(crate) fn stages(&self) -> Stages {
        Stages {
            players: self.cast.players().clone(),
            model: Arc::clone(&self.model),
            settings: self.settings,
        }
    }

    /// Does what takes a processor for a while, where nobody waits for the thread.
    pub(crate) async fn compute<T: std::marker::Send + 'static>(
        &self,
        work: impl FnOnce() -> T + std::marker::Send + 'static,
    ) -> Result<T, StorageError> {
        let done = self.runtime.spawn_blocking(work).await;
        done.map_err(|error| StorageError::Unreadable(error.to_string().into()))
    }

    /// Runs work as a task of the server's own, which a shutdown waits for.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + std::marker::Send + 'static) {
        self.tasks.spawn_on(work, &self.runtime);
    }

    fn after_deletion(&self, deleted: &[ConversationId]) {
        self.running.stop_in(deleted);
        self.deleted.notify_one();
    }

    pub(crate) fn fresh(&self) -> Fresh {
        let (now, entropy) = (self.clock.now(), &*self.entropy);
        Fresh {
            user_message: MessageId::new(now, entropy),
            reply: MessageId::new(now, entropy),
            generation: GenerationId::new(now, entropy),
            now,
        }
    }
}

impl Chat {
    /// Begins to serve, and ends what a server that died left running: each such reply keeps what was durable.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn start(parts: Parts, settings: ChatSettings) -> Result<Self, StorageError> {
        let Parts { db, personas, model, clock, entropy, runtime } = parts;
        let us = ServerId::new(clock.now(), &*entropy);
        fleet::join(&db, us, clock.now()).await?;
        let inner = Arc::new(Inner {
            cast: Cast::new(personas, db.clone(), runtime.clone()),
            db,
            calibration: Arc::new(Calibration::new(&*model)),
            model,
            clock,
            entropy,
            settings,
            fleet: Fleet::new(us),
            runtime,
            running: Running::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            grace_over: CancellationToken::new(),
            deleted: Notify::new(),
        });
        inner.tasks.spawn_on(purge::run(Arc::clone(&inner)), &inner.runtime);
        inner.deleted.notify_one();
        if inner.db.is_shared() {
            inner.runtime.spawn(fleet::live(Arc::clone(&inner)));
        }
        Ok(Self(inner))
    }

    /// Sends a prompt, and returns a reader of the reply as soon as the reply exists, before the model is asked.
    /// The reply goes on whether it is read or not.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was written.
    pub async fn send(&self, send: Send) -> Result<Subscription, ChatError> {
        let (owner, place) = (send.owner, Where::In(send.conversation));
        self.begin(owner, place, move |tx, fresh, model, server| {
            Ok(Acceptance::New(accept::accept(tx, send, fresh, model, server)?))
        })
        .await
    }

    /// As [`Chat::send`], but where the same was sent under the same key within a day, the reply to that is read, from
    /// its beginning, and no other is begun.
    ///
    /// # Errors
    ///
    /// [`ChatError::KeyReused`] where something else was sent under the key; [`ChatError::NotFound`] where the reply has
    /// been deleted since.
    pub async fn send_once(&self, send: Send, key: String) -> Result<Subscription, ChatError> {
        let (owner, place, key) = (send.owner, Where::In(send.conversation), once::send(&send, key));
        self.begin(owner, place, move |tx, fresh, model, server| {
            let made = Made { message: fresh.reply, generation: Some(fresh.generation) };
            match once::before(tx, &key, made, fresh.now)? {
                None => Ok(Acceptance::New(accept::accept(tx, send, fresh, model, server)?)),
                Some(made) => made.generation.map(Acceptance::Repeated).ok_or(ChatError::KeyReused),
            }
        })
        .await
    }

    /// Stops a person's reply: the request at the provider ends, and what was said is kept. It returns as soon as that
    /// is on its way; the readers see the end. One that another server runs is stopped as soon as that has heard of it.
    /// Stopping what has ended, or stopping twice, changes nothing.
    ///
    /// # Errors
    ///
    /// [`ChatError::NotFound`] where the person has no such reply, running or ended.
    pub async fn stop(&self, owner: UserId, generation: GenerationId) -> Result<(), ChatError> {
        let known = self.0.db.read(move |tx| tx.generation(owner, generation)).await?;
        let known = known.ok_or(ChatError::NotFound)?;
        if !self.0.running.stop(generation) && known.status == Status::Running && self.0.db.is_shared() {
            self.0.db.write(move |tx| tx.want_stop(generation)).await?;
        }
        Ok(())
    }

    /// Appends what a person says, without an answer to it. Where the same was asked under the same key within a day, it
    /// is not appended again, and the first message is returned.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was written. [`ChatError::KeyReused`] where something else was asked under the key.
    pub async fn add_message(
        &self,
        owner: UserId,
        conversation: ConversationId,
        content: String,
        key: Option<String>,
    ) -> Result<Placed, ChatError> {
        let Fresh { user_message, now, .. } = self.0.fresh();
        let key = key.map(|key| once::message(owner, conversation, &content, key));
        self.0
            .db
            .write(move |tx| {
                let made = Made { message: user_message, generation: None };
                let before = key.map(|key| once::before(tx, &key, made, now)).transpose()?.flatten();
                let conversation =
                    tx.conversation_to_write(owner, conversation)?.ok_or(ChatError::NotFound)?;
                let message = match before {
                    Some(made) => tx.message_of(owner, made.message)?.ok_or(ChatError::NotFound)?,
                    None => accept::append_user_message(tx, &conversation, content, user_message, now)?,
                };
                let placed = tx.placed(conversation.id, vec![message])?.pop();
                placed.ok_or(ChatError::NotFound)
            })
            .await
    }

    /// Deletes a conversation, and stops what runs in it.
    ///
    /// # Errors
    ///
    /// [`ChatError`]; then nothing was deleted.
    pub async fn delete_conversation(
        &self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<(), ChatError> {
        let chat = Arc::clone(&self.0);
        let delete = async move {
            let now = chat.clock.now();
            if !chat.db.write(move |tx| tx.delete_conversation(owner, conversation, now)).await? {
                return Err(ChatError::NotFound);
            }
            chat.after_deletion(&[conversation]);
            Ok(())
        };
        self.0.do_whole(delete).await
    }

    /// Deletes all of a person's conversations, or those with one character, stops what runs in them, and tells
    /// how many they were.
    ///
    /// # Errors
    ///
    /// Where the database fails; then nothing was deleted.
    pub async fn delete_conversations(
        &self,
        owner: UserId,
        character: Option<String>,
    ) -> Result<usize, ChatError> {
        let chat = Arc::clone(&self.0);
        let delete = async move {
            let now = chat.clock.now();
            let deleted =
                chat.db.write(move |tx| tx.delete_conversations(owner, character.as_deref(), now)).await?;
            chat.after_deletion(&deleted);
            Ok(deleted.len())
        };
        self.0.do_whole(delete).await
    }

    /// Ends a person's account with everything in it, and stops what runs there, if what they sign in with still is what
    /// `may` wants. `false` where it is not, or the account is gone.
    ///
    /// # Errors
    ///
    /// Where the database fails; then nothing was deleted.
    pub async fn delete_account(
        &self,
        owner: UserId,
        may: impl FnOnce(&Credentials) -> bool + std::marker::Send + 'static,
    ) -> Result<bool, ChatError> {
        let chat = Arc::clone(&self.0);
        let delete = async move {
            let now = chat.clock.now();
            let work = chat.db.write(move |tx| {
                let may = tx.credentials_to_change(owner)?.is_some_and(|credentials| may(&credentials));
                may.then(|| tx.delete_account(owner, now)).transpose()
            });
            let deleted = work.await?;
            if let Some(conversations) = &deleted {
                chat.after_deletion(conversations);
            }
            Ok(deleted.is_some())
        };
        self.0.do_whole(delete).await
    }

    /// Who can be spoken to.
    #[must_use]
    pub fn cast(&self) -> &Cast {
        &self.0.cast
    }

    /// Whether the service is ending.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// Ends the service: nothing new is accepted, what runs may finish within `grace`, and what has not by then
    /// is interrupted, keeping what it said.
    pub async fn shut_down(&self, grace: Duration) {
        self.0.closing.cancel();
        self.0.tasks.close();
        if timeout(grace, self.0.tasks.wait()).await.is_err() {
            self.interrupt_what_is_left().await;
        }
        fleet::leave(&self.0).await;
    }

    async fn interrupt_what_is_left(&self) {
        let left = self.0.running.len();
        tracing::warn!(left, "replies are interrupted, for the server ends");
        self.0.grace_over.cancel();
        if timeout(LAST_WRITES, self.0.tasks.wait()).await.is_err() {
            tracing::error!("replies could not be ended in time; the next start will do it");
        }
    }
}
