//! Base64 as it is found: of either alphabet, with or without padding and line breaks.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};

use super::error::CardError;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(super) fn encode(text: &str) -> String {
    BASE64.encode(text)
}

pub(super) fn decode(text: &[u8]) -> Result<Vec<u8>, CardError> {
    let letters = text.iter().filter(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'=' | 0));
    let letters = letters.map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    });
    BASE64.decode(letters.collect::<Vec<u8>>()).map_err(|_| CardError::BadBase64)
}
