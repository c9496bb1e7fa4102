//! One reply as it comes: from events to deltas, and whether it ended well.

use std::collections::VecDeque;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::chunk::Chunk;
use crate::refusal::reported;
use crate::sse::{Event, EventReader};
use crate::text::{loggable, without_nul};
use crate::think::ThinkTags;
use crate::{ChatEvent, FinishReason, Limits, ModelError, ModelErrorKind, Usage};

/// How long to wait, once the reply is whole, for its usage and for the stream to end.
const AFTER_FINISH: Duration = Duration::from_secs(5);

/// A reply that is being read.
pub(crate) struct Reply {
    /// Gone once the reply has ended, and the connection with it.
    events: Option<EventReader>,
    ready: VecDeque<ChatEvent>,
    /// Comes after what is ready.
    failure: Option<ModelError>,
    tags: ThinkTags,
    /// The model has given a sign of itself: text, reasoning or the end.
    begun: bool,
    reason: Option<FinishReason>,
    usage: Option<Usage>,
    content_bytes: usize,
    reasoning_bytes: usize,
    limits: Limits,
    key: Option<SecretString>,
}

impl Reply {
    /// A reply of which nothing has been read. The key is kept out of whatever it reports.
    pub(crate) fn new(events: EventReader, limits: Limits, key: Option<SecretString>) -> Self {
        Self::from(Some(events), limits, key)
    }

    /// A reply that came as one JSON document.
    pub(crate) fn whole(json: &str, limits: Limits, key: Option<SecretString>) -> Result<Self, ModelError> {
        let mut reply = Self::from(None, limits, key);
        let chunk = reply.read(json)?;
        if !chunk.has_choice() {
            return Err(reply.unreadable("a completion without choices", json));
        }
        reply.hear(&chunk)?;
        reply.finish();
        Ok(reply)
    }

    fn from(events: Option<EventReader>, limits: Limits, key: Option<SecretString>) -> Self {
        Self {
            events,
            ready: VecDeque::new(),
            failure: None,
            tags: ThinkTags::default(),
            begun: false,
            reason: None,
            usage: None,
            content_bytes: 0,
            reasoning_bytes: 0,
            limits,
            key,
        }
    }

    /// Reads up to the first sign of the model.
    pub(crate) async fn begin(&mut self) -> Result<(), ModelError> {
        while !self.begun {
            self.read_on().await?;
        }
        Ok(())
    }

    /// The next event; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<ChatEvent>, ModelError> {
        while self.ready.is_empty() && self.events.is_some() {
            if let Err(error) = self.read_on().await {
                self.fail(error);
            }
        }
        match self.ready.pop_front() {
            Some(event) => Ok(Some(event)),
            None => self.failure.take().map_or(Ok(None), Err),
        }
    }

    /// Reads one event of the stream. Once a `finish_reason` has come, the reply is whole and nothing can spoil it any more.
    async fn read_on(&mut self) -> Result<(), ModelError> {
        let silence = self.silence();
        let Some(events) = &mut self.events else { return Ok(()) };
        let outcome = match events.next(silence).await {
            Ok(Some(event)) => self.take(&event),
            Ok(None) => Err(ModelError::new(ModelErrorKind::CutOff, "the stream ended before the reply did")),
            Err(error) => Err(error),
        };
        if outcome.is_err() && self.reason.is_some() {
            self.finish();
            return Ok(());
        }
        outcome
    }

    fn silence(&self) -> Option<Duration> {
        let silence = self.limits.silence;
        match self.reason {
            Some(_) => Some(silence.min(AFTER_FINISH)),
            // Before the first sign of the model another limit holds, over everything that comes before it.
            None => self.begun.then_some(silence),
        }
    }

    fn take(&mut self, event: &Event) -> Result<(), ModelError> {
        match event.data.trim() {
            // A field without a value: another way to keep a connection alive.
            "" => Ok(()),
            "[DONE]" => {
                self.finish();
                Ok(())
            }
            data if event.name == "error" => {
                let error = serde_json::from_str(data).unwrap_or_else(|_| data.into());
                Err(reported(&error, self.key()))
            }
            data => self.hear(&self.read(data)?),
        }
    }

    fn read<'a>(&self, json: &'a str) -> Result<Chunk<'a>, ModelError> {
        let chunk = Chunk::parse(json).map_err(|error| self.unreadable(&error.to_string(), json))?;
        if let Some(error) = &chunk.error {
            return Err(reported(error, self.key()));
        }
        if chunk.object.as_deref() == Some("error") {
            let error = serde_json::from_str(json).unwrap_or_default();
            return Err(reported(&error, self.key()));
        }
        Ok(chunk)
    }

    fn hear(&mut self, chunk: &Chunk<'_>) -> Result<(), ModelError> {
        if let Some(reasoning) = chunk.reasoning() {
            self.begun = true;
            grow(&mut self.reasoning_bytes, reasoning.len(), self.limits.reply_bytes)?;
            self.ready.push_back(ChatEvent::Reasoning(without_nul(reasoning.to_owned())));
        }
        if let Some(text) = chunk.text() {
            self.begun = true;
            grow(&mut self.content_bytes, text.len(), self.limits.reply_bytes)?;
            self.tags.push(&without_nul(text), &mut self.ready);
        }
        self.usage = chunk.usage().or(self.usage);
        if let Some(reason) = chunk.finish_reason() {
            self.begun = true;
            self.reason = Some(reason);
        }
        Ok(())
    }

    fn finish(&mut self) {
        self.begun = true;
        self.events = None;
        self.tags.finish(&mut self.ready);
        self.ready.push_back(ChatEvent::Finish { reason: self.reason, usage: self.usage });
    }

    /// What was said until now is still handed out.
    fn fail(&mut self, error: ModelError) {
        self.events = None;
        self.tags.finish(&mut self.ready);
        self.failure = Some(error);
    }

    fn unreadable(&self, problem: &str, json: &str) -> ModelError {
        ModelError::new(ModelErrorKind::Protocol, loggable(&format!("{problem} in {json}"), self.key()))
    }

    fn key(&self) -> Option<&str> {
        self.key.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// Counts bytes of a reply up to their limit.
fn grow(bytes: &mut usize, more: usize, limit: usize) -> Result<(), ModelError> {
    *bytes += more;
    if *bytes > limit {
        let detail = format!("a reply of more than {limit} bytes");
        return Err(ModelError::new(ModelErrorKind::TooLarge, detail));
    }
    Ok(())
}
