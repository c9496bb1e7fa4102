//! The personas that this server has: those in the binary, or those in a folder.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use raconteur_persona::limits::MAX_KB_BYTES;
use raconteur_persona::package::Package;
use raconteur_persona::{Files, Persona, Personas, Warning};

use crate::settings::PersonaFiles;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../assets/personas");

/// What makes a folder a persona: any of these.
const FILES: [&str; 6] = ["persona.yml", "style.yml", "kb.jsonl", CARDS[0], CARDS[1], CARDS[2]];

/// The card of a folder: the first of these that is there.
const CARDS: [&str; 3] = ["card.json", "card.png", "card.charx"];

/// The one persona whose files can be replaced one by one, as the program before this one let people do.
const BRONN: &str = "bronn";

/// Why no personas could be read.
#[derive(Debug, thiserror::Error)]
#[error("PERSONAS_DIR: {folder} cannot be read: {source}")]
pub struct PersonasError {
    folder: String,
    source: std::io::Error,
}

/// The largest picture, in bytes.
const PICTURE_MAX_BYTES: u64 = 1024 * 1024;

/// A persona's picture, as it is in its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is made of.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// Sixteen hexadecimal digits that change with any byte of it.
    pub tag: String,
}

/// The personas of a server and what belongs to them, all read at one time.
#[derive(Debug, Default)]
pub struct Assets {
    /// Who can be spoken to.
    pub personas: Arc<Personas>,
    /// Their pictures, by their slugs.
    pub pictures: HashMap<String, Picture>,
    /// Where each is read from, by their slugs.
    folders: HashMap<String, Folder>,
}

/// Where a persona is read from.
#[derive(Clone, Debug)]
enum Folder {
    BuiltIn(&'static Dir<'static>),
    At(PathBuf),
}

impl Assets {
    /// These in the place of the old ones, and the slugs of those that have changed, come or gone. A persona of which a warning
    /// tells stays as it was, where it was there before.
    #[must_use]
    pub fn instead_of(mut self, old: &Self, warnings: &[Warning]) -> (Self, Vec<String>) {
        let mut personas: Vec<Arc<Persona>> = self.personas.iter().map(Arc::clone).collect();
        for persona in &mut personas {
            let Some(before) = old.personas.iter().find(|before| before.slug() == persona.slug()) else {
                continue;
            };
            if self.folders.get(persona.slug()).is_some_and(|folder| folder.is_warned_of(warnings)) {
                tracing::warn!(persona = persona.slug(), "the character stays as it was");
                *persona = Arc::clone(before);
                keep(&mut self.pictures, &old.pictures, before.slug());
            }
        }
        self.personas = Arc::new(Personas::new(personas));
        let changed = self.changed_from(old);
        (self, changed)
    }

    fn changed_from(&self, old: &Self) -> Vec<String> {
        let state = |assets: &Self, slug: &str| {
            let persona = assets.personas.iter().find(|persona| persona.slug() == slug)?;
            let picture = assets.pictures.get(slug).map(|picture| picture.tag.clone());
            Some((persona.version().to_owned(), picture))
        };
        let slugs: BTreeSet<String> = self
            .personas
            .iter()
            .chain(old.personas.iter())
            .map(|persona| persona.slug().to_owned())
            .collect();
        slugs.into_iter().filter(|slug| state(self, slug) != state(old, slug)).collect()
    }

    /// A persona in one piece, to be taken along; `None` where there is no such persona. It reads the persona's files.
    #[must_use]
    pub fn package(&self, persona: &Persona) -> Option<Package> {
        let folder = self.folders.get(persona.slug())?;
        let read = |name: &str| folder.read(name);
        let [persona_yml, style_yml, kb_jsonl, tests] =
            ["persona.yml", "style.yml", "kb.jsonl", "tests.yml"].map(read);
        let card = CARDS.into_iter().find_map(read);
        let files = Files {
            persona_yml: persona_yml.as_deref(),
            style_yml: style_yml.as_deref(),
            kb_jsonl: kb_jsonl.as_deref(),
            card: card.as_deref(),
        };
        let picture = self.pictures.get(persona.slug()).map(|picture| picture.bytes.as_slice());
        Some(Package::of_files(persona.slug(), files, tests.as_deref(), picture).0)
    }
}

/// Has this picture be what it was.
fn keep(pictures: &mut HashMap<String, Picture>, old: &HashMap<String, Picture>, slug: &str) {
    match old.get(slug) {
        Some(picture) => pictures.insert(slug.to_owned(), picture.clone()),
        None => pictures.remove(slug),
    };
}

impl Folder {
    fn is_warned_of(&self, warnings: &[Warning]) -> bool {
        match self {
            Self::BuiltIn(_) => false,
            Self::At(path) => warnings.iter().any(|warning| Path::new(&warning.file).starts_with(path)),
        }
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        match self {
            Self::BuiltIn(dir) => Some(dir.get_file(dir.path().join(name))?.contents().to_vec()),
            Self::At(path) => {
                let path = path.join(name);
                let about = std::fs::metadata(&path).ok()?;
                (about.is_file() && about.len() <= MAX_KB_BYTES as u64).then(|| std::fs::read(path).ok())?
            }
        }
    }
}

/// The media type of a picture of this name, where it is one that browsers show.
fn media_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        _ => return None,
    })
}

/// The picture that a persona names, read by `read`.
fn picture(persona: &Persona, read: impl FnOnce(&str) -> Option<Vec<u8>>) -> Option<(String, Picture)> {
    let name = persona.avatar()?;
    // Nothing but a file in its own folder.
    if name.contains(['/', '\\']) || name.starts_with('.') {
        tracing::warn!(persona = persona.slug(), "the avatar is not a file of the persona's own folder");
        return None;
    }
    let Some((media_type, bytes)) = media_type(name).zip(read(name)) else {
        tracing::warn!(
            persona = persona.slug(),
            name,
            "there is no such avatar, or it is no picture of up to 1 MiB"
        );
        return None;
    };
    let tag = tag(&bytes);
    Some((persona.slug().to_owned(), Picture { bytes, media_type, tag }))
}

/// The beginning of a hash, in hexadecimal digits.
fn tag(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn read_picture(path: &Path) -> Option<Vec<u8>> {
    std::fs::metadata(path).ok().filter(|about| about.is_file() && about.len() <= PICTURE_MAX_BYTES)?;
    std::fs::read(path).ok()
}

/// Reads the personas. What is broken in one is a warning, and the rest of it stays.
///
/// # Errors
///
/// Where there is a folder for them which cannot be read.
pub fn load(files: &PersonaFiles) -> Result<(Assets, Vec<Warning>), PersonasError> {
    let (mut warnings, mut pictures, mut folders) = (Vec::new(), HashMap::new(), HashMap::new());
    let mut personas = match &files.folder {
        Some(folder) => {
            if files.bronn_kb.is_some() || files.bronn_style.is_some() {
                tracing::warn!("BRONN_KB_PATH and BRONN_STYLE_PATH change nothing while PERSONAS_DIR is set");
            }
            from_folder(folder, &mut warnings, &mut pictures, &mut folders)?
        }
        None => {
            let made = BUILT_IN.dirs().map(|dir| {
                let persona = built_in(dir, files, &mut warnings);
                let read = |name: &str| Some(dir.get_file(dir.path().join(name))?.contents().to_vec());
                pictures.extend(picture(&persona, read));
                folders.insert(persona.slug().to_owned(), Folder::BuiltIn(dir));
                persona
            });
            made.collect()
        }
    };
    personas.sort_by(|one, other| one.slug().cmp(other.slug()));
    let personas = Personas::new(personas);
    for clash in personas.clashes() {
        tracing::warn!("{clash}");
    }
    Ok((Assets { personas: Arc::new(personas), pictures, folders }, warnings))
}

fn from_folder(
    folder: &Path,
    warnings: &mut Vec<Warning>,
    pictures: &mut HashMap<String, Picture>,
    folders: &mut HashMap<String, Folder>,
) -> Result<Vec<Persona>, PersonasError> {
    let failed = |source| PersonasError { folder: folder.display().to_string(), source };
    let mut personas = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Other folders may lie beside the personas.
        if FILES.iter().any(|file| path.join(file).is_file()) {
            let loaded = Persona::from_dir(&path);
            warnings.extend(loaded.warnings);
            pictures.extend(picture(&loaded.persona, |name| read_picture(&path.join(name))));
            folders.insert(loaded.persona.slug().to_owned(), Folder::At(path));
            personas.push(loaded.persona);
        }
    }
    Ok(personas)
}

fn built_in(dir: &Dir<'_>, files: &PersonaFiles, warnings: &mut Vec<Warning>) -> Persona {
    let slug = dir.path().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let built_in = |name: &str| dir.get_file(dir.path().join(name)).map(include_dir::File::contents);
    let (kb, style) = if slug == BRONN { (&files.bronn_kb, &files.bronn_style) } else { (&None, &None) };
    let (kb_bytes, style_bytes) = (kb.as_deref().map(std::fs::read), style.as_deref().map(std::fs::read));
    for (path, bytes) in [(kb, &kb_bytes), (style, &style_bytes)] {
        if let (Some(path), Some(Err(error))) = (path, bytes) {
            tracing::warn!("{}: {error}", path.display());
        }
    }

    let loaded = Persona::from_files(
        &slug,
        Files {
            persona_yml: built_in("persona.yml"),
            style_yml: replaced(style_bytes.as_ref(), built_in("style.yml")),
            kb_jsonl: replaced(kb_bytes.as_ref(), built_in("kb.jsonl")),
            ..Files::default()
        },
    );
    warnings.extend(loaded.warnings.into_iter().map(|mut warning| {
        let elsewhere = match warning.file.as_str() {
            "kb.jsonl" => kb.as_deref(),
            "style.yml" => style.as_deref(),
            _ => None,
        };
        warning.file =
            elsewhere.map_or_else(|| format!("{slug}/{}", warning.file), |path| path.display().to_string());
        warning
    }));
    loaded.persona
}

/// The bytes of the file that takes the place of a built-in one; none where that cannot be read, which the
/// persona warns of.
fn replaced<'a>(
    elsewhere: Option<&'a std::io::Result<Vec<u8>>>,
    built_in: Option<&'a [u8]>,
) -> Option<&'a [u8]> {
    match elsewhere {
        Some(Ok(bytes)) => Some(bytes),
        Some(Err(_)) => None,
        None => built_in,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_loads_without_a_warning() {
        let (Assets { personas, pictures, .. }, warnings) = load(&PersonaFiles::default()).unwrap();
        assert_eq!(warnings, []);
        assert!(personas.find("bronn").unwrap().knowledge().entries().len() >= 60);
        assert!(personas.iter().all(|persona| pictures.contains_key(persona.slug())));
    }

    #[test]
    fn a_folder_takes_the_place_of_what_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("nemo")).unwrap();
        std::fs::write(folder.path().join("nemo/persona.yml"), "name: Nemo").unwrap();
        let files = PersonaFiles { folder: Some(folder.path().to_owned()), ..PersonaFiles::default() };
        let (Assets { personas, .. }, _) = load(&files).unwrap();
        assert!(personas.find("nemo").is_some() && personas.find("bronn").is_none());
    }

    #[test]
    fn a_broken_line_of_a_replaced_file_is_named_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.jsonl");
        std::fs::write(&path, "{\"id\": \"one\", \"summary\": \"One.\"}\n{broken\n").unwrap();
        let files = PersonaFiles { bronn_kb: Some(path.clone()), ..PersonaFiles::default() };
        let (Assets { personas, .. }, warnings) = load(&files).unwrap();
        assert_eq!(personas.find("bronn").unwrap().knowledge().entries().len(), 1);
        assert_eq!((warnings.len(), warnings[0].line), (1, Some(2)));
        assert_eq!(warnings[0].file, path.display().to_string());
    }
}
