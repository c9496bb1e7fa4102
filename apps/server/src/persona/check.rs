//! `raconteur persona check`.

use std::process::ExitCode;

use raconteur_persona::Persona;

use super::{Folder, Result, exists};
use crate::say;

#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
}

pub fn run(Options { folder: Folder { dir } }: &Options) -> Result<ExitCode> {
    exists(dir)?;
    let findings = Persona::lint(dir);
    for finding in &findings {
        say(&finding.to_string());
    }
    Ok(match findings.len() {
        0 => {
            say(&format!("{}: nothing to be said against it.", dir.display()));
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    })
}
