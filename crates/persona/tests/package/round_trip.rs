//! What is written is read again as it was, and what is added for the way is not there any more.

use proptest::prelude::*;
use raconteur_persona::cards::{self, AssetFile, Card};
use raconteur_persona::package::{Format, Package};
use serde_json::{Map, Value, json};

use crate::support::{KB, PIXEL, ask};

/// Any JSON there is.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A lorebook; now and then one that says what the knowledge says.
fn any_book() -> impl Strategy<Value = Value> {
    let entry = |keys: &str, content: &str| json!({"keys": [keys], "content": content, "enabled": true});
    prop_oneof![
        Just(json!({"entries": [entry("gull", "Gulls are bad luck.")], "name": "Gulls"})),
        Just(json!({"entries": [entry("the fare", "The fare is two pennies.")]})),
        Just(json!({"entries": []})),
        any_json(),
    ]
}

fn any_assets() -> impl Strategy<Value = Value> {
    let icon = |uri: &str| json!({"type": "icon", "uri": uri, "name": "main", "ext": "png", "x": 1});
    prop_oneof![
        Just(
            json!([icon("ccdefault:"), {"type": "emotion", "name": "main", "uri": "embeded://assets/a.png"}])
        ),
        Just(json!([icon("embeded://assets/here.png")])),
        Just(json!([icon("embeded://avatar.svg")])),
        Just(json!([icon("embeded://../../x.png")])),
        Just(json!({"no": "list"})),
    ]
}

prop_compose! {
    /// Any card that can be read, with any fields and extensions.
    fn any_card()(
        fields in prop::collection::btree_map(any::<String>(), any_json(), 0..4),
        texts in prop::collection::btree_map(
            prop::sample::select(vec!["name", "nickname", "description", "first_mes", "mes_example", "creator_notes"]),
            any::<String>(), 0..4),
        book in prop::option::of(any_book()),
        assets in prop::option::of(any_assets()),
        extension in prop::option::of(any_json()),
        own in prop::option::of(Just(json!({"aliases": ["Jenny"], "unknown": {"x": []}}))),
    ) -> Card {
        let mut data: Map<String, Value> = fields.into_iter().collect();
        data.extend(texts.into_iter().map(|(field, text)| (field.to_owned(), text.into())));
        data.extend(book.map(|book| ("character_book".to_owned(), book)));
        data.extend(assets.map(|assets| ("assets".to_owned(), assets)));
        let extensions = [("x", extension), ("raconteur", own)];
        let extensions: Map<String, Value> =
            extensions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        data.insert("extensions".to_owned(), extensions.into());
        let card = json!({"spec": "chara_card_v3", "spec_version": "3.0", "data": data, "beside": 1});
        cards::read(card.to_string().as_bytes()).unwrap().card().unwrap().card
    }
}

fn any_picture() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        PIXEL.to_vec(),
        b"\xff\xd8\xff\xe0 jpeg".to_vec(),
        b"RIFF\0\0\0\0WEBPVP8 ".to_vec(),
        b"<?xml version=\"1.0\"?>\n<svg/>".to_vec(),
        // Said to be a PNG, and none.
        b"\x89PNG\r\n\x1a\n".to_vec(),
    ])
}

prop_compose! {
    fn any_package()(
        card in any_card(),
        style_yml in prop::option::of(any::<String>()),
        kb_jsonl in prop::option::of(prop_oneof![Just(KB.to_owned()), any::<String>()]),
        tests_yml in prop::option::of(any::<String>()),
        picture in prop::option::of(any_picture()),
        files in prop::collection::btree_map("assets/(icon/images/main|[a-z]{1,3})\\.(png|jpeg|x)|module\\.x",
            prop::collection::vec(any::<u8>(), 0..20), 0..4),
    ) -> Package {
        let files = files.into_iter().map(|(name, bytes)| AssetFile { name, bytes }).collect();
        Package { card, style_yml, kb_jsonl, tests_yml, picture, files }
    }
}

fn again(package: &Package, slug: &str, format: Format) -> Package {
    Package::read(&package.write(slug, format).unwrap()).unwrap().0
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same_package(package in any_package(), slug in ".{0,10}") {
        for format in [Format::Zip, Format::Charx] {
            prop_assert_eq!(&again(&package, &slug, format), &package, "{:?}", format);
        }
        let alone = Package { picture: None, files: Vec::new(), ..package };
        for format in [Format::Json, Format::Png] {
            prop_assert_eq!(&again(&alone, &slug, format), &alone, "{:?}", format);
        }
    }

    #[test]
    fn an_unzipped_package_is_a_folder_with_the_same_persona(package in any_package(), slug in "[a-z0-9é-]{1,10}") {
        let dir = tempfile::tempdir().unwrap();
        for file in package.to_files(&slug).unwrap() {
            let path = dir.path().join(&file.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file.bytes).unwrap();
        }
        let (persona, loaded) = (raconteur_persona::Persona::from_dir(dir.path()).persona, package.load(&slug).persona);
        prop_assert_eq!((persona.slug(), persona.name()), (loaded.slug(), loaded.name()));
        prop_assert_eq!(persona.avatar().is_some(), package.picture.is_some());
        prop_assert_eq!(persona.knowledge().entries(), loaded.knowledge().entries());
        prop_assert_eq!(ask(&persona, "the bell, a gull").messages, ask(&loaded, "the bell, a gull").messages);
    }
}
