//! A persona's picture, whose bytes nobody here decodes.

use crate::cards::{CardError, icon, png};

/// What a PNG looks like where there is no picture: large enough for programs that cut a portrait out of it.
const WIDTH: u32 = 400;
const HEIGHT: u32 = 600;
/// A warm, dark sand that white and black letters can be read on.
const COLOUR: [u8; 3] = [0xb0, 0x7d, 0x56];

/// How much of a text is looked at to see whether it is an SVG; what stands before its first tag is short.
const SVG_HEAD: usize = 4096;

/// The extension of a picture's kind by how it begins, of those that programs show: `png`, `jpg`, `webp` or `svg`.
#[must_use]
pub fn extension(picture: &[u8]) -> Option<&'static str> {
    match picture {
        _ if picture.starts_with(png::SIGNATURE) => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ if is_svg(picture) => Some("svg"),
        _ => None,
    }
}

fn is_svg(picture: &[u8]) -> bool {
    let head = picture.get(..picture.len().min(SVG_HEAD)).unwrap_or_default();
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    text.starts_with(b"<") && text.windows(4).any(|word| word == b"<svg")
}

/// Whether a card can name it as its icon: what browsers show and what cannot carry a script.
pub(super) fn is_icon(picture: &[u8]) -> bool {
    extension(picture).is_some() && icon::is_picture(picture)
}

/// The PNG that carries a card which has no picture of that kind.
pub(super) fn placeholder() -> Result<Vec<u8>, CardError> {
    png::plain(WIDTH, HEIGHT, COLOUR)
}
