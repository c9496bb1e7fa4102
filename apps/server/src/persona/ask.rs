//! `raconteur persona search` and `raconteur persona prompt`.

use std::process::ExitCode;

use raconteur::terminal::{tell_candidate, tell_prompt};
use raconteur_persona::{Budget, PromptRequest};
use serde_json::json;

use super::{Folder, Result, load};
use crate::say;

#[derive(clap::Args)]
pub struct SearchOptions {
    #[command(flatten)]
    folder: Folder,
    /// What is asked
    query: String,
    /// Print a JSON array of {id, score, matched}, best first
    #[arg(long)]
    json: bool,
    /// How many entries to show, whatever the style's top_k
    #[arg(long, value_name = "N", default_value_t = 10)]
    k: usize,
}

pub fn search(options: &SearchOptions) -> Result<ExitCode> {
    let persona = load(&options.folder.dir)?;
    let found = persona.search(&options.query, &[], options.k);
    if options.json {
        let found =
            found.iter().map(|found| json!({"id": found.id, "score": found.score, "matched": found.matched}));
        say(&serde_json::to_string_pretty(&found.collect::<Vec<_>>())?);
    } else if found.is_empty() {
        say("Nothing is found.");
    }
    if !options.json {
        found.iter().for_each(|found| say(&tell_candidate(found)));
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(clap::Args)]
pub struct PromptOptions {
    #[command(flatten)]
    folder: Folder,
    /// What is said to the persona
    query: String,
    /// The model's context, in tokens
    #[arg(long, value_name = "TOKENS")]
    context: Option<usize>,
    /// Print the messages and the explanation as JSON
    #[arg(long)]
    json: bool,
}

pub fn prompt(options: &PromptOptions) -> Result<ExitCode> {
    let persona = load(&options.folder.dir)?;
    let default = Budget::default();
    let budget = Budget { context: options.context.unwrap_or(default.context), ..default };
    let request = PromptRequest { query: &options.query, budget, ..PromptRequest::default() };
    let prompt = persona.prompt(&request)?;
    if options.json {
        say(&serde_json::to_string_pretty(&prompt)?);
        return Ok(ExitCode::SUCCESS);
    }
    for message in &prompt.messages {
        say(&format!(
            "[{}]\n{}\n",
            serde_json::to_value(message.role)?.as_str().unwrap_or_default(),
            message.content
        ));
    }
    say(&format!("Without a model:\n{}\n", prompt.scripted));
    let mut why = "Why:\n".to_owned();
    tell_prompt(&mut why, &prompt.explanation);
    say(&why);
    Ok(ExitCode::SUCCESS)
}
