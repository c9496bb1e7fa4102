//! How the fake upstream answers one request.

use std::time::Duration;

use serde_json::{Value, json};

use crate::gate::Gate;
use crate::{Request, chunk};

/// How the fake upstream answers one request.
///
/// A constructor says what a well-behaved server would send; the methods then make it misbehave. Pieces are counted from
/// the first piece of text, so `cut_after(2)` cuts after the second:
///
/// ```
/// use raconteur_fake_upstream::Script;
/// let busy = Script::status(429).header("Retry-After", "7").json(&serde_json::json!({ "error": "slow down" }));
/// let cut = Script::reply(["I", "'m", " off"]).cut_after(2);
/// let odd = Script::reply(["Aye."]).crlf().comments().byte_by_byte().without_done();
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) framing: Framing,
    pub(crate) before_headers: Vec<Step>,
    pub(crate) opening: Option<String>,
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) finish: Option<String>,
    pub(crate) usage: Option<String>,
    pub(crate) done: bool,
    pub(crate) crlf: bool,
    pub(crate) bom: bool,
    pub(crate) comments: bool,
    pub(crate) byte_by_byte: bool,
    pub(crate) pace: Option<Duration>,
    pub(crate) between: Vec<(Place, Step)>,
    pub(crate) cut_after_bytes: Option<usize>,
}

/// How the client learns where the body ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framing {
    Chunked,
    ContentLength,
}

/// Where in a body something extra happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    AfterHeaders,
    AfterPieces(usize),
    AtTheEnd,
}

/// One thing the server does.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Write(Vec<u8>),
    /// Waits so long after the step before; late steps catch up.
    Wait(Duration),
    Hold(Gate),
    /// Says nothing more, until the client goes.
    Hang,
    /// Closes the connection.
    Cut,
    /// Writes this again and again, until the client goes.
    Forever(Vec<u8>, Option<Duration>),
}

/// What a script begins with.
impl Script {
    /// A clean stream of these pieces: role, one chunk a piece, `finish_reason: "stop"`, usage, `[DONE]`.
    #[must_use]
    pub fn reply<I>(pieces: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let events: Vec<_> = pieces.into_iter().map(|piece| event(&chunk::content(piece.as_ref()))).collect();
        let completion_tokens = events.len() as u64;
        Self {
            opening: Some(chunk::role()),
            finish: Some(chunk::finish("stop")),
            usage: Some(chunk::usage(9, completion_tokens)),
            done: true,
            ..Self::packets(events)
        }
    }

    /// The role chunk, then this piece again and again, as fast as the client reads (or at the [pace](Self::pace)).
    #[must_use]
    pub fn endless(piece: &str) -> Self {
        let repeated = Step::Forever(event(&chunk::content(piece)), None);
        Self::reply([""; 0]).at(Place::AfterPieces(0), repeated)
    }

    /// An event stream made of exactly these `data` lines and nothing else.
    #[must_use]
    pub fn events<I>(data: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::packets(data.into_iter().map(|data| event(data.as_ref())))
    }

    /// An event stream of exactly these bytes, such as a recorded one; each item reaches the client as a packet of its own.
    #[must_use]
    pub fn packets<I>(packets: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Vec<u8>>,
    {
        Self {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "text/event-stream; charset=utf-8".to_owned())],
            framing: Framing::Chunked,
            before_headers: Vec::new(),
            opening: None,
            pieces: packets.into_iter().map(Into::into).collect(),
            finish: None,
            usage: None,
            done: false,
            crlf: false,
            bom: false,
            comments: false,
            byte_by_byte: false,
            pace: None,
            between: Vec::new(),
            cut_after_bytes: None,
        }
    }

    /// A clean stream whose one piece says back what the last message of the request said. For [`crate::FakeUpstream::always_with`].
    #[must_use]
    pub fn echo(request: &Request) -> Self {
        let said = request.body["messages"].as_array().and_then(|messages| messages.last());
        Self::reply([said.and_then(|message| message["content"].as_str()).unwrap_or_default()])
    }

    /// A whole completion as JSON, from a provider that does not stream.
    #[must_use]
    pub fn whole(text: &str) -> Self {
        Self::status(200).json(&chunk::whole(text))
    }

    /// A status with an empty body and no content type; [`json`](Self::json) and [`body`](Self::body) fill it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), framing: Framing::ContentLength, ..Self::packets([""; 0]) }
    }

    /// An error in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.
    #[must_use]
    pub fn error(status: u16, kind: &str, code: &str, message: &str) -> Self {
        let error = json!({ "message": message, "type": kind, "param": null, "code": code });
        Self::status(status).json(&json!({ "error": error }))
    }

    /// A 302 to another address.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    /// One event of at least so many bytes in one line.
    #[must_use]
    pub fn huge_line(bytes: usize) -> Self {
        Self::reply(["x".repeat(bytes)])
    }

    /// Reads the request and says nothing, not even headers, until the client goes.
    #[must_use]
    pub fn hang() -> Self {
        Self { before_headers: vec![Step::Hang], ..Self::status(200) }
    }

    /// Reads the request and closes the connection without an answer.
    #[must_use]
    pub fn hang_up() -> Self {
        Self { before_headers: vec![Step::Cut], ..Self::status(200) }
    }
}

/// Headers and body.
impl Script {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Says another content type than the script would by itself.
    #[must_use]
    pub fn content_type(self, content_type: &str) -> Self {
        self.without_content_type().header("Content-Type", content_type)
    }

    /// Says no content type.
    #[must_use]
    pub fn without_content_type(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "Content-Type");
        self
    }

    /// Sets a body that is no stream.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.pieces = vec![body.into()];
        self.content_type(content_type)
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }
}

/// What a stream says besides its pieces.
impl Script {
    /// Another `finish_reason`: `length`, `content_filter`.
    #[must_use]
    pub fn finish_reason(mut self, reason: &str) -> Self {
        self.finish = Some(chunk::finish(reason));
        self
    }

    /// Never says why the reply ends.
    #[must_use]
    pub fn without_finish_reason(mut self) -> Self {
        self.finish = None;
        self
    }

    /// Says other numbers of tokens.
    #[must_use]
    pub fn usage(mut self, prompt_tokens: u64, completion_tokens: u64) -> Self {
        self.usage = Some(chunk::usage(prompt_tokens, completion_tokens));
        self
    }

    /// Says how many tokens there were, and how many of the reply's were reasoning.
    #[must_use]
    pub fn usage_with_reasoning(
        mut self,
        prompt_tokens: u64,
        completion_tokens: u64,
        reasoning_tokens: u64,
    ) -> Self {
        self.usage = Some(chunk::usage_with_reasoning(prompt_tokens, completion_tokens, reasoning_tokens));
        self
    }

    /// Counts no tokens.
    #[must_use]
    pub fn without_usage(mut self) -> Self {
        self.usage = None;
        self
    }

    /// Ends without `[DONE]`.
    #[must_use]
    pub const fn without_done(mut self) -> Self {
        self.done = false;
        self
    }

    /// Thinks before the first piece: these pieces of reasoning, in the field `reasoning_content`.
    #[must_use]
    pub fn reasoning<'a>(self, pieces: impl IntoIterator<Item = &'a str>) -> Self {
        pieces.into_iter().fold(self, |script, piece| script.event_after(0, &chunk::reasoning(piece)))
    }

    /// Sends one more event after so many pieces, with this `data`, which need not be JSON.
    #[must_use]
    pub fn event_after(self, pieces: usize, data: &str) -> Self {
        self.raw_after(pieces, event(data))
    }

    /// Sends these very bytes after so many pieces.
    #[must_use]
    pub fn raw_after(self, pieces: usize, bytes: impl Into<Vec<u8>>) -> Self {
        self.at(Place::AfterPieces(pieces), Step::Write(bytes.into()))
    }
}

/// How the bytes are laid out.
impl Script {
    /// Ends lines with CR LF.
    #[must_use]
    pub const fn crlf(mut self) -> Self {
        self.crlf = true;
        self
    }

    /// Begins with a byte order mark.
    #[must_use]
    pub const fn bom(mut self) -> Self {
        self.bom = true;
        self
    }

    /// Puts a comment before every event.
    #[must_use]
    pub const fn comments(mut self) -> Self {
        self.comments = true;
        self
    }

    /// Sends every byte of the body as a packet of its own.
    #[must_use]
    pub const fn byte_by_byte(mut self) -> Self {
        self.byte_by_byte = true;
        self
    }
}

/// Time.
impl Script {
    /// Waits before the headers.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.before_headers.push(Step::Wait(delay));
        self
    }

    /// Waits at the gate before the headers.
    #[must_use]
    pub fn hold_before_headers(mut self, gate: &Gate) -> Self {
        self.before_headers.push(Step::Hold(gate.clone()));
        self
    }

    /// Waits before every piece. A late piece does not delay those after it.
    #[must_use]
    pub const fn pace(mut self, pace: Duration) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Waits so long after so many pieces.
    #[must_use]
    pub fn wait_after(self, pieces: usize, wait: Duration) -> Self {
        self.at(Place::AfterPieces(pieces), Step::Wait(wait))
    }

    /// Waits at the gate after so many pieces.
    #[must_use]
    pub fn hold_after(self, pieces: usize, gate: &Gate) -> Self {
        self.at(Place::AfterPieces(pieces), Step::Hold(gate.clone()))
    }

    /// Sends the headers and then nothing, until the client goes.
    #[must_use]
    pub fn hang_after_headers(self) -> Self {
        self.at(Place::AfterHeaders, Step::Hang)
    }

    /// Sends so many pieces and then nothing, until the client goes.
    #[must_use]
    pub fn hang_after(self, pieces: usize) -> Self {
        self.at(Place::AfterPieces(pieces), Step::Hang)
    }

    /// Sends everything, and leaves the body open until the client goes.
    #[must_use]
    pub fn hang_at_the_end(self) -> Self {
        self.at(Place::AtTheEnd, Step::Hang)
    }
}

/// Cut connections.
impl Script {
    /// Closes the connection after the headers.
    #[must_use]
    pub fn cut_after_headers(self) -> Self {
        self.at(Place::AfterHeaders, Step::Cut)
    }

    /// Closes the connection after so many pieces.
    #[must_use]
    pub fn cut_after(self, pieces: usize) -> Self {
        self.at(Place::AfterPieces(pieces), Step::Cut)
    }

    /// Sends everything, and closes the connection without ending the body.
    #[must_use]
    pub fn cut_at_the_end(self) -> Self {
        self.at(Place::AtTheEnd, Step::Cut)
    }

    /// Closes the connection after so many bytes of the body, in the middle of whatever is there.
    #[must_use]
    pub const fn cut_after_bytes(mut self, bytes: usize) -> Self {
        self.cut_after_bytes = Some(bytes);
        self
    }

    fn at(mut self, place: Place, step: Step) -> Self {
        self.between.push((place, step));
        self
    }
}

pub(crate) fn event(data: &str) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}
