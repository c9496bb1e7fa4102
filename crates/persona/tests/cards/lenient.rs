//! Cards as they are found, and what is made of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use raconteur_persona::Speaker;
use raconteur_persona::cards::{Read, read};
use serde_json::{Value, json};
use zip::CompressionMethod;

use crate::files::{base64, chunk, deflated, error, import, import_json, png_with, text, zip, ztext};

fn v2(data: Value) -> Value {
    let mut card = json!({"spec": "chara_card_v2", "spec_version": "2.0"});
    card["data"] = data;
    card
}

fn named(name: &str) -> Value {
    v2(json!({"name": name}))
}

#[test]
fn every_version_is_read() {
    for (card, version) in [
        (json!({"name": "Wren", "description": "A ferrywoman."}), "3.0"),
        (json!({"name": "Wren", "description": "A ferrywoman.", "data": null}), "3.0"),
        (v2(json!({"name": "Wren", "description": "A ferrywoman."})), "3.0"),
        (json!({"spec": "chara_card_v2", "name": "Wren", "description": "A ferrywoman."}), "3.0"),
        (json!({"data": {"name": "Wren", "description": "A ferrywoman."}}), "3.0"),
        (
            json!({"spec": "chara_card_v3", "spec_version": 3.0, "data": {"name": "Wren", "description": "A ferrywoman."}}),
            "3.0",
        ),
        (
            json!({"spec": "chara_card_v3", "spec_version": "3.7", "data": {"name": "Wren", "description": "A ferrywoman."}}),
            "3.7",
        ),
        (json!({"spec": "chara_card_v4", "data": {"name": "Wren", "description": "A ferrywoman."}}), "4.0"),
        (json!({"spec": "x", "data": {"name": "Wren", "description": "A ferrywoman."}}), "3.0"),
    ] {
        let imported = import_json(&card);
        assert_eq!((imported.card.name(), imported.card.description()), ("Wren", "A ferrywoman."), "{card}");
        assert_eq!(imported.card.to_value()["spec_version"], version, "{card}");
        let told = version != "3.0" || card["spec"] == "x";
        assert_eq!(imported.ignored.len(), usize::from(told), "{card}: {:?}", imported.ignored);
    }
}

#[test]
fn all_fields_of_a_v3_card_are_understood() {
    let imported = import_json(&json!({"spec": "chara_card_v3", "spec_version": "3.0", "data": {
        "name": "Wren Harrow", "nickname": "Wren", "description": "d", "personality": "p", "scenario": "s",
        "first_mes": "f", "mes_example": "<START>\n{{user}}: a\n{{char}}: b\nWren: c", "system_prompt": "y",
        "post_history_instructions": "h", "alternate_greetings": ["g"], "group_only_greetings": ["o"],
        "tags": ["t", "u"], "creator": "c", "creator_notes": "n", "character_version": "1.2",
        "creation_date": 1_700_000_000, "modification_date": 1_700_000_001_234_i64, "source": ["https://example.com/1"],
        "assets": [{"type": "icon", "uri": "ccdefault:", "name": "side", "ext": "png"},
                   {"type": "icon", "uri": "https://example.com/a.png", "name": "main", "ext": "png"}],
        "extensions": {"raconteur": {"tone": "dry"}}, "character_book": {"entries": []}}}));
    let card = &imported.card;
    for (is, expected) in [
        (card.name(), "Wren Harrow"),
        (card.nickname(), "Wren"),
        (card.description(), "d"),
        (card.personality(), "p"),
        (card.scenario(), "s"),
        (card.first_mes(), "f"),
        (card.system_prompt(), "y"),
        (card.post_history_instructions(), "h"),
        (card.creator(), "c"),
        (card.creator_notes(), "n"),
        (card.character_version(), "1.2"),
    ] {
        assert_eq!(is, expected);
    }
    assert_eq!((card.alternate_greetings(), card.group_only_greetings()), (vec!["g"], vec!["o"]));
    assert_eq!((card.tags(), card.source()), (vec!["t", "u"], vec!["https://example.com/1"]));
    assert_eq!((card.creation_date(), card.modification_date()), (Some(1_700_000_000), Some(1_700_000_001)));
    assert_eq!(card.main_icon().map(|icon| icon.uri), Some("https://example.com/a.png"));
    assert_eq!(card.extension("raconteur"), Some(&json!({"tone": "dry"})));
    assert_eq!(card.character_book(), Some(&json!({"entries": []})));
    let dialogue = &card.example_dialogues()[0];
    assert_eq!(dialogue.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(dialogue[0].speaker, Speaker::User);
    assert_eq!(imported.ignored, ["Assets on other servers (1) are kept as addresses; nothing was fetched."]);
}

#[test]
fn what_was_meant_is_understood() {
    for (written, understood) in [
        (json!({"character_book": null}), json!({})),
        (json!({"nickname": null, "assets": null, "source": null, "creation_date": null}), json!({})),
        (json!({"extensions": null}), json!({"extensions": {}})),
        (json!({"extensions": []}), json!({"extensions": {}})),
        (json!({"description": null, "tags": null}), json!({"description": "", "tags": []})),
        (
            json!({"character_version": 1.5, "tags": "a", "alternate_greetings": ""}),
            json!({"character_version": "1.5", "tags": ["a"], "alternate_greetings": []}),
        ),
        (
            json!({"tags": ["a", 2, true], "source": "b"}),
            json!({"tags": ["a", "2", "true"], "source": ["b"]}),
        ),
        (json!({"unknown": null, "depth_prompt": [1]}), json!({"unknown": null, "depth_prompt": [1]})),
    ] {
        let imported = import_json(&v2(written.clone()));
        assert_eq!(imported.card, import_json(&v2(understood)).card, "{written}");
        assert_eq!(imported.ignored, Vec::<String>::new(), "{written}");
    }
}

#[test]
fn what_cannot_be_used_is_told_and_kept() {
    let data = json!({"name": ["Wren"], "tags": ["a", {"b": 1}], "extensions": "x", "character_book": [], "assets": {"a": 1}});
    let imported = import_json(&v2(data.clone()));
    assert_eq!((imported.card.name(), imported.card.tags()), ("", vec!["a"]));
    assert_eq!((imported.card.character_book(), imported.card.assets().len()), (None, 0));
    assert_eq!(imported.ignored.len(), 5, "{:?}", imported.ignored);
    assert!(imported.ignored[0].starts_with("`name` is not a text"));
    for (field, value) in data.as_object().unwrap() {
        assert_eq!(imported.card.data().get(field), Some(value));
    }
}

#[test]
fn dates_are_seconds_whatever_they_were() {
    for (written, seconds) in [
        (json!(1_700_000_000), Some(1_700_000_000)),
        (json!(1_700_000_000_999_i64), Some(1_700_000_000)),
        (json!(1_700_000_000.75), Some(1_700_000_000)),
        (json!("1700000000"), Some(1_700_000_000)),
        (json!(0), None),
        (json!(-5), None),
        (json!(1e300), None),
        (json!(u64::MAX), None),
        (json!("yesterday"), None),
        (json!([1]), None),
    ] {
        assert_eq!(
            import_json(&v2(json!({"creation_date": written}))).card.creation_date(),
            seconds,
            "{written}"
        );
    }
}

#[test]
fn copies_beside_data_do_not_count() {
    let imported = import_json(
        &json!({"name": "Wren", "description": "old", "first_mes": "Mind the plank.", "fav": true,
        "spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Wren", "description": "new"}}),
    );
    let card = &imported.card;
    assert_eq!((card.name(), card.description(), card.first_mes()), ("Wren", "new", "Mind the plank."));
    assert_eq!(card.to_value()["fav"], true);
    assert_eq!(card.to_value().get("description"), None);
    assert_eq!(
        imported.ignored,
        [
            "`description` beside `data` differs from the one in it and was left out.",
            "`first_mes` stood beside `data` only and was moved into it.",
        ]
    );
}

#[test]
fn a_v1_card_keeps_what_nobody_knows() {
    let imported =
        import_json(&json!({"name": "Wren", "first_mes": "Hm.", "metadata": {"tool": 1}, "data": [2]}));
    let value = imported.card.to_value();
    assert_eq!((&value["spec"], &value["data"]["metadata"]), (&json!("chara_card_v3"), &json!({"tool": 1})));
    assert_eq!(value["data"]["data"], json!([2]));
}

#[test]
fn json_may_begin_with_a_mark_and_hold_half_an_emoji() {
    let with_mark = ["\u{feff} ", &named("Wren").to_string()].concat();
    assert_eq!(import(with_mark.as_bytes()).card.name(), "Wren");
    for (written, read) in [
        (r"a\ud83d", "a\u{fffd}"),
        (r"\ude00b", "\u{fffd}b"),
        (r"\ud83d\ude00\ud83d", "😀\u{fffd}"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\\ud83d \ud83d", "\\ud83d \u{fffd}"),
    ] {
        let imported = import(format!(r#"{{"name": "{written}", "description": ""}}"#).as_bytes());
        assert_eq!(imported.card.name(), read);
        assert_eq!(imported.ignored.len(), 1);
    }
    let latin1 = import(b"{\"name\": \"Andr\xe9\", \"description\": \"\"}");
    assert_eq!((latin1.card.name(), latin1.ignored.len()), ("Andr\u{fffd}", 1));
}

#[test]
fn a_lorebook_is_one_and_no_character() {
    let book = read(br#"{"spec": "lorebook_v3", "data": {"entries": []}}"#).unwrap();
    assert_eq!(book, Read::Book(json!({"entries": []})));
    assert_eq!(book.card().unwrap_err().code(), "lorebook");
}

#[test]
fn what_is_no_card_is_told_apart() {
    for (bytes, code) in [
        (b"".as_slice(), "unknown_format"),
        (b"Once upon a time", "unknown_format"),
        (b"\xff\xd8\xff\xe0", "unknown_format"),
        (b"{\"name\": ", "bad_json"),
        (b"[]", "not_a_card"),
        (b"{\"name\": \"serde\", \"version\": \"1\"}", "not_a_card"),
        (b"{\"spec\": \"lorebook_v3\"}", "not_a_card"),
        (b"PK\x03\x04", "bad_zip"),
        (b"\x89PNG\r\n\x1a\n", "bad_png"),
        (&png_with(&[]), "no_card_in_png"),
        (&png_with(&[text("chara", b"?!")]), "bad_base64"),
        (&png_with(&[chunk(b"zTXt", b"chara\0\0no")]), "bad_deflate"),
        (&zip(CompressionMethod::Stored, &[("a/card.json", b"{}")]), "no_card_in_zip"),
    ] {
        assert_eq!(error(bytes).code(), code, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_png_tells_its_card_in_many_ways() {
    let (wren, old) = (base64(&named("Wren")), base64(&named("old")));
    let lines = wren.chunks(20).collect::<Vec<_>>().join(b"\r\n".as_slice());
    let bare = wren.iter().copied().filter(|byte| *byte != b'=').collect::<Vec<u8>>();
    let plain = named("Wren").to_string();
    let itext = |head: &[u8], value: &[u8]| chunk(b"iTXt", &[b"ccv3\0", head, b"en\0\0", value].concat());
    for (chunks, told) in [
        (vec![text("chara", &wren)], 0),
        (vec![text("Chara", &lines)], 0),
        (vec![text("chara", &bare)], 0),
        (vec![text("chara", plain.as_bytes())], 0),
        (vec![text("chara", &old), text("ccv3", &wren)], 0),
        (vec![text("ccv3", &wren), text("chara", &old)], 0),
        (vec![text("chara", &wren), text("chara", &old)], 0),
        (
            vec![
                text("Comment", b"hi"),
                ztext("noise", b"x"),
                chunk(b"tEXt", b"no end"),
                text("chara", &wren),
            ],
            0,
        ),
        (vec![ztext("ccv3", &wren)], 0),
        (vec![itext(&[0, 0], &wren)], 0),
        (vec![itext(&[1, 0], &deflated(&wren))], 0),
        (vec![text("ccv3", b"?!"), text("chara", &wren)], 1),
        (vec![text("ccv3", &base64(&json!([]))), text("chara", &wren)], 1),
        (vec![text("chara", b""), text("chara", &wren)], 1),
    ] {
        let imported = import(&png_with(&chunks));
        assert_eq!(imported.card.name(), "Wren", "{chunks:?}");
        assert_eq!(imported.ignored.len(), told, "{:?}", imported.ignored);
        let image = imported.image.unwrap();
        assert_eq!(error(&image).code(), "no_card_in_png");
    }
}

#[test]
fn a_wrong_checksum_is_told_and_forgiven() {
    let mut card = text("chara", &base64(&named("Wren")));
    *card.last_mut().unwrap() ^= 1;
    let imported = import(&png_with(&[card]));
    assert_eq!(
        imported.ignored,
        ["The card in the PNG has a wrong checksum; see whether its texts are whole."]
    );

    let mut png = png_with(&[text("chara", &base64(&named("Wren")))]);
    *png.last_mut().unwrap() ^= 1;
    assert_eq!(import(&png).ignored, ["The picture is damaged (a wrong checksum) and may not show."]);
}

#[test]
fn a_charx_gives_its_main_icon_and_its_files() {
    let pixel = png_with(&[]);
    for (uri, content, told) in [
        ("embeded://assets/icon/images/wren.png", pixel.as_slice(), None),
        ("embedded://assets/icon/images/wren.png", b"\xff\xd8\xff\xe0", None),
        ("embeded://assets/icon/images/Wren.png", &pixel, Some("is not in the CHARX")),
        ("embeded://assets/icon/images/wren.png", b"<svg/>", Some("no picture that can be shown")),
        ("https://example.com/wren.png", &pixel, Some("nothing was fetched")),
    ] {
        let assets = json!([{"type": "icon", "name": "main", "uri": uri, "ext": "png"}]);
        let card = v2(json!({"name": "Wren", "assets": assets})).to_string();
        let files =
            [("card.json", card.as_bytes()), ("assets/icon/images/wren.png", content), ("x.json", b"{}")];
        let imported = import(&zip(CompressionMethod::Deflated, &files));
        assert_eq!(imported.image.as_deref(), told.is_none().then_some(content), "{uri}");
        let names: Vec<_> = imported.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["assets/icon/images/wren.png", "x.json"]);
        match told {
            Some(told) => assert!(imported.ignored[0].contains(told), "{:?}", imported.ignored),
            None => assert_eq!(imported.ignored, Vec::<String>::new()),
        }
    }
}

#[test]
fn an_icon_may_be_in_the_card_itself() {
    let pixel = png_with(&[]);
    for (bytes, image) in [(pixel.as_slice(), Some(pixel.clone())), (b"<svg/>", None)] {
        let uri = format!("data:image/png;base64,{}", STANDARD.encode(bytes));
        let card = v2(json!({"name": "Wren", "assets": [{"type": "icon", "name": "main", "uri": uri}]}));
        assert_eq!(import_json(&card).image, image);
    }
}
