//! Server-sent events, read from an HTTP response: the one place that knows `eventsource-stream`.
//!
//! That crate panics on a byte order mark, parses a partial line again with every packet, waits for ever on bytes that are not
//! UTF-8, and has no limit. So it never sees the network: [`Splitter`] cuts the bytes into whole events, bounded, valid and
//! with LF alone, and the crate parses one event at a time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use eventsource_stream::EventStream;
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::timeout;

use crate::text::causes;
use crate::{ModelError, ModelErrorKind};

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its type; `message` where the stream names none.
    pub(crate) name: String,
    /// Its `data` lines, joined by LF.
    pub(crate) data: String,
}

/// Reads the events of a response.
pub(crate) struct EventReader {
    response: reqwest::Response,
    splitter: Splitter,
}

impl EventReader {
    /// `event_bytes`: the largest event taken, and so the longest line.
    pub(crate) const fn new(response: reqwest::Response, event_bytes: usize) -> Self {
        Self { response, splitter: Splitter::new(event_bytes) }
    }

    /// The next event; `None` at the end of the body. An event that the end cuts off is dropped, as the standard says.
    ///
    /// Fails with [`ModelErrorKind::Silence`] when no byte arrives for so long, an event or not.
    pub(crate) async fn next(&mut self, silence: Option<Duration>) -> Result<Option<Event>, ModelError> {
        loop {
            if let Some(event) = self.splitter.ready.pop_front() {
                return event.map(Some);
            }
            let packet = self.response.chunk();
            let packet = match silence {
                Some(silence) => timeout(silence, packet).await.map_err(|_| fell_silent(silence))?,
                None => packet.await,
            };
            match packet
                .map_err(|error| ModelError::new(ModelErrorKind::CutOff, causes(&error.without_url())))?
            {
                Some(bytes) => self.splitter.push(&bytes),
                None => return Ok(None),
            }
        }
    }
}

fn fell_silent(silence: Duration) -> ModelError {
    ModelError::new(ModelErrorKind::Silence, format!("nothing for {silence:?}"))
}

/// Cuts bytes, however they are packed, into events.
struct Splitter {
    /// The lines of the event that has begun, each ended by LF; no comments.
    event: Vec<u8>,
    /// Where in it the current line begins.
    line_start: usize,
    /// The last byte was CR, so that an LF now belongs to the same line end.
    after_cr: bool,
    event_bytes: usize,
    ready: VecDeque<Result<Event, ModelError>>,
}

impl Splitter {
    const fn new(event_bytes: usize) -> Self {
        Self { event: Vec::new(), line_start: 0, after_cr: false, event_bytes, ready: VecDeque::new() }
    }

    fn push(&mut self, packet: &[u8]) {
        for &byte in packet {
            let completes_crlf = self.after_cr && byte == b'\n';
            self.after_cr = byte == b'\r';
            match byte {
                b'\n' if completes_crlf => {}
                b'\n' | b'\r' => self.end_line(),
                _ if self.event.len() >= self.event_bytes => {
                    self.ready.push_back(Err(too_large(self.event_bytes)));
                    return;
                }
                _ => self.event.push(byte),
            }
        }
    }

    fn end_line(&mut self) {
        const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
        // Only the first one of a stream has a meaning, but the parser, which sees one event at a time, falls over each.
        if self.line_start == 0 && self.event.starts_with(BYTE_ORDER_MARK) {
            self.event.drain(..BYTE_ORDER_MARK.len());
        }
        match self.event.get(self.line_start) {
            None => self.end_event(),
            Some(b':') => self.event.truncate(self.line_start),
            Some(_) => {
                self.event.push(b'\n');
                self.line_start = self.event.len();
            }
        }
    }

    fn end_event(&mut self) {
        self.line_start = 0;
        if !self.event.is_empty() {
            let mut event = std::mem::take(&mut self.event);
            event.push(b'\n');
            self.ready.extend(parse(event).transpose());
        }
    }
}

fn too_large(event_bytes: usize) -> ModelError {
    ModelError::new(ModelErrorKind::TooLarge, format!("an event of more than {event_bytes} bytes"))
}

/// The event that these lines make; none where they have no data.
fn parse(lines: Vec<u8>) -> Result<Option<Event>, ModelError> {
    let unreadable = |detail: String| ModelError::new(ModelErrorKind::Protocol, detail);
    let lines = String::from_utf8(lines).map_err(|error| unreadable(error.to_string()))?;
    let mut events = EventStream::new(stream::iter([Ok::<_, Infallible>(lines)]));
    match events.next().now_or_never().flatten() {
        Some(Ok(event)) => Ok(Some(Event { name: event.event, data: event.data })),
        Some(Err(error)) => Err(unreadable(error.to_string())),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Option<Duration> = Some(Duration::from_secs(60));

    /// Reads a body whose packets come so many seconds after one another.
    fn reader(packets: &'static [(u64, &str)]) -> EventReader {
        let packets = stream::iter(packets).then(|(seconds, packet)| async move {
            tokio::time::sleep(Duration::from_secs(*seconds)).await;
            Ok::<_, Infallible>(*packet)
        });
        EventReader::new(http::Response::new(reqwest::Body::wrap_stream(packets)).into(), 64)
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_measured_between_packets() {
        let mut reader = reader(&[(59, "data: a\n\n"), (59, "data: b\n\n"), (61, "data: c\n\n")]);
        for data in ["a", "b"] {
            assert_eq!(reader.next(SILENCE).await.unwrap().unwrap().data, data);
        }
        assert_eq!(reader.next(SILENCE).await.unwrap_err().kind(), ModelErrorKind::Silence);
    }

    #[tokio::test(start_paused = true)]
    async fn comments_and_parts_of_an_event_are_signs_of_life() {
        let mut reader = reader(&[(40, ": keep-alive\n\n"), (40, "data: "), (40, "a\n\n")]);
        assert_eq!(reader.next(SILENCE).await.unwrap().unwrap().data, "a");
        assert_eq!(reader.next(SILENCE).await, Ok(None));
    }

    fn split(packets: &[&[u8]]) -> Vec<Result<Event, ModelErrorKind>> {
        let mut splitter = Splitter::new(64);
        packets.iter().for_each(|packet| splitter.push(packet));
        splitter.ready.into_iter().map(|event| event.map_err(|error| error.kind())).collect()
    }

    fn message(data: &str) -> Result<Event, ModelErrorKind> {
        Ok(Event { name: "message".to_owned(), data: data.to_owned() })
    }

    #[test]
    fn any_line_end_ends_a_line() {
        assert_eq!(split(&[b"data: a\n\ndata: b\r\n\r\ndata: c\r\r"]), ["a", "b", "c"].map(message));
        assert_eq!(split(&[b"data: a\r", b"\n\r", b"\ndata: b\r", b"\r"]), ["a", "b"].map(message));
    }

    #[test]
    fn data_lines_are_joined_and_one_blank_after_the_colon_is_no_data() {
        assert_eq!(split(&[b"data:a\ndata:  b\ndata\n\n"]), [message("a\n b\n")]);
    }

    #[test]
    fn comments_and_other_fields_are_no_data() {
        assert_eq!(split(&[b": keep-alive\n\nid: 7\nretry: 5\n\n:\ndata: a\n: more\n\n"]), [message("a")]);
        let named = Event { name: "error".to_owned(), data: "a".to_owned() };
        assert_eq!(split(&[b"event: error\ndata: a\n\n"]), [Ok(named)]);
    }

    #[test]
    fn comments_without_end_do_not_fill_the_event() {
        assert_eq!(split(&[": keep-alive\n".repeat(99).as_bytes(), b"data: a\n\n"]), [message("a")]);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_wherever_an_event_begins() {
        assert_eq!(split(&[b"\xef", b"\xbb\xbfdata: a\n\n"]), [message("a")]);
        assert_eq!(split(&["data: a\n\n\u{feff}data: b\n\n".as_bytes()]), ["a", "b"].map(message));
    }

    #[test]
    fn a_character_may_be_cut_by_packets() {
        assert_eq!(split(&[b"data: caf\xc3", b"\xa9\n", b"\n"]), [message("caf\u{e9}")]);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error_after_what_came_before() {
        assert_eq!(split(&[b"data: a\n\ndata: \xff\n\n"]), [message("a"), Err(ModelErrorKind::Protocol)]);
    }

    #[test]
    fn an_event_has_a_largest_size_in_one_line_or_many() {
        assert_eq!(
            split(&[b"data: a\n\ndata: ", &[b'x'; 99]]),
            [message("a"), Err(ModelErrorKind::TooLarge)]
        );
        assert_eq!(split(&["data: x\n".repeat(99).as_bytes()]), [Err(ModelErrorKind::TooLarge)]);
    }

    #[test]
    fn an_event_without_its_blank_line_is_dropped() {
        assert_eq!(split(&[b"data: a\n"]), []);
    }
}
