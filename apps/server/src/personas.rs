//! The personas that this server has: those in the binary, or those in a folder.

use std::path::Path;

use include_dir::{Dir, include_dir};
use raconteur_persona::{Files, Persona, Personas, Warning};

use crate::settings::PersonaFiles;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../assets/personas");

/// What makes a folder a persona: any of these.
const FILES: [&str; 3] = ["persona.yml", "style.yml", "kb.jsonl"];

/// The one persona whose files can be replaced one by one, as the program before this one let people do.
const BRONN: &str = "bronn";

/// Why no personas could be read.
#[derive(Debug, thiserror::Error)]
#[error("PERSONAS_DIR: {folder} cannot be read: {source}")]
pub struct PersonasError {
    folder: String,
    source: std::io::Error,
}

/// Reads the personas. What is broken in one is a warning, and the rest of it stays.
///
/// # Errors
///
/// Where there is a folder for them which cannot be read.
pub fn load(files: &PersonaFiles) -> Result<(Personas, Vec<Warning>), PersonasError> {
    let mut warnings = Vec::new();
    let mut personas = match &files.folder {
        Some(folder) => {
            if files.bronn_kb.is_some() || files.bronn_style.is_some() {
                tracing::warn!("BRONN_KB_PATH and BRONN_STYLE_PATH change nothing while PERSONAS_DIR is set");
            }
            from_folder(folder, &mut warnings)?
        }
        None => BUILT_IN.dirs().map(|dir| built_in(dir, files, &mut warnings)).collect(),
    };
    personas.sort_by(|one, other| one.slug().cmp(other.slug()));
    let personas = Personas::new(personas);
    for clash in personas.clashes() {
        tracing::warn!("{clash}");
    }
    Ok((personas, warnings))
}

fn from_folder(folder: &Path, warnings: &mut Vec<Warning>) -> Result<Vec<Persona>, PersonasError> {
    let failed = |source| PersonasError { folder: folder.display().to_string(), source };
    let mut personas = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Other folders may lie beside the personas.
        if FILES.iter().any(|file| path.join(file).is_file()) {
            let loaded = Persona::from_dir(&path);
            warnings.extend(loaded.warnings);
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
        let (personas, warnings) = load(&PersonaFiles::default()).unwrap();
        assert_eq!(warnings, []);
        assert!(personas.find("bronn").unwrap().knowledge().entries().len() >= 60);
    }

    #[test]
    fn a_folder_takes_the_place_of_what_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("nemo")).unwrap();
        std::fs::write(folder.path().join("nemo/persona.yml"), "name: Nemo").unwrap();
        let files = PersonaFiles { folder: Some(folder.path().to_owned()), ..PersonaFiles::default() };
        let (personas, _) = load(&files).unwrap();
        assert!(personas.find("nemo").is_some() && personas.find("bronn").is_none());
    }

    #[test]
    fn a_broken_line_of_a_replaced_file_is_named_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.jsonl");
        std::fs::write(&path, "{\"id\": \"one\", \"summary\": \"One.\"}\n{broken\n").unwrap();
        let files = PersonaFiles { bronn_kb: Some(path.clone()), ..PersonaFiles::default() };
        let (personas, warnings) = load(&files).unwrap();
        assert_eq!(personas.find("bronn").unwrap().knowledge().entries().len(), 1);
        assert_eq!((warnings.len(), warnings[0].line), (1, Some(2)));
        assert_eq!(warnings[0].file, path.display().to_string());
    }
}
