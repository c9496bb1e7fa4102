//! Reading a reply from the database: one that has ended, or that runs on another server.

use std::sync::Arc;
use std::time::Duration;

use raconteur_domain::{GenerationId, Status};
use raconteur_storage::{Ended, Logged, ReadTx, StorageError};
use tokio::time::sleep;

use crate::chat::Inner;
use crate::live::{Begun, End};
use crate::pump::until_it_works;
use crate::subscription::{ReplyEvent, STEP_BYTES};
use crate::trouble::{self, Trouble};

/// How many bytes a piece has at most. A reader has to get a piece whole to come further, over whatever connection.
const PIECE_BYTES: usize = 1024;

/// How long a reader waits before it looks again what another server has written.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What the database has of a reply at one moment.
pub(crate) enum Kept {
    /// All of it.
    Ended(Ended),
    /// What was durable from some chunk on.
    Running(Logged),
    /// Nothing any more: its conversation was deleted, and it was stopped for that.
    Gone,
}

impl Kept {
    pub(crate) fn read(
        tx: &mut ReadTx<'_>,
        generation: GenerationId,
        from: u64,
    ) -> Result<Self, StorageError> {
        if let Some(ended) = tx.ended(generation)? {
            return Ok(Self::Ended(ended));
        }
        Ok(tx.logged(generation, from)?.map_or(Self::Gone, Self::Running))
    }
}

/// A reader of what is in the database of a reply.
pub(crate) struct Replay {
    chat: Arc<Inner>,
    begun: Begun,
    /// Read, and not yet handed out.
    unread: String,
    /// How many bytes of the reply have been handed out, or had been before.
    offset: usize,
    /// The chunk to go on from.
    next_chunk: u64,
    end: Option<End>,
    over: bool,
}

impl Replay {
    /// From the beginning on, with what was found of the reply.
    pub(crate) fn new(chat: Arc<Inner>, begun: Begun, kept: Kept) -> Self {
        let unread = String::new();
        let mut replay = Self { chat, begun, unread, offset: 0, next_chunk: 0, end: None, over: false };
        replay.take_in(kept);
        if replay.end.is_none() && !replay.chat.db.is_shared() {
            // Nobody else is there to run it. Its end could not be kept, as its readers were told; the next start does.
            replay.end = Some(replay.end_of(Status::Failed, Some(trouble::INTERNAL)));
        }
        replay
    }

    pub(crate) const fn begun(&self) -> &Begun {
        &self.begun
    }

    /// What there is, while nothing has been handed out.
    pub(crate) fn text(&self) -> &str {
        &self.unread
    }

    /// Passes over what the reader has had before, to a place that begins a character.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.offset += bytes;
        self.unread.drain(..bytes);
    }

    /// As [`Subscription::next`](crate::Subscription::next).
    pub(crate) async fn next(&mut self) -> Option<Vec<ReplyEvent>> {
        if self.over {
            return None;
        }
        while self.unread.is_empty() && self.end.is_none() {
            let kept = self.news().await;
            self.over = kept.is_none();
            self.take_in(kept?);
        }
        let mut events = self.take_pieces();
        if self.unread.is_empty()
            && let Some(end) = self.end.take()
        {
            self.over = true;
            events.push(ReplyEvent::End(end));
        }
        Some(events)
    }

    fn take_pieces(&mut self) -> Vec<ReplyEvent> {
        let rest = self.unread.split_off(boundary(&self.unread, STEP_BYTES));
        let step = std::mem::replace(&mut self.unread, rest);
        let (mut pieces, mut step) = (Vec::new(), step.as_str());
        while !step.is_empty() {
            let (text, rest) = step.split_at(boundary(step, PIECE_BYTES));
            self.offset += text.len();
            pieces.push(ReplyEvent::Delta { text: text.to_owned(), offset: self.offset });
            step = rest;
        }
        pieces
    }

    /// What there is, some time later. `None` where this server ends, or the database fails for good.
    async fn news(&self) -> Option<Kept> {
        let (chat, generation, from) = (&*self.chat, self.begun.generation_id, self.next_chunk);
        let read = async {
            wait_for_news().await;
            until_it_works(|| chat.db.read(move |tx| Kept::read(tx, generation, from))).await
        };
        tokio::select! {
            biased;
            // Whoever runs the reply goes on, and so may the reader at another server.
            () = chat.closing.cancelled() => None,
            kept = read => {
                kept.inspect_err(|error| tracing::error!(%error, "a reply could not be followed")).ok()
            }
        }
    }

    fn take_in(&mut self, kept: Kept) {
        match kept {
            Kept::Running(Logged { text, next }) => {
                self.unread.push_str(&text);
                self.next_chunk = next;
            }
            Kept::Ended(ended) => {
                // The whole begins with what was durable before.
                let had = self.offset + self.unread.len();
                self.unread.push_str(ended.text.get(had..).unwrap_or_default());
                self.end = Some(ended.into());
            }
            Kept::Gone => self.end = Some(self.end_of(Status::Stopped, None)),
        }
    }

    /// An end of which nothing was kept.
    fn end_of(&self, status: Status, trouble: Option<Trouble>) -> End {
        End {
            status,
            finish_reason: None,
            usage: None,
            reasoning_tokens: None,
            ttft_ms: None,
            trouble,
            at: self.chat.clock.now(),
        }
    }
}

/// Where a text is to be cut so that the piece has no more bytes than this, which is more than a character has.
fn boundary(text: &str, most: usize) -> usize {
    let most = text.len().min(most);
    (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(most)
}

/// Waits until another server may have written more of a reply.
async fn wait_for_news() {
    sleep(LOOK_AGAIN).await;
}

impl From<Ended> for End {
    fn from(ended: Ended) -> Self {
        let Ended { status, text: _, outcome, at } = ended;
        let code = outcome.error_code.as_deref();
        let trouble = match status {
            // A code of a newer version's is none that this one can explain.
            Status::Failed => Some(code.and_then(Trouble::of_code).unwrap_or(trouble::INTERNAL)),
            Status::Interrupted => Some(trouble::INTERRUPTED),
            Status::Running | Status::Complete | Status::Stopped => None,
        };
        Self {
            status,
            finish_reason: outcome.finish_reason,
            usage: outcome.usage,
            reasoning_tokens: outcome.reasoning_tokens,
            ttft_ms: outcome.ttft_ms,
            trouble,
            at,
        }
    }
}
