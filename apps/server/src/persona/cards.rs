//! `raconteur persona import` and `raconteur persona export`: characters as other programs exchange them.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raconteur_domain::slug;
use raconteur_persona::Persona;
use raconteur_persona::cards::{self, Read};
use raconteur_persona::limits::MAX_CARD_BYTES;
use raconteur_persona::package::{self, Package, picture_extension};

use super::new::make_folder;
use super::{Folder, Result, exists};
use crate::say;

/// The card in a persona's folder.
const CARD: &str = "card.json";

#[derive(clap::Args)]
pub struct ImportOptions {
    /// A character card (JSON, PNG or CHARX), or the zip of a persona's folder
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
    let (mut package, mut ignored) = Package::read(&bytes).map_err(|error| format!("{path}: {error}"))?;
    leave_hidden(&mut package, &mut ignored);
    let card = &package.card;
    let slug = slug(if card.nickname().trim().is_empty() { card.name() } else { card.nickname() });
    if slug.is_empty() {
        return Err(format!("{path}: the character has no name").into());
    }
    let dir = options.dir.clone().unwrap_or_else(|| PathBuf::from(&slug));
    make_folder(&dir)?;
    if let Err(error) = fill(&dir, &package, &slug, &bytes) {
        // It is new: nobody has anything else in it.
        let _ = fs::remove_dir_all(&dir);
        return Err(error);
    }
    for ignored in &ignored {
        say(ignored);
    }
    say(&format!("{} has {}. Look at it with:", dir.display(), card.name()));
    say(&format!("  raconteur persona check {}", dir.display()));
    Ok(ExitCode::SUCCESS)
}

/// Leaves out files that nobody would see: a stranger's `.git` would be obeyed by whoever works in the folder.
fn leave_hidden(package: &mut Package, ignored: &mut Vec<String>) {
    let before = package.files.len();
    package.files.retain(|file| !file.name.split('/').any(|part| part.starts_with('.')));
    let hidden = before - package.files.len();
    if hidden > 0 {
        ignored.push(format!("Hidden files were left out ({hidden})."));
    }
}

/// Puts a package's files into its new folder.
fn fill(dir: &Path, package: &Package, slug: &str, came_as: &[u8]) -> Result<()> {
    for file in package.to_files(slug)? {
        let kept = file.name == CARD && is_json_of(came_as, package);
        // No name in a package leads out of it.
        let path = dir.join(&file.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        }
        write(&path, if kept { came_as } else { &file.bytes })?;
    }
    Ok(())
}

/// Whether what came is the package's card and nothing else, so that it can be kept as it came.
fn is_json_of(bytes: &[u8], package: &Package) -> bool {
    let is_card = |read| matches!(read, Ok(Read::Card(read)) if read.card == package.card);
    bytes.trim_ascii_start().starts_with(b"{") && is_card(cards::read(bytes))
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
    /// Another picture than the persona's own, such as the PNG that carries the card
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Json,
    Png,
    Charx,
    Zip,
}

impl From<Format> for package::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Png => Self::Png,
            Format::Charx => Self::Charx,
            Format::Zip => Self::Zip,
        }
    }
}

pub fn export(options: &ExportOptions) -> Result<ExitCode> {
    let (dir, format) = (&options.folder.dir, options.format);
    exists(dir)?;
    let persona = Persona::from_dir(dir).persona;
    let (mut package, ignored) = Package::from_dir(dir)?;
    for ignored in ignored {
        say(&ignored);
    }
    if let Some(path) = &options.image {
        package.picture = Some(picture(path, format)?);
    }
    if matches!(format, Format::Charx | Format::Zip) {
        package.add_other_files(dir)?;
    }
    let format = package::Format::from(format);
    let bytes = package.write(persona.slug(), format)?;
    let named = || PathBuf::from(format!("{}.{}", persona.slug(), format.extension()));
    let out = options.out.clone().unwrap_or_else(named);
    write(&out, &bytes)?;
    let what = if format == package::Format::Zip { "a zip of its folder" } else { "a character card" };
    say(&format!("{} is {} as {what}.", out.display(), persona.name()));
    for told in along(&package, format) {
        say(&told);
    }
    Ok(ExitCode::SUCCESS)
}

/// The picture in a file.
fn picture(path: &Path, format: Format) -> Result<Vec<u8>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    match (picture_extension(&bytes), format) {
        (None, _) => Err(format!("{} is no PNG, JPEG, WebP or SVG", path.display()).into()),
        (Some(other), Format::Png) if other != "png" => {
            Err(format!("{} is no PNG, which alone can carry a card", path.display()).into())
        }
        _ => Ok(bytes),
    }
}

/// What went along that one might not think of, and what did not.
fn along(package: &Package, format: package::Format) -> Vec<String> {
    let mut told = Vec::new();
    let kind = package.picture.as_deref().and_then(picture_extension);
    if format == package::Format::Png && kind != Some("png") {
        told.push("It has a plain picture, for the persona has no PNG; give one with --image.".to_owned());
    }
    if matches!(format, package::Format::Charx | package::Format::Zip) && !package.files.is_empty() {
        let names: Vec<&str> = package.files.iter().map(|file| file.name.as_str()).collect();
        told.push(format!("In it are other files of the folder as well: {}", names.join(", ")));
    }
    told
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
