//! A persona out of its files.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

#[cfg(feature = "cards")]
use crate::carded::Carded;
use crate::hash::Fnv;
use crate::identity::Identity;
use crate::knowledge::Knowledge;
use crate::limits::{MAX_CARD_BYTES, MAX_KB_BYTES, MAX_YAML_BYTES};
#[cfg(feature = "cards")]
use crate::package::Package;
use crate::persona::Persona;
use crate::style::Style;
use crate::warning::{Warning, Warnings};

pub(crate) const PERSONA: &str = "persona.yml";
pub(crate) const CARDS: [&str; 3] = ["card.json", "card.png", "card.charx"];
pub(crate) const STYLE: &str = "style.yml";
pub(crate) const KNOWLEDGE: &str = "kb.jsonl";

/// The bytes of a persona's files. All are optional.
///
/// The card is looked at with the feature `cards` alone. What the other files say goes before what it says and carries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    /// `persona.yml`: who it is.
    pub persona_yml: Option<&'a [u8]>,
    /// `style.yml`: how it speaks.
    pub style_yml: Option<&'a [u8]>,
    /// `kb.jsonl`: what it knows.
    pub kb_jsonl: Option<&'a [u8]>,
    /// A character card, as JSON, PNG or CHARX (`card.json`, `card.png` or `card.charx` in a folder).
    pub card: Option<&'a [u8]>,
}

/// A persona, and what in its files could not be used.
#[derive(Debug)]
pub struct Loaded {
    /// The persona. There always is one.
    pub persona: Persona,
    /// What could not be used, file by file.
    pub warnings: Vec<Warning>,
}

impl Persona {
    /// The persona in a folder. The folder's name is the slug where `persona.yml` has none.
    ///
    /// It reads `persona.yml`, `style.yml`, `kb.jsonl` and a card. All of them may be missing; what is unreadable or broken
    /// is a warning, never a failure: good lines of a knowledge base stay, and without a style the persona has a strict
    /// in-character prompt.
    #[must_use]
    pub fn from_dir(dir: &Path) -> Loaded {
        let slug = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let asset = |name: &str, max: usize| {
            let path = dir.join(name);
            Asset { bytes: read(&path, max).map(Cow::Owned), file: path.display().to_string() }
        };
        let card = CARDS.iter().find(|name| dir.join(name).is_file()).unwrap_or(&"card.json");
        load(
            &slug,
            &asset(PERSONA, MAX_YAML_BYTES),
            &asset(STYLE, MAX_YAML_BYTES),
            &asset(KNOWLEDGE, MAX_KB_BYTES),
            &asset(card, MAX_CARD_BYTES),
        )
    }

    /// The persona in these files, under the same rules as [`from_dir`](Self::from_dir).
    #[must_use]
    pub fn from_files<'a>(slug: &str, files: Files<'a>) -> Loaded {
        let asset = |name: &str, bytes: Option<&'a [u8]>| Asset {
            bytes: bytes.map(Cow::Borrowed).ok_or(None),
            file: name.to_owned(),
        };
        load(
            slug,
            &asset(PERSONA, files.persona_yml),
            &asset(STYLE, files.style_yml),
            &asset(KNOWLEDGE, files.kb_jsonl),
            &asset("card", files.card),
        )
    }
}

/// A file, as far as it could be had.
struct Asset<'a> {
    /// How warnings name it.
    file: String,
    /// What is in it; else why that is not known, where it is there at all.
    bytes: Result<Cow<'a, [u8]>, Option<String>>,
}

impl Asset<'_> {
    /// What `parse` makes of the file; where it is there and cannot be read, a warning that says what happens instead.
    fn parse<T>(
        &self,
        warnings: &mut Vec<Warning>,
        instead: &str,
        parse: impl FnOnce(&[u8], &mut Warnings<'_>) -> T,
    ) -> Option<T> {
        let mut about_file = Warnings::new(&self.file);
        let parsed = match &self.bytes {
            Ok(bytes) => Some(parse(bytes, &mut about_file)),
            Err(reason) => {
                if let Some(reason) = reason {
                    about_file.file(format!("{reason}; {instead}"));
                }
                None
            }
        };
        warnings.extend(about_file.into_vec());
        parsed
    }
}

#[cfg(feature = "cards")]
impl<'a> Asset<'a> {
    /// The file, or where there is none, what a card carries in its place.
    fn or(&'a self, carried: Option<&'a str>, card: &Self) -> Self {
        let own = |bytes: &'a Cow<'_, [u8]>| Cow::Borrowed(bytes.as_ref());
        match (&self.bytes, carried) {
            (Err(None), Some(text)) => {
                let name = self.file.rsplit(['/', '\\']).next().unwrap_or_default();
                Self { file: format!("{}/{name}", card.file), bytes: Ok(Cow::Borrowed(text.as_bytes())) }
            }
            (bytes, _) => {
                Self { file: self.file.clone(), bytes: bytes.as_ref().map(own).map_err(Clone::clone) }
            }
        }
    }
}

/// At most one byte more than `max` of a file, so that what reads it can tell that it is too large.
fn read(path: &Path, max: usize) -> Result<Vec<u8>, Option<String>> {
    let read = || {
        let mut bytes = Vec::new();
        let max = u64::try_from(max).unwrap_or(u64::MAX);
        File::open(path)?.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => None,
        _ => Some(format!("cannot be read ({error})")),
    })
}

fn load(
    slug: &str,
    persona: &Asset<'_>,
    style: &Asset<'_>,
    knowledge: &Asset<'_>,
    card: &Asset<'_>,
) -> Loaded {
    let mut warnings = Vec::new();
    let version = version(slug, &[persona, style, knowledge, card]);
    #[cfg(feature = "cards")]
    let (carded, carrying) = card.parse(&mut warnings, "it is not used", Carded::parse).flatten().unzip();
    #[cfg(feature = "cards")]
    let style = &style.or(carrying.as_ref().and_then(|package| package.style_yml.as_deref()), card);
    #[cfg(feature = "cards")]
    let knowledge = &knowledge.or(carrying.as_ref().and_then(|package| package.kb_jsonl.as_deref()), card);
    #[cfg(feature = "cards")]
    let unnamed = carded.as_ref().map_or_else(|| Identity::from_slug(slug), |card| card.identity(slug));
    #[cfg(not(feature = "cards"))]
    let unnamed = Identity::from_slug(slug);
    let identity = persona.parse(&mut warnings, "the slug is its name", |bytes, warnings| {
        Identity::parse(&unnamed, bytes, warnings)
    });
    let persona = assemble(identity.unwrap_or(unnamed), style, knowledge, version, &mut warnings);
    #[cfg(feature = "cards")]
    let persona = Persona { card: carded.map(Box::new), ..persona };
    Loaded { persona, warnings }
}

/// The persona that is this package.
#[cfg(feature = "cards")]
pub(crate) fn load_package(slug: &str, package: &Package) -> Loaded {
    fn asset<'a>(name: &str, text: Option<&'a str>) -> Asset<'a> {
        let bytes = text.map(|text| Cow::Borrowed(text.as_bytes())).ok_or(None);
        Asset { file: name.to_owned(), bytes }
    }
    let json = package.card.to_value().to_string();
    let style = asset(STYLE, package.style_yml.as_deref());
    let knowledge = asset(KNOWLEDGE, package.kb_jsonl.as_deref());
    let card = asset("card", Some(&json));
    let version = version(slug, &[&style, &knowledge, &card]);
    let (carded, ignored) = Carded::new(package.card.clone());
    let mut about_card = Warnings::new(&card.file);
    ignored.into_iter().for_each(|ignored| about_card.file(ignored));
    let mut warnings = about_card.into_vec();
    let persona = assemble(carded.identity(slug), &style, &knowledge, version, &mut warnings);
    Loaded { persona: Persona { card: Some(Box::new(carded)), ..persona }, warnings }
}

/// A persona without a card.
fn assemble(
    identity: Identity,
    style: &Asset<'_>,
    knowledge: &Asset<'_>,
    version: String,
    warnings: &mut Vec<Warning>,
) -> Persona {
    let style = style.parse(warnings, "it has the strict in-character prompt", Style::parse);
    let style = style.unwrap_or_default();
    let knowledge = knowledge.parse(warnings, "it knows nothing", |bytes, warnings| {
        Knowledge::parse(bytes, &style.retrieval, warnings)
    });
    Persona {
        identity,
        style,
        knowledge: knowledge.unwrap_or_default(),
        version,
        #[cfg(feature = "cards")]
        card: None,
    }
}

/// A hash over the slug and the files; a byte cannot move from one to the next without changing it.
fn version(slug: &str, assets: &[&Asset<'_>]) -> String {
    let mut hash = Fnv::new();
    let parts = assets.iter().map(|asset| asset.bytes.as_deref().ok());
    for part in std::iter::once(Some(slug.as_bytes())).chain(parts) {
        let length = part.map(<[u8]>::len);
        hash.write(format!("{length:?}").as_bytes());
        hash.write(part.unwrap_or_default());
    }
    hash.hex()
}
