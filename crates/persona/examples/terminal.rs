//! A chat in the terminal, with whatever you have for a model.
//!
//! `cargo run -p raconteur-persona --example terminal -- assets/personas/bronn`
//!
//! A program that chats keeps two things: the persona, and what was said. The prompt is made anew for each question.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks with a person")]

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raconteur_persona::{Explanation, Persona, Prompt, PromptRequest, Speaker, Turn};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("which persona? Name its folder, such as assets/personas/bronn");
        return ExitCode::FAILURE;
    };

    // The model is anything that makes an answer of a prompt. This one needs nothing: it says what the persona says by
    // itself. Yours would send `prompt.messages` to where your model is, as in the example `own_client`.
    let model = |prompt: &Prompt| -> Result<String, String> { Ok(prompt.scripted.clone()) };

    match chat(&folder, model) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the terminal is gone: {error}");
            ExitCode::FAILURE
        }
    }
}

fn chat(folder: &Path, model: impl Fn(&Prompt) -> Result<String, String>) -> io::Result<()> {
    // There is always a persona. What in its files could not be used is told.
    let loaded = Persona::from_dir(folder);
    for warning in &loaded.warnings {
        eprintln!("{warning}");
    }
    let persona = loaded.persona;

    // The greeting is a turn like any other: it is yours to show and to keep.
    let mut history: Vec<Turn> = Vec::new();
    if let Some(greeting) = persona.greeting() {
        println!("{}: {greeting}", persona.name());
        history.push(turn(Speaker::Assistant, greeting));
    }

    let mut lines = io::stdin().lock().lines();
    loop {
        print!("> ");
        io::stdout().flush()?;
        let Some(query) = lines.next().transpose()? else { return Ok(()) };
        if query.trim().is_empty() {
            continue;
        }

        // The history goes in whole: the oldest turns are left out once there is no room for them.
        let request = PromptRequest { query: &query, history: &history, ..PromptRequest::default() };
        let prompt = match persona.prompt(&request) {
            Ok(prompt) => prompt,
            Err(too_long) => {
                println!("({too_long}; say it in fewer words)");
                continue;
            }
        };

        // Where the model fails, the persona says so in its own words, the same for the same seed. That is no part of the
        // conversation: nobody should have to explain it later.
        match model(&prompt) {
            Ok(answer) => {
                println!("{}: {answer}", persona.name());
                history.push(turn(Speaker::User, &query));
                history.push(turn(Speaker::Assistant, &answer));
            }
            Err(error) => println!("{}: {} ({error})", persona.name(), persona.trouble_line(&query)),
        }
        println!("  [{}]", reason(&prompt.explanation));
    }
}

fn turn(speaker: Speaker, text: &str) -> Turn {
    Turn { speaker, text: text.to_owned() }
}

/// Why the prompt was as it was, in a line.
fn reason(why: &Explanation) -> String {
    let used = why.candidates.iter().filter(|candidate| why.used.contains(&candidate.id)).map(|candidate| {
        // A word is listed for each part of the entry that it stands in.
        let words: BTreeSet<&str> = candidate.matched.iter().map(|matched| matched.word.as_str()).collect();
        let words: Vec<&str> = words.into_iter().collect();
        format!("{} ({:.1}, by {})", candidate.id, candidate.score, words.join(", "))
    });
    let used: Vec<String> = used.collect();
    let knew = if used.is_empty() { "nothing it knows".to_owned() } else { used.join("; ") };
    let (tokens, dropped) = (why.tokens.total(), why.history_dropped);
    format!("used: {knew}. {tokens} tokens, {dropped} turns left out")
}
