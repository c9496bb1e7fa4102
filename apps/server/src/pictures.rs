//! Pictures that people send: decoded within bounds, made as small as a screen needs them, and written anew, so that nothing
//! else that was in the file is kept or shown.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// The longest side of a picture that is kept, in pixels: what a large screen shows of a portrait.
const LONGEST_SIDE: u32 = 1_024;

/// The longest side of one that is taken in.
const LONGEST_SIDE_TAKEN: u32 = 10_000;

/// How much memory a picture may take while it is decoded, in bytes: a photograph of 40 megapixels.
const DECODED_BYTES: u64 = 160 * 1024 * 1024;

/// Of 100: hardly to be told from the original, at a fifth of its size.
const JPEG_QUALITY: u8 = 85;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is made of.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

/// Why a picture is not taken, in words for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is something else.
    #[error("This is no PNG, JPEG or WebP picture.")]
    Unknown,
    /// It is larger than is decoded.
    #[error(
        "This picture has too many pixels: {LONGEST_SIDE_TAKEN} to a side and 40 million in all are read."
    )]
    TooLarge,
    /// It cannot be decoded.
    #[error("This picture is damaged: {0}.")]
    Damaged(String),
}

impl From<image::ImageError> for PictureError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::Limits(_) => Self::TooLarge,
            error => Self::Damaged(error.to_string().trim_end_matches('.').to_owned()),
        }
    }
}

impl Picture {
    /// A picture as it is kept: upright, no larger than needed, and nothing but the picture. One with transparent parts is a
    /// PNG, any other a JPEG. Of a moving picture the first frame is kept.
    ///
    /// It takes a processor for up to a second, so that it is to be called where nobody waits for the thread.
    ///
    /// # Errors
    ///
    /// [`PictureError`], in words for whoever sent it.
    pub fn taken_in(bytes: &[u8]) -> Result<Self, PictureError> {
        let picture = decode(bytes)?;
        let picture = if picture.width().max(picture.height()) > LONGEST_SIDE {
            picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::CatmullRom)
        } else {
            picture
        };
        let mut bytes = Vec::new();
        if is_see_through(&picture) {
            picture.to_rgba8().write_with_encoder(PngEncoder::new(&mut bytes))?;
            return Ok(Self { bytes, media_type: "image/png" });
        }
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        Ok(Self { bytes, media_type: "image/jpeg" })
    }

    /// The same as a PNG, for the cards that are one.
    ///
    /// # Errors
    ///
    /// [`PictureError`] where it is no picture that is decoded.
    pub fn as_png(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
        let mut png = Vec::new();
        decode(bytes)?.to_rgba8().write_with_encoder(PngEncoder::new(&mut png))?;
        Ok(png)
    }
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|error| PictureError::Damaged(error.to_string()))?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err(PictureError::Unknown);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE_TAKEN);
    limits.max_image_height = Some(LONGEST_SIDE_TAKEN);
    limits.max_alloc = Some(DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > DECODED_BYTES {
        return Err(PictureError::TooLarge);
    }
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn is_see_through(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn png(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(width, height, Rgba([200, 120, 40, alpha]));
        picture.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
        bytes
    }

    #[test]
    fn a_large_picture_becomes_a_small_jpeg_of_the_same_shape() {
        let taken = Picture::taken_in(&png(2_048, 1_024, 255)).unwrap();
        assert_eq!(taken.media_type, "image/jpeg");
        let again = decode(&taken.bytes).unwrap();
        assert_eq!((again.width(), again.height()), (1_024, 512));
    }

    #[test]
    fn what_is_see_through_stays_so() {
        let taken = Picture::taken_in(&png(20, 10, 100)).unwrap();
        assert_eq!(taken.media_type, "image/png");
        assert_eq!(decode(&taken.bytes).unwrap().to_rgba8().get_pixel(3, 3).0, [200, 120, 40, 100]);
    }

    #[test]
    fn what_else_was_in_the_file_is_gone() {
        let mut bytes = png(4, 4, 255);
        bytes.extend_from_slice(b"<script>alert(1)</script>");
        let taken = Picture::taken_in(&bytes).unwrap();
        assert!(!taken.bytes.windows(7).any(|window| window == b"<script"));
    }

    #[test]
    fn what_is_no_picture_or_too_large_a_one_is_refused_in_words() {
        assert_eq!(Picture::taken_in(b"<svg/>"), Err(PictureError::Unknown));
        assert_eq!(Picture::taken_in(b""), Err(PictureError::Unknown));
        let mut broken = png(40, 40, 255);
        broken.truncate(60);
        assert!(matches!(Picture::taken_in(&broken), Err(PictureError::Damaged(_))));
        // A header that promises more than anybody will decode.
        let mut bomb = png(4, 4, 255);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = {
            let mut crc = flate2::Crc::new();
            crc.update(&bomb[12..29]);
            crc.sum()
        };
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(Picture::taken_in(&bomb), Err(PictureError::TooLarge));
    }
}
