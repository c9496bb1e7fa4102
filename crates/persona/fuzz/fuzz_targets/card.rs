//! A card of any bytes; and what was read, written in each of the formats, is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::cards::{self, CardError, Imported, Read};
use raconteur_persona::lorebook::Lorebook;

/// A picture of one pixel.
const PIXEL: &[u8] = include_bytes!("../pixel.png");

fuzz_target!(|input: &[u8]| {
    let imported = match cards::read(input) {
        Ok(Read::Card(imported)) => imported,
        Ok(Read::Book(book)) => {
            let _ = Lorebook::parse(&book);
            return;
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let Imported { card, image, files, .. } = &imported;
    look_at(&imported);

    if let Some(json) = written(card.to_json()) {
        let again = read(json.as_bytes());
        assert_eq!(again.card, *card, "as JSON");
    }
    let png = image.as_deref().and_then(|image| card.to_png(image).ok());
    if let Some(png) = png.or_else(|| written(card.to_png(PIXEL))) {
        assert_eq!(read(&png).card, *card, "as PNG");
    }
    if let Some(charx) = written(card.to_charx(None, files)) {
        let again = read(&charx);
        assert_eq!(again.card, *card, "as CHARX");
        assert_eq!(again.files, *files, "the files of a CHARX");
    }
    // The card then says where its icon is, and so may be another; but only once.
    if let Some(charx) = image.as_deref().and_then(|image| written(card.to_charx(Some(image), files))) {
        let once = read(&charx);
        assert_eq!(once.image, *image, "the picture of a CHARX");
        if let Some(charx) = written(once.card.to_charx(once.image.as_deref(), &once.files)) {
            let twice = read(&charx);
            assert_eq!(twice.card, once.card, "as CHARX, with its picture");
            assert_eq!(twice.image, once.image);
        }
    }
});

/// What can be asked of a card.
fn look_at(imported: &Imported) {
    let card = &imported.card;
    for dialogue in card.example_dialogues() {
        assert!(!dialogue.is_empty());
    }
    let _ = (card.assets(), card.main_icon(), card.tags(), card.alternate_greetings(), card.source());
    assert!(card.creation_date().is_none_or(|seconds| seconds > 0));
    assert!(card.modification_date().is_none_or(|seconds| seconds > 0));
    if let Some(book) = card.character_book() {
        let _ = Lorebook::parse(book);
    }
}

/// What was written. A card at the limits may be too large in another format.
fn written<T>(result: Result<T, CardError>) -> Option<T> {
    match result {
        Ok(written) => Some(written),
        Err(CardError::TooLarge { .. }) => None,
        Err(error) => panic!("what was read can be written: {error:?}"),
    }
}

fn read(bytes: &[u8]) -> Imported {
    cards::read(bytes).and_then(Read::card).expect("what was written can be read")
}
