//! The main icon of a card: which it is, and where.

use serde_json::{Value, json};

use super::card::Card;
use super::error::quoted;
use super::{AssetFile, base64, png};

/// The main icon among the files of a CHARX, where it came in one, or within the card itself.
pub(crate) fn find(card: &Card, files: Option<&[AssetFile]>, ignored: &mut Vec<String>) -> Option<Vec<u8>> {
    let Some(path) = path(card) else {
        let (_, data) = card.main_icon()?.uri.strip_prefix("data:image/")?.split_once(";base64,")?;
        return base64::decode(data.as_bytes()).ok().filter(|bytes| is_picture(bytes));
    };
    let Some(file) = files?.iter().find(|file| file.name == path) else {
        ignored.push(format!("The main icon {} is not in the CHARX.", quoted(path)));
        return None;
    };
    if is_picture(&file.bytes) {
        return Some(file.bytes.clone());
    }
    ignored.push(format!(
        "The main icon {} is no picture that can be shown; it is kept among the files.",
        quoted(path)
    ));
    None
}

/// Where in a CHARX the card says its main icon is.
pub(crate) fn path(card: &Card) -> Option<&str> {
    let uri = card.main_icon()?.uri;
    // So spelt; but people can spell.
    uri.strip_prefix("embeded://").or_else(|| uri.strip_prefix("embedded://"))
}

/// Whether these are the first bytes of a picture that browsers show and that cannot carry a script.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    let at = |start: usize, word: &[u8]| bytes.get(start..).is_some_and(|rest| rest.starts_with(word));
    png::check(bytes).is_ok()
        || at(0, b"\xff\xd8\xff")
        || at(0, b"GIF8")
        || (at(0, b"RIFF") && at(8, b"WEBP"))
        || (at(4, b"ftypavif") || at(4, b"ftypavis"))
}

/// Where the main icon of a card goes that does not say so, and its extension.
pub(crate) fn usual_path(image: &[u8]) -> (String, &'static str) {
    let ext = extension(image);
    (format!("assets/icon/images/main.{ext}"), ext)
}

/// The extension of a picture's kind.
fn extension(bytes: &[u8]) -> &'static str {
    match bytes.first() {
        Some(0xff) => "jpeg",
        Some(b'G') => "gif",
        Some(b'R') => "webp",
        Some(0) => "avif",
        _ => "png",
    }
}

/// Makes a card say where its main icon is. One that says "the default" says it no longer.
pub(crate) fn list(card: &mut Card, path: &str, ext: &str) {
    let mut assets = match card.data.remove("assets") {
        Some(Value::Array(assets)) => assets,
        _ => Vec::new(),
    };
    assets.retain(|asset| {
        asset.get("type") != Some(&json!("icon")) || asset.get("name") != Some(&json!("main"))
    });
    assets.insert(0, json!({"type": "icon", "uri": format!("embeded://{path}"), "name": "main", "ext": ext}));
    card.set("assets", Value::Array(assets));
}
