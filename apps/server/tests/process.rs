//! The program itself: what it says, what it refuses, and what is left when it is killed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "api/support/mod.rs"]
mod support;

#[allow(dead_code, reason = "shared with the crash tests")]
mod program;

mod secrets;

#[cfg(target_os = "linux")]
mod silence;

use std::time::Duration;

use futures_util::future::join_all;
use raconteur::settings::SETTINGS;
use raconteur_fake_upstream::{FakeUpstream, Gate, Script};
use raconteur_storage::testing::TestSchema;
use serde_json::json;

use program::Program;
use support::sse::EventStream;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn serve_says_where_it_listens_and_what_it_is_made_of() {
    let server = Program::new().serve().await.said.clone();
    let port = server.split("127.0.0.1:").nth(1).unwrap().lines().next().unwrap().to_owned();
    // How much each of them knows changes with their files.
    let (beginning, personas) = server.split_at(server.find("personas").unwrap());
    let personas: String = personas.chars().filter(|c| !c.is_ascii_digit()).collect();
    insta::assert_snapshot!(beginning.replace(&port, "PORT") + &personas, @r"
    Raconteur 0.1.0
      listening  http://127.0.0.1:PORT
      database   SQLite at data/raconteur.db
      model      offline (answers come from the knowledge base; set OPENAI_API_KEY or OPENAI_BASE_URL for a model)
      personas   Bronn ( entries), Captain Nemo ( entries), Cheshire Cat ( entries), Elizabeth Bennet ( entries), Sherlock Holmes ( entries), Sun Wukong ( entries)
    ");
}

#[tokio::test]
async fn serve_names_the_model_and_where_it_is() {
    let model = FakeUpstream::start().await;
    let program = Program::with_model(&model).set("OPENAI_CHAT_MODEL", "llama3.1");
    let said = program.serve().await.said.clone();
    assert!(said.contains(&format!("model      llama3.1 at {}\n", model.base_url())), "{said}");
}

#[tokio::test]
async fn config_shows_every_setting_and_where_it_comes_from_but_no_secret() {
    let program = Program::new()
        .file("raconteur.toml", "port = 8001\nhost = \"0.0.0.0\"\nopenai_temperature = 0.5\ndebug = false\n")
        .file(".env", "OPENAI_API_KEY=sk-from-dotenv\nOPENAI_TEMPERATURE=0.7\nHOME=/nowhere\nLOG_FORMAT=\n")
        .set("DJANGO_SECRET_KEY", "a secret from the environment, long enough")
        .set("OPENAI_CHAT_MODEL", "llama3.1")
        .set("SOMEBODY_ELSES", "not ours");
    let output = program.run(&["config"]).await;
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    let shown = text(&output.stdout);
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    let names: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    assert_eq!(names, SETTINGS.map(|setting| setting.name));
    for line in [
        ["HOST", "0.0.0.0", "raconteur.toml"],
        ["PORT", "0", "environment"],
        ["DEBUG", "false", "raconteur.toml"],
        ["SECRET_KEY", "(hidden)", "environment"],
        ["OPENAI_API_KEY", "(hidden)", ".env"],
        ["OPENAI_CHAT_MODEL", "llama3.1", "environment"],
        ["OPENAI_TEMPERATURE", "0.7", ".env"],
        ["LOG_FORMAT", "pretty", "default"],
    ] {
        assert!(lines.iter().any(|shown| *shown == line), "{line:?} is not in\n{shown}");
    }
    assert!(!shown.contains("sk-from-dotenv") && !shown.contains("a secret"), "{shown}");
}

#[tokio::test]
async fn on_postgres_it_wants_a_secret_of_its_operators_own_and_never_shows_the_password() {
    let url = "postgres://me:hunter2@127.0.0.1:1/none";
    let program = Program::new().set("DATABASE_URL", url);
    let refusal = program.refusal(&["serve"]).await;
    assert!(refusal.contains("SECRET_KEY is not set, which a Postgres database does not allow"), "{refusal}");
    let program = program.set("SECRET_KEY", "a secret that every server has");
    let refusal = program.refusal(&["serve"]).await;
    assert!(refusal.contains("DATABASE_URL") && refusal.contains("refused"), "{refusal}");
    let shown = text(&program.run(&["config"]).await.stdout);
    assert!(shown.contains("Postgres at 127.0.0.1:1/none"), "{shown}");
    assert!(!format!("{refusal}{shown}").contains("hunter2"), "{refusal}{shown}");
}

#[tokio::test]
async fn every_bad_setting_is_named_with_its_place_and_what_was_expected() {
    let program = Program::new()
        .file(
            "raconteur.toml",
            "openai_temperature = \"hot\"\ncors_frontend = \"*\"\nhistory_tokens = true\n",
        )
        .file(".env", "MODEL_SILENCE_TIMEOUT=soon\n")
        .set("PORT", "65536")
        .set("HOST", "localhost")
        .set("BCRYPT_COST", "3")
        .set("LOG", "=,=");
    let refusal = program.refusal(&["serve"]).await;
    insta::assert_snapshot!(refusal, @r"
    raconteur: the settings cannot be used:
      HOST: expected an IP address (in environment)
      PORT: expected a number from 0 to 65535 (in environment)
      BCRYPT_COST: expected a number from 4 to 31 (in environment)
      MODEL_SILENCE_TIMEOUT: expected a time above zero, such as 500ms, 20s or 15m (in .env)
      OPENAI_TEMPERATURE: expected a number from 0 to 2 (in raconteur.toml)
      LOG: expected error, warn, info, debug or trace, or a filter such as info,raconteur_chat=debug (in environment)
      HISTORY_TOKENS: expected a number from 1 to 1000000 (in raconteur.toml)
      CORS_FRONTEND: expected origins such as https://example.org, separated by commas (in raconteur.toml)
    ");
    assert_eq!(program.refusal(&["migrate"]).await, refusal);
    assert_eq!(program.refusal(&["config"]).await, refusal, "after it has shown them");
    assert!(!program.path("data").exists(), "nothing was made");
}

#[tokio::test]
async fn unknown_names_in_the_file_are_named() {
    let program = Program::new().file("raconteur.toml", "prot = 8001\n[server]\nhost = \"0.0.0.0\"\n");
    insta::assert_snapshot!(program.refusal(&["serve"]).await, @r"
    raconteur: the settings cannot be used:
      prot: there is no such setting; `raconteur config` lists them (in raconteur.toml)
      server: there is no such setting; `raconteur config` lists them (in raconteur.toml)
    ");
    let program = Program::new().file("raconteur.toml", "port = \n");
    let refusal = program.refusal(&["config"]).await;
    assert!(refusal.contains("raconteur.toml") && refusal.contains("line 1"), "{refusal}");
}

#[tokio::test]
async fn outside_development_a_weak_secret_is_refused_before_anything_is_made() {
    for (secret, complaint) in [
        (None, "SECRET_KEY is not set, which DEBUG=False does not allow"),
        (Some("short"), "SECRET_KEY cannot be used with DEBUG=False"),
        (Some("change-me-change-me-change-me-change-me"), "SECRET_KEY cannot be used with DEBUG=False"),
    ] {
        let mut program = Program::new().set("DEBUG", "False");
        if let Some(secret) = secret {
            program = program.set("SECRET_KEY", secret);
        }
        let refusal = program.refusal(&["serve"]).await;
        assert!(refusal.contains(complaint), "{refusal}");
        assert!(!refusal.contains("short\"") && !program.path("data").exists(), "nothing was made");
    }
}

#[tokio::test]
async fn outside_development_a_strong_secret_is_enough() {
    let program = Program::new().set("DEBUG", "False").set("SECRET_KEY", "6f1ed002ab5595859014ebf0951522d9");
    let server = program.serve().await;
    server.register().await.get("/api/me").await.expect(200);
    assert!(!program.path("data/secret.key").exists());
}

#[tokio::test]
async fn migrate_makes_the_database_and_ends() {
    let program = Program::new();
    for _ in 0..2 {
        let output = program.run(&["migrate"]).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(text(&output.stdout), "SQLite at data/raconteur.db is up to date.\n");
        assert!(program.path("data/raconteur.db").exists());
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused_and_told_what_to_do() {
    let program = Program::new();
    let first = program.serve().await;
    for command in ["serve", "migrate"] {
        let refusal = program.refusal(&[command]).await;
        assert!(refusal.contains("data/raconteur.db is in use by another running server"), "{refusal}");
        assert!(refusal.contains("stop that one, or give this one another DATABASE_URL"), "{refusal}");
    }
    first.register().await.get("/api/me").await.expect(200);
}

#[tokio::test]
async fn an_address_that_is_taken_or_is_none_of_this_machines_is_named() {
    let first = Program::new();
    let server = first.serve().await;
    let port = server.base().rsplit(':').next().unwrap().to_owned();
    let refusal = Program::new().set("PORT", port.clone()).refusal(&["serve"]).await;
    assert!(refusal.contains(&format!("HOST and PORT: cannot listen on 127.0.0.1:{port}")), "{refusal}");
    let refusal = Program::new().set("HOST", "192.0.2.1").refusal(&["serve"]).await;
    assert!(refusal.contains("HOST and PORT: cannot listen on 192.0.2.1:0"), "{refusal}");
}

#[tokio::test]
async fn what_is_broken_in_a_persona_is_named_and_the_rest_is_used() {
    let program = Program::new()
        .file("mine.jsonl", "{\"id\": \"one\", \"summary\": \"One.\"}\n{broken\n")
        .set("BRONN_KB_PATH", "mine.jsonl");
    let server = program.serve().await;
    assert!(server.said.contains("personas   Bronn (1 entries), "), "{}", server.said);
    assert!(program.log().contains("mine.jsonl:2"), "{}", program.log());

    let refusal = Program::new().set("PERSONAS_DIR", "nowhere").refusal(&["serve"]).await;
    assert!(refusal.contains("PERSONAS_DIR: nowhere cannot be read"), "{refusal}");
}

#[tokio::test]
async fn the_log_is_json_where_it_is_to_be_and_has_no_secrets() {
    let model = FakeUpstream::start().await;
    let program = Program::with_model(&model)
        .set("OPENAI_API_KEY", "sk-not-for-the-log")
        .set("LOG", "trace")
        .set("LOG_FORMAT", "json");
    let server = program.serve().await;
    let ada = server.register().await;
    let thread = ada.conversation("Bronn").await;
    model.enqueue(&Script::error(401, "x", "y", "Incorrect API key provided: sk-not-for-the-log"));
    assert_eq!(ada.send(&thread, "Well?").await.status(), "failed");
    let log = program.log();
    for line in log.lines() {
        let _: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    for secret in ["sk-not-for-the-log", support::PASSWORD, &ada.account().access, &ada.account().refresh] {
        assert!(!log.contains(secret), "{}", log.lines().find(|line| line.contains(secret)).unwrap());
    }
    assert!(log.contains("the model failed"), "{log}");
}

#[tokio::test]
async fn who_was_signed_in_still_is_after_a_restart() {
    let program = Program::new();
    let server = program.serve().await;
    let ada = server.register().await;
    let thread = ada.conversation("Bronn").await;
    ada.say(&thread, "Still there?").await;
    server.signal("TERM").await;
    assert_eq!(server.ended().await.0, Some(0));

    let server = program.serve().await;
    assert_eq!(ada.at(&server.base()).said(&thread).await, ["user: Still there?"]);
}

#[tokio::test]
async fn a_backup_is_made_while_the_server_runs_and_gone_back_to_once_it_has_stopped() {
    let program = Program::new();
    let server = program.serve().await;
    let ada = server.register().await;
    let thread = ada.conversation("Bronn").await;
    ada.say(&thread, "Before.").await;
    let made = program.run(&["backup", "monday.db"]).await;
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let said = text(&made.stdout);
    assert!(said.starts_with("monday.db has everything: "), "{said}");
    assert!(
        said.ends_with("Keep data/secret.key as well: with another key, everybody has to sign in again.\n"),
        "{said}"
    );
    ada.say(&thread, "Since.").await;
    let refused = program.refusal(&["restore", "monday.db"]).await;
    assert!(refused.contains("is in use by another running server"), "{refused}");
    server.kill().await;

    let restored = program.run(&["restore", "monday.db"]).await;
    assert_eq!(restored.status.code(), Some(0), "{restored:?}");
    let database = program.path("data/raconteur.db").canonicalize().unwrap();
    assert_eq!(
        text(&restored.stdout),
        format!(
            "data/raconteur.db is what monday.db holds.\nWhat was there before is in \
             {}.before-restore-1: delete it once you are content.\n",
            database.display()
        )
    );
    let server = program.serve().await;
    assert_eq!(ada.at(&server.base()).said(&thread).await, ["user: Before."]);
}

#[tokio::test]
async fn a_backup_that_cannot_be_made_says_why() {
    let program = Program::new();
    let refused = program.refusal(&["backup", "monday.db"]).await;
    assert!(refused.contains("there is no database at data/raconteur.db"), "{refused}");
    let program =
        program.set("DATABASE_URL", "postgres://nobody@localhost/nothing").set("SECRET_KEY", "x".repeat(40));
    for command in ["backup", "restore"] {
        let refused = program.refusal(&[command, "monday.db"]).await;
        assert!(refused.contains("pg_dump"), "{refused}");
    }
}

#[tokio::test]
async fn told_to_end_it_lets_running_replies_finish() {
    for signal in ["TERM", "INT"] {
        let (model, gate) = (FakeUpstream::start().await, Gate::new());
        let program = Program::with_model(&model).set("SHUTDOWN_GRACE", "60s");
        let server = program.serve().await;
        let ada = server.register().await;
        let thread = ada.conversation("Bronn").await;
        model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
        let mut reply = ada.begin(&thread, "What is your price?").await;
        reply.take(2).await;

        server.signal(signal).await;
        while ada.get("/readyz").await.status == 200 {
            tokio::task::yield_now().await;
        }
        gate.open();
        let (reply, (code, said)) = tokio::join!(reply.finish(), server.ended());
        assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Gold first."), "{signal}");
        assert_eq!(code, Some(0), "{signal}");
        assert_eq!(said, "Ending; running replies may finish. Once more to end at once.\n");

        let server = program.serve().await;
        assert_eq!(ada.at(&server.base()).said(&thread).await[1], "assistant: Gold first.");
    }
}

#[tokio::test]
async fn without_grace_running_replies_end_as_interrupted_and_keep_what_they_said() {
    let model = FakeUpstream::start().await;
    let program = Program::with_model(&model).set("SHUTDOWN_GRACE", "0");
    let server = program.serve().await;
    let ada = server.register().await;
    let thread = ada.conversation("Bronn").await;
    model.enqueue(&Script::reply(["Gold", " first"]).hang_after(2));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(3).await;

    server.signal("TERM").await;
    let (reply, (code, _)) = tokio::join!(reply.finish(), server.ended());
    assert_eq!((reply.status(), reply.text().as_str()), ("interrupted", "Gold first"));
    assert_eq!(reply.error().unwrap()["code"], "interrupted");
    assert_eq!(code, Some(0));

    let server = program.serve().await;
    let kept = ada.at(&server.base()).messages(&thread).await.pop().unwrap();
    assert_eq!((&kept["content"], &kept["status"]), (&json!("Gold first"), &json!("interrupted")));
    assert!(!program.log().contains("were running"), "it was ended well: {}", program.log());
}

#[tokio::test]
async fn told_twice_it_ends_at_once_and_nothing_that_was_shown_is_lost() {
    let model = FakeUpstream::start().await;
    let program = Program::with_model(&model).set("SHUTDOWN_GRACE", "10m");
    let server = program.serve().await;
    let ada = server.register().await;
    let thread = ada.conversation("Bronn").await;
    model.enqueue(&Script::reply(["Gold"]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    reply.take(2).await;

    server.signal("TERM").await;
    while ada.get("/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    server.signal("TERM").await;
    server.ended().await;

    let server = program.serve().await;
    let kept = ada.at(&server.base()).messages(&thread).await.pop().unwrap();
    assert_eq!((&kept["content"], &kept["status"]), (&json!("Gold"), &json!("interrupted")));
}

/// How many replies run when the program is killed.
const STREAMS: usize = 8;

/// All that a client gets of a reply until its connection breaks.
async fn text_until_broken(mut reply: EventStream, mut text: String) -> String {
    while let Ok(Some(event)) = reply.next_or_broken().await {
        text.push_str(event.data["delta"].as_str().expect("there are tokens and nothing else"));
    }
    text
}

#[tokio::test]
async fn killed_in_the_middle_of_replies_it_has_kept_every_token_that_anybody_received() {
    let model = FakeUpstream::start().await;
    kill_in_the_middle_of_replies(Program::with_model(&model), &model).await;
}

#[tokio::test]
async fn killed_on_postgres_it_has_kept_every_token_that_anybody_received_too() {
    let Some(schema) = TestSchema::create() else { return };
    let model = FakeUpstream::start().await;
    kill_in_the_middle_of_replies(Program::with_model(&model).on(&schema), &model).await;
}

async fn kill_in_the_middle_of_replies(program: Program, model: &FakeUpstream) {
    let server = program.serve().await;
    let ada = server.register().await;
    let done = ada.conversation("Bronn").await;
    ada.send(&done, "Well?").await;
    model.always_with(|request| {
        let said = request.body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
        Script::reply((0..10_000).map(|n| format!("{said}:{n} "))).pace(Duration::from_millis(2))
    });

    let threads = join_all((0..STREAMS).map(|_| ada.conversation("Bronn"))).await;
    let mut replies = join_all(threads.iter().map(|thread| ada.begin(thread, "Go on."))).await;
    let mut received = Vec::new();
    for reply in &mut replies {
        let tokens = reply.take(51).await.split_off(1);
        received.push(tokens.iter().map(|token| token.data["delta"].as_str().unwrap()).collect::<String>());
    }
    server.kill().await;
    // What had reached the client's side of the connection counts as received too.
    let rest = replies.into_iter().zip(received).map(|(reply, text)| text_until_broken(reply, text));
    let received = join_all(rest).await;

    let server = program.serve().await;
    let ada = ada.at(&server.base());
    for (thread, received) in threads.iter().zip(received) {
        // On a database that servers share, this one was alive to the others for a while.
        ada.until_ended(thread).await;
        let messages = ada.messages(thread).await;
        assert_eq!((messages.len(), &messages[0]["status"]), (2, &json!("complete")));
        assert_eq!(messages[1]["status"], "interrupted");
        let kept = messages[1]["content"].as_str().unwrap();
        assert!(kept.starts_with(&received), "kept {} bytes of {}", kept.len(), received.len());
    }
    assert_eq!(ada.said(&done).await, ["user: Well?", "assistant: Aye."]);
    assert!(program.log().contains(&format!("interrupted={STREAMS}")), "{}", program.log());

    model.always(&Script::reply(["Aye."]));
    assert_eq!(ada.send(&threads[0], "Where were we?").await.status(), "complete", "and the talk goes on");
}
