//! The `raconteur` program.
#![allow(clippy::print_stderr, reason = "this is what talks to the terminal")]

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use raconteur::Server;
use raconteur::settings::{SETTINGS, Setting, Settings, Sources};
use raconteur_storage::{DatabaseUrl, Db};
use tokio::signal;
use tracing_subscriber::EnvFilter;

/// A self-hosted character-chat server.
///
/// Settings come from raconteur.toml, .env and the environment; `raconteur config` shows them all.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Make the database, or bring it up to date, and end.
    Migrate,
    /// Show every setting, its value and where that comes from.
    Config,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("raconteur: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    let sources = Sources::read(Path::new("."), utf8_environment())?;
    if matches!(command, Command::Config) {
        show(&sources);
        // What is wrong with them is said after what they are.
        Settings::from_sources(&sources)?;
        return Ok(());
    }
    let settings = Settings::from_sources(&sources)?;
    start_log(&settings)?;
    match command {
        Command::Serve => serve(settings).await,
        Command::Migrate => {
            Db::open(&settings.database, settings.pool)?;
            say(&format!("{} is up to date.", settings.database.describe()));
            Ok(())
        }
        Command::Config => Ok(()),
    }
}

async fn serve(settings: Settings) -> Result<(), Box<dyn Error>> {
    raise_open_files();
    let server = Server::start(settings).await?;
    let about = server.about();
    let personas: Vec<String> =
        about.personas.iter().map(|(name, entries)| format!("{name} ({entries} entries)")).collect();
    say(&format!("Raconteur {}", env!("CARGO_PKG_VERSION")));
    say(&format!("  listening  http://{}", server.address()));
    say(&format!("  database   {}", about.database));
    say(&format!("  model      {}", about.model));
    say(&format!(
        "  personas   {}",
        if personas.is_empty() { "none".to_owned() } else { personas.join(", ") }
    ));
    told_to_end().await?;
    say("Ending; running replies may finish. Once more to end at once.");
    tokio::select! {
        () = server.stop() => Ok(()),
        again = told_to_end() => Ok(again?),
    }
}

/// How many open files leave a thousand streams some room: each takes two, one to its client and one to its model.
const OPEN_FILES: u64 = 4096;

/// Lets the server open as many files, and so connections, as the system allows.
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit >= OPEN_FILES => {}
        Ok(limit) => tracing::warn!(
            limit,
            "few files may be open at once; raise the limit (ulimit -n) for many streams"
        ),
        Err(error) => tracing::warn!(%error, "how many files may be open at once is unknown"),
    }
}

/// Prints a line for whoever reads along. That nobody does is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Resolves on SIGINT (Ctrl-C) and SIGTERM.
#[cfg(unix)]
async fn told_to_end() -> std::io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> std::io::Result<()> {
    signal::ctrl_c().await
}

fn start_log(settings: &Settings) -> Result<(), Box<dyn Error>> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&settings.log.filter)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if settings.log.json {
        log.json().init();
    } else {
        log.init();
    }
    Ok(())
}

fn show(sources: &Sources) {
    for setting in &SETTINGS {
        let written = sources.get(setting.name);
        let value = shown(setting, &written.value);
        say(&format!("{:<26} {:<40} {}", setting.name, value, written.origin));
    }
}

/// A value without what nobody should read over a shoulder.
fn shown(setting: &Setting, value: &str) -> String {
    match value {
        "" => "(not set)".to_owned(),
        _ if setting.secret => "(hidden)".to_owned(),
        // It may hold a password.
        url if setting.name == "DATABASE_URL" => url
            .parse::<DatabaseUrl>()
            .map_or_else(|_| "(no database URL)".to_owned(), |database| database.describe()),
        value => value.to_owned(),
    }
}

/// The environment, without what is no text and so no setting.
fn utf8_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
