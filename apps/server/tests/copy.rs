//! `raconteur copy`, as whoever moves to another database sees it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "api/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Output, Stdio};

use raconteur::Server;
use raconteur::settings::{Settings, Sources};
use raconteur_storage::testing::TestSchema;
use raconteur_storage::{Db, Pool};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use support::app::SECRET;
use support::database::Place;
use support::sse::PATIENCE;
use support::{Client, Database, TestApp};

fn copy(from: &str, to: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raconteur"));
    command.args(["copy", "--from", from, "--to", to]).env_clear().current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(command: &mut Command) -> Output {
    timeout(PATIENCE, command.output()).await.expect("it ends by itself").unwrap()
}

/// What a copy says that succeeds.
async fn copied(from: &str, to: &str) -> String {
    let output = run(&mut copy(from, to)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    text(output.stdout)
}

/// What a copy complains of that cannot be made.
async fn refused(from: &str, to: &str) -> String {
    let output = run(&mut copy(from, to)).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    text(output.stderr)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A place where Ada has said something, and nobody is running.
async fn inhabited(on: Database) -> (Place, Client, String) {
    let app = TestApp::offline(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for prompt in ["What is your price?", "And for a friend?"] {
        assert_eq!(ada.send(&thread, prompt).await.status(), "complete");
    }
    let (_, place) = app.stop().await;
    (place, ada, thread)
}

/// A server in this process, with the same secret and the offline model, and the address at which it listens.
async fn start(on: &Place) -> (Server, String) {
    let database = on.url();
    let settings =
        [("PORT", "0"), ("BCRYPT_COST", "4"), ("SECRET_KEY", SECRET), ("DATABASE_URL", database.as_str())];
    let pairs = settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = Sources::read(Path::new("/nonexistent"), pairs).unwrap();
    let server = Server::start(Settings::from_sources(&sources).unwrap()).await.unwrap();
    let address = format!("http://{}", server.address());
    (server, address)
}

fn elsewhere() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new/folder/raconteur.db", folder.path().display());
    (folder, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_are_moved_to_postgres_stay_signed_in_and_find_what_they_said() {
    if !Database::Postgres.is_there() {
        return;
    }
    let (from, ada, thread) = inhabited(Database::Sqlite).await;
    let to = Place::new(Database::Postgres);
    copied(&from.url(), &to.url()).await;

    let (before, old_address) = start(&from).await;
    let (after, address) = start(&to).await;
    let (there, ada) = (ada.at(&old_address), ada.at(&address));
    assert_eq!(ada.messages(&thread).await, there.messages(&thread).await);
    assert_eq!(ada.send(&thread, "Where were we?").await.status(), "complete");
    let said = ada.said(&thread).await;
    assert_eq!((said.len(), said[4].as_str()), (6, "user: Where were we?"));
    before.stop().await;
    after.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_those_who_are_moved_back_do_too() {
    if !Database::Postgres.is_there() {
        return;
    }
    let (from, ada, thread) = inhabited(Database::Postgres).await;
    let to = Place::new(Database::Sqlite);
    copied(&from.url(), &to.url()).await;
    let (server, address) = start(&to).await;
    assert_eq!(ada.at(&address).said(&thread).await.len(), 4);
    server.stop().await;
}

fn without_checksums(line: &str) -> String {
    let is_checksum = |word: &str| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    line.split(' ')
        .map(|word| if is_checksum(word) { "XXXXXXXXXXXXXXXX" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_says_what_it_found_and_what_to_do_next() {
    let (from, ..) = inhabited(Database::Sqlite).await;
    let Place::Folder(folder) = &from else { panic!("it is a folder") };
    std::fs::write(folder.path().join("secret.key"), "a secret").unwrap();
    let (place, to) = elsewhere();
    let shown = |said: &str| {
        let said = said
            .replace(folder.path().to_str().unwrap(), "OLD")
            .replace(place.path().to_str().unwrap(), "NEW");
        // How much of the log has been trimmed is a matter of chance.
        let lines = said.lines().filter(|line| !line.starts_with("chunks") && !line.starts_with("From "));
        lines.map(|line| without_checksums(line) + "\n").collect::<String>()
    };
    insta::assert_snapshot!(shown(&copied(&from.url(), &to).await).trim(), @r"
    table               rows from      rows to   SHA-256 from       SHA-256 to
    users                       1            1   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same
    personas                    0            0   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same
    sessions                    1            1   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same
    conversations               1            1   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same
    messages                    4            4   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same
    generations                 2            2   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same
    idempotency_keys            0            0   XXXXXXXXXXXXXXXX   XXXXXXXXXXXXXXXX   same

    Everything is there, and the same on both sides.

    What to do next:
      1. Set DATABASE_URL to the address that you gave as --to.
      2. Set SECRET_KEY to what stands in OLD/secret.key: with another one, everybody is signed out.
      3. Start the server. The source is as it was: keep it until you are content.
    ");
    let again = shown(&copied(&from.url(), &to).await);
    assert!(again.contains("The target is not empty; nothing is written there, only compared.\n"), "{again}");
    assert!(again.contains("Everything is there, and the same on both sides.\n"), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_is_set_is_to_stay() {
    let (from, ..) = inhabited(Database::Sqlite).await;
    let (_place, to) = elsewhere();
    let output =
        run(copy(&from.url(), &to).env("SECRET_KEY", "nobody-reads-this-over-a-shoulder-0123")).await;
    let said = text(output.stdout);
    assert!(said.contains("Leave SECRET_KEY as it is set here") && !said.contains("shoulder"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_it_goes_on_where_it_was() {
    let Some(schema) = TestSchema::create() else { return };
    let (from, ada, thread) = inhabited(Database::Sqlite).await;
    // The tables, and in one of them a hindrance that nothing gets past.
    drop(Db::open(&schema.url().parse().unwrap(), Pool::default()).unwrap());
    schema.execute(
        "CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql \
         AS $$ BEGIN PERFORM pg_sleep(3600); RETURN NEW; END $$; \
         CREATE TRIGGER hindrance BEFORE INSERT ON generations FOR EACH ROW EXECUTE FUNCTION hinder()",
    );
    let mut child = copy(&from.url(), &schema.url()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut tables = Vec::new();
    while tables.len() < 3 {
        let line = timeout(PATIENCE, said.next_line()).await.expect("it comes so far").unwrap();
        tables.push(line.expect("it has not ended"));
    }
    let copied_before = ["users", "sessions", "conversations"].map(|table| format!("copied {table}: 1 rows"));
    assert_eq!(tables, copied_before);
    child.kill().await.unwrap();
    schema.cut_connections();
    schema.execute("DROP TRIGGER hindrance ON generations; DROP FUNCTION hinder");

    let started = Db::open(&schema.url().parse().unwrap(), Pool::default()).err().unwrap();
    assert!(
        started.to_string().contains("has not finished: run the same `raconteur copy` again"),
        "{started}"
    );
    let said = copied(&from.url(), &schema.url()).await;
    assert!(said.contains("Going on with an earlier copy: "), "{said}");
    assert!(said.contains("Everything is there, and the same on both sides.\n"), "{said}");
    let place = Place::Schema(schema);
    let (server, address) = start(&place).await;
    assert_eq!(ada.at(&address).said(&thread).await.len(), 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_differs_is_an_error_and_the_first_row_is_named() {
    let Some(schema) = TestSchema::create() else { return };
    let (from, ..) = inhabited(Database::Sqlite).await;
    copied(&from.url(), &schema.url()).await;
    schema.execute("UPDATE messages SET content = 'never said' WHERE key = 2");
    let output = run(&mut copy(&from.url(), &schema.url())).await;
    let (said, complaint) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("DIFFERENT") && !said.contains("What to do next"), "{said}");
    assert!(complaint.contains("the two differ: in messages, from the row with id 0"), "{complaint}");
    assert!(complaint.contains("Nothing was written"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_runs_has_to_be_stopped_first() {
    for on in [Database::Sqlite, Database::Postgres] {
        if !on.is_there() {
            continue;
        }
        let app = TestApp::offline(on).await;
        let (_place, to) = elsewhere();
        let complaint = refused(&app.place().url(), &to).await;
        assert!(complaint.starts_with("raconteur: --from: ") && complaint.contains("stop"), "{complaint}");
        app.register("ada@example.org").await;
        let (_, place) = app.stop().await;
        copied(&place.url(), &to).await;
    }
}

#[tokio::test]
async fn a_source_that_is_not_there_is_not_made() {
    let (folder, from) = elsewhere();
    let (_place, to) = elsewhere();
    let complaint = refused(&from, &to).await;
    assert!(complaint.contains("--from: there is no database at /"), "{complaint}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn no_password_is_repeated() {
    let (_place, good) = elsewhere();
    for bad in ["postgres://me:pass@word@host/db", "postgres://me:pass@127.0.0.1:1/db"] {
        for (from, to) in [(bad, good.as_str()), (good.as_str(), bad)] {
            let complaint = refused(from, to).await;
            assert!(!complaint.contains("pass@") && !complaint.contains(":pass"), "{complaint}");
        }
    }
}
