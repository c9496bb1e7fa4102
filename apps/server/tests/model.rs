//! A person, the server and a real, small model with a short memory. `just test-model` starts the model, says where
//! it is, and runs this; nothing else does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "api/support/mod.rs"]
mod support;

use std::time::Duration;

use raconteur::Server;
use raconteur::settings::{Settings, Sources};
use serde_json::{Value, json};
use tokio::time::timeout;

use support::Client;
use support::app::SECRET;
use support::database::{Database, Place};
use support::sse::{PATIENCE, Reply};

/// What `just test-model` says of the model, and the longest replies and the history that fit it.
const OF_THE_MODEL: [&str; 4] =
    ["OPENAI_BASE_URL", "OPENAI_CHAT_MODEL", "OPENAI_MAX_OUTPUT_TOKENS", "HISTORY_TOKENS"];

/// How long a story may take on a busy machine without a graphics card. It ends no story that goes well.
const STORY: Duration = Duration::from_secs(600);

/// Ten turns, each of which begins with what a person has to tell.
const QUESTIONS: [&str; 10] = [
    "How did you win the duel at the Eyrie?",
    "What is your price for guarding such a man on such a road?",
    "Were you afraid of the dragon?",
    "What do you think of Ser Jaime as a swordsman?",
    "Would you have stood in his place for that much gold?",
    "What did the Imp promise you, and what did he pay?",
    "Which is worth more in a fight, a good horse or good boots?",
    "What would you do with a castle of your own?",
    "Whom would you not fight for any sum?",
    "So, do we have a bargain?",
];

/// What is told before each question: with it, far fewer than ten turns are all that the model can hold.
const NEWS: &str = "I came up the river road this morning with two wagons of salt, a lame mule and a man who says that \
    he was once a knight. It rained as far as the ford, and at the ford the water stood so high that we waited until \
    noon. There was a company on the other side, forty riders or more, with a red banner that none of us knew, and \
    they watched us the whole time and said nothing. When we had crossed they were gone, and their fires were still \
    warm. The innkeeper says that they pay in silver, ask after the old lord's youngest son, and never stay for a \
    second night; his wife says that the silver is bad. My partner wants to turn back, the knight wants his wages, \
    and I want to be in the city before the month is out.";

#[tokio::test]
#[ignore = "needs a model: just test-model"]
async fn a_conversation_that_outgrows_the_model_goes_on_once_the_model_is_shown_less_of_it() {
    on_every_database(ten_turns).await;
}

#[tokio::test]
#[ignore = "needs a model: just test-model"]
async fn a_long_reply_is_stopped_and_the_model_is_free_again() {
    on_every_database(a_stop).await;
}

#[tokio::test]
#[ignore = "needs a model: just test-model"]
async fn a_reply_that_is_made_anew_takes_the_place_of_the_first() {
    on_every_database(a_regeneration).await;
}

async fn ten_turns(database_url: &str) {
    let careless = App::start(database_url, &[("HISTORY_TOKENS", "1000000")]).await;
    let mut ada = careless.register().await;
    let thread = ada.conversation("Bronn").await;
    let mut said = Vec::new();
    let mut questions = QUESTIONS.iter();
    let outgrown = loop {
        let question = questions.next().expect("the model holds less than ten turns");
        let reply = tell_and_ask(&ada, &thread, question, &mut said).await;
        check_complete(&reply);
        let path = format!("/api/generations/{}", reply.start()["generation_id"].as_str().unwrap());
        let explanation = ada.get(&path).await.expect(200).json()["explanation"].clone();
        if explanation["history_dropped"] != 0 {
            break explanation;
        }
    };
    assert!(outgrown["history_budget"].as_u64() < Some(1_000_000), "it was asked again: {outgrown}");
    assert_ne!(questions.len(), 0, "some turns are left");
    careless.server.stop().await;

    let frugal = App::start(database_url, &[]).await;
    ada = ada.at(&frugal.base());
    for question in questions {
        check_complete(&tell_and_ask(&ada, &thread, question, &mut said).await);
    }
    assert_eq!(ada.said(&thread).await, said, "what was shown is kept, all of it");
    frugal.server.stop().await;
}

async fn a_stop(database_url: &str) {
    let app = App::start(database_url, &[("OPENAI_MAX_OUTPUT_TOKENS", "1000")]).await;
    let ada = app.register().await;
    let thread = ada.conversation("Bronn").await;
    let model = Model::asked().await;

    let mut stream = ada.begin(&thread, "Tell me the whole story of your life, as long as it takes.").await;
    let begun = stream.take(4).await;
    let generation = &begun[0].data["generation_id"];
    ada.post("/api/chat/stop", &json!({ "generation_id": generation })).await.expect(202);
    let reply = stream.finish().await;

    assert_eq!(reply.status(), "stopped");
    let stored = ada.messages(&thread).await.pop().unwrap();
    assert_eq!((&stored["content"], &stored["status"]), (&json!(reply.text()), &json!("stopped")));
    let (written, before) = (Model::asked_until_idle().await.tokens_written, model.tokens_written);
    assert!(written - before < 500, "the model did not write on: {before}, {written}");
    check_complete(&ada.send(&thread, "Well, how does it end?").await);
    app.server.stop().await;
}

async fn a_regeneration(database_url: &str) {
    // Warm enough to say something else the second time.
    let app = App::start(database_url, &[("OPENAI_TEMPERATURE", "1")]).await;
    let ada = app.register().await;
    let thread = ada.conversation("Bronn").await;
    let question = "How did you win the duel at the Eyrie?";
    let first = ada.send(&thread, question).await;
    let second = ada.send_unsaved(&thread, question).await;

    check_complete(&second);
    assert_ne!(second.text(), first.text());
    assert_ne!(second.message_id(), first.message_id());
    assert_eq!(second.start()["user_message_id"], first.start()["user_message_id"]);
    let shown = [format!("user: {question}"), format!("assistant: {}", second.text())];
    assert_eq!(ada.said(&thread).await, shown);
    app.server.stop().await;
}

/// Runs a story on an empty database of each kind.
async fn on_every_database(story: impl AsyncFn(&str)) {
    for on in [Database::Sqlite, Database::Postgres] {
        if on.is_there() {
            let place = Place::new(on);
            timeout(STORY, story(&place.url())).await.expect("the story ends in time");
        }
    }
}

/// Says a piece of news and asks a question. What was said then is noted.
async fn tell_and_ask(person: &Client, thread: &str, question: &str, said: &mut Vec<String>) -> Reply {
    let prompt = format!("{NEWS}\n\n{question}");
    let reply = person.send(thread, &prompt).await;
    said.extend([format!("user: {prompt}"), format!("assistant: {}", reply.text())]);
    reply
}

/// The model has said something and says how much it was.
fn check_complete(reply: &Reply) {
    assert_eq!(reply.status(), "complete", "{reply:?}");
    let end = reply.end();
    let usage = ["prompt_tokens", "completion_tokens"].map(|count| end["usage"][count].as_u64());
    assert!(usage.iter().all(|count| *count > Some(0)), "{end}");
    assert!(["stop", "length"].map(Value::from).contains(&end["finish_reason"]), "{end}");
    assert_ne!(reply.text(), "");
}

/// A server in front of the model.
struct App {
    server: Server,
}

impl App {
    /// With the settings that fit the model, but for these.
    async fn start(database_url: &str, changes: &[(&str, &str)]) -> Self {
        let mut pairs = vec![
            ("PORT".to_owned(), "0".to_owned()),
            ("BCRYPT_COST".to_owned(), "4".to_owned()),
            ("RATE_LIMIT".to_owned(), "off".to_owned()),
            ("SECRET_KEY".to_owned(), SECRET.to_owned()),
            ("DATABASE_URL".to_owned(), database_url.to_owned()),
        ];
        pairs.extend(OF_THE_MODEL.map(|name| (name.to_owned(), of_the_model(name))));
        pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| name != changed));
        pairs.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        // A folder without files of settings.
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources::read(folder.path(), pairs.into_iter()).expect("settings");
        let settings = Settings::from_sources(&sources).expect("good settings");
        Self { server: Server::start(settings).await.expect("the server starts") }
    }

    fn base(&self) -> String {
        format!("http://{}", self.server.address())
    }

    async fn register(&self) -> Client {
        Client::visitor(&self.base()).register("ada@example.org").await
    }
}

fn of_the_model(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: just test-model"))
}

/// What the model says of itself.
struct Model {
    /// How many tokens it has written since it was started, for anybody.
    tokens_written: u64,
    /// How many replies it is writing.
    replies: u64,
}

impl Model {
    async fn asked() -> Self {
        let address = of_the_model("OPENAI_BASE_URL").replace("/v1", "/metrics");
        let http = reqwest::Client::builder().build().unwrap();
        let text = http.get(address).send().await.unwrap().text().await.unwrap();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("llamacpp:{name} ")));
            line.expect("a llama.cpp that counts").parse().expect("a count")
        };
        Self { tokens_written: value("tokens_predicted_total"), replies: value("requests_processing") }
    }

    /// Once it writes nothing any more. Only then does it count what it wrote.
    async fn asked_until_idle() -> Self {
        let idle = async {
            loop {
                let model = Self::asked().await;
                if model.replies == 0 {
                    break model;
                }
            }
        };
        timeout(PATIENCE, idle).await.expect("the model falls silent")
    }
}
