//! The package of a persona in a folder.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::folder::{self, Parts};
use super::{Package, TESTS};
use crate::cards::{self, AssetFile, CardError, archive};
use crate::limits::{MAX_CARD_BYTES, MAX_CHARX_FILE_BYTES, MAX_CHARX_FILES, MAX_KB_BYTES, MAX_YAML_BYTES};
use crate::loading::{CARDS, KNOWLEDGE, PERSONA, STYLE};

/// Why a folder cannot be made a package.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A file or a folder in it cannot be read, or is larger than such a file may be.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its card cannot be read, or there are too many files.
    #[error(transparent)]
    Card(#[from] CardError),
}

impl Package {
    /// The package of the persona in a folder, with its picture, and without what else is in the folder. Also what was left
    /// out, a sentence each.
    ///
    /// It is the persona that [`Persona::from_dir`](crate::Persona::from_dir) loads; but what that would leave out as a
    /// whole is an error here, for a package without it would not be that folder's.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or passes one of the [`limits`](crate::limits), and where the card is none.
    pub fn from_dir(dir: &Path) -> Result<(Self, Vec<String>), FolderError> {
        let mut ignored = Vec::new();
        let slug = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let own = |name: &str, max| read(&dir.join(name), max);
        let persona_yml = own(PERSONA, MAX_YAML_BYTES)?;
        let (style_yml, tests_yml) = (own(STYLE, MAX_YAML_BYTES)?, own(TESTS, MAX_YAML_BYTES)?);
        let kb_jsonl = own(KNOWLEDGE, MAX_KB_BYTES)?;
        let card = CARDS.iter().find(|name| dir.join(name).is_file());
        let card = card.map(|name| own(name, MAX_CARD_BYTES)).transpose()?.flatten();
        let avatar = folder::avatar_names(persona_yml.as_deref()).find(|name| dir.join(name).is_file());
        let picture = avatar.map(|name| own(&name, MAX_CARD_BYTES)).transpose()?.flatten();
        let parts = Parts {
            slug: &slug,
            persona_yml: persona_yml.as_deref(),
            card: card.map(|bytes| cards::read(&bytes)?.card()).transpose()?,
            style_yml: style_yml.as_deref(),
            kb_jsonl: kb_jsonl.as_deref(),
            tests_yml: tests_yml.as_deref(),
            picture: folder::shown(picture, &mut ignored),
            files: None,
        };
        let package = parts.into_package(&mut ignored);
        Ok((package, ignored))
    }

    /// Adds what else is in the folder, and in folders in it, to the [files](Self::files). Hidden files and links are passed
    /// over, and so are the persona's own files and what has the name of a file that is there already.
    ///
    /// # Errors
    ///
    /// Where something cannot be read, or there is more than a CHARX may have.
    pub fn add_other_files(&mut self, dir: &Path) -> Result<(), FolderError> {
        let mut found = Vec::new();
        walk(dir, "", &mut found)?;
        found.sort();
        for name in found {
            if folder::is_reserved(&name) || self.files.iter().any(|file| file.name == name) {
                continue;
            }
            let bytes = read(&dir.join(&name), MAX_CHARX_FILE_BYTES)?.unwrap_or_default();
            // Whatever `persona.yml` calls it.
            if self.picture.as_ref() != Some(&bytes) {
                self.files.push(AssetFile { name, bytes });
            }
        }
        Ok(())
    }
}

/// The names of the files in a folder that a zip can hold, from the persona's folder on.
fn walk(dir: &Path, above: &str, found: &mut Vec<String>) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: dir.to_owned(), source };
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let name = format!("{above}{name}");
        if !archive::is_plain(&name) {
            continue;
        }
        if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), found)?;
        } else if kind.is_file() {
            found.push(name);
            cards::error::at_most(MAX_CHARX_FILES, found.len(), "files in the folder")?;
        }
    }
    Ok(())
}

/// The bytes of a file, if there is one.
fn read(path: &Path, max: usize) -> Result<Option<Vec<u8>>, FolderError> {
    let failed = |source| FolderError::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(bound).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > max {
        let reason = format!("larger than {max} bytes");
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, reason)));
    }
    Ok(Some(bytes))
}
