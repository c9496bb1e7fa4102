//! Builds PNGs, zips and base64 as other programs do, and as none should.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, Crc, write::ZlibEncoder};
use raconteur_persona::cards::{self, CardError, Imported};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub fn import(bytes: &[u8]) -> Imported {
    cards::read(bytes).unwrap().card().unwrap()
}

pub fn import_json(value: &Value) -> Imported {
    import(value.to_string().as_bytes())
}

pub fn error(bytes: &[u8]) -> CardError {
    cards::read(bytes).unwrap_err()
}

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes(), kind.as_slice(), data, &crc.sum().to_be_bytes()].concat()
}

pub fn header(width: u32, height: u32) -> Vec<u8> {
    chunk(b"IHDR", &[&width.to_be_bytes(), height.to_be_bytes().as_slice(), &[8, 0, 0, 0, 0]].concat())
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A picture of one pixel, with more chunks before its end.
pub fn png_with(chunks: &[Vec<u8>]) -> Vec<u8> {
    let pixel = chunk(b"IDAT", &deflated(&[0, 127]));
    [b"\x89PNG\r\n\x1a\n".as_slice(), &header(1, 1), &pixel, &chunks.concat(), &chunk(b"IEND", b"")].concat()
}

pub fn text(keyword: &str, value: &[u8]) -> Vec<u8> {
    chunk(b"tEXt", &[keyword.as_bytes(), b"\0", value].concat())
}

pub fn ztext(keyword: &str, value: &[u8]) -> Vec<u8> {
    chunk(b"zTXt", &[keyword.as_bytes(), b"\0\0", &deflated(value)].concat())
}

pub fn base64(value: &Value) -> Vec<u8> {
    STANDARD.encode(value.to_string()).into_bytes()
}

pub fn zip(method: CompressionMethod, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
