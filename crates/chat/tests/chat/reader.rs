//! Somebody who reads a reply, and holds it to what every stream promises.

use raconteur_chat::{Begun, End, ReplyEvent, Subscription};

use crate::world::within;

/// A reader of a running reply.
pub struct Reader {
    subscription: Subscription,
    deltas: Vec<String>,
    /// The deltas, joined.
    heard: String,
    /// What the model said and, in brackets, thought: in order, for those who asked for it.
    mind: String,
    end: Option<End>,
}

/// A reply that was read to its end.
#[derive(Debug)]
pub struct Heard {
    pub begun: Begun,
    /// As they were cut.
    pub deltas: Vec<String>,
    /// What the model said and, in brackets, thought.
    pub mind: String,
    pub end: End,
}

impl Heard {
    pub fn text(&self) -> String {
        self.deltas.concat()
    }
}

impl Reader {
    pub fn new(subscription: Subscription) -> Self {
        Self { subscription, deltas: Vec::new(), heard: String::new(), mind: String::new(), end: None }
    }

    /// Asks for what the model thinks, too.
    pub fn with_reasoning(self) -> Self {
        Self { subscription: self.subscription.with_reasoning(), ..self }
    }

    pub fn begun(&self) -> &Begun {
        self.subscription.begun()
    }

    /// What has been heard so far.
    pub fn heard(&self) -> &str {
        &self.heard
    }

    /// What has been heard and, in brackets, seen of the model's thoughts.
    pub fn mind(&self) -> &str {
        &self.mind
    }

    /// Takes the next events; `false` after the end.
    pub async fn listen(&mut self) -> bool {
        let Some(events) = within("the reply to go on", self.subscription.next()).await else {
            return false;
        };
        assert!(!events.is_empty(), "woken for nothing");
        for event in events {
            assert_eq!(self.end, None, "something came after the end");
            match event {
                ReplyEvent::Delta { text, offset } => {
                    assert!(!text.is_empty());
                    self.heard += &text;
                    self.mind += &text;
                    self.deltas.push(text);
                    assert_eq!(offset, self.heard.len());
                }
                ReplyEvent::Reasoning(thought) => {
                    assert!(!thought.is_empty());
                    self.mind += &format!("[{thought}]");
                }
                ReplyEvent::End(end) => self.end = Some(end),
            }
        }
        true
    }

    /// Reads until this is all that has been said.
    pub async fn hear(&mut self, text: &str) {
        while self.heard != text {
            assert!(self.listen().await, "the reply ended with {:?}", self.heard);
        }
    }

    pub async fn read_to_end(mut self) -> Heard {
        while self.listen().await {}
        let begun = self.begun().clone();
        Heard { begun, deltas: self.deltas, mind: self.mind, end: self.end.expect("a reply has an end") }
    }
}
