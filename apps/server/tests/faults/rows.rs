//! The faults, and what each has to come to.

use std::time::Duration;

use raconteur_fake_upstream::{Script, chunk};
use serde_json::{Value, json};

use crate::Outcome;
use crate::provider::{KEY, SAYS};

/// How a provider can be reached, if it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Listens,
    /// As the one before, but the server gives up on it soon.
    IsNotWaitedFor,
    Refuses,
    HasNoHost,
    HasNoTls,
}

impl Provider {
    pub fn listens(self) -> bool {
        matches!(self, Self::Listens | Self::IsNotWaitedFor)
    }
}

/// One way to misbehave.
pub struct Fault {
    /// In words, which are the prompt that it is seen with, too.
    pub name: &'static str,
    pub provider: Provider,
    /// How it answers, one request after the other.
    pub scripts: Vec<Script>,
    /// Whether it says anything of its own that has to be in the log.
    pub has_words: bool,
    asked: usize,
    said: String,
    finish_reason: Option<&'static str>,
    error: Option<(&'static str, bool)>,
}

impl Fault {
    pub fn outcome(&self) -> Outcome {
        Outcome {
            status: if self.error.is_some() { "failed" } else { "complete" }.to_owned(),
            finish_reason: self.finish_reason.map(str::to_owned),
            error: self.error.map(|(code, retryable)| (code.to_owned(), retryable)),
            asked: self.provider.listens().then_some(self.asked),
            said: self.said.clone(),
        }
    }

    fn of(provider: Provider, name: &'static str, script: Script, error: (&'static str, bool)) -> Self {
        Self {
            name,
            provider,
            scripts: vec![script],
            has_words: false,
            asked: 1,
            said: String::new(),
            finish_reason: None,
            error: Some(error),
        }
    }

    /// The model says something before it fails.
    fn after(mut self, said: &str) -> Self {
        said.clone_into(&mut self.said);
        self
    }

    fn asked(mut self, times: usize) -> Self {
        self.asked = times;
        self
    }

    fn with_words(mut self) -> Self {
        self.has_words = true;
        self
    }
}

fn fails(name: &'static str, script: Script, code: &'static str, retryable: bool) -> Fault {
    Fault::of(Provider::Listens, name, script, (code, retryable))
}

/// It is no fault in the end.
fn completes(name: &'static str, script: Script, said: &str, reason: Option<&'static str>) -> Fault {
    Fault { error: None, finish_reason: reason, ..fails(name, script, "", false).after(said) }
}

/// Refuses in the provider's words, which have the key in them.
fn refuses(name: &'static str, status: u16, code: &'static str, retryable: bool) -> Fault {
    fails(name, refusal(status), code, retryable).with_words()
}

fn refusal(status: u16) -> Script {
    Script::error(status, "some_error", "some_code", &words())
}

fn words() -> String {
    format!("{SAYS} no to {KEY} at 127.0.0.1")
}

/// How much a reply may have, and how much of it comes at a time.
const REPLY_BYTES: usize = 1 << 20;
const PIECE: usize = 1 << 14;

/// All of them. `elsewhere` is where a redirect leads.
pub fn rows(elsewhere: &str) -> Vec<Fault> {
    let mut rows = out_of_reach();
    rows.extend(refusals());
    rows.extend(no_streams(elsewhere));
    rows.extend(silences());
    rows.extend(broken_streams());
    rows.extend(too_much());
    rows.extend(odd_ends());
    rows
}

fn out_of_reach() -> Vec<Fault> {
    let of = |provider, name, retryable| {
        Fault::of(provider, name, Script::status(200), ("model_unreachable", retryable))
    };
    vec![
        of(Provider::Refuses, "refuses the connection", true),
        of(Provider::HasNoHost, "has a name without an address", true),
        of(Provider::HasNoTls, "has no TLS at an https address", false),
    ]
}

fn refusals() -> Vec<Fault> {
    let context = |kind: &str, code: &str| Script::error(400, kind, code, &words());
    let llama_cpp = context("exceed_context_size_error", "400");
    let openai = context("invalid_request_error", "context_length_exceeded");
    let late = chunk::error(&words(), &"context_length_exceeded".into());
    vec![
        refuses("answers 400", 400, "model_refused", false),
        refuses("answers 401", 401, "model_refused", false),
        refuses("answers 403", 403, "model_refused", false),
        refuses("answers 404", 404, "model_refused", false),
        refuses("answers 408", 408, "model_timeout", true),
        refuses("answers 413", 413, "model_refused", false),
        refuses("answers 429", 429, "model_rate_limited", true).asked(3),
        fails(
            "answers 429 with `Retry-After: 1`",
            refusal(429).header("Retry-After", "1"),
            "model_rate_limited",
            true,
        )
        .with_words()
        .asked(3),
        fails(
            "answers 429 with a `Retry-After` of an hour",
            refusal(429).header("Retry-After", "3600"),
            "model_rate_limited",
            true,
        )
        .with_words(),
        refuses("answers 500", 500, "model_unavailable", true).asked(3),
        refuses("answers 502", 502, "model_unavailable", true).asked(3),
        refuses("answers 503", 503, "model_unavailable", true).asked(3),
        refuses("answers 504", 504, "model_unavailable", true).asked(3),
        Fault {
            scripts: vec![refusal(503), refusal(429), Script::reply(["Aye."])],
            ..completes("answers 503, then 429, then well", refusal(503), "Aye.", Some("stop"))
                .asked(3)
                .with_words()
        },
        Fault {
            scripts: vec![llama_cpp.clone(), Script::reply(["Aye."])],
            ..completes(
                "finds the prompt too long, but not with half of the history",
                llama_cpp.clone(),
                "Aye.",
                Some("stop"),
            )
            .asked(2)
            .with_words()
        },
        fails("finds the prompt too long, as llama.cpp says it", llama_cpp, "model_context_exceeded", false)
            .asked(2)
            .with_words(),
        fails("finds the prompt too long, as OpenAI says it", openai, "model_context_exceeded", false)
            .asked(2)
            .with_words(),
        fails(
            "finds in the middle of the reply that its context is full",
            Script::reply(["Gold", " first", "."]).event_after(2, &late),
            "model_context_exceeded",
            false,
        )
        .after("Gold first")
        .with_words(),
    ]
}

fn no_streams(elsewhere: &str) -> Vec<Fault> {
    let html = format!("<h1>{}</h1>", words());
    vec![
        fails(
            "answers with HTML",
            Script::status(200).body("text/html", html.clone()),
            "model_protocol",
            false,
        )
        .with_words(),
        fails(
            "answers 502 with HTML",
            Script::status(502).body("text/html", html),
            "model_unavailable",
            true,
        )
        .asked(3)
        .with_words(),
        fails(
            "names another content type",
            Script::reply(["Aye."]).content_type("text/plain"),
            "model_protocol",
            false,
        ),
        fails(
            "names no content type",
            Script::reply(["Aye."]).without_content_type(),
            "model_protocol",
            false,
        ),
        fails("redirects", Script::redirect(elsewhere), "model_protocol", false),
        fails("answers with nothing", Script::status(200), "model_protocol", false),
        fails("answers with a stream of nothing", Script::packets([""; 0]), "model_cut_off", true).asked(3),
        fails(
            "answers with JSON that is none",
            Script::status(200).body("application/json", "{nonsense"),
            "model_protocol",
            false,
        ),
        completes("answers whole, without a stream", Script::whole("Aye."), "Aye.", Some("stop")),
    ]
}

fn silences() -> Vec<Fault> {
    let of = |name, script| Fault::of(Provider::IsNotWaitedFor, name, script, ("model_timeout", true));
    let drip = Script::reply(["Gold", " first", "."]).byte_by_byte().pace(Duration::from_millis(20));
    vec![
        of("hangs before its headers", Script::hang()),
        of("hangs after its headers", Script::reply(["Gold"]).hang_after_headers()),
        of("hangs in the middle of the reply", Script::reply(["Gold", " first", "."]).hang_after(2))
            .after("Gold first"),
        completes("hangs after the reply", Script::reply(["Aye."]).hang_at_the_end(), "Aye.", Some("stop")),
        completes("sends slowly, byte by byte", drip, "Gold first.", Some("stop")),
    ]
}

fn broken_streams() -> Vec<Fault> {
    let reply = || Script::reply(["Gold", " first", "."]);
    let cut = |name, script| fails(name, script, "model_cut_off", true).after("Gold first");
    let half_a_token = format!("data: {}", &chunk::content("lost")[..40]);
    let half_a_character = &b"data: {\"choices\":[{\"delta\":{\"content\":\"\xc3"[..];
    let error = |code: Value| chunk::error(&words(), &code);
    let early = Script::events([error(json!(502))]);
    let nonsense = format!("{{nonsense: {}", words());
    vec![
        fails("hangs up without an answer", Script::hang_up(), "model_cut_off", true).asked(3),
        fails("cuts before the first token", reply().cut_after(0), "model_cut_off", true).asked(3),
        cut("cuts between two tokens", reply().cut_after(2)),
        cut("cuts in the middle of a token", reply().raw_after(2, half_a_token).cut_after(2)),
        cut("cuts in the middle of a UTF-8 character", reply().raw_after(2, half_a_character).cut_after(2)),
        cut("ends without any `finish_reason`", Script::events(["Gold", " first"].map(chunk::content))),
        completes(
            "ends without `[DONE]`",
            reply().without_done().cut_at_the_end(),
            "Gold first.",
            Some("stop"),
        ),
        fails("reports an error before the first token", early, "model_unavailable", true)
            .asked(3)
            .with_words(),
        fails(
            "reports an error in the stream",
            reply().event_after(2, &error(Value::Null)),
            "model_unavailable",
            true,
        )
        .after("Gold first")
        .with_words(),
        fails(
            "reports in the stream that it is busy",
            reply().event_after(2, &error(json!(429))),
            "model_rate_limited",
            true,
        )
        .after("Gold first")
        .with_words(),
        fails("sends JSON that is none", reply().event_after(2, &nonsense), "model_protocol", false)
            .after("Gold first")
            .with_words(),
        fails(
            "sends bytes that are no UTF-8",
            reply().raw_after(2, &b"data: \xff\n\n"[..]),
            "model_protocol",
            false,
        )
        .after("Gold first"),
    ]
}

fn too_much() -> Vec<Fault> {
    let line = Script::reply(["Gold", " first", "."]).event_after(2, &"x".repeat(10 << 20));
    let endless = Script::endless(&"x".repeat(PIECE));
    vec![
        fails("sends a line of 10 MB", line, "model_too_large", false).after("Gold first"),
        fails("goes on and on, past `max_tokens`", endless, "model_too_large", false)
            .after(&"x".repeat(REPLY_BYTES)),
    ]
}

fn odd_ends() -> Vec<Fault> {
    let reply = || Script::reply(["Gold", " first"]);
    vec![
        completes("ends for `length`", reply().finish_reason("length"), "Gold first", Some("length")),
        completes(
            "ends for `content_filter`",
            reply().finish_reason("content_filter"),
            "Gold first",
            Some("content_filter"),
        ),
        completes("says nothing, and that well", Script::reply([""; 0]), "", Some("stop")),
    ]
}
