//! What is written is read again as it was.

use proptest::prelude::*;
use raconteur_persona::cards::{AssetFile, Card, CardError};
use raconteur_persona::limits::{MAX_CARD_JSON_BYTES, MAX_CARD_JSON_DEPTH, MAX_CARD_JSON_VALUES};
use serde_json::{Map, Value, json};

use crate::files::{base64, chunk, import, import_json, png_with, text, ztext};

/// Any JSON there is.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The name of a field: mostly one that means something, to try it with any value.
fn any_field() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "name",
        "description",
        "first_mes",
        "mes_example",
        "tags",
        "alternate_greetings",
        "extensions",
        "nickname",
        "character_book",
        "assets",
        "creation_date",
        "source",
        "character_version",
        "data",
    ]);
    prop_oneof![known.prop_map(str::to_owned), any::<String>()]
}

fn any_fields() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any_field(), any_json(), 0..8).prop_map(|map| map.into_iter().collect())
}

/// Any card that can be read: of any version, with any fields beside and in `data`.
fn any_card() -> impl Strategy<Value = Value> {
    (any_fields(), any_fields(), 0..3).prop_map(|(mut around, mut data, version)| {
        if version == 0 {
            data.insert("name".to_owned(), "Wren".into());
            data.insert("first_mes".to_owned(), "Hm.".into());
            return Value::Object(data);
        }
        around.insert("spec".to_owned(), format!("chara_card_v{}", version + 1).into());
        around.insert("data".to_owned(), Value::Object(data));
        Value::Object(around)
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_on_the_way(written in any_card(), extension in any_json()) {
        let mut card = import_json(&written).card;
        card.set_extension("raconteur/test", extension);
        let again = import(card.to_json().unwrap().as_bytes());
        prop_assert_eq!(&again.card, &card);
        prop_assert_eq!(import(&card.to_png(&png_with(&[])).unwrap()).card, card.clone());
        prop_assert_eq!(import(&card.to_charx(None, &[]).unwrap()).card, card);
    }

    #[test]
    fn unknown_fields_stay_where_they_were(around in any_json(), data in any_json(), extension in any_json(), v1 in any_json()) {
        let card = import_json(&json!({"spec": "chara_card_v2", "x_around": around,
            "data": {"x_data": data, "extensions": {"x": extension}}})).card;
        prop_assert_eq!(&card.to_value()["x_around"], &around);
        prop_assert_eq!(card.data().get("x_data"), Some(&data));
        prop_assert_eq!(card.extension("x"), Some(&extension));
        let card = import_json(&json!({"name": "Wren", "scenario": "", "x_v1": v1})).card;
        prop_assert_eq!(card.data().get("x_v1"), Some(&v1));
    }

    #[test]
    fn files_of_a_charx_come_back(files in prop::collection::btree_map("[a-zA-Z0-9é雪 ._-]{1,8}(/[a-z~#]{1,8}){1,3}",
        prop::collection::vec(any::<u8>(), 0..200), 0..5)) {
        let files: Vec<_> = files.into_iter().map(|(name, bytes)| AssetFile { name, bytes }).collect();
        let dots = files.iter().any(|file| file.name.split('/').any(|part| part == "." || part == ".."));
        let card = Card::new("Wren");
        match card.to_charx(None, &files) {
            Ok(charx) => prop_assert_eq!(import(&charx).files, files),
            Err(error) => prop_assert!(dots && error.code() == "bad_name"),
        }
    }
}

#[test]
fn a_card_from_scratch_is_a_whole_v3_card() {
    let mut card = Card::new("Wren");
    card.set_tags(["ferry"]).set_creation_date(1_700_000_000).set_character_book(json!({"entries": []}));
    assert_eq!(
        card.to_value(),
        json!({"spec": "chara_card_v3", "spec_version": "3.0", "data": {
        "name": "Wren", "description": "", "personality": "", "scenario": "", "first_mes": "", "mes_example": "",
        "creator_notes": "", "system_prompt": "", "post_history_instructions": "", "creator": "",
        "character_version": "", "alternate_greetings": [], "tags": ["ferry"], "group_only_greetings": [],
        "extensions": {}, "creation_date": 1_700_000_000, "character_book": {"entries": []}}})
    );
    card.set_character_book(Value::Null);
    assert_eq!(card.character_book(), None);
}

#[test]
fn a_png_keeps_every_other_chunk() {
    let before = [text("Comment", b"hi"), ztext("noise", b"x"), chunk(b"fcTL", b"?")];
    let after = [text("chara-ext-asset_:a", b"YQ=="), chunk(b"eXIf", &[0; 9])];
    let old = [text("chara", b"x"), ztext("CCV3", b"y")];
    let mut card = Card::new("Wren");
    card.set_nickname("W");
    let mut image = png_with(&[before.concat(), old.concat(), after.concat()]);
    image.extend(b"trailing");
    let png = card.to_png(&image).unwrap();

    let v2 = json!({"spec": "chara_card_v2", "spec_version": "2.0", "data": {
        "name": "Wren", "description": "", "personality": "", "scenario": "", "first_mes": "", "mes_example": "",
        "creator_notes": "", "system_prompt": "", "post_history_instructions": "", "creator": "",
        "character_version": "", "alternate_greetings": [], "tags": [], "extensions": {}}});
    let cards = [text("ccv3", &base64(&card.to_value())), text("chara", &base64(&v2))];
    let mut expected = png_with(&[before.concat(), after.concat(), cards.concat()]);
    expected.extend(b"trailing");
    assert_eq!(png, expected);
    assert_eq!(card.to_png(&png).unwrap(), png);
}

#[test]
fn an_image_becomes_the_main_icon_of_a_charx() {
    let pixel = png_with(&[]);
    let mut card = import_json(&json!({"spec": "chara_card_v3", "data": {"name": "Wren", "assets": [
        {"type": "emotion", "name": "main", "uri": "embeded://happy.png", "ext": "png"},
        {"type": "icon", "name": "main", "uri": "ccdefault:", "ext": "png"}]}}))
    .card;
    let happy = AssetFile { name: "happy.png".to_owned(), bytes: pixel.clone() };
    let imported = import(&card.to_charx(Some(&pixel), std::slice::from_ref(&happy)).unwrap());
    assert_eq!(imported.image.as_deref(), Some(pixel.as_slice()));
    assert_eq!(imported.card.main_icon().unwrap().uri, "embeded://assets/icon/images/main.png");
    assert_eq!(imported.card.assets().len(), 2);
    assert!(imported.files.contains(&happy));

    // From then on nothing changes any more, even if the picture does.
    card = imported.card;
    let gif = b"GIF89a";
    let again = import(&card.to_charx(Some(gif), &imported.files).unwrap());
    assert_eq!((again.card, again.image.as_deref()), (card, Some(gif.as_slice())));
    assert_eq!(again.files.len(), 2);
}

#[test]
fn a_path_that_a_stranger_wrote_keeps_no_card_from_being_written() {
    let pixel = png_with(&[]);
    for uri in ["embeded://../wren.png", "embeded://card.json", "embeded://"] {
        let assets = json!([{"type": "icon", "name": "main", "uri": uri, "ext": "png"}]);
        let card = import_json(&json!({"spec": "chara_card_v3", "data": {"assets": assets}})).card;
        let imported = import(&card.to_charx(Some(&pixel), &[]).unwrap());
        assert_eq!(imported.files[0].name, "assets/icon/images/main.png", "{uri}");
        assert_eq!(imported.image.as_ref(), Some(&pixel), "{uri}");
    }
}

#[test]
fn names_that_lead_elsewhere_are_not_written() {
    for name in ["", "/etc/passwd", "../a", "a/../b", "a\\b", "C:a", "a\nb", "a/", "card.json"] {
        let file = AssetFile { name: name.to_owned(), bytes: Vec::new() };
        let error = Card::new("Wren").to_charx(None, &[file]).unwrap_err();
        assert_eq!(error, CardError::BadName(name.to_owned()));
    }
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let nested = (0..MAX_CARD_JSON_DEPTH).fold(json!(1), |inner, _| json!([inner]));
    for (value, limit) in [
        (json!("x".repeat(MAX_CARD_JSON_BYTES)), MAX_CARD_JSON_BYTES),
        (nested, MAX_CARD_JSON_DEPTH),
        (Value::Array(vec![json!(1); MAX_CARD_JSON_VALUES]), MAX_CARD_JSON_VALUES),
    ] {
        let mut card = Card::new("Wren");
        card.set_extension("x", value);
        let error = card.to_json().unwrap_err();
        assert!(matches!(error, CardError::TooLarge { limit: passed, .. } if passed == limit), "{error}");
        assert_eq!(card.to_png(&png_with(&[])).unwrap_err(), error);
        assert_eq!(card.to_charx(None, &[]).unwrap_err(), error);
    }
    assert_eq!(Card::new("Wren").to_png(b"\xff\xd8\xff").unwrap_err().code(), "bad_png");
}
