//! The personas that this server has: those in the binary, or those in a folder.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use raconteur_persona::{Files, Persona, Personas, Warning};

use crate::settings::PersonaFiles;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../assets/personas");

/// What makes a folder a persona: any of these.
const FILES: [&str; 6] = ["persona.yml", "style.yml", "kb.jsonl", "card.json", "card.png", "card.charx"];

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

/// A persona's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is made of.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

/// The personas of a server.
#[derive(Debug, Default)]
pub struct Cast {
    /// Who can be spoken to.
    pub personas: Arc<Personas>,
    /// Their pictures, by their slugs.
    pub pictures: HashMap<String, Picture>,
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
    Some((persona.slug().to_owned(), Picture { bytes, media_type }))
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
pub fn load(files: &PersonaFiles) -> Result<(Cast, Vec<Warning>), PersonasError> {
    let (mut warnings, mut pictures) = (Vec::new(), HashMap::new());
    let mut personas = match &files.folder {
        Some(folder) => {
            if files.bronn_kb.is_some() || files.bronn_style.is_some() {
                tracing::warn!("BRONN_KB_PATH and BRONN_STYLE_PATH change nothing while PERSONAS_DIR is set");
            }
            from_folder(folder, &mut warnings, &mut pictures)?
        }
        None => {
            let made = BUILT_IN.dirs().map(|dir| {
                let persona = built_in(dir, files, &mut warnings);
                let read = |name: &str| Some(dir.get_file(dir.path().join(name))?.contents().to_vec());
                pictures.extend(picture(&persona, read));
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
    Ok((Cast { personas: Arc::new(personas), pictures }, warnings))
}

fn from_folder(
    folder: &Path,
    warnings: &mut Vec<Warning>,
    pictures: &mut HashMap<String, Picture>,
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
        let (Cast { personas, pictures }, warnings) = load(&PersonaFiles::default()).unwrap();
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
        let (Cast { personas, .. }, _) = load(&files).unwrap();
        assert!(personas.find("nemo").is_some() && personas.find("bronn").is_none());
    }

    #[test]
    fn a_broken_line_of_a_replaced_file_is_named_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.jsonl");
        std::fs::write(&path, "{\"id\": \"one\", \"summary\": \"One.\"}\n{broken\n").unwrap();
        let files = PersonaFiles { bronn_kb: Some(path.clone()), ..PersonaFiles::default() };
        let (Cast { personas, .. }, warnings) = load(&files).unwrap();
        assert_eq!(personas.find("bronn").unwrap().knowledge().entries().len(), 1);
        assert_eq!((warnings.len(), warnings[0].line), (1, Some(2)));
        assert_eq!(warnings[0].file, path.display().to_string());
    }
}
