//! The folder of a persona, as files and in a zip.

use std::borrow::Cow;

use super::{Package, TESTS, carried, identity, picture};
use crate::carded::Carded;
use crate::cards::error::quoted;
use crate::cards::{self, AssetFile, Card, CardError, Imported, archive, charx, icon};
use crate::identity::{Example, Identity};
use crate::loading::{CARDS, Files, KNOWLEDGE, PERSONA, STYLE};
use crate::warning::Warnings;

/// What the file of a picture is called, without its extension.
const PICTURE: &str = "avatar";

/// The extensions that it may have.
const PICTURES: [&str; 5] = ["svg", "png", "jpg", "jpeg", "webp"];

/// Whether a name is that of a file of the persona's own, which no other file may have.
pub(super) fn is_reserved(name: &str) -> bool {
    makes_a_persona(name) || name == TESTS || is_picture_name(name)
}

/// Whether a folder with a file of this name is a persona.
fn makes_a_persona(name: &str) -> bool {
    [PERSONA, STYLE, KNOWLEDGE].contains(&name) || CARDS.contains(&name)
}

fn is_picture_name(name: &str) -> bool {
    name.split_once('.').is_some_and(|(stem, ext)| stem == PICTURE && PICTURES.contains(&ext))
}

/// Refuses other files that have the name of one of the persona's own.
pub(super) fn check_names(files: &[AssetFile]) -> Result<(), CardError> {
    match files.iter().find(|file| is_reserved(&file.name)) {
        Some(file) => Err(CardError::BadName(file.name.clone())),
        None => Ok(()),
    }
}

/// The name of a picture's file.
pub(super) fn picture_name(bytes: &[u8]) -> Result<String, CardError> {
    let ext = picture::extension(bytes).ok_or(CardError::BadPicture)?;
    Ok(format!("{PICTURE}.{ext}"))
}

/// The files of a package's folder.
pub(super) fn write(package: &Package, slug: &str) -> Result<Vec<AssetFile>, CardError> {
    check_names(&package.files)?;
    // In quotes, which JSON and YAML have in common: a slug may look like a number.
    let mut persona_yml = format!("slug: {}\n", serde_json::Value::from(slug));
    let picture = package.picture.as_ref().map(|bytes| Ok((picture_name(bytes)?, bytes))).transpose()?;
    if let Some((name, _)) = &picture {
        persona_yml += &format!("avatar: {name}\n");
    }
    let file = |name: &str, bytes: Vec<u8>| AssetFile { name: name.to_owned(), bytes };
    let mut files = vec![
        file(PERSONA, persona_yml.into_bytes()),
        file(charx::CARD, package.card.to_json()?.into_bytes()),
    ];
    for (name, text) in
        [(STYLE, &package.style_yml), (KNOWLEDGE, &package.kb_jsonl), (TESTS, &package.tests_yml)]
    {
        files.extend(text.as_ref().map(|text| file(name, text.clone().into_bytes())));
    }
    files.extend(picture.map(|(name, bytes)| file(&name, bytes.clone())));
    files.extend(package.files.iter().cloned());
    Ok(files)
}

/// What a package is made of, as far as there is any of it.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// What it is called where nothing else says that.
    pub(super) slug: &'a str,
    pub(super) persona_yml: Option<&'a [u8]>,
    pub(super) card: Option<Imported>,
    pub(super) style_yml: Option<&'a [u8]>,
    pub(super) kb_jsonl: Option<&'a [u8]>,
    pub(super) tests_yml: Option<&'a [u8]>,
    pub(super) picture: Option<Vec<u8>>,
    /// The other files, where it came in a zip.
    pub(super) files: Option<Vec<AssetFile>>,
}

impl Parts<'_> {
    /// The package. What files say goes before what the card says and carries.
    pub(super) fn into_package(self, ignored: &mut Vec<String>) -> Package {
        let said = self.persona_yml.map(|bytes| read_identity(self.slug, bytes, ignored));
        let shown = said.as_ref().map(|said| said.examples.clone()).unwrap_or_default();
        let mut package = match self.card {
            Some(Imported { card, image, files, ignored: told }) => {
                ignored.extend(told);
                let mut package = Package { files, ..Package::new(card) };
                package.unpack(ignored);
                // Where there is a picture, nobody misses the one that the card lists.
                let among = self.files.as_deref().filter(|_| self.picture.is_none());
                let image = image.or_else(|| icon::find(&package.card, among, ignored));
                package.add_files(self.files.unwrap_or_default(), ignored);
                package.take_picture(image);
                if let Some(said) = &said {
                    identity::say(&mut package.card, said);
                }
                package
            }
            None => {
                let identity = said.unwrap_or_else(|| Identity::from_slug(self.slug));
                let files = self.files.unwrap_or_default();
                Package { files, ..Package::new(identity::card_of(identity)) }
            }
        };
        package.drop_reserved(ignored);
        if !shown.is_empty() && examples_of(&package.card) != shown {
            ignored.push("An example was changed: a line of it begins as if somebody else spoke.".to_owned());
        }
        package.picture = self.picture.or(package.picture);
        let mut read = |bytes: Option<&[u8]>, name| bytes.map(|bytes| text(bytes, name, ignored));
        package.style_yml = read(self.style_yml, STYLE).or(package.style_yml);
        package.kb_jsonl = read(self.kb_jsonl, KNOWLEDGE).or(package.kb_jsonl);
        package.tests_yml = read(self.tests_yml, TESTS).or(package.tests_yml);
        package
    }
}

impl Package {
    /// Takes out of the card what it carried.
    fn unpack(&mut self, ignored: &mut Vec<String>) {
        let carried = carried::unpack(&mut self.card, ignored);
        if let Some(persona_yml) = carried.persona_yml {
            identity::say(&mut self.card, &read_identity("", persona_yml.as_bytes(), ignored));
        }
        self.style_yml = carried.style_yml;
        self.kb_jsonl = carried.kb_jsonl;
        self.tests_yml = carried.tests_yml;
    }

    /// Makes the main icon of the card the picture, where it is of a kind that is shown everywhere.
    fn take_picture(&mut self, image: Option<Vec<u8>>) {
        let drawn = |image: &[u8]| picture::placeholder().is_ok_and(|drawn| drawn == image);
        if let Some(image) = image.filter(|image| picture::is_icon(image) && !drawn(image)) {
            let path = icon::path(&self.card).unwrap_or_default();
            self.files.retain(|file| file.name != path);
            self.picture = Some(image);
        }
        carried::unlist_icon(&mut self.card);
    }

    /// Puts files before those that are there. Of two with the same name the first stays.
    fn add_files(&mut self, files: Vec<AssetFile>, ignored: &mut Vec<String>) {
        for file in std::mem::replace(&mut self.files, files) {
            if self.files.iter().any(|other| other.name == file.name) {
                ignored.push(format!(
                    "A file of the card was left out: there is another {}.",
                    quoted(&file.name)
                ));
            } else {
                self.files.push(file);
            }
        }
    }

    /// Leaves out what would be taken for a file of the persona's own.
    fn drop_reserved(&mut self, ignored: &mut Vec<String>) {
        self.files.retain(|file| {
            let is_other = !is_reserved(&file.name);
            if !is_other {
                ignored.push(format!(
                    "A file was left out: {} is another card or picture than the one that is used.",
                    quoted(&file.name)
                ));
            }
            is_other
        });
    }
}

/// The package of a folder's files, read as leniently as a persona is.
pub(super) fn of_files(
    slug: &str,
    files: Files<'_>,
    tests_yml: Option<&[u8]>,
    picture: Option<&[u8]>,
) -> (Package, Vec<String>) {
    let mut ignored = Vec::new();
    let card = files.card.and_then(|bytes| {
        let read = cards::read(bytes).and_then(cards::Read::card);
        read.map_err(|error| ignored.push(format!("The card is not used: {error}."))).ok()
    });
    let Files { persona_yml, style_yml, kb_jsonl, .. } = files;
    let picture = shown(picture.map(<[u8]>::to_vec), &mut ignored);
    let parts = Parts { slug, persona_yml, card, style_yml, kb_jsonl, tests_yml, picture, files: None };
    (parts.into_package(&mut ignored), ignored)
}

/// The package in a zip: a CHARX, or the zip of a folder, which are read alike.
pub(super) fn read_zip(bytes: &[u8]) -> Result<(Package, Vec<String>), CardError> {
    let mut ignored = Vec::new();
    let (folder, mut files) = in_one_folder(archive::read(bytes, &mut ignored)?);
    if !files.iter().any(|file| makes_a_persona(&file.name)) {
        return Err(CardError::NoPersonaInZip);
    }
    let mut take = |name: &str| {
        let at = files.iter().position(|file| file.name == name)?;
        Some(files.remove(at).bytes)
    };
    let [persona_yml, style_yml, kb_jsonl, tests_yml] = [PERSONA, STYLE, KNOWLEDGE, TESTS].map(&mut take);
    let card = CARDS.iter().find_map(|name| take(name));
    let card = card.map(|bytes| cards::read(&bytes)?.card()).transpose()?;
    let picture = shown(avatar_names(persona_yml.as_deref()).find_map(|name| take(&name)), &mut ignored);
    let parts = Parts {
        slug: folder.as_deref().unwrap_or_default(),
        persona_yml: persona_yml.as_deref(),
        card,
        style_yml: style_yml.as_deref(),
        kb_jsonl: kb_jsonl.as_deref(),
        tests_yml: tests_yml.as_deref(),
        picture,
        files: Some(files),
    };
    Ok((parts.into_package(&mut ignored), ignored))
}

/// The files of a zip whose persona is not at its top but in a folder that has everything, and the name of that; without what
/// systems leave in zips for themselves.
fn in_one_folder(files: Vec<AssetFile>) -> (Option<String>, Vec<AssetFile>) {
    let is_litter =
        |name: &str| name.starts_with("__MACOSX/") || name.rsplit('/').next() == Some(".DS_Store");
    let mut files: Vec<AssetFile> = files.into_iter().filter(|file| !is_litter(&file.name)).collect();
    let first = files.first().and_then(|file| file.name.split_once('/'));
    let Some(folder) = first.map(|(folder, _)| folder.to_owned()) else { return (None, files) };
    let prefix = format!("{folder}/");
    if files.iter().any(|file| !file.name.starts_with(&prefix)) {
        return (None, files);
    }
    for file in &mut files {
        file.name.drain(..prefix.len());
    }
    (Some(folder), files)
}

/// The names of the file that may be the picture: what `persona.yml` calls it, and what pictures are called.
pub(super) fn avatar_names(persona_yml: Option<&[u8]>) -> impl Iterator<Item = String> {
    let named = persona_yml.and_then(|bytes| read_identity("", bytes, &mut Vec::new()).avatar);
    let named = named.filter(|name| archive::is_plain(name) && !name.contains('/') && !makes_a_persona(name));
    let usual = PICTURES.iter().map(|ext| format!("{PICTURE}.{ext}"));
    named.into_iter().chain(usual)
}

/// The picture, where it is of a kind that programs show.
pub(super) fn shown(picture: Option<Vec<u8>>, ignored: &mut Vec<String>) -> Option<Vec<u8>> {
    let picture = picture?;
    if picture::extension(&picture).is_some() {
        return Some(picture);
    }
    ignored.push("The picture was left out: it is no PNG, JPEG, WebP or SVG.".to_owned());
    None
}

/// The examples that a card is read to have.
fn examples_of(card: &Card) -> Vec<Example> {
    Carded::new(card.clone()).0.identity("").examples
}

/// What a `persona.yml` says.
fn read_identity(slug: &str, bytes: &[u8], ignored: &mut Vec<String>) -> Identity {
    let mut warnings = Warnings::new(PERSONA);
    let identity = Identity::parse(&Identity::from_slug(slug), bytes, &mut warnings);
    ignored.extend(warnings.into_vec().iter().map(ToString::to_string));
    identity
}

/// A file's text.
fn text(bytes: &[u8], name: &str, ignored: &mut Vec<String>) -> String {
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, Cow::Owned(_)) {
        ignored.push(format!(
            "Some characters in {name} were not UTF-8 and could not be read; each is now a \u{fffd}."
        ));
    }
    text.into_owned()
}
