//! `raconteur persona import` and `raconteur persona export`: characters as other programs exchange them.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raconteur_persona::cards::{self, Card, Imported, Read};
use raconteur_persona::limits::MAX_CARD_BYTES;
use raconteur_persona::{Entry, Persona};
use serde_json::{Value, json};

use super::new::{make_folder, slug};
use super::{Folder, Result, load};
use crate::say;

/// The files that make a persona, which a card of it carries along.
const FILES: [&str; 4] = ["persona.yml", "style.yml", "kb.jsonl", "tests.yml"];

/// Under which name.
const EXTENSION: &str = "raconteur";

#[derive(clap::Args)]
pub struct ImportOptions {
    /// A character card: JSON, PNG or CHARX
    file: PathBuf,
    /// Where its folder is to be made; else here, named after the character
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn import(options: &ImportOptions) -> Result<ExitCode> {
    let path = options.file.display();
    let size = fs::metadata(&options.file).map_err(|error| format!("{path}: {error}"))?.len();
    if size > MAX_CARD_BYTES as u64 {
        return Err(format!("{path} is larger than a card may be: {MAX_CARD_BYTES} bytes").into());
    }
    let bytes = fs::read(&options.file).map_err(|error| format!("{path}: {error}"))?;
    let Read::Card(imported) = cards::read(&bytes).map_err(|error| format!("{path}: {error}"))? else {
        return Err(
            format!("{path} is a lorebook without a character; import the character that has it").into()
        );
    };
    let slug = slug(imported.card.name());
    if slug.is_empty() {
        return Err(format!("{path}: the character has no name").into());
    }
    let dir = options.dir.clone().unwrap_or_else(|| PathBuf::from(&slug));
    make_folder(&dir)?;
    for (name, content) in files_of(&imported, &slug, bytes) {
        write(&dir.join(name), &content)?;
    }
    for ignored in &imported.ignored {
        say(ignored);
    }
    say(&format!("{} has {}. Look at it with:", dir.display(), imported.card.name()));
    say(&format!("  raconteur persona check {}", dir.display()));
    Ok(ExitCode::SUCCESS)
}

/// What its folder holds: the files that it was made of, where it carries them, or else the card itself; and its picture.
fn files_of(imported: &Imported, slug: &str, bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let picture = imported.image.clone().and_then(|image| Some((format!("avatar.{}", kind(&image)?), image)));
    let own = imported.card.extension(EXTENSION).and_then(|extension| extension.get("files")?.as_object());
    let mut files: Vec<(String, Vec<u8>)> = own
        .into_iter()
        .flatten()
        .filter(|(name, _)| FILES.contains(&name.as_str()))
        .filter_map(|(name, text)| Some((name.clone(), text.as_str()?.as_bytes().to_vec())))
        .collect();
    if files.is_empty() {
        let mut identity = format!("slug: {slug}\n");
        if let Some((name, _)) = &picture {
            identity += &format!("avatar: {name}\n");
        }
        files.push(("persona.yml".to_owned(), identity.into_bytes()));
        files.push((format!("card.{}", container(&bytes)), bytes));
    }
    files.extend(picture);
    files
}

/// What a card is in, by how it begins.
fn container(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'P', b'K', ..] => "charx",
        _ => "json",
    }
}

/// What a picture is, by how it begins; those that a server shows.
fn kind(image: &[u8]) -> Option<&'static str> {
    match image {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xff, 0xd8, ..] => Some("jpg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

#[derive(clap::Args)]
pub struct ExportOptions {
    #[command(flatten)]
    folder: Folder,
    /// As what
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Into which new file; else here, named after the character
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The picture that a PNG carries the card in, where the persona's own is no PNG
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Json,
    Png,
    Charx,
}

pub fn export(options: &ExportOptions) -> Result<ExitCode> {
    let dir = &options.folder.dir;
    let persona = load(dir)?;
    let card = persona.card().cloned().unwrap_or_else(|| card_of(&persona, dir));
    let image = picture(options, &persona)?;
    let (bytes, extension) = match options.format {
        Format::Json => (card.to_json()?.into_bytes(), "json"),
        Format::Charx => (card.to_charx(image.as_deref(), &[])?, "charx"),
        Format::Png => {
            let image = image.filter(|image| kind(image) == Some("png"));
            let image = image.ok_or("the persona has no picture that is a PNG; give one with --image")?;
            (card.to_png(&image)?, "png")
        }
    };
    let out = options.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.{extension}", persona.slug())));
    write(&out, &bytes)?;
    say(&format!("{} is {} as a character card.", out.display(), persona.name()));
    Ok(ExitCode::SUCCESS)
}

fn picture(options: &ExportOptions, persona: &Persona) -> Result<Option<Vec<u8>>> {
    if let Some(path) = &options.image {
        return Ok(Some(fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?));
    }
    let own = persona.avatar().and_then(|avatar| fs::read(options.folder.dir.join(avatar)).ok());
    Ok(own.filter(|image| kind(image).is_some()))
}

/// A persona without a card as one: what other programs know of it, and its files for this one.
fn card_of(persona: &Persona, dir: &Path) -> Card {
    let mut card = Card::new(persona.full_name().unwrap_or(persona.name()));
    let examples: Vec<String> = persona
        .examples()
        .iter()
        .map(|example| format!("<START>\n{{{{user}}}}: {}\n{{{{char}}}}: {}", example.user, example.reply))
        .collect();
    card.set_nickname(persona.name())
        .set_description(persona.description().unwrap_or_default())
        .set_first_mes(persona.greeting().unwrap_or_default())
        .set_mes_example(examples.join("\n"))
        .set_creator_notes(persona.notice().unwrap_or_default());
    let entries: Vec<Value> = persona.knowledge().entries().iter().enumerate().map(book_entry).collect();
    if !entries.is_empty() {
        card.set_character_book(json!({"entries": entries, "extensions": {}}));
    }
    let files: serde_json::Map<String, Value> = FILES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), fs::read_to_string(dir.join(name)).ok()?.into())))
        .collect();
    card.set_extension(EXTENSION, json!({"files": files}));
    card
}

fn book_entry((place, entry): (usize, &Entry)) -> Value {
    let line = entry.ic_reply.as_ref().map(|line| format!("\n{{{{char}}}} says of it: \"{line}\""));
    json!({
        "id": place,
        "name": entry.id,
        "keys": entry.tags.iter().chain(&entry.aliases).collect::<Vec<_>>(),
        "content": format!("{}{}", entry.summary, line.unwrap_or_default()),
        "enabled": true,
        "insertion_order": place,
        "use_regex": false,
        "extensions": {},
    })
}

/// Writes a new file.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let opened = fs::File::create_new(path).and_then(|mut file| file.write_all(bytes));
    opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{} is there already, and stays as it is", path.display()),
        _ => format!("{}: {error}", path.display()),
    })?;
    Ok(())
}
