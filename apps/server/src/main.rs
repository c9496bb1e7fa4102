//! The `raconteur` program.
#![allow(clippy::print_stderr, reason = "this is what talks to the terminal")]

#[cfg(feature = "sqlite")]
mod backup;
mod copy;
mod persona;

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use raconteur::Server;
use raconteur::settings::{self, SETTINGS, Setting, Settings, Sources};
use raconteur::terminal::{self, LogWriter, Outcome};
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
    /// Talk to a character here in the terminal.
    ///
    /// Answers are streamed and kept in the database, as the server keeps them. Ctrl-C stops an answer, /help shows the
    /// commands. In a pipe every line is said, and the answers alone are printed.
    Chat(ChatArguments),
    /// Make the database, or bring it up to date, and end.
    Migrate,
    /// Copy everything from one database into another, and compare the two
    ///
    /// Stop the server first. Where a copy is interrupted, even by a power cut, the same command goes on with it. At the
    /// end every row of both databases is compared. Their addresses are written as in DATABASE_URL:
    ///
    ///   raconteur copy --from sqlite://data/raconteur.db --to postgres://raconteur@db.example.org/raconteur
    ///
    /// A password in an address can be seen by others on this machine; PGPASSWORD and ~/.pgpass are read too.
    #[command(verbatim_doc_comment)]
    Copy(copy::Options),
    /// Copy the SQLite database into one new file, while the server runs
    ///
    /// The file is the database of one moment, whole. It is copied slowly, so that nobody who is being answered has to wait.
    #[cfg(feature = "sqlite")]
    Backup(backup::Backup),
    /// Go back to a backup
    ///
    /// Stop the server first. The database that is there now is kept beside the restored one, under another name.
    #[cfg(feature = "sqlite")]
    Restore(backup::Restore),
    /// Write characters: make, check, test and try them.
    #[command(subcommand)]
    Persona(persona::Command),
    /// Show every setting, its value and where that comes from.
    Config,
}

#[derive(Args)]
#[command(after_help = CHAT_EXAMPLES)]
struct ChatArguments {
    /// Who to talk to: a name, short name or alias; Bronn where nobody is named
    #[arg(long, value_name = "NAME", conflicts_with = "conversation")]
    persona: Option<String>,
    /// Go on with this conversation, whoever's it is
    #[arg(long, value_name = "ID", conflicts_with_all = ["account", "forget"])]
    conversation: Option<String>,
    /// Talk as this account, whose conversation it is then everywhere; else it is the terminal's own
    #[arg(long, value_name = "EMAIL", conflicts_with = "forget")]
    account: Option<String>,
    /// Keep nothing: no database is opened and no file is written
    #[arg(long)]
    forget: bool,
}

const CHAT_EXAMPLES: &str = "\
Examples:
  raconteur chat
  raconteur chat --persona bronn --account ada@example.org
  raconteur chat --conversation 018f4e6a-1c2d-7a3b-8c4d-5e6f70819203
  echo \"What is your price?\" | raconteur chat --forget";

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("raconteur: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    if let Command::Persona(command) = &command {
        // For an author's own folder; no server is set up there.
        return persona::run(command);
    }
    let sources = Sources::read(Path::new("."), utf8_environment())?;
    if matches!(command, Command::Config) {
        show(&sources);
        // What is wrong with them is said after what they are.
        Settings::from_sources(&sources)?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = Settings::from_sources(&sources)?;
    if let Command::Chat(arguments) = command {
        start_terminal_log(&sources, &settings.log)?;
        return chat(&settings, arguments).await;
    }
    start_log(&settings.log)?;
    match command {
        Command::Serve => serve(settings).await?,
        Command::Migrate => {
            Db::open(&settings.database, settings.pool)?;
            say(&format!("{} is up to date.", settings.database.describe()));
        }
        Command::Copy(options) => blocking(move || copy::run(&options, &settings)).await?,
        #[cfg(feature = "sqlite")]
        Command::Backup(options) => blocking(move || backup::back_up(&options, &settings)).await?,
        #[cfg(feature = "sqlite")]
        Command::Restore(options) => blocking(move || backup::restore(&options, &settings)).await?,
        Command::Chat(_) | Command::Persona(_) | Command::Config => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Work that waits for databases and disks, and what went wrong with it.
async fn blocking(
    work: impl FnOnce() -> Result<(), Box<dyn Error + Send + Sync>> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let done = tokio::task::spawn_blocking(work).await?;
    done.map_err(|error| -> Box<dyn Error> { error })
}

async fn chat(settings: &Settings, arguments: ChatArguments) -> Result<ExitCode, Box<dyn Error>> {
    let ChatArguments { persona, conversation, account, forget } = arguments;
    let options = terminal::Options { persona, conversation, account, forget };
    Ok(match terminal::run(settings, &options).await? {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::LastFailed => ExitCode::FAILURE,
        // As a shell reports it, and at once: a thread may still wait for a database.
        Outcome::Signal(number) => std::process::exit(128 + i32::from(number)),
    })
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
        () = server.stop() => end_at_last(LAST_STEPS),
        again = told_to_end() => {
            again?;
            end_at_last(Duration::ZERO);
        }
    }
    Ok(())
}

/// How long closing the database and whatever else is left may take, once every reply has ended.
const LAST_STEPS: Duration = Duration::from_secs(5);

/// Ends the program after this time even where something hangs: a thread that waits for a database which does not
/// answer cannot be told to stop.
#[expect(clippy::disallowed_methods, reason = "there is nothing to wait for but time")]
fn end_at_last(patience: Duration) {
    std::thread::spawn(move || {
        std::thread::sleep(patience);
        std::process::exit(0);
    });
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

/// The same for what is wrong.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
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

fn start_log(settings: &settings::Log) -> Result<(), Box<dyn Error>> {
    start_log_to(std::io::stderr, &settings.filter, settings.json)
}

/// What is logged while somebody reads a conversation: warnings and worse, unless they asked for more.
fn start_terminal_log(sources: &Sources, settings: &settings::Log) -> Result<(), Box<dyn Error>> {
    let filter = if sources.get("LOG").is_default() { "warn" } else { &settings.filter };
    start_log_to(|| LogWriter, filter, settings.json)
}

fn start_log_to<W>(
    writer: impl Fn() -> W + Send + Sync + 'static,
    filter: &str,
    json: bool,
) -> Result<(), Box<dyn Error>>
where
    W: std::io::Write + 'static,
{
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(filter)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(writer);
    if json {
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
