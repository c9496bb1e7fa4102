//! A reader of event streams that takes the contract at its word: blocks of `event`, `data` and sometimes `id`
//! lines in this order, LF only, a blank line after each, and `: keep-alive` between them. Anything else fails the
//! test.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::time::timeout;

/// How long a test waits for what has to come. It ends no test that passes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
    pub id: Option<String>,
}

/// Makes events of bytes, however they are cut.
#[derive(Debug, Default)]
pub struct Parser {
    unread: Vec<u8>,
}

impl Parser {
    /// The events that are whole with these bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.unread.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.unread.drain(..end + 2).collect();
            let block = std::str::from_utf8(&block[..end]).expect("a stream is UTF-8");
            events.extend(block_from(block));
        }
        events
    }

    /// Whether the last block was whole.
    pub fn is_at_a_boundary(&self) -> bool {
        self.unread.is_empty()
    }
}

/// The event in a block; none in a comment.
fn block_from(block: &str) -> Option<Event> {
    if block == ": keep-alive" {
        return None;
    }
    assert!(!block.contains('\r'), "lines end with LF alone: {block:?}");
    let mut lines = block.split('\n');
    let mut field = |name: &str| lines.next().map(|line| value_of(line, name).to_owned());
    let name = field("event").expect("a block has an event");
    let data = field("data").expect("a block has data");
    let id = field("id");
    assert_eq!(lines.next(), None, "a block has no more lines: {block:?}");

    let value: Value = serde_json::from_str(&data).expect("data is JSON");
    assert_eq!(value.to_string().len(), data.len(), "data is compact and escapes nothing needlessly: {data}");
    Some(Event { name, data: value, id })
}

fn value_of<'a>(line: &'a str, name: &str) -> &'a str {
    line.strip_prefix(name)
        .and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or_else(|| panic!("a line `{name}: …` was expected: {line:?}"))
}

/// A stream that is being read.
#[derive(Debug)]
pub struct EventStream {
    response: reqwest::Response,
    parser: Parser,
    /// Read, and not yet handed out; the next one last.
    ahead: Vec<Event>,
    /// Everything that was handed out.
    seen: Vec<Event>,
}

/// The connection broke in the middle of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl EventStream {
    pub fn new(response: reqwest::Response) -> Self {
        Self { response, parser: Parser::default(), ahead: Vec::new(), seen: Vec::new() }
    }

    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<Event> {
        self.next_or_broken().await.expect("the connection holds")
    }

    /// The next event, over a connection that may break.
    pub async fn next_or_broken(&mut self) -> Result<Option<Event>, Broken> {
        while self.ahead.is_empty() {
            let read = timeout(PATIENCE, self.response.chunk()).await.expect("something comes in time");
            let Some(bytes) = read.map_err(|_| Broken)? else {
                assert!(self.parser.is_at_a_boundary(), "the last block is whole");
                return Ok(None);
            };
            self.ahead = self.parser.push(&bytes);
            self.ahead.reverse();
        }
        let event = self.ahead.pop();
        self.seen.extend(event.clone());
        Ok(event)
    }

    /// The next so many events.
    pub async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.next().await.expect("the stream goes on"));
        }
        events
    }

    /// Reads what there is left, from wherever the stream began, and returns all that was read.
    pub async fn rest(mut self) -> Vec<Event> {
        while self.next().await.is_some() {}
        self.seen
    }

    /// Reads to the end. What was read before is part of the reply.
    pub async fn finish(mut self) -> Reply {
        while self.next().await.is_some() {}
        Reply::new(self.headers().clone(), self.seen)
    }
}

/// A reply from its `start` to its `end`, found to be in the contract's order.
#[derive(Clone, Debug)]
pub struct Reply {
    pub headers: HeaderMap,
    events: Vec<Event>,
}

impl Reply {
    fn new(headers: HeaderMap, events: Vec<Event>) -> Self {
        let names: Vec<String> = events.iter().map(|event| event.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (start, rest) = names.split_first().expect("there are events");
        let (end, middle) = rest.split_last().expect("there are two events and more");
        assert_eq!((*start, *end), ("start", "end"), "{names:?}");
        let (error, news) = match middle.split_last() {
            Some((&"error", news)) => (true, news),
            _ => (false, middle),
        };
        assert!(news.iter().all(|name| matches!(*name, "token" | "reasoning")), "{names:?}");

        let reply = Self { headers, events };
        let ended_well = matches!(reply.status(), "complete" | "stopped");
        assert_ne!(error, ended_well, "an error comes before a failed end and before no other: {names:?}");
        reply.check_ids();
        reply
    }

    /// `<generation_id>:<offset>`, the offset in bytes, and `:end`.
    fn check_ids(&self) {
        let generation = self.start()["generation_id"].as_str().expect("start names its generation");
        let mut offset = 0;
        for event in &self.events {
            let place = match event.name.as_str() {
                "error" | "reasoning" => {
                    assert_eq!(event.id, None, "neither is a place to come back to");
                    continue;
                }
                "end" => "end".to_owned(),
                _ => {
                    offset += event.data["delta"].as_str().map_or(0, str::len);
                    offset.to_string()
                }
            };
            assert_eq!(event.id.as_deref(), Some(format!("{generation}:{place}").as_str()));
        }
    }

    pub fn events(&self) -> &[Event] {
        &self.events
    }

    pub fn start(&self) -> &Value {
        &self.events[0].data
    }

    pub fn end(&self) -> &Value {
        &self.events[self.events.len() - 1].data
    }

    pub fn status(&self) -> &str {
        self.end()["status"].as_str().expect("end has a status")
    }

    pub fn error(&self) -> Option<&Value> {
        self.events.iter().find(|event| event.name == "error").map(|event| &event.data)
    }

    pub fn deltas(&self) -> Vec<&str> {
        deltas_of(&self.events)
    }

    pub fn text(&self) -> String {
        text_of(&self.events)
    }

    /// The id of the message that the reply became.
    pub fn message_id(&self) -> &str {
        self.start()["message_id"].as_str().expect("start names its message")
    }
}

fn deltas_of(events: &[Event]) -> Vec<&str> {
    let tokens = events.iter().filter(|event| event.name == "token");
    tokens
        .map(|token| {
            let delta = token.data["delta"].as_str().expect("a token has a delta");
            assert!(!delta.is_empty(), "a delta is never empty");
            delta
        })
        .collect()
}

/// The text in these events.
pub fn text_of(events: &[Event]) -> String {
    deltas_of(events).concat()
}
