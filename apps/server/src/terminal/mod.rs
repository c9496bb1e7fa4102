//! `raconteur chat`: a conversation in a terminal. The replies are the server's own: the same chat, the same personas,
//! the same database.

mod command;
mod error;
mod input;
mod mode;
mod reply;
mod screen;
mod session;
mod signals;
mod text;
mod thread;
mod why;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use raconteur_chat::Chat;
use raconteur_domain::ConversationId;
use raconteur_persona::{Persona, Personas};
use raconteur_storage::{DatabaseUrl, Db, OpenError};

use self::input::{Lines, Source};
use self::mode::Mode;
use self::screen::Screen;
use self::session::Session;
use self::signals::{INTERRUPT, Interrupts, told_to_end};
use self::text::one_line;
use self::thread::Thread;
use crate::parts::Parts;
use crate::settings::Settings;

pub use error::TerminalError;
pub use screen::LogWriter;
pub use why::{tell_candidate, tell_prompt};

/// Who is talked to where nobody is named.
const DEFAULT_PERSONA: &str = "bronn";

/// The file beside an SQLite database with the lines that were typed.
const HISTORY: &str = "chat_history";

/// How long the last writes may take at the end.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// What a person asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Who to talk to, where a new conversation is begun.
    pub persona: Option<String>,
    /// The conversation to go on with, whoever's it is.
    pub conversation: Option<String>,
    /// The e-mail address of the account that talks, where that is not the terminal's own.
    pub account: Option<String>,
    /// Nothing is kept.
    pub forget: bool,
}

/// How the talk ended, where it could be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The person had no more to say.
    Done,
    /// There was no more to read, and the last thing that was read could not be answered.
    LastFailed,
    /// A signal of this number ended it.
    Signal(u8),
}

/// What a conversation is begun or continued with, found to make sense before anything is opened.
enum Wanted {
    New(Arc<Persona>),
    Old(ConversationId),
}

/// Talks until the person has enough.
///
/// # Errors
///
/// [`TerminalError`] says what is in the way and what to do.
pub async fn run(settings: &Settings, options: &Options) -> Result<Outcome, TerminalError> {
    // Before the line editor first borrows the signal: what it gives back then is this handler.
    let mut interrupts = Interrupts::new().map_err(TerminalError::Input)?;
    let parts = Parts::load(settings)?;
    let prepared = tokio::select! {
        prepared = prepare(settings, options, &parts) => prepared?,
        // A database may keep one waiting.
        () = interrupts.next() => return Ok(Outcome::Signal(INTERRUPT)),
    };
    let (db, chat, thread) = prepared;

    let (screen, mode) = (Screen::of_this_process(), Mode::now());
    let lines = Lines::start(source(&screen, &settings.database, options)).map_err(TerminalError::Input)?;
    let mut session = Session::new(db, chat.clone(), thread, screen, lines, interrupts);
    let kept_in = (!options.forget).then(|| settings.database.describe());
    let outcome = tokio::select! {
        outcome = session.run(&parts.about_model, kept_in.as_deref()) => outcome,
        signal = told_to_end() => {
            mode.restore();
            signal.map(Outcome::Signal).map_err(TerminalError::Input)
        }
    };
    session.stop_what_runs().await;
    chat.shut_down(LAST_WRITES).await;
    match outcome {
        // As any program in a pipe whose reader has seen enough.
        Err(TerminalError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            Ok(Outcome::Signal(signals::BROKEN_PIPE))
        }
        outcome => outcome,
    }
}

async fn prepare(
    settings: &Settings,
    options: &Options,
    parts: &Parts,
) -> Result<(Db, Chat, Thread), TerminalError> {
    let wanted = wanted(options, &parts.assets.personas)?;
    let opening = (settings.clone(), options.clone());
    let db = tokio::task::spawn_blocking(move || open(&opening.0, &opening.1));
    let db = db.await.map_err(|error| TerminalError::Input(error.into()))??;
    let chat = parts.chat(db.clone()).await?;
    let thread = match wanted {
        Wanted::New(persona) => Thread::begin(&db, parts, persona, options.account.as_deref()).await?,
        Wanted::Old(id) => Thread::resume(&db, &parts.assets.personas, id).await?,
    };
    Ok((db, chat, thread))
}

fn wanted(options: &Options, personas: &Personas) -> Result<Wanted, TerminalError> {
    if let Some(id) = &options.conversation {
        return id.parse().map(Wanted::Old).map_err(|_| TerminalError::NotAnId(id.clone()));
    }
    let found = match &options.persona {
        Some(name) => personas.find(name),
        None => personas.find(DEFAULT_PERSONA).or_else(|| personas.iter().next().cloned()),
    };
    found.map(Wanted::New).ok_or_else(|| match &options.persona {
        Some(name) => TerminalError::UnknownPersona {
            name: name.clone(),
            known: personas.iter().map(|persona| one_line(persona.name())).collect(),
        },
        None => TerminalError::NoPersonas,
    })
}

fn open(settings: &Settings, options: &Options) -> Result<Db, TerminalError> {
    let opened = if options.forget { Db::in_memory() } else { Db::open(&settings.database, settings.pool) };
    opened.map_err(|error| match error {
        OpenError::InUse(path) => TerminalError::InUse(path),
        error => TerminalError::Database(error),
    })
}

fn source(screen: &Screen, database: &DatabaseUrl, options: &Options) -> Source {
    if screen.is_interactive() {
        Source::Editor { history: history(database).filter(|_| !options.forget) }
    } else {
        Source::Plain
    }
}

/// Where the lines that were typed are kept from one talk to the next: beside a file, where the database is one.
fn history(database: &DatabaseUrl) -> Option<PathBuf> {
    Some(database.file()?.with_file_name(HISTORY))
}
