//! `raconteur persona new`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raconteur_domain::slug;

use super::Result;
use crate::say;

#[derive(clap::Args)]
pub struct Options {
    /// What the persona is called
    name: String,
    /// Where its folder is to be made; else here, named after it
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let name = options.name.trim();
    let slug = slug(name);
    if slug.is_empty() || name.chars().count() > 64 {
        return Err("a name of 1 to 64 characters is wanted, with a letter or a digit in it".into());
    }
    let dir = options.dir.clone().unwrap_or_else(|| PathBuf::from(&slug));
    make_folder(&dir)?;
    for (file, text) in FILES {
        let text = text.replace("NAME", &serde_json::to_string(name)?).replace("SLUG", &slug);
        fs::write(dir.join(file), text).map_err(|error| format!("{}/{file}: {error}", dir.display()))?;
    }
    let dir = dir.display();
    say(&format!("{dir} has a persona to begin from. Write it anew, file by file, and look at it with:"));
    say(&format!("  raconteur persona check {dir}"));
    say(&format!("  raconteur persona test {dir}"));
    say(&format!("  raconteur persona prompt {dir} \"Who are you?\""));
    Ok(ExitCode::SUCCESS)
}

/// Makes a new folder.
pub fn make_folder(dir: &Path) -> Result<()> {
    let made = fs::create_dir(dir).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{} is there already, and stays as it is", dir.display()),
        _ => format!("{}: {error}", dir.display()),
    });
    Ok(made?)
}

const FILES: [(&str, &str); 4] = [
    (
        "persona.yml",
        "\
# Who it is.
name: NAME
slug: SLUG
description: >-
  Two sentences that tell a model who this is: what it does, what it wants, how
  it looks at people.
greeting: What it says first.
examples:
  - user: Something that people ask.
    reply: What it answers, in the voice that you hear.
trouble:
  - What it says when the model breaks off. Ask me again.
",
    ),
    (
        "style.yml",
        "\
# How it speaks. Everything here is told to the model.
tone: plain and friendly
traits:
  - curious
length_policy: one to three sentences
# Said when nothing that it knows fits the question.
fallbacks:
  - Of that I know nothing. Ask me something else.
retrieval:
  mode: bm25
  top_k: 3
  token_budget: 600
",
    ),
    (
        "kb.jsonl",
        r#"{"id": "who", "summary": "A plain sentence about who it is.", "ic_reply": "The same in its own voice.", "tags": ["name"], "aliases": ["who are you"], "source": {"title": "Where this can be looked up"}}
{"id": "harbour", "summary": "Something that it knows, such as that the harbour freezes in March.", "ic_reply": "Come March you can walk to the lighthouse. I would not.", "tags": ["ice"], "aliases": ["frozen harbour"]}
"#,
    ),
    (
        "tests.yml",
        "\
# Questions, and which entries it must remember at them.
- prompt: Who are you?
  must: [who]
- prompt: Does the harbour freeze?
  must: [harbour]
  must_not: [who]
- prompt: What do you think of television?
  must: []
",
    ),
];
