//! A persona as one thing that is kept, sent and received.
//!
//! A [`Package`] is a character card and what a card has no field for. It is the same persona as the folder that it was
//! made of, and goes as one file: as a card that other programs read, or as a zip of the folder.
//!
//! # What is where
//!
//! There is no `persona.yml` in a package: what it says is in the card. Its `notice` is the card's `creator_notes`; for
//! `aliases`, `trouble`, `model`, `temperature` and `max_tokens` a card has no field, and they are in its extension
//! `raconteur`, together with `style_tells_description`: where it is true, the description is told where the style tells
//! it, as that of a `persona.yml` is, and gets no paragraph of its own. Macros are expanded as in any card.
//!
//! # What goes along
//!
//! | | card | style, knowledge, tests | picture | other files |
//! | --- | --- | --- | --- | --- |
//! | [`Json`](Format::Json) | yes | yes, in the card | no | no |
//! | [`Png`](Format::Png) | yes | yes, in the card | if it is a PNG; else there is a plain one | no |
//! | [`Charx`](Format::Charx) | yes | yes, in the card | yes | yes |
//! | [`Zip`](Format::Zip) | yes | yes, as files | yes | yes |
//!
//! What is added for the way is taken away on arrival, so that a package that was written and read is the same package. Above
//! all this holds for knowledge. Programs that know no `kb.jsonl` get it as the card's lorebook, unless the card has a
//! lorebook of its own. Where the files come back with the card, that lorebook would say everything a second time: its
//! entries that still have the same keys and the same content are dropped, and what was changed or added elsewhere stays.
//! A lorebook of the card's own stays whole beside the knowledge, both are used, and the extension says whose it is.
//!
//! ```
//! use raconteur_persona::package::{Format, Package};
//! use raconteur_persona::cards::Card;
//!
//! let mut wren = Package::new(Card::new("Wren"));
//! wren.kb_jsonl = Some(r#"{"id": "bell", "summary": "The drowned bell rings before a storm."}"#.to_owned());
//! let file = wren.write("wren", Format::Zip)?;
//!
//! let (again, ignored) = Package::read(&file)?;
//! assert_eq!((again.clone(), ignored), (wren, vec![]));
//! assert!(again.load("wren").persona.knowledge().entry("bell").is_some());
//! # Ok::<(), raconteur_persona::cards::CardError>(())
//! ```

mod carried;
mod dir;
mod folder;
mod identity;
mod picture;

pub use dir::FolderError;
pub use picture::extension as picture_extension;

use self::folder::Parts;
use crate::cards::{self, AssetFile, Card, CardError, Imported, archive, charx, icon, png};
use crate::loading::{self, Files, Loaded};

/// The file with the questions that the persona is tested by.
pub(crate) const TESTS: &str = "tests.yml";

/// A persona as one thing that can be moved: a card, and what a card has no field for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Who it is. There always is one.
    pub card: Card,
    /// How it speaks: its `style.yml`.
    pub style_yml: Option<String>,
    /// What it knows: its `kb.jsonl`, used beside the card's own lorebook.
    pub kb_jsonl: Option<String>,
    /// The questions that it is tested by: its `tests.yml`.
    pub tests_yml: Option<String>,
    /// Its picture: a PNG, JPEG, WebP or SVG, as it came. Nobody has decoded it.
    pub picture: Option<Vec<u8>>,
    /// The other files of a CHARX or of a folder, such as the pictures that the card lists. Their names are a stranger's; when
    /// they are written, none may be that of a file of the persona's own.
    pub files: Vec<AssetFile>,
}

/// What a package is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A character card as JSON.
    Json,
    /// A character card in a PNG.
    Png,
    /// A character card in a zip, with its files.
    Charx,
    /// A zip of the persona's folder.
    Zip,
}

impl Format {
    /// The extension of such a file.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Png => "png",
            Self::Charx => "charx",
            Self::Zip => "zip",
        }
    }
}

impl Package {
    /// The package of a card, and nothing else.
    #[must_use]
    pub const fn new(card: Card) -> Self {
        Self { card, style_yml: None, kb_jsonl: None, tests_yml: None, picture: None, files: Vec::new() }
    }

    /// Reads a package from a file, whatever it is called: a character card as JSON, PNG or CHARX, or a zip of a persona's
    /// folder, at its top or in one folder. Also what was left out or understood otherwise, a sentence each.
    ///
    /// The zip of a folder may have all that a folder has (`persona.yml`, `style.yml`, `kb.jsonl`, `tests.yml`, a card and a
    /// picture); one of the first three or the card will do. Where nothing in it says what the persona is called, the
    /// card's name is empty.
    ///
    /// # Errors
    ///
    /// What is no card and no persona, is damaged or encrypted, or passes one of the [`limits`](crate::limits).
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<String>), CardError> {
        cards::error::at_most(crate::limits::MAX_CARD_BYTES, bytes.len(), "bytes in the file")?;
        if archive::is_zip(bytes) {
            return folder::read_zip(bytes);
        }
        let imported = cards::read(bytes)?.card()?;
        Ok(Self::of_card(imported))
    }

    /// The package of a folder's files: the persona that [`Persona::from_files`](crate::Persona::from_files) makes of them.
    /// Also what was left out, a sentence each. A card that cannot be read is, as there.
    ///
    /// The slug names a persona that nothing else does, and is in the package in no other way, nor is that of a `persona.yml`.
    #[must_use]
    pub fn of_files(
        slug: &str,
        files: Files<'_>,
        tests_yml: Option<&[u8]>,
        picture: Option<&[u8]>,
    ) -> (Self, Vec<String>) {
        folder::of_files(slug, files, tests_yml, picture)
    }

    /// The persona that it is, with warnings about what could not be used.
    #[must_use]
    pub fn load(&self, slug: &str) -> Loaded {
        loading::load_package(slug, self)
    }

    /// The package as one file. The slug is that of its folder, and is written into a zip alone.
    ///
    /// JSON holds no picture, and neither JSON nor PNG the other files. A PNG whose package has no PNG for a picture has a plain
    /// one; to have another picture converted is the caller's to do.
    ///
    /// # Errors
    ///
    /// What is larger than [`read`](Self::read) would take, a picture of another kind, and a name among the files that is a
    /// path out of the zip or that another file has.
    pub fn write(&self, slug: &str, format: Format) -> Result<Vec<u8>, CardError> {
        match format {
            Format::Json => carried::pack(self).to_json().map(String::into_bytes),
            Format::Png => {
                let own = self.picture.as_deref().filter(|picture| png::check(picture).is_ok());
                let image = own.map_or_else(picture::placeholder, |picture| Ok(picture.to_vec()))?;
                carried::pack(self).to_png(&image)
            }
            Format::Charx => self.to_charx(),
            Format::Zip => {
                let files = self.to_files(slug)?;
                archive::write(files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())))
            }
        }
    }

    /// The files of its folder: `persona.yml` with the slug and the name of the picture's file, `card.json`, and what else
    /// there is.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    pub fn to_files(&self, slug: &str) -> Result<Vec<AssetFile>, CardError> {
        folder::write(self, slug)
    }

    /// The package of a card that came alone. Also what was left out.
    pub(crate) fn of_card(card: Imported) -> (Self, Vec<String>) {
        let mut ignored = Vec::new();
        let parts = Parts { card: Some(card), ..Parts::default() };
        (parts.into_package(&mut ignored), ignored)
    }

    fn to_charx(&self) -> Result<Vec<u8>, CardError> {
        folder::check_names(&self.files)?;
        let mut card = carried::pack(self);
        let Some(picture) = &self.picture else { return charx::pack(&card.to_json()?, None, &self.files) };
        if !picture::is_icon(picture) {
            let name = folder::picture_name(picture)?;
            let file = AssetFile { name, bytes: picture.clone() };
            return charx::pack(&card.to_json()?, None, &[&self.files[..], &[file]].concat());
        }
        let said = icon::path(&card).filter(|path| archive::is_plain(path) && !folder::is_reserved(path));
        let path = match said {
            Some(path) => path.to_owned(),
            None => {
                let (path, ext) = icon::usual_path(picture);
                let free = |path: &String| !self.files.iter().any(|file| file.name == *path);
                let others = (2..).map(|number| format!("assets/icon/images/main-{number}.{ext}"));
                let path = std::iter::once(path).chain(others).find(free).unwrap_or_default();
                carried::list_icon(&mut card, &path, ext);
                path
            }
        };
        charx::pack(&card.to_json()?, Some((&path, picture)), &self.files)
    }
}
