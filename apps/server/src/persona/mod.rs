//! `raconteur persona`: for those who write characters.

mod ask;
mod cards;
mod check;
mod new;
mod trial;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raconteur_persona::Persona;

/// What to do with a persona's folder.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a folder with a persona to begin from
    New(new::Options),
    /// Look for what does not work as its author may think, and fail where there is something
    Check(check::Options),
    /// Ask the questions of tests.yml, and fail where the persona does not remember what it must
    Test(trial::Options),
    /// Show which entries a question finds
    Search(ask::SearchOptions),
    /// Show the prompt for a question, and why it is as it is
    Prompt(ask::PromptOptions),
    /// Make a folder of a character card, or of the zip of one
    Import(cards::ImportOptions),
    /// Make a character card of a folder, or a zip
    Export(cards::ExportOptions),
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Does it. Where something is wrong with the persona rather than with the command, it is told and the code is 1.
pub fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::New(options) => new::run(options),
        Command::Check(options) => check::run(options),
        Command::Test(options) => trial::run(options),
        Command::Search(options) => ask::search(options),
        Command::Prompt(options) => ask::prompt(options),
        Command::Import(options) => cards::import(options),
        Command::Export(options) => cards::export(options),
    }
}

/// The persona in a folder. What is wrong with its files is told on the side.
fn load(dir: &Path) -> Result<Persona> {
    exists(dir)?;
    let loaded = Persona::from_dir(dir);
    for warning in loaded.warnings {
        crate::complain(&warning.to_string());
    }
    Ok(loaded.persona)
}

fn exists(dir: &Path) -> Result<()> {
    const FILES: [&str; 6] = ["persona.yml", "style.yml", "kb.jsonl", "card.json", "card.png", "card.charx"];
    if !dir.is_dir() {
        return Err(format!("{} is no folder", dir.display()).into());
    }
    if !FILES.iter().any(|file| dir.join(file).is_file()) {
        return Err(format!("{} is no persona: it has none of {}", dir.display(), FILES.join(", ")).into());
    }
    Ok(())
}

/// The folder of a persona.
#[derive(clap::Args)]
struct Folder {
    /// The persona's folder, such as assets/personas/bronn
    dir: PathBuf,
}
