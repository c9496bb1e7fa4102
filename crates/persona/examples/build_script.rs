//! A `build.rs` that does not let a program be built with a persona that does not work as its author thinks.
//!
//! In your own crate this file is `build.rs`, with `raconteur-persona` among the `[build-dependencies]`, and the folder's
//! name stands in it. Here it may be named, to see what would happen:
//!
//! `cargo run -p raconteur-persona --example build_script -- assets/personas/bronn`
#![allow(clippy::print_stdout, reason = "it talks with Cargo")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raconteur_persona::Persona;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("persona"), PathBuf::from);

    // A folder counts as changed when a file in it does.
    println!("cargo::rerun-if-changed={}", folder.display());

    let problems: Vec<String> = findings(&folder).into_iter().chain(failed_questions(&folder)).collect();
    for problem in &problems {
        // Cargo shows it in red and ends the build, once the script is done. With `warning` it would go on.
        println!("cargo::error={problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What in the files could not be used, or does not do what it seems to.
fn findings(folder: &Path) -> Vec<String> {
    Persona::lint(folder).iter().map(ToString::to_string).collect()
}

/// Questions of `tests.yml` at which the persona remembers something else than it must.
fn failed_questions(folder: &Path) -> Vec<String> {
    let file = folder.join("tests.yml");
    let Ok(questions) = std::fs::read(&file) else { return Vec::new() };
    let report = match Persona::from_dir(folder).persona.test(&questions) {
        Ok(report) => report,
        Err(error) => return error.0.iter().map(ToString::to_string).collect(),
    };
    let warnings = report.warnings.iter().map(ToString::to_string);
    let failed = report.results.iter().flat_map(|result| {
        let (file, line) = (file.display(), result.case.line.unwrap_or(1));
        let question = &result.case.prompt;
        result.failed.iter().map(move |expected| format!("{file}:{line}: {question:?}: {expected}"))
    });
    warnings.chain(failed).collect()
}
