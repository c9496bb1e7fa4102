//! Reading a reply from memory, while it runs.

use std::sync::Arc;

use tokio::sync::watch;

use crate::live::{Begun, Live, Progress};
use crate::subscription::{ReplyEvent, STEP_BYTES};

/// A reader of a reply that runs on this server. It holds no more than its place in the text.
pub(crate) struct LiveReader {
    live: Arc<Live>,
    progress: watch::Receiver<Progress>,
    offset: usize,
    /// How many pieces of the reasoning have been handed out, where it is wanted.
    thoughts: Option<usize>,
    over: bool,
}

impl LiveReader {
    /// From a byte on, which is durable and begins a character.
    pub(crate) fn new(live: Arc<Live>, offset: usize) -> Self {
        let progress = live.progress();
        Self { live, progress, offset, thoughts: None, over: false }
    }

    pub(crate) fn with_reasoning(mut self) -> Self {
        let first = self.live.reasoning().first_from(self.offset);
        self.thoughts = Some(first);
        self
    }

    pub(crate) fn begun(&self) -> &Begun {
        &self.live.begun
    }

    pub(crate) async fn next(&mut self) -> Option<Vec<ReplyEvent>> {
        if self.over {
            return None;
        }
        // Who does not want the reasoning has had more of it than there is.
        let (offset, thoughts) = (self.offset, self.thoughts.unwrap_or(usize::MAX));
        let unread =
            |progress: &Progress| progress.durable > offset || progress.thoughts > thoughts || progress.ended;
        // The sender lives as long as `self.live`; an error cannot come.
        let progress = *self.progress.wait_for(unread).await.ok()?;

        let mut events = self.take_reasoning();
        events.extend(self.take_deltas(progress.durable));
        if progress.ended && self.has_read(&progress) {
            self.over = true;
            events.extend(self.live.end().cloned().map(ReplyEvent::End));
        }
        Some(events)
    }

    fn has_read(&self, progress: &Progress) -> bool {
        self.offset >= progress.durable && self.thoughts.is_none_or(|thoughts| thoughts >= progress.thoughts)
    }

    /// What the model thought before it went on from here.
    fn take_reasoning(&mut self) -> Vec<ReplyEvent> {
        let Some(thoughts) = &mut self.thoughts else { return Vec::new() };
        let reasoning = self.live.reasoning();
        let pieces = reasoning.pieces(*thoughts, reasoning.due(self.offset), STEP_BYTES);
        *thoughts += pieces.len();
        pieces.into_iter().map(ReplyEvent::Reasoning).collect()
    }

    fn take_deltas(&mut self, durable: usize) -> Vec<ReplyEvent> {
        let next_thought = self.thoughts.and_then(|thoughts| self.live.reasoning().place(thoughts));
        let until = next_thought.map_or(durable, |place| place.min(durable));
        let mut deltas = self.live.deltas(self.offset, until.min(self.offset + STEP_BYTES));
        if deltas.is_empty() {
            // A single delta longer than a step.
            deltas = self.live.deltas(self.offset, until);
            deltas.truncate(1);
        }
        deltas
            .into_iter()
            .map(|text| {
                self.offset += text.len();
                ReplyEvent::Delta { text, offset: self.offset }
            })
            .collect()
    }
}
