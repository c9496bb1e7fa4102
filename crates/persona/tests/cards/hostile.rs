//! Files made to do harm.

use proptest::prelude::*;
use raconteur_persona::cards::{AssetFile, Card, CardError, read};
use raconteur_persona::limits::{
    MAX_CARD_BYTES, MAX_CARD_JSON_BYTES, MAX_CARD_JSON_DEPTH, MAX_CARD_JSON_VALUES, MAX_CARD_PNG_CHUNKS,
    MAX_CARD_PNG_TRIES, MAX_CHARX_FILES, MAX_CHARX_INFLATED_BYTES, MAX_CHARX_RATIO,
};
use serde_json::json;
use zip::CompressionMethod::{Deflated, Stored};

use crate::files::{base64, chunk, deflated, error, header, import, png_with, text, zip, ztext};

const CARD: &str = r#"{"spec": "chara_card_v2", "data": {"name": "Wren"}}"#;

/// A limit of [`raconteur_persona::limits`] that is passed.
fn too_large(error: &CardError, limit: usize) -> bool {
    matches!(error, CardError::TooLarge { limit: passed, .. } if *passed == limit)
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn size_depth_and_number_of_values_are_bounded() {
    let extension = |value: &str| format!(r#"{{"name": "", "description": "", "x": {value}}}"#);
    let nested = |depth: usize| extension(&["[".repeat(depth), "]".repeat(depth)].concat());
    for (bytes, limit) in [
        (vec![b' '; MAX_CARD_BYTES + 1], MAX_CARD_BYTES),
        (extension(&" ".repeat(MAX_CARD_JSON_BYTES)).into_bytes(), MAX_CARD_JSON_BYTES),
        (vec![b'['; 1_000_000], MAX_CARD_JSON_DEPTH),
        // As V3 it is one level deeper.
        (nested(MAX_CARD_JSON_DEPTH - 1).into_bytes(), MAX_CARD_JSON_DEPTH),
        (
            extension(&format!("[{}1]", r#"{"":0},"#.repeat(MAX_CARD_JSON_VALUES / 2))).into_bytes(),
            MAX_CARD_JSON_VALUES,
        ),
        // Read, it is short; written, it is not.
        (extension(&format!("[{}1]", "1e15,".repeat(240_000))).into_bytes(), MAX_CARD_JSON_BYTES),
    ] {
        let error = error(&bytes);
        assert!(too_large(&error, limit), "{error}");
    }
    read(nested(MAX_CARD_JSON_DEPTH - 2).as_bytes()).unwrap();
}

#[test]
fn a_png_is_bounded() {
    let card = text("chara", &base64(&json!({"name": "Wren", "description": ""})));
    let sized = |width, height| {
        [b"\x89PNG\r\n\x1a\n".as_slice(), &header(width, height), &card, &chunk(b"IEND", b"")].concat()
    };
    read(&sized(8192, 8192)).unwrap();
    assert!(too_large(&error(&sized(8193, 1)), 8192));
    assert!(too_large(&error(&sized(1, u32::MAX)), 8192));
    assert_eq!(error(&sized(0, 1)).code(), "bad_png");

    let crowd = vec![chunk(b"tEXt", b""); MAX_CARD_PNG_CHUNKS];
    assert!(too_large(&error(&png_with(&crowd)), MAX_CARD_PNG_CHUNKS));

    let mut long = chunk(b"tEXt", b"chara\0");
    long[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(error(&png_with(&[long])).code(), "bad_png");
}

#[test]
fn a_png_inflates_only_so_much() {
    let bomb = ztext("chara", &vec![b'A'; 64 * 1024 * 1024]);
    assert_eq!(error(&png_with(std::slice::from_ref(&bomb))).code(), "too_large");
    // Many of them, and a card that is not reached any more.
    let mut bombs = vec![bomb; MAX_CARD_PNG_TRIES];
    bombs.push(text("chara", &base64(&json!({"name": "Wren", "description": ""}))));
    assert_eq!(error(&png_with(&bombs)).code(), "too_large");
    // A tower: what inflates is deflated again. It is inflated once, and is no base64.
    let tower = deflated(&deflated(&vec![0; 1024 * 1024]));
    assert_eq!(error(&png_with(&[ztext("chara", &tower)])).code(), "bad_base64");
}

#[test]
fn a_charx_inflates_only_so_much() {
    let card = ("card.json", CARD.as_bytes());
    let zeros = vec![0; 8 * 1024 * 1024];
    assert_eq!(error(&zip(Deflated, &[card, ("a.png", &zeros)])), CardError::Bomb { limit: MAX_CHARX_RATIO });
    let spaces = [CARD.as_bytes(), &vec![b' '; MAX_CARD_JSON_BYTES]].concat();
    assert_eq!(error(&zip(Deflated, &[("card.json", &spaces)])).code(), "bomb");

    // Below the ratio: half noise, a tenth of the size.
    let mut mixed = vec![0; 8 * 1024 * 1024];
    mixed[..800_000].copy_from_slice(&noise(800_000));
    let names: Vec<_> = (0..10).map(|number| format!("{number}.bin")).collect();
    let files: Vec<_> =
        [card].into_iter().chain(names.iter().map(|name| (name.as_str(), mixed.as_slice()))).collect();
    let charx = zip(Deflated, &files);
    assert!(charx.len() < MAX_CARD_BYTES);
    assert!(too_large(&error(&charx), MAX_CHARX_INFLATED_BYTES));

    let mut large = vec![0; 17 * 1024 * 1024];
    large[..800_000].copy_from_slice(&noise(800_000));
    assert_eq!(error(&zip(Deflated, &[card, ("a.png", &large)])).code(), "too_large");
}

#[test]
fn a_charx_holds_only_so_many_files() {
    let names: Vec<_> = (0..MAX_CHARX_FILES).map(|number| number.to_string()).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert!(too_large(
        &error(&zip(Stored, &[&files[..], &[("card.json", b"{}")]].concat())),
        MAX_CHARX_FILES
    ));
}

#[test]
fn headers_are_not_believed() {
    let charx = zip(Deflated, &[("card.json", CARD.as_bytes()), ("a.png", &vec![b'x'; 100_000])]);
    let size = 100_000_u32.to_le_bytes();
    for claimed in [0, 10, u32::MAX - 1] {
        let mut lying = charx.clone();
        for at in 0..lying.len() - 4 {
            if lying[at..at + 4] == size {
                lying[at..at + 4].copy_from_slice(&claimed.to_le_bytes());
            }
        }
        assert_ne!(lying, charx);
        if let Ok(read) = read(&lying) {
            assert_eq!(read.card().unwrap().files[0].bytes.len(), 100_000);
        }
    }
}

#[test]
fn names_that_lead_elsewhere_are_left_out() {
    let files = ["../../etc/cron.d/x", "/etc/passwd", "a\\..\\b", "C:/x", "ok/a.bin"]
        .map(|name| (name, b"x".as_slice()));
    let imported = import(&zip(Stored, &[&files[..], &[("card.json", CARD.as_bytes())]].concat()));
    assert_eq!(imported.files, [AssetFile { name: "ok/a.bin".to_owned(), bytes: b"x".to_vec() }]);
    assert_eq!(imported.ignored.len(), 4, "{:?}", imported.ignored);
}

#[test]
fn many_ends_of_a_zip_take_no_time() {
    let mut ends = b"PK\x03\x04".to_vec();
    while ends.len() < 1_000_000 {
        ends.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0");
    }
    assert_eq!(error(&ends).code(), "bad_zip");
}

#[test]
fn notes_do_not_repeat_what_a_stranger_wrote_at_length() {
    let long = "9".repeat(100_000);
    for (spec, version) in [(long.as_str(), ""), ("chara_card_v3", &long)] {
        let card = json!({"spec": spec, "spec_version": version, "data": {"name": "", "description": "",
            "assets": [{"type": "icon", "uri": format!("embeded://{long}")}]}});
        let imported =
            import(&zip(Stored, &[("card.json", card.to_string().as_bytes()), (&long[..60_000], b"")]));
        assert_eq!(imported.ignored.len(), 3);
        assert!(imported.ignored.iter().all(|note| note.len() < 300), "{:?}", imported.ignored);
    }
}

/// A good file of each kind.
fn good() -> Vec<Vec<u8>> {
    let mut card = Card::new("Wren");
    card.set_mes_example("<START>\n{{user}}: a").set_extension("x", json!([1.5, "é"]));
    let pixel = png_with(&[]);
    let file = AssetFile { name: "a.bin".to_owned(), bytes: noise(50) };
    let json = card.to_json().unwrap();
    let packed = zip(Deflated, &[("card.json", json.as_bytes()), ("a.bin", &[7; 300])]);
    let ztexts = png_with(&[ztext("ccv3", base64(&card.to_value()).as_slice()), ztext("chara", b"x")]);
    let charx = card.to_charx(Some(&pixel), &[file]).unwrap();
    vec![card.to_png(&pixel).unwrap(), charx, packed, ztexts, json.into_bytes()]
}

/// Reads whatever it is; what can be read can be written and is then the same.
fn survive(bytes: &[u8]) {
    if let Ok(read) = read(bytes)
        && let Ok(imported) = read.card()
    {
        let _ = imported.card.example_dialogues();
        let _ = (imported.card.assets(), imported.card.creation_date());
        assert_eq!(import(imported.card.to_json().unwrap().as_bytes()).card, imported.card);
        if let Some(image) = imported.image {
            let _ = imported.card.to_png(&image);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_survived(
        start in prop::sample::select(vec![b"".as_slice(), b"{", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"]),
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        survive(&[start, &bytes].concat());
    }

    #[test]
    fn damaged_files_are_survived(
        kind in 0..5_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
        doubled in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
    ) {
        let mut bytes = good().swap_remove(kind);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some((from, to)) = doubled {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            let piece = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(from..from, piece);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        survive(&bytes);
    }

    #[test]
    fn any_examples_are_survived(text in "(<START>|\\{\\{user\\}\\}:|<BOT>:|İ|ﬁ|[ \n:a]){0,20}") {
        let mut card = Card::new("a");
        card.set_mes_example(text);
        let _ = card.example_dialogues();
    }
}
