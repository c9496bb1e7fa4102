//! Zips, as characters come in them.
//!
//! Names in it are names and never paths. What is written is not compressed: pictures are already, and a zip without
//! compression cannot be mistaken for a bomb.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::AssetFile;
use super::error::{CardError, at_most, quoted};
use crate::limits::{
    CHARX_RATIO_FROM_BYTES, MAX_CARD_BYTES, MAX_CHARX_FILE_BYTES, MAX_CHARX_FILES, MAX_CHARX_INFLATED_BYTES,
    MAX_CHARX_RATIO,
};

/// What each entry of a zip's directory begins with.
const ENTRY: &[u8] = b"PK\x01\x02";

/// Whether these bytes begin as a zip does.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The files in a zip, in its order.
pub(crate) fn read(bytes: &[u8], ignored: &mut Vec<String>) -> Result<Vec<AssetFile>, CardError> {
    // Before anything is built of them. A zip in the zip counts as well; there is no use for one.
    let entries = bytes.windows(ENTRY.len()).filter(|window| *window == ENTRY).count();
    at_most(MAX_CHARX_FILES, entries, "files in the zip")?;
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(bad_zip)?;
    if zip.has_duplicate_names() {
        return Err(CardError::BadZip("two files have the same name".to_owned()));
    }
    let mut left = MAX_CHARX_INFLATED_BYTES;
    let (mut files, mut names) = (Vec::new(), BTreeSet::new());
    for index in 0..zip.len() {
        let file = zip.by_index(index).map_err(bad_zip)?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(bad_zip)?.into_owned();
        let bytes = inflate(file, &mut left)?;
        if is_plain(&name) && names.insert(name.clone()) {
            files.push(AssetFile { name, bytes });
        } else {
            ignored.push(format!("A file was left out: its name {} leads out of the zip.", quoted(&name)));
        }
    }
    Ok(files)
}

/// Inflates a file, counting; what headers say of its size is not believed.
fn inflate(file: ZipFile<'_, Cursor<&[u8]>>, left: &mut usize) -> Result<Vec<u8>, CardError> {
    let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX).min(MAX_CARD_BYTES);
    let by_ratio = packed.saturating_mul(MAX_CHARX_RATIO).max(CHARX_RATIO_FROM_BYTES);
    let most = MAX_CHARX_FILE_BYTES.min(by_ratio).min(*left);
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut content = Vec::new();
    let read = file.take(bound).read_to_end(&mut content);
    let length = read.map_err(|error| CardError::BadZip(error.to_string()))?;
    if length > by_ratio {
        return Err(CardError::Bomb { limit: MAX_CHARX_RATIO });
    }
    at_most(MAX_CHARX_FILE_BYTES, length, "bytes in a file of the zip")?;
    let Some(less) = left.checked_sub(length) else {
        let what = "bytes in the files of the zip";
        return Err(CardError::TooLarge { what, limit: MAX_CHARX_INFLATED_BYTES });
    };
    *left = less;
    Ok(content)
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn bad_zip(error: ZipError) -> CardError {
    CardError::BadZip(error.to_string())
}

/// Whether a name could do no harm even to a program that takes it for a path.
pub(crate) fn is_plain(name: &str) -> bool {
    let odd = |part: &str| part.is_empty() || part == "." || part == "..";
    name.len() <= 512
        && !name.contains(['\\', ':'])
        && !name.contains(char::is_control)
        && !name.split('/').any(odd)
}

/// The zip of these files, each with its name.
pub(crate) fn write<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, CardError> {
    // No time of now: the same files make the same zip.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut names = BTreeSet::new();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        if !is_plain(name) || !names.insert(name) {
            return Err(CardError::BadName(name.to_owned()));
        }
        at_most(MAX_CHARX_FILES, names.len(), "files in the zip")?;
        at_most(MAX_CHARX_FILE_BYTES, bytes.len(), "bytes in a file of the zip")?;
        zip.start_file(name, options).map_err(bad_zip)?;
        zip.write_all(bytes).map_err(|error| CardError::BadZip(error.to_string()))?;
    }
    let bytes = zip.finish().map_err(bad_zip)?.into_inner();
    at_most(MAX_CARD_BYTES, bytes.len(), "bytes in the file")?;
    Ok(bytes)
}
