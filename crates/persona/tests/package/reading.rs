//! What is read, and what is refused.

use raconteur_persona::cards::{Card, CardError};
use raconteur_persona::limits::{MAX_CARD_BYTES, MAX_CHARX_FILES, MAX_CHARX_RATIO};
use raconteur_persona::package::{Format, Package};
use serde_json::{Value, json};
use zip::CompressionMethod::{Deflated, Stored};

use crate::files::{base64, png_with, text, zip};
use crate::support::{KB, PIXEL, ask};

const STYLE: &[u8] = b"tone: dry";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";

fn read(files: &[(&str, &[u8])]) -> (Package, Vec<String>) {
    Package::read(&zip(Stored, files)).unwrap()
}

fn refused(bytes: &[u8]) -> CardError {
    Package::read(bytes).unwrap_err()
}

#[test]
fn a_zip_of_style_and_knowledge_is_a_persona() {
    for folder in ["", "perpetua/"] {
        let named = |name: &str| format!("{folder}{name}");
        let (style, kb, tests) = (named("style.yml"), named("kb.jsonl"), named("tests.yml"));
        let (package, ignored) = read(&[
            (&style, STYLE),
            (&kb, KB.as_bytes()),
            (&tests, b"- prompt: Hm"),
            ("__MACOSX/._kb.jsonl", b"?"),
            (&named(".DS_Store"), b"?"),
        ]);
        assert_eq!(ignored, Vec::<String>::new());
        assert_eq!(
            (package.style_yml.as_deref(), package.kb_jsonl.as_deref(), package.tests_yml.as_deref()),
            (Some("tone: dry"), Some(KB), Some("- prompt: Hm"))
        );
        // Only a folder says what it is called.
        assert_eq!(package.card.name(), if folder.is_empty() { "" } else { "Perpetua" });
        assert_eq!(package.files, []);
    }
}

#[test]
fn a_zip_may_have_all_that_a_folder_has() {
    let card = Card::new("Wren").to_json().unwrap();
    let in_png = Card::new("Wren").to_png(PIXEL).unwrap();
    let in_charx = Card::new("Wren").to_charx(Some(PIXEL), &[]).unwrap();
    let persona = b"name: Jenny\navatar: face.svg\ntags: [ferry]";
    for (name, bytes) in
        [("card.json", card.as_bytes()), ("card.png", in_png.as_slice()), ("card.charx", &in_charx)]
    {
        let (package, ignored) = read(&[(name, bytes), ("style.yml", STYLE)]);
        assert_eq!(
            (package.card.name(), package.style_yml.as_deref()),
            ("Wren", Some("tone: dry")),
            "{name}"
        );
        assert_eq!(package.picture.as_deref(), (name != "card.json").then_some(PIXEL), "{name}");
        assert_eq!((package.files.len(), ignored.len()), (0, 0), "{name}: {ignored:?}");

        let (package, ignored) =
            read(&[(name, bytes), ("persona.yml", persona), ("face.svg", SVG), ("notes.txt", b"x")]);
        assert_eq!((package.card.name(), package.card.tags()), ("Jenny", vec!["ferry"]), "{name}");
        assert_eq!(package.picture.as_deref(), Some(SVG), "{name}");
        assert!(package.files.iter().any(|file| file.name == "notes.txt"), "{name}");
        assert_eq!(ignored, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_main_icon_of_a_charx_is_its_picture_and_not_among_its_files() {
    let card = json!({"spec": "chara_card_v3", "data": {"name": "Wren", "assets": [
        {"type": "icon", "name": "main", "uri": "embeded://a/wren.png", "ext": "png"}]}})
    .to_string();
    let (package, ignored) = read(&[("card.json", card.as_bytes()), ("a/wren.png", PIXEL), ("b.x", b"x")]);
    let names: Vec<&str> = package.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!((package.picture.as_deref(), names), (Some(PIXEL), vec!["b.x"]));
    assert_eq!(ignored, Vec::<String>::new());
    for format in [Format::Charx, Format::Zip] {
        // In a zip it is the avatar, and nobody is told that what the card lists is missing.
        assert_eq!(
            Package::read(&package.write("wren", format).unwrap()).unwrap(),
            (package.clone(), vec![])
        );
    }
    // A GIF can be an icon, and is no picture of a persona: it stays where it is.
    let (package, _) = read(&[("card.json", card.as_bytes()), ("a/wren.png", b"GIF89a")]);
    assert_eq!((package.picture, package.files.len()), (None, 1));
}

#[test]
fn what_is_there_twice_or_is_no_picture_is_told() {
    let card = Card::new("Wren").to_json().unwrap();
    let (package, ignored) = read(&[
        ("card.json", card.as_bytes()),
        ("card.png", PIXEL),
        ("avatar.png", b"?"),
        ("avatar.svg", SVG),
        ("../x", b"?"),
        ("kb.jsonl", b"\xff"),
    ]);
    assert_eq!((package.picture.as_deref(), package.kb_jsonl.as_deref()), (Some(SVG), Some("\u{fffd}")));
    assert_eq!(package.files, []);
    assert_eq!(ignored.len(), 4, "{ignored:?}");
}

#[test]
fn what_holds_no_persona_is_refused() {
    let bomb = vec![0; 8 * 1024 * 1024];
    let crowd: Vec<String> = (0..MAX_CHARX_FILES).map(|number| number.to_string()).collect();
    let crowd: Vec<(&str, &[u8])> = crowd.iter().map(|name| (name.as_str(), STYLE)).collect();
    let mut encrypted = zip(Stored, &[("style.yml", STYLE)]);
    // The bit that says so, in the header of the file and in the directory.
    encrypted[6] |= 1;
    let entry = encrypted.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    encrypted[entry + 8] |= 1;
    let mut twice = zip(Stored, &[("style.yml", STYLE), ("stule.yml", STYLE)]);
    while let Some(at) = twice.windows(5).position(|window| window == b"stule") {
        twice[at + 2] = b'y';
    }
    for (bytes, code) in [
        (b"Once upon a time".to_vec(), "unknown_format"),
        (br#"{"spec": "lorebook_v3", "data": {"entries": []}}"#.to_vec(), "lorebook"),
        (vec![b'{'; MAX_CARD_BYTES + 1], "too_large"),
        (zip(Stored, &[("tests.yml", STYLE)]), "no_persona_in_zip"),
        (zip(Stored, &[("a/style.yml", STYLE), ("b/x", b"")]), "no_persona_in_zip"),
        (zip(Stored, &[("a/b/style.yml", STYLE)]), "no_persona_in_zip"),
        (zip(Stored, &[("style.yml", STYLE), ("card.json", b"{}")]), "not_a_card"),
        (zip(Stored, &[("card.png", PIXEL)]), "no_card_in_png"),
        (zip(Stored, &[("card.charx", &zip(Stored, &[("style.yml", STYLE)]))]), "no_card_in_zip"),
        (zip(Deflated, &[("style.yml", STYLE), ("kb.jsonl", &bomb)]), "bomb"),
        (zip(Stored, &[&crowd[..], &[("style.yml", STYLE)]].concat()), "too_large"),
        (encrypted, "bad_zip"),
        (twice, "bad_zip"),
    ] {
        let error = refused(&bytes);
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(refused(&zip(Deflated, &[("kb.jsonl", &bomb)])), CardError::Bomb { limit: MAX_CHARX_RATIO });
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let code = |package: &Package, format| package.write("wren", format).unwrap_err().code();
    for name in ["../x", "/x", "", "style.yml", "card.png", "avatar.webp", "persona.yml"] {
        let mut wren = Package::new(Card::new("Wren"));
        wren.files.push(raconteur_persona::cards::AssetFile { name: name.to_owned(), bytes: vec![] });
        assert_eq!([code(&wren, Format::Zip), code(&wren, Format::Charx)], ["bad_name"; 2], "{name}");
    }
    let mut wren = Package::new(Card::new("Wren"));
    wren.picture = Some(b"GIF89a".to_vec());
    assert_eq!([code(&wren, Format::Zip), code(&wren, Format::Charx)], ["bad_picture"; 2]);
    wren.picture = None;
    wren.kb_jsonl = Some("x".repeat(MAX_CARD_BYTES));
    for format in [Format::Json, Format::Png, Format::Charx, Format::Zip] {
        assert_eq!(code(&wren, format), "too_large", "{format:?}");
    }
}

fn with_knowledge() -> Package {
    let mut wren = Package::new(Card::new("Wren"));
    wren.kb_jsonl = Some(KB.to_owned());
    wren
}

/// The JSON of a card that goes out, changed by another program.
fn changed(package: &Package, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut card: Value = serde_json::from_slice(&package.write("wren", Format::Json).unwrap()).unwrap();
    change(&mut card["data"]);
    card.to_string().into_bytes()
}

#[test]
fn knowledge_goes_out_as_a_lorebook_and_comes_back_once() {
    let wren = with_knowledge();
    // Another program reads the lorebook, and puts fields of its own beside what it says.
    let json = changed(&wren, |card| {
        let entries = card["character_book"]["entries"].as_array_mut().unwrap();
        assert_eq!(entries.len(), 2);
        for entry in entries {
            entry["position"] = "after_char".into();
            entry["enabled"] = false.into();
            entry["extensions"]["depth"] = 4.into();
        }
        card["character_book"]["name"] = "Wren's".into();
    });
    assert_eq!(Package::read(&json).unwrap(), (wren, vec![]));
}

#[test]
fn what_was_changed_in_that_lorebook_elsewhere_stays_beside_the_knowledge() {
    let json = changed(&with_knowledge(), |card| {
        let entries = card["character_book"]["entries"].as_array_mut().unwrap();
        entries[1]["content"] = "The fare is three pennies.".into();
        entries.push(json!({"keys": ["gull"], "content": "Gulls are bad luck.", "enabled": true}));
    });
    let (package, ignored) = Package::read(&json).unwrap();
    assert_eq!(package.kb_jsonl.as_deref(), Some(KB));
    let entries = package.card.character_book().unwrap()["entries"].as_array().unwrap();
    let contents: Vec<&Value> = entries.iter().map(|entry| &entry["content"]).collect();
    assert_eq!(contents, ["The fare is three pennies.", "Gulls are bad luck."]);
    assert!(ignored[0].contains("(2) stays as lorebook"), "{ignored:?}");
}

#[test]
fn a_lorebook_of_its_own_and_knowledge_are_both_used_and_both_kept() {
    let mut wren = with_knowledge();
    wren.card.set_character_book(json!({"entries": [
        {"keys": ["bell"], "content": "It hangs in a drowned tower.", "enabled": true},
        // Word for word what the knowledge would be as a lorebook.
        {"keys": ["the fare"], "content": "The fare is two pennies.", "enabled": true},
    ]}));
    for format in [Format::Json, Format::Png, Format::Charx, Format::Zip] {
        let (back, ignored) = Package::read(&wren.write("wren", format).unwrap()).unwrap();
        assert_eq!((&back, ignored), (&wren, vec![]), "{format:?}");
        let rules = &ask(&back.load("wren").persona, "What of the bell?").messages[0].content;
        assert!(rules.contains("It hangs in a drowned tower.") && rules.contains("rings before a storm"));
    }
}

#[test]
fn a_card_that_carries_its_files_is_used_with_them_wherever_it_lies() {
    let mut wren = with_knowledge();
    wren.style_yml = Some("tone: dry".to_owned());
    let json = wren.write("wren", Format::Json).unwrap();
    let files = raconteur_persona::Files { card: Some(&json), ..Default::default() };
    let loaded = raconteur_persona::Persona::from_files("wren", files);
    assert_eq!(loaded.warnings, []);
    let prompt = ask(&loaded.persona, "What of the bell?");
    let rules = &prompt.messages[0].content;
    assert_eq!(
        (rules.matches("rings before a storm").count(), rules.contains("Tone: dry")),
        (1, true),
        "{rules}"
    );
    // A file of the folder's own goes before it.
    let loaded = raconteur_persona::Persona::from_files(
        "wren",
        raconteur_persona::Files { kb_jsonl: Some(b""), ..files },
    );
    assert_eq!(loaded.persona.knowledge().entries(), []);
}

#[test]
fn a_card_that_carries_a_persona_yml_as_they_did_has_it_in_itself() {
    let mut card = Card::new("Wren");
    card.set_extension(
        "raconteur",
        json!({"files": {"persona.yml": "aliases: [Jenny]\ntrouble: Fog.", "x.sh": "rm"}}),
    );
    let (package, ignored) = Package::read(card.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(ignored, Vec::<String>::new());
    assert_eq!(
        package.card.extension("raconteur"),
        Some(&json!({"aliases": ["Jenny"], "trouble": ["Fog."]}))
    );
}

#[test]
fn a_png_without_a_picture_of_that_kind_has_a_plain_one() {
    let mut wren = Package::new(Card::new("Wren"));
    for picture in [None, Some(SVG), Some(b"\xff\xd8\xff\xe0".as_slice())] {
        wren.picture = picture.map(<[u8]>::to_vec);
        let png = wren.write("wren", Format::Png).unwrap();
        let header = png.get(16..24).unwrap();
        assert_eq!(header, [400_u32.to_be_bytes(), 600_u32.to_be_bytes()].concat());
        assert_eq!(Package::read(&png).unwrap(), (Package::new(Card::new("Wren")), vec![]));
    }
    wren.picture = Some(PIXEL.to_vec());
    assert_eq!(Package::read(&wren.write("wren", Format::Png).unwrap()).unwrap().0, wren);
    // What another program drew is a picture.
    let other = png_with(&[text("chara", &base64(&json!({"name": "Wren", "description": ""})))]);
    assert_eq!(Package::read(&other).unwrap().0.picture, Some(png_with(&[])));
}

#[test]
fn what_a_card_listed_before_its_picture_was_is_listed_again_unless_it_was_changed() {
    let mut wren = Package::new(Card::new("Wren"));
    wren.picture = Some(PIXEL.to_vec());
    let charx = wren.write("wren", Format::Charx).unwrap();
    let written = raconteur_persona::cards::read(&charx).unwrap().card().unwrap();
    assert_eq!(written.card.main_icon().unwrap().uri, "embeded://assets/icon/images/main.png");
    assert_eq!(Package::read(&charx).unwrap().0.card.assets(), []);

    let mut value = written.card.to_value();
    let added = json!({"type": "background", "uri": "ccdefault:", "name": "main", "ext": "png"});
    value["data"]["assets"].as_array_mut().unwrap().push(added);
    let (package, _) =
        read(&[("card.json", value.to_string().as_bytes()), ("assets/icon/images/main.png", PIXEL)]);
    assert_eq!((package.card.assets().len(), package.picture.as_deref()), (2, Some(PIXEL)));
}
