//! CHARX: a zip with `card.json` at its root and the card's assets beside it.

use super::card::Card;
use super::error::CardError;
use super::{AssetFile, archive, icon};

/// The file with the card.
pub(crate) const CARD: &str = "card.json";

/// The JSON of the card and all other files.
pub(super) fn read(bytes: &[u8], ignored: &mut Vec<String>) -> Result<(Vec<u8>, Vec<AssetFile>), CardError> {
    let mut files = archive::read(bytes, ignored)?;
    let card = files.iter().position(|file| file.name == CARD).ok_or(CardError::NoCardInZip)?;
    Ok((files.remove(card).bytes, files))
}

pub(super) fn write(card: &Card, image: Option<&[u8]>, files: &[AssetFile]) -> Result<Vec<u8>, CardError> {
    let Some(image) = image else { return pack(&card.to_json()?, None, files) };
    // A stranger may have written a path that is not fit for a file.
    if let Some(path) = icon::path(card).filter(|path| archive::is_plain(path) && *path != CARD) {
        return pack(&card.to_json()?, Some((path, image)), files);
    }
    let (path, ext) = icon::usual_path(image);
    let mut card = card.clone();
    icon::list(&mut card, &path, ext);
    pack(&card.to_json()?, Some((&path, image)), files)
}

/// The zip of a card's JSON, its icon, and the other files. The icon takes the place of a file of its name.
pub(crate) fn pack(
    json: &str,
    icon: Option<(&str, &[u8])>,
    files: &[AssetFile],
) -> Result<Vec<u8>, CardError> {
    let others = files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice()));
    let others = others.filter(|(name, _)| icon.is_none_or(|(path, _)| path != *name));
    archive::write([(CARD, json.as_bytes())].into_iter().chain(icon).chain(others))
}
