//! Event streams as other people's parsers read them: the same events as ours, which takes the contract at its word.
//!
//! What is compared is how one stream was read, so one database is enough.

use base64::Engine as _;
use raconteur_fake_upstream::Script;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::packages::{self, run};
use crate::support::sse::{Event, Parser};
use crate::support::{Client, Database, TestApp};

/// Where the JavaScript readers are.
pub const NODE: &str = "apps/server/tests/clients/node";

/// A reader of event streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    EventsourceParser,
    FetchEventSource,
    HttpxSse,
}

impl Reader {
    /// The program; none where its packages are not installed.
    fn program(self) -> Option<Command> {
        let (mut program, file) = match self {
            Self::EventsourceParser => (packages::node(NODE)?, "eventsource-parser.mjs"),
            Self::FetchEventSource => (packages::node(NODE)?, "fetch-event-source.mjs"),
            Self::HttpxSse => (packages::python()?, "httpx_sse_reader.py"),
        };
        program.arg(file);
        Some(program)
    }

    /// The id that this reader tells with each event.
    fn ids(self, events: &mut [Event]) {
        if self == Self::HttpxSse {
            // Not the event's own, but the last one that there was, as a browser's EventSource tells it.
            let mut last = None;
            for event in events {
                last = event.id.take().or(last);
                event.id.clone_from(&last);
            }
        }
    }
}

/// How the bytes come.
#[derive(Clone, Copy, Debug)]
enum Network {
    /// As the server sends them.
    Usual,
    /// One by one, with a keep-alive between any two events.
    Awkward,
}

const BOTH: [Network; 2] = [Network::Usual, Network::Awkward];

/// Has the reader read an answer of the model's, over each of these networks. It sees what we see, which begins with
/// these pieces and ends with this status.
async fn check(reader: Reader, networks: &[Network], script: &Script, pieces: &[&str], status: &str) {
    let app = TestApp::start(Database::Sqlite).await;
    let ada = app.register("ada@example.org").await;
    for network in networks {
        let Some(mut program) = reader.program() else { return };
        app.model.enqueue(script);
        let (read, bytes) = read_by(&mut program, &app, &ada, *network).await;
        let mut parser = Parser::default();
        let mut events = parser.push(&bytes);
        assert!(parser.is_at_a_boundary());

        let deltas: Vec<&str> = events.iter().filter_map(|event| event.data["delta"].as_str()).collect();
        assert_eq!(deltas[..pieces.len()], *pieces);
        assert_eq!(events.last().expect("there are events").data["status"], status);
        reader.ids(&mut events);
        assert_eq!(read, events, "{reader:?}, {network:?}");
    }
}

/// The events that the reader saw, and the bytes that it saw them in.
async fn read_by(
    program: &mut Command,
    app: &TestApp,
    person: &Client,
    network: Network,
) -> (Vec<Event>, Vec<u8>) {
    let thread = person.conversation("Bronn").await;
    let body = json!({ "conversation_id": thread, "prompt": "What is your price?", "reasoning": true });
    let network = match network {
        Network::Usual => "usual",
        Network::Awkward => "awkward",
    };
    program.env("SERVER", app.base()).env("TOKEN", &person.account().access);
    let printed = run(program.env("BODY", body.to_string()).env("NETWORK", network)).await;

    let mut lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bytes = lines.pop().expect("a line at the end");
    let bytes = base64::engine::general_purpose::STANDARD.decode(bytes["bytes"].as_str().unwrap()).unwrap();
    (lines.iter().map(event_from).collect(), bytes)
}

fn event_from(line: &Value) -> Event {
    let text = |name: &str| line[name].as_str().map(ToOwned::to_owned);
    let data = serde_json::from_str(&text("data").expect("data is text")).expect("data is JSON");
    Event { name: text("name").expect("an event has a name"), data, id: text("id") }
}

/// Text that looks like the framing around it, and characters that some take for the end of a line or for nothing.
const AWKWARD_PIECES: [&str; 36] = [
    "\u{feff}",
    "G",
    "o",
    "l",
    "d",
    " ",
    "—",
    " é",
    "漢字",
    "日本語",
    "🗡",
    "🗡\u{fe0f}",
    "👩‍👩‍👧‍👦",
    "e\u{301}",
    "\n",
    "\n\n",
    "\n\n\n",
    "\r",
    "\r\n",
    "\r\n\r\n",
    "\u{2028}",
    "a\u{2029}b",
    "\u{85}",
    "\u{b}\u{c}\u{1c}\u{1d}\u{1e}",
    "data: none",
    "\ndata: {\"delta\":\"forged\"}\n\n",
    "event: end\n",
    "id: 7\n",
    "retry: 1\n",
    ": a comment\n\n",
    "\\n\\u2028\\",
    "\"",
    "{\"delta\":\"",
    "\u{1}\u{7f}",
    "\u{202e}",
    "\u{10ffff}",
];

async fn awkward_text(reader: Reader) {
    let script = Script::reply(AWKWARD_PIECES);
    check(reader, &BOTH, &script, &AWKWARD_PIECES, "complete").await;
}

/// One piece that is longer than any buffer on the way, and very many that are as short as can be.
async fn long_and_short_text(reader: Reader) {
    let long = "漢🗡".repeat(50_000);
    let mut pieces = vec![long.as_str()];
    pieces.extend(["a", "漢"].iter().cycle().take(3_000));
    check(reader, &[Network::Usual], &Script::reply(&pieces), &pieces, "complete").await;
}

async fn reasoning(reader: Reader) {
    let script = Script::reply(["Gold."]).reasoning(["He has", " a purse.\n"]);
    check(reader, &BOTH, &script, &["He has", " a purse.\n", "Gold."], "complete").await;
}

async fn a_failure(reader: Reader) {
    let script = Script::reply(["Go", "ld"]).cut_after(2);
    check(reader, &BOTH, &script, &["Go", "ld"], "failed").await;
}

/// Every reader reads every sort of stream.
macro_rules! readers {
    ($($module:ident: $reader:expr;)*) => {
        $(mod $module {
            use super::Reader;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn reads_awkward_text() {
                super::awkward_text($reader).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn reads_long_and_short_text() {
                super::long_and_short_text($reader).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn reads_reasoning_which_has_no_ids() {
                super::reasoning($reader).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn reads_that_a_reply_failed() {
                super::a_failure($reader).await;
            }
        })*
    };
}

readers! {
    eventsource_parser: Reader::EventsourceParser;
    fetch_event_source: Reader::FetchEventSource;
    httpx_sse: Reader::HttpxSse;
}
