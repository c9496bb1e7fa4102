//! Reading a reply as it comes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::live::{Begun, End, Live, Progress};

/// How much one call of [`Subscription::next`] hands out at most, in bytes, so that a reader who was away does
/// not take the whole text into memory a second time.
const STEP_BYTES: usize = 32 * 1024;

/// Something that happens in a reply, after its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyEvent {
    /// A piece of text, as the model sent it. It is durable.
    Delta {
        /// The text; never empty.
        text: String,
        /// How many bytes of the reply have been handed out, this piece included.
        offset: usize,
    },
    /// A piece of what the model thinks, no part of the reply, for those who asked for it
    /// ([`Subscription::with_reasoning`]). It comes where the model thought it, before and between the deltas; it is
    /// not durable, and it is never empty.
    Reasoning(String),
    /// The reply is over. Comes once, last.
    End(End),
}

/// A reader of a reply. It holds no more than its place in the text: one that stalls costs nothing but itself,
/// and one that goes away changes nothing for the reply.
pub struct Subscription {
    live: Arc<Live>,
    progress: watch::Receiver<Progress>,
    offset: usize,
    /// How many pieces of the reasoning have been handed out, where it is wanted.
    thoughts: Option<usize>,
    over: bool,
}

impl Subscription {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        let progress = live.progress();
        Self { live, progress, offset: 0, thoughts: None, over: false }
    }

    /// The same reader, who is handed what the model thinks too.
    #[must_use]
    pub const fn with_reasoning(mut self) -> Self {
        self.thoughts = Some(0);
        self
    }

    /// What was known from the first moment on.
    #[must_use]
    pub fn begun(&self) -> &Begun {
        &self.live.begun
    }

    /// Waits until there is more, and hands out what there is. `None` after the end.
    ///
    /// It may be dropped and called again without a loss.
    pub async fn next(&mut self) -> Option<Vec<ReplyEvent>> {
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;
    use raconteur_domain::{ConversationId, Entropy, GenerationId, MessageId, ServerId, Status, Timestamp};

    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn live() -> Arc<Live> {
        let at = Timestamp::from_micros(0);
        let begun = Begun {
            generation_id: GenerationId::new(at, &Sevens),
            message_id: MessageId::new(at, &Sevens),
            user_message_id: None,
            conversation_id: ConversationId::new(at, &Sevens),
            character: "Bronn".to_owned(),
            model: "offline".to_owned(),
            at,
        };
        Arc::new(Live::new(begun, ServerId::new(at, &Sevens)))
    }

    fn end() -> End {
        End {
            status: Status::Complete,
            finish_reason: None,
            usage: None,
            reasoning_tokens: None,
            ttft_ms: None,
            trouble: None,
            at: Timestamp::from_micros(1),
        }
    }

    async fn read_all(mut subscription: Subscription) -> (Vec<String>, usize) {
        let (mut deltas, mut ends) = (Vec::new(), 0);
        while let Some(events) = subscription.next().await {
            for event in events {
                match event {
                    ReplyEvent::Delta { text, .. } => deltas.push(text),
                    ReplyEvent::Reasoning(_) => panic!("nobody asked for it"),
                    ReplyEvent::End(_) => ends += 1,
                }
            }
        }
        (deltas, ends)
    }

    /// Everything that comes before the end, and how many calls it took.
    async fn read_reasoning(subscription: Subscription) -> (Vec<ReplyEvent>, usize) {
        let (mut subscription, mut all, mut calls) = (subscription.with_reasoning(), Vec::new(), 0);
        while let Some(events) = subscription.next().await {
            assert!(!events.is_empty(), "woken for nothing");
            all.extend(events);
            calls += 1;
        }
        assert!(matches!(all.pop(), Some(ReplyEvent::End(_))));
        (all, calls)
    }

    fn thought(text: &str) -> ReplyEvent {
        ReplyEvent::Reasoning(text.to_owned())
    }

    #[tokio::test]
    async fn only_what_is_durable_is_handed_out() {
        let live = live();
        let mut reader = Subscription::new(Arc::clone(&live));
        live.push("Aye");
        live.push(", coin");
        live.publish(3);
        let seen = reader.next().await.unwrap();
        assert_eq!(seen, [ReplyEvent::Delta { text: "Aye".to_owned(), offset: 3 }]);
        live.publish(9);
        let seen = reader.next().await.unwrap();
        assert_eq!(seen, [ReplyEvent::Delta { text: ", coin".to_owned(), offset: 9 }]);
    }

    #[tokio::test]
    async fn one_delta_may_be_longer_than_a_step() {
        let live = live();
        live.push(&"x".repeat(STEP_BYTES + 1));
        live.push("y");
        live.publish(live.len());
        live.finish(end());
        let (deltas, ends) = read_all(Subscription::new(live)).await;
        assert_eq!((deltas.len(), deltas[0].len(), ends), (2, STEP_BYTES + 1, 1));
    }

    #[tokio::test]
    async fn reasoning_does_not_wait_for_the_disk_but_for_what_was_said_before() {
        let live = live();
        let mut reader = Subscription::new(Arc::clone(&live)).with_reasoning();
        live.think("So ");
        live.think("gold.");
        assert_eq!(reader.next().await.unwrap(), [thought("So "), thought("gold.")]);
        live.push("Aye");
        live.think("Enough?");
        assert_eq!(reader.next().now_or_never(), None);
        live.publish(3);
        let seen = [reader.next().await.unwrap(), reader.next().await.unwrap()].concat();
        assert_eq!(seen, [ReplyEvent::Delta { text: "Aye".to_owned(), offset: 3 }, thought("Enough?")]);
    }

    #[tokio::test]
    async fn much_reasoning_is_handed_out_in_steps() {
        let live = live();
        for _ in 0..4 {
            live.think(&"x".repeat(STEP_BYTES));
        }
        live.push("Aye");
        live.publish(3);
        live.finish(end());
        let (events, calls) = read_reasoning(Subscription::new(live)).await;
        assert_eq!((events.len(), calls), (5, 2));
    }

    #[tokio::test]
    async fn an_end_that_could_not_be_kept_hands_out_no_more_than_is_durable() {
        let live = live();
        live.push("Aye");
        live.publish(3);
        live.push(", coin");
        live.think("Or silver?");
        live.finish(end());
        assert_eq!(read_all(Subscription::new(Arc::clone(&live))).await, (vec!["Aye".to_owned()], 1));
        assert_eq!(read_reasoning(Subscription::new(live)).await.0.len(), 1);
    }

    proptest! {
        #[test]
        fn every_reader_gets_every_delta_as_it_was_cut_and_one_end(
            deltas in proptest::collection::vec(".{1,9}", 0..40), published in proptest::collection::vec(any::<bool>(), 40)
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let live = live();
            let early = runtime.spawn(read_all(Subscription::new(Arc::clone(&live))));
            runtime.block_on(async {
                for (delta, publish) in deltas.iter().zip(published) {
                    live.push(delta);
                    if publish {
                        live.publish(live.len());
                        tokio::task::yield_now().await;
                    }
                }
                live.publish(live.len());
                live.finish(end());
                let late = read_all(Subscription::new(Arc::clone(&live))).await;
                let early = early.await.unwrap();
                assert_eq!(&early, &late);
                assert_eq!(early, (deltas, 1));
            });
        }

        /// What the model does, in order: it says something or thinks it, and sometimes a commit comes between.
        #[test]
        fn readers_who_want_it_get_the_reasoning_where_the_model_thought_it(
            steps in proptest::collection::vec((any::<bool>(), ".{1,9}", any::<bool>()), 0..40)
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let live = live();
            let early = runtime.spawn(read_reasoning(Subscription::new(Arc::clone(&live))));
            let (mut expected, mut said) = (Vec::new(), Vec::new());
            runtime.block_on(async {
                for (says, text, publish) in steps {
                    if says {
                        live.push(&text);
                        said.push(text.clone());
                        expected.push(ReplyEvent::Delta { text, offset: live.len() });
                    } else {
                        live.think(&text);
                        expected.push(ReplyEvent::Reasoning(text));
                    }
                    if publish {
                        live.publish(live.len());
                    }
                    tokio::task::yield_now().await;
                }
                live.publish(live.len());
                live.finish(end());
                assert_eq!(read_reasoning(Subscription::new(Arc::clone(&live))).await.0, expected);
                assert_eq!(early.await.unwrap().0, expected);
                assert_eq!(read_all(Subscription::new(Arc::clone(&live))).await, (said, 1));
            });
        }
    }
}
