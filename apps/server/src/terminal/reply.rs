//! One reply: shown as it comes, and stopped by Ctrl-C.

use raconteur_chat::{ChatError, End, ReplyEvent, Send, Subscription};
use raconteur_domain::Status;

use super::session::Session;
use super::signals::{INTERRUPT, Interrupts};
use super::{Outcome, TerminalError};

/// How many Ctrl-C the person has pressed in this reply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stopping {
    No,
    Asked,
}

impl Session {
    /// Says something to the character and shows the answer. An outcome where that ends the program.
    pub(super) async fn reply_to(&mut self, prompt: String) -> Result<Option<Outcome>, TerminalError> {
        // Those of this reply alone, from before it is begun.
        let mut interrupts = Interrupts::new().map_err(TerminalError::Input)?;
        let subscription = match self.send(prompt).await {
            Ok(subscription) => subscription,
            Err(error) => return self.refuse(&not_sent(&error)).map(|()| None),
        };
        let generation = subscription.begun().generation_id;
        (self.running, self.last) = (Some(generation), Some((generation, None)));
        let end = self.show_reply(subscription, &mut interrupts).await?;
        self.screen.end_answer()?;
        let Some((end, stopping)) = end else {
            let left = "The answer has not ended yet; it is left to itself. /quit waits a moment for it.";
            return self.refuse(left).map(|()| None);
        };
        self.running = None;
        self.tell_end(&end)?;
        self.screen.gap()?;
        // In a pipe Ctrl-C means the whole pipe.
        let over = stopping == Stopping::Asked && !self.screen.is_interactive();
        Ok(over.then_some(Outcome::Signal(INTERRUPT)))
    }

    async fn send(&mut self, prompt: String) -> Result<Subscription, ChatError> {
        self.thread.keep(&self.db).await?;
        let (owner, conversation) = (self.thread.conversation.owner_id, self.thread.conversation.id);
        self.chat.send(Send { owner, conversation, prompt, create_user_message: true }).await
    }

    /// Shows the reply until its end; none where the person would not wait for it.
    async fn show_reply(
        &mut self,
        mut reply: Subscription,
        interrupts: &mut Interrupts,
    ) -> Result<Option<(End, Stopping)>, TerminalError> {
        if self.screen.is_interactive() {
            reply = reply.with_reasoning();
        }
        let begun = reply.begun().clone();
        let (mut stopping, mut thinking) = (Stopping::No, false);
        self.screen.begin_answer(&begun.character)?;
        loop {
            tokio::select! {
                news = reply.next() => for event in news.unwrap_or_default() {
                    match event {
                        ReplyEvent::Reasoning(text) => {
                            if !std::mem::replace(&mut thinking, true) {
                                self.screen.begin_thought()?;
                            }
                            self.screen.thought(&text)?;
                        }
                        ReplyEvent::Delta { text, .. } => {
                            if std::mem::take(&mut thinking) {
                                self.screen.answer("\n\n")?;
                            }
                            self.screen.answer(&text)?;
                        }
                        ReplyEvent::End(end) => {
                            let took_ms = end.at.millis_since(begun.at);
                            self.last = Some((begun.generation_id, Some(took_ms)));
                            return Ok(Some((end, stopping)));
                        }
                    }
                },
                () = interrupts.next() => {
                    if stopping == Stopping::Asked {
                        return Ok(None);
                    }
                    stopping = Stopping::Asked;
                    self.stop_what_runs().await;
                }
            }
        }
    }

    /// Stops the reply that runs, if one does.
    pub(super) async fn stop_what_runs(&self) {
        if let Some(generation) = self.running
            && let Err(error) = self.chat.stop(self.thread.conversation.owner_id, generation).await
        {
            tracing::warn!(%error, "the answer could not be stopped");
        }
    }

    fn tell_end(&mut self, end: &End) -> Result<(), TerminalError> {
        self.failed = matches!(end.status, Status::Failed | Status::Interrupted);
        match (end.status, end.trouble) {
            (Status::Stopped, _) => self.screen.note("[stopped]"),
            (status, Some(trouble)) => {
                let again = if trouble.retryable { "may help" } else { "will not help by itself" };
                self.screen.complain(&format!("[{status}] {} Trying again {again}.", trouble.code.detail()))
            }
            (Status::Complete, None) => match end.finish_reason.as_deref() {
                None | Some("stop") => Ok(()),
                Some("length") => self.screen.note(
                    "[cut short: the model came to its longest answer, OPENAI_MAX_OUTPUT_TOKENS or its own limit]",
                ),
                Some(reason) => self.screen.note(&format!("[the model ended for this reason: {reason}]")),
            },
            (status, None) => self.screen.complain(&format!("[{status}]")),
        }
    }
}

fn not_sent(error: &ChatError) -> String {
    match error {
        ChatError::NotFound => "This conversation has been deleted; nothing was sent.".to_owned(),
        ChatError::KeyReused => "This was sent before, otherwise; nothing was sent.".to_owned(),
        ChatError::Closing => "The program is ending; nothing was sent.".to_owned(),
        error => format!("Nothing was sent: {error}."),
    }
}
