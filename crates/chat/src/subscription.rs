//! Reading a reply as it comes, or as it came.

use std::sync::Arc;

use crate::live::{Begun, End, Live};
use crate::reader::LiveReader;
use crate::replay::Replay;

/// How much one call of [`Subscription::next`] hands out at most, in bytes, so that a reader who was away does
/// not take the whole text into memory a second time.
pub(crate) const STEP_BYTES: usize = 32 * 1024;

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

/// A reader of a reply, from its beginning or from any other place in it. One that stalls costs nothing but itself,
/// and one that goes away changes nothing for the reply.
pub struct Subscription(Source);

enum Source {
    /// The reply runs on this server: its text is in memory.
    Live(LiveReader),
    /// It has ended, or runs on another server: its text is in the database.
    Kept(Box<Replay>),
}

impl Subscription {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        Self::from(live, 0)
    }

    /// From a byte on, which is durable and begins a character.
    pub(crate) fn from(live: Arc<Live>, offset: usize) -> Self {
        Self(Source::Live(LiveReader::new(live, offset)))
    }

    pub(crate) fn kept(replay: Replay) -> Self {
        Self(Source::Kept(Box::new(replay)))
    }

    /// The same reader, who is handed what the model thinks too, from where it begins to read: what was thought since
    /// the text before that. What the model thought is in memory alone; a reply that is read from the database comes
    /// without it.
    #[must_use]
    pub fn with_reasoning(self) -> Self {
        match self.0 {
            Source::Live(reader) => Self(Source::Live(reader.with_reasoning())),
            kept @ Source::Kept(_) => Self(kept),
        }
    }

    /// What was known from the first moment on.
    #[must_use]
    pub fn begun(&self) -> &Begun {
        match &self.0 {
            Source::Live(reader) => reader.begun(),
            Source::Kept(replay) => replay.begun(),
        }
    }

    /// Waits until there is more, and hands out what there is. `None` after the end; also before it where this server
    /// ends while the reply runs on another one, or where the database fails: whoever asks again goes on from there.
    ///
    /// It may be dropped and called again without a loss.
    pub async fn next(&mut self) -> Option<Vec<ReplyEvent>> {
        match &mut self.0 {
            Source::Live(reader) => reader.next().await,
            Source::Kept(replay) => replay.next().await,
        }
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

    /// The deltas from a byte on. Each tells where it ends.
    async fn read_from(live: Arc<Live>, from: usize) -> Vec<String> {
        let (mut subscription, mut deltas, mut place) = (Subscription::from(live, from), Vec::new(), from);
        while let Some(events) = subscription.next().await {
            for event in events {
                if let ReplyEvent::Delta { text, offset } = event {
                    place += text.len();
                    assert_eq!(offset, place);
                    deltas.push(text);
                }
            }
        }
        deltas
    }

    /// What is left of the deltas behind a byte.
    fn rest(deltas: &[String], from: usize) -> Vec<String> {
        let mut skipped = from;
        let mut rest = Vec::new();
        for delta in deltas {
            let cut = skipped.min(delta.len());
            skipped -= cut;
            rest.extend((cut < delta.len()).then(|| delta[cut..].to_owned()));
        }
        rest
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

        #[test]
        fn a_reader_who_begins_at_any_byte_gets_the_rest_of_that_delta_and_every_one_behind_it(
            deltas in proptest::collection::vec(".{1,9}", 1..40), published in 0..40_usize, early in any::<prop::sample::Index>()
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let live = live();
            let whole = deltas.concat();
            runtime.block_on(async {
                for (n, delta) in deltas.iter().enumerate() {
                    live.push(delta);
                    if n == published {
                        live.publish(live.len());
                    }
                }
                // One that is there before the rest is durable.
                let durable = live.progress().borrow().durable;
                let from = (0..=early.index(durable + 1)).rev().find(|from| live.is_boundary(*from)).unwrap();
                let early = tokio::spawn(read_from(Arc::clone(&live), from));
                tokio::task::yield_now().await;
                live.publish(live.len());
                live.finish(end());
                assert_eq!(early.await.unwrap(), rest(&deltas, from));
                for (from, _) in whole.char_indices().chain([(whole.len(), ' ')]) {
                    let read = read_from(Arc::clone(&live), from).await;
                    assert_eq!(read.concat(), whole[from..]);
                    assert_eq!(read, rest(&deltas, from));
                }
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
