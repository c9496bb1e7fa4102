//! Character cards: the files in which people exchange characters, read leniently and written without loss.
//!
//! V1, V2 and V3 cards are read, as JSON, in PNG pictures and as CHARX, whatever the file is called. Each becomes a
//! [`Card`] in the shape of V3 that keeps every field it came with, known or not. A card that is written and read again
//! is the same card.
//!
//! Cards come from strangers. What is read is bounded by [`limits`](crate::limits), by counting and not by what headers
//! say; nothing is fetched, nothing run, and no name in a file is taken for a path.
//!
//! ```
//! use raconteur_persona::cards::{self, Card};
//!
//! let mut wren = Card::new("Wren");
//! wren.set_description("She runs the night ferry at Saltmouth.")
//!     .set_first_mes("Mind the plank, it is wet.")
//!     .set_mes_example("<START>\n{{user}}: Is it safe?\n{{char}}: Mostly.")
//!     .set_extension("raconteur", serde_json::json!({"tone": "dry"}));
//!
//! let file = wren.to_json()?;
//! let imported = cards::read(file.as_bytes())?.card()?;
//! assert_eq!(imported.card, wren);
//! assert_eq!(imported.card.example_dialogues()[0][1].text, "Mostly.");
//!
//! // What was left out or understood otherwise is told in sentences.
//! let v1 = br#"{"name": "Wren", "description": "A ferrywoman.", "character_version": 2, "tags": {"a": 1}}"#;
//! let imported = cards::read(v1)?.card()?;
//! assert_eq!(imported.card.character_version(), "2");
//! assert!(imported.ignored[0].starts_with("`tags` is not a list of texts"));
//! # Ok::<(), cards::CardError>(())
//! ```

pub(crate) mod archive;
mod base64;
mod card;
pub(crate) mod charx;
mod dialogue;
pub(crate) mod error;
pub(crate) mod icon;
mod json;
pub(crate) mod png;
mod shape;

use std::borrow::Cow;

use serde_json::Value;

pub use card::{Asset, Card};
pub use error::CardError;

use self::error::at_most;
use self::shape::Shape;
use crate::limits::MAX_CARD_BYTES;

/// What was in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A character.
    Card(Imported),
    /// A lorebook that stands alone, as a card's `character_book` would be.
    Book(Value),
}

impl Read {
    /// The character; an error that says so if it is a lorebook.
    pub fn card(self) -> Result<Imported, CardError> {
        match self {
            Self::Card(imported) => Ok(imported),
            Self::Book(_) => Err(CardError::Lorebook),
        }
    }
}

/// A character from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The card.
    pub card: Card,
    /// Its picture: the PNG that it came in, without the card; or the main icon among the files of a CHARX or
    /// in a `data:` address, which begins as a PNG, JPEG, GIF, WebP or AVIF does. Nobody has decoded it.
    pub image: Option<Vec<u8>>,
    /// The files of a CHARX besides `card.json`, the main icon among them.
    pub files: Vec<AssetFile>,
    /// What was left out or understood otherwise than written, a sentence each, for the person who chose the file.
    pub ignored: Vec<String>,
}

/// A file in a CHARX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetFile {
    /// Its name, such as `assets/icon/images/main.png`. A stranger chose it: do not use it as a path.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Reads a card or a lorebook. What the file is shows in its content.
pub fn read(bytes: &[u8]) -> Result<Read, CardError> {
    at_most(MAX_CARD_BYTES, bytes.len(), "bytes in the file")?;
    let mut ignored = Vec::new();
    if bytes.starts_with(png::SIGNATURE) {
        let (shape, image) = png::read(bytes, &mut ignored)?;
        return finish(shape, Some(image), None, ignored);
    }
    let (json, files) = if archive::is_zip(bytes) {
        let (json, files) = charx::read(bytes, &mut ignored)?;
        (Cow::Owned(json), Some(files))
    } else if is_json(bytes) {
        (Cow::Borrowed(bytes), None)
    } else {
        return Err(CardError::UnknownFormat);
    };
    let shape = shape::understand(json::parse(&json, &mut ignored)?, &mut ignored)?;
    finish(shape, None, files, ignored)
}

/// Whether these bytes begin as a JSON mapping or list does.
fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    text.starts_with(b"{") || text.starts_with(b"[")
}

fn finish(
    shape: Shape,
    image: Option<Vec<u8>>,
    files: Option<Vec<AssetFile>>,
    mut ignored: Vec<String>,
) -> Result<Read, CardError> {
    let card = match shape {
        Shape::Book(book) => return Ok(Read::Book(book)),
        Shape::Card(card) => card,
    };
    // What can be read can be written again.
    card.to_json()?;
    let image = image.or_else(|| icon::find(&card, files.as_deref(), &mut ignored));
    let remote = card.assets().iter().filter(|asset| is_remote(asset.uri)).count();
    if remote > 0 {
        ignored
            .push(format!("Assets on other servers ({remote}) are kept as addresses; nothing was fetched."));
    }
    let files = files.unwrap_or_default();
    Ok(Read::Card(Imported { card, image, files, ignored }))
}

fn is_remote(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}
