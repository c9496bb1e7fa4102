//! The text of a running generation, once in memory for everybody who reads it.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use raconteur_domain::{ConversationId, GenerationId, MessageId, ServerId, Status, Timestamp, Usage};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::reasoning::Reasoning;
use crate::trouble::Trouble;

/// What is known of a reply from its first moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The run, and its stream.
    pub generation_id: GenerationId,
    /// The message that the run writes.
    pub message_id: MessageId,
    /// The message that it answers, where there is one.
    pub user_message_id: Option<MessageId>,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// Who answers.
    pub character: String,
    /// The model that does the thinking.
    pub model: String,
    /// When the reply was accepted.
    pub at: Timestamp,
}

/// How a reply ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Never [`Status::Running`].
    pub status: Status,
    /// Why the model stopped, where it said so.
    pub finish_reason: Option<String>,
    /// What the provider counted.
    pub usage: Option<Usage>,
    /// Tokens that the model thought with, as the provider counted them or else by an estimate; none where it did not.
    pub reasoning_tokens: Option<u64>,
    /// Milliseconds to the model's first word.
    pub ttft_ms: Option<u64>,
    /// What went wrong, where something did.
    pub trouble: Option<Trouble>,
    /// When it ended.
    pub at: Timestamp,
}

/// The text, cut where the model cut it.
#[derive(Debug, Default)]
struct Text {
    all: String,
    /// Where each delta ends in `all`, in bytes.
    ends: Vec<usize>,
}

/// How far the readers may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many bytes are durable.
    pub(crate) durable: usize,
    /// How many pieces of the reasoning have their place within those bytes.
    pub(crate) thoughts: usize,
    /// Whether no more will come.
    pub(crate) ended: bool,
}

/// A generation while it runs, and for as long as somebody still reads it.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) begun: Begun,
    /// Who this server was when the reply was accepted.
    pub(crate) server: ServerId,
    text: Mutex<Text>,
    reasoning: Mutex<Reasoning>,
    progress: watch::Sender<Progress>,
    stop: CancellationToken,
    end: OnceLock<End>,
}

impl Live {
    pub(crate) fn new(begun: Begun, server: ServerId) -> Self {
        Self {
            begun,
            server,
            text: Mutex::default(),
            reasoning: Mutex::default(),
            progress: watch::Sender::default(),
            stop: CancellationToken::new(),
            end: OnceLock::new(),
        }
    }

    fn text(&self) -> MutexGuard<'_, Text> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what the model said. Nobody sees it until it is durable.
    pub(crate) fn push(&self, delta: &str) {
        let mut text = self.text();
        text.all.push_str(delta);
        let end = text.all.len();
        text.ends.push(end);
    }

    /// What the model thinks.
    pub(crate) fn reasoning(&self) -> MutexGuard<'_, Reasoning> {
        self.reasoning.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what the model thought. Readers who want it get it as soon as they have had what was said before.
    pub(crate) fn think(&self, thought: &str) {
        let place = self.len();
        self.reasoning().push(thought, place);
        self.progress.send_modify(|progress| progress.thoughts = self.reasoning().due(progress.durable));
    }

    /// How many bytes there are, durable or not.
    pub(crate) fn len(&self) -> usize {
        self.text().all.len()
    }

    /// Whether the model has said or thought anything.
    pub(crate) fn has_begun(&self) -> bool {
        self.len() > 0 || !self.reasoning().text().is_empty()
    }

    /// The whole text.
    pub(crate) fn whole(&self) -> String {
        self.text().all.clone()
    }

    /// Whether a character begins or the text ends at this byte.
    pub(crate) fn is_boundary(&self, offset: usize) -> bool {
        self.text().all.is_char_boundary(offset)
    }

    /// The deltas that begin at a byte offset or behind it, up to another.
    pub(crate) fn deltas(&self, from: usize, to: usize) -> Vec<String> {
        let text = self.text();
        let mut start = from;
        let first = text.ends.partition_point(|end| *end <= from);
        text.ends
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|end| **end <= to)
            .map(|end| {
                let delta = text.all.get(start..*end).unwrap_or_default().to_owned();
                start = *end;
                delta
            })
            .collect()
    }

    /// Lets the readers have everything up to this byte.
    pub(crate) fn publish(&self, durable: usize) {
        self.progress.send_modify(|progress| {
            // Never back: readers that do not wait for the disk may be further already.
            progress.durable = progress.durable.max(durable);
            progress.thoughts = self.reasoning().due(progress.durable);
        });
    }

    /// Tells the readers that it is over. What is not durable by now they never get.
    pub(crate) fn finish(&self, end: End) {
        // A generation ends once; the first end is the true one.
        let _ = self.end.set(end);
        self.progress.send_modify(|progress| progress.ended = true);
    }

    pub(crate) fn end(&self) -> Option<&End> {
        self.end.get()
    }

    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Asks the run to end: what it belongs to is gone, or the person wants no more.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Resolves when the run is asked to end.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}
