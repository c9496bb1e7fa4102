//! `raconteur persona test`.

use std::fmt::Write as _;
use std::process::ExitCode;

use raconteur::terminal::tell_candidate;
use raconteur_persona::{CaseResult, TestsError};

use super::{Folder, Result, load};
use crate::say;

/// How many entries are shown where a case failed.
const SHOWN: usize = 5;

#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
}

pub fn run(Options { folder: Folder { dir } }: &Options) -> Result<ExitCode> {
    let persona = load(dir)?;
    let path = dir.join("tests.yml");
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let report = match persona.test(&bytes) {
        Ok(report) => report,
        Err(TestsError(warnings)) => {
            warnings.iter().for_each(|warning| say(&format!("{}/{warning}", dir.display())));
            return Ok(ExitCode::FAILURE);
        }
    };
    for warning in &report.warnings {
        say(&format!("{}/{warning}", dir.display()));
    }
    let failed: Vec<&CaseResult> = report.results.iter().filter(|result| !result.failed.is_empty()).collect();
    for result in &failed {
        say(&format!("{}{}", place(&path.display().to_string(), result), tell(result)));
    }
    let (used, wanted) = report.recall();
    say(&format!(
        "{}: {} of {} cases passed; {used} of the {wanted} entries that must be remembered are{}.",
        persona.name(),
        report.results.len() - failed.len(),
        report.results.len(),
        percent(used, wanted)
    ));
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn place(path: &str, result: &CaseResult) -> String {
    result.case.line.map_or_else(|| format!("{path}: "), |line| format!("{path}:{line}: "))
}

/// What was expected, and what was found instead.
fn tell(result: &CaseResult) -> String {
    let mut told = format!("{:?}", result.case.prompt);
    for expectation in &result.failed {
        let _ = write!(told, "\n    {expectation}");
    }
    let candidates = result.explanation.iter().flat_map(|explanation| &explanation.candidates).take(SHOWN);
    for found in candidates {
        let _ = write!(told, "\n      {}", tell_candidate(found));
    }
    told
}

fn percent(part: usize, whole: usize) -> String {
    (part * 100).checked_div(whole).map_or_else(String::new, |percent| format!(" (recall {percent} %)"))
}
