//! Cards in PNG pictures, in text chunks. The picture itself is not decoded.
//!
//! CRCs: an ancillary chunk with a wrong one is used all the same, for what it holds must be base64 and JSON anyway. A
//! wrong one in a chunk of the picture is told, as the picture may not show. Nothing is refused for a CRC: the character
//! is worth more than its portrait.

use std::io::{Read, Write};

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::error::{CardError, at_most};
use super::shape::{Shape, understand};
use super::{base64, json};
use crate::limits::{
    MAX_CARD_BYTES, MAX_CARD_JSON_BYTES, MAX_CARD_PNG_CHUNKS, MAX_CARD_PNG_SIDE, MAX_CARD_PNG_TRIES,
};

pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The most base64 that a card within the limits takes, with room for line breaks.
const MAX_BASE64_BYTES: usize = MAX_CARD_JSON_BYTES / 2 * 3;

/// One chunk of a PNG.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// Length, kind, data and CRC, as they stand.
    whole: &'a [u8],
}

/// A text chunk that holds a card, by its keyword.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Keyword {
    /// Before V2 in order, as it wins.
    Ccv3,
    Chara,
}

/// The first card in a PNG that can be read, and the PNG without any.
pub(super) fn read(bytes: &[u8], ignored: &mut Vec<String>) -> Result<(Shape, Vec<u8>), CardError> {
    let (chunks, rest) = chunks(bytes)?;
    let mut cards: Vec<_> = chunks.iter().filter_map(|chunk| Some((keyword(chunk)?, chunk))).collect();
    // A stable sort: among equals the first one counts, as in other programs.
    cards.sort_by_key(|(keyword, _)| *keyword);
    if chunks.iter().any(|chunk| chunk.is_critical() && !chunk.is_intact()) {
        ignored.push("The picture is damaged (a wrong checksum) and may not show.".to_owned());
    }
    let mut failure = None;
    for (_, chunk) in cards.iter().take(MAX_CARD_PNG_TRIES) {
        let mut notes = Vec::new();
        match shape_of(chunk, &mut notes) {
            Ok(shape) => {
                ignored.append(&mut notes);
                return Ok((shape, without_cards(&chunks, rest)));
            }
            Err(error) => {
                ignored
                    .push(format!("One of the {} cards in the PNG was passed over: {error}.", cards.len()));
                failure = failure.or(Some(error));
            }
        }
    }
    Err(failure.unwrap_or(CardError::NoCardInPng))
}

/// The card in a chunk.
fn shape_of(chunk: &Chunk<'_>, ignored: &mut Vec<String>) -> Result<Shape, CardError> {
    let value = json::parse(&text(chunk)?, ignored)?;
    if !chunk.is_intact() {
        ignored.push("The card in the PNG has a wrong checksum; see whether its texts are whole.".to_owned());
    }
    understand(value, ignored)
}

/// Puts a card into a PNG, both as V3 and as V2.
pub(super) fn write(image: &[u8], v3: &str, v2: &str) -> Result<Vec<u8>, CardError> {
    if !image.starts_with(SIGNATURE) {
        return Err(CardError::BadPng("the picture is not a PNG"));
    }
    let (chunks, rest) = chunks(image)?;
    let end: usize = rest.len() + chunks.last().map_or(0, |chunk| chunk.whole.len());
    let bare = without_cards(&chunks, rest);
    let (before, after) = bare.split_at(bare.len().saturating_sub(end));
    let png = [before, &text_chunk("ccv3", v3)?, &text_chunk("chara", v2)?, after].concat();
    at_most(MAX_CARD_BYTES, png.len(), "bytes in the file")?;
    at_most(MAX_CARD_PNG_CHUNKS, chunks.len() + 2, "chunks in the PNG")?;
    Ok(png)
}

/// Whether a PNG is one, of a size that can be shown.
pub(crate) fn check(bytes: &[u8]) -> Result<(), CardError> {
    chunks(bytes).map(|_| ())
}

/// The chunks of a PNG up to its end, and what follows the end.
fn chunks(bytes: &[u8]) -> Result<(Vec<Chunk<'_>>, &[u8]), CardError> {
    at_most(MAX_CARD_BYTES, bytes.len(), "bytes in the file")?;
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or(CardError::BadPng("it does not begin as one"))?;
    let mut chunks = Vec::new();
    loop {
        let (chunk, after) = chunk(rest).ok_or(CardError::BadPng("it ends too early"))?;
        if chunks.is_empty() {
            check_header(&chunk)?;
        }
        rest = after;
        let is_end = chunk.kind == *b"IEND";
        chunks.push(chunk);
        at_most(MAX_CARD_PNG_CHUNKS, chunks.len(), "chunks in the PNG")?;
        if is_end {
            return Ok((chunks, rest));
        }
    }
}

fn chunk(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (length, after) = bytes.split_first_chunk()?;
    let (kind, after) = after.split_first_chunk()?;
    let (data, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let (_crc, after) = after.split_first_chunk::<4>()?;
    let whole = bytes.get(..bytes.len() - after.len())?;
    Some((Chunk { kind: *kind, data, whole }, after))
}

fn check_header(chunk: &Chunk<'_>) -> Result<(), CardError> {
    let sides = chunk.data.split_first_chunk().and_then(|(width, rest)| Some((width, rest.first_chunk()?)));
    let Some((width, height)) = sides.filter(|_| chunk.kind == *b"IHDR" && chunk.data.len() == 13) else {
        return Err(CardError::BadPng("it has no header"));
    };
    for side in [u32::from_be_bytes(*width), u32::from_be_bytes(*height)] {
        if side == 0 {
            return Err(CardError::BadPng("the picture has no width or no height"));
        }
        if side > MAX_CARD_PNG_SIDE {
            let limit = usize::try_from(MAX_CARD_PNG_SIDE).unwrap_or(usize::MAX);
            return Err(CardError::TooLarge { what: "pixels in a side of the picture", limit });
        }
    }
    Ok(())
}

impl Chunk<'_> {
    /// Whether the picture cannot be shown without it.
    fn is_critical(&self) -> bool {
        self.kind.first().is_some_and(u8::is_ascii_uppercase)
    }

    fn is_intact(&self) -> bool {
        self.whole.last_chunk() == Some(&crc(&self.kind, self.data).to_be_bytes())
    }
}

fn crc(kind: &[u8; 4], data: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    crc.sum()
}

fn without_cards(chunks: &[Chunk<'_>], rest: &[u8]) -> Vec<u8> {
    let kept = chunks.iter().filter(|chunk| keyword(chunk).is_none()).map(|chunk| chunk.whole);
    std::iter::once(SIGNATURE).chain(kept).chain([rest]).collect::<Vec<_>>().concat()
}

/// Which card a chunk holds, if any. Case does not matter, as elsewhere.
fn keyword(chunk: &Chunk<'_>) -> Option<Keyword> {
    if !matches!(&chunk.kind, b"tEXt" | b"zTXt" | b"iTXt") {
        return None;
    }
    let keyword = until_nul(chunk.data)?.0;
    match keyword.to_ascii_lowercase().as_slice() {
        b"ccv3" => Some(Keyword::Ccv3),
        b"chara" => Some(Keyword::Chara),
        _ => None,
    }
}

/// What stands before and after the next NUL.
fn until_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

/// The JSON in a text chunk.
fn text(chunk: &Chunk<'_>) -> Result<Vec<u8>, CardError> {
    let (value, compressed) = value(chunk).ok_or(CardError::BadPng("a text in it ends too early"))?;
    if compressed { decode(&inflate(value)?) } else { decode(value) }
}

/// The value of a text chunk, and whether it is compressed.
fn value<'a>(chunk: &Chunk<'a>) -> Option<(&'a [u8], bool)> {
    let (_keyword, value) = until_nul(chunk.data)?;
    match &chunk.kind {
        // A method, of which there is one.
        b"zTXt" => Some((value.get(1..)?, true)),
        // Whether compressed, the method, the language, the keyword in that language.
        b"iTXt" => {
            let (_language, after) = until_nul(value.get(2..)?)?;
            let (_translated, text) = until_nul(after)?;
            Some((text, value.first() == Some(&1)))
        }
        _ => Some((value, false)),
    }
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, CardError> {
    let limit = MAX_BASE64_BYTES;
    let mut text = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    ZlibDecoder::new(bytes).take(bound).read_to_end(&mut text).map_err(|_| CardError::BadDeflate)?;
    at_most(limit, text.len(), "bytes in the compressed text")?;
    Ok(text)
}

/// Base64; or JSON as it is, which some programs write.
fn decode(text: &[u8]) -> Result<Vec<u8>, CardError> {
    let text = text.trim_ascii();
    if text.starts_with(b"{") { Ok(text.to_vec()) } else { base64::decode(text) }
}

fn text_chunk(keyword: &str, json: &str) -> Result<Vec<u8>, CardError> {
    let data = [keyword.as_bytes(), b"\0", base64::encode(json).as_bytes()].concat();
    at_most(MAX_CARD_BYTES, data.len(), "bytes in the file")?;
    write_chunk(b"tEXt", &data)
}

fn write_chunk(kind: &[u8; 4], data: &[u8]) -> Result<Vec<u8>, CardError> {
    let length = u32::try_from(data.len()).map_err(|_| CardError::BadPng("a chunk is too long for it"))?;
    let crc = crc(kind, data).to_be_bytes();
    Ok([&length.to_be_bytes(), kind.as_slice(), data, &crc].concat())
}

/// A picture of one colour.
pub(crate) fn plain(width: u32, height: u32, rgb: [u8; 3]) -> Result<Vec<u8>, CardError> {
    // One bit for each pixel, of a palette of one colour, and a byte before each row.
    let row = 1 + usize::try_from(width.div_ceil(8)).unwrap_or_default();
    let pixels = vec![0; row * usize::try_from(height).unwrap_or_default()];
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(&pixels).and_then(|()| encoder.finish());
    let packed = packed.map_err(|_| CardError::BadPng("it cannot be compressed"))?;
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let header = [width.as_slice(), &height, &[1, 3, 0, 0, 0]].concat();
    let chunks = [(b"IHDR", header.as_slice()), (b"PLTE", &rgb), (b"IDAT", &packed), (b"IEND", &[])];
    let chunks = chunks.into_iter().map(|(kind, data)| write_chunk(kind, data));
    Ok([SIGNATURE.to_vec()].into_iter().map(Ok).chain(chunks).collect::<Result<Vec<_>, _>>()?.concat())
}
