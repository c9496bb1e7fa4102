//! What the documentation says is what the code does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod page;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use raconteur::settings::{SETTINGS, Settings, Sources};
use raconteur::{ErrorCode, Server};
use raconteur_chat::{Trouble, TroubleCode};

use page::{check, root, updating};

#[test]
fn the_table_of_settings_is_the_codes() {
    let mut table = String::from(
        "| setting | default | takes | for example | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for setting in &SETTINGS {
        let also = setting.also.map_or(String::new(), |also| format!(" (or `{also}`)"));
        let default =
            if setting.default.is_empty() { "not set".to_owned() } else { format!("`{}`", setting.default) };
        let row = format!(
            "| `{}`{also} | {default} | {} | `{}` | {} |",
            setting.name,
            setting.expected,
            setting.example.trim_matches('`'),
            setting.meaning
        );
        writeln!(table, "{row}").unwrap();
    }
    check("docs/CONFIGURATION.md", "settings", &table);
}

/// One test for both tables: they stand on one page, which only one may write at a time.
#[test]
fn the_tables_of_errors_are_the_codes() {
    let mut answers =
        String::from("| code | status | what it means | what to do |\n| --- | --- | --- | --- |\n");
    for code in ErrorCode::ALL {
        let (word, status) = (code.as_str(), code.status().as_u16());
        writeln!(answers, "| `{word}` | {status} | {} | {} |", code.meaning(), code.remedy()).unwrap();
    }
    check("docs/ERRORS.md", "answers", &answers);

    let mut replies =
        String::from("| code | `retryable` | what it means and what to do |\n| --- | --- | --- |\n");
    let troubles = Trouble::all();
    let mut codes: Vec<TroubleCode> = troubles.iter().map(|trouble| trouble.code).collect();
    codes.dedup();
    for code in codes {
        let with = |retryable| troubles.contains(&Trouble { code, retryable });
        let retryable = match (with(true), with(false)) {
            (true, true) => "`true` or `false`",
            (true, false) => "`true`",
            (false, _) => "`false`",
        };
        writeln!(replies, "| `{}` | {retryable} | {} |", code.as_str(), code.detail()).unwrap();
    }
    check("docs/ERRORS.md", "replies", &replies);
}

/// The document, as clients are generated from it.
#[test]
fn the_openapi_document_is_the_codes() {
    let path = root("apps/web/api/openapi.json");
    let made = serde_json::to_string_pretty(&raconteur::openapi()).unwrap() + "\n";
    if updating() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    } else {
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == made, "apps/web/api/openapi.json is stale: just docs");
    }
}

/// A requirement whose test has another name by now is shown by nothing.
#[test]
fn the_tests_that_security_names_are_there() {
    let page = std::fs::read_to_string(root("docs/SECURITY.md")).unwrap();
    let mut named = 0;
    for name in page.split('`').skip(1).step_by(2) {
        let (file, test) = name.split_once("::").unwrap_or((name, ""));
        if !file.ends_with(".rs") {
            continue;
        }
        let path = match file.split_once('/') {
            Some(("auth", file)) => format!("crates/auth/src/{file}"),
            Some(("apps" | "crates", _)) => file.to_owned(),
            _ => format!("apps/server/tests/api/{file}"),
        };
        let code = std::fs::read_to_string(root(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(test.is_empty() || code.contains(&format!("fn {test}(")), "{name} is not there");
        named += 1;
    }
    assert!(named > 40, "only {named} are named");
}

#[test]
fn the_example_file_names_settings_that_exist() {
    let text = std::fs::read_to_string(root(".env.example")).unwrap();
    let known: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    let named =
        text.lines().filter_map(|line| line.trim_start_matches("# ").split_once('=')).map(|(name, _)| name);
    let unknown: Vec<&str> = named
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !known.contains(name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The commands of the README, as a stranger pastes them, against a server of the test's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readmes_walk_through_works() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [
        ("PORT", "0".to_owned()),
        ("BCRYPT_COST", "4".to_owned()),
        ("DATABASE_URL", format!("sqlite://{}/raconteur.db", folder.path().display())),
    ];
    let pairs = environment.into_iter().map(|(name, value)| (name.to_owned(), value));
    let settings = Settings::from_sources(&Sources::read(folder.path(), pairs).unwrap()).unwrap();
    let server = Server::start(settings).await.unwrap();

    let readme = std::fs::read_to_string(root("README.md")).unwrap();
    let script =
        readme.split("<!-- walk-through: begin -->\n```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let script = script.replace("127.0.0.1:8000", &server.address().to_string());
    let shell = tokio::task::spawn_blocking(move || Command::new("bash").args(["-euc", &script]).output());
    let output = shell.await.unwrap().unwrap();

    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("event: start\n") && printed.contains("event: end\n"), "{printed}");
    assert!(
        printed.contains(r#""model":"offline""#) && printed.contains(r#""message_count":2"#),
        "{printed}"
    );
    server.stop().await;
}
