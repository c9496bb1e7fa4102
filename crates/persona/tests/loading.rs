//! Loading is lenient, and says with file and line what it could not use.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use proptest::prelude::*;
use raconteur_persona::limits::{
    MAX_KB_BYTES, MAX_KB_ENTRIES, MAX_KB_LINE_BYTES, MAX_WARNINGS, MAX_YAML_BYTES,
};
use raconteur_persona::{Entry, Files, Loaded, Persona, PromptRequest, Sampling, Source};

fn warnings(loaded: &Loaded) -> Vec<String> {
    loaded.warnings.iter().map(ToString::to_string).collect()
}

/// A persona whose only interesting file is `kb.jsonl`.
fn with_kb(kb: &[u8]) -> Loaded {
    Persona::from_files(
        "wren",
        Files { kb_jsonl: Some(kb), persona_yml: Some(b""), style_yml: Some(b""), card: None },
    )
}

fn with_persona(yml: &[u8]) -> Loaded {
    Persona::from_files(
        "wren",
        Files { persona_yml: Some(yml), style_yml: Some(b""), kb_jsonl: Some(b""), card: None },
    )
}

fn with_style(yml: &[u8]) -> Loaded {
    Persona::from_files(
        "wren",
        Files { style_yml: Some(yml), persona_yml: Some(b""), kb_jsonl: Some(b""), card: None },
    )
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    loaded.persona.knowledge().entries().iter().map(|entry| entry.id.as_str()).collect()
}

#[test]
fn a_folder_is_read_whole() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/assets/wren");
    let loaded = Persona::from_dir(dir.as_ref());
    assert_eq!(loaded.warnings, []);
    let wren = loaded.persona;
    assert_eq!((wren.slug(), wren.name()), ("wren", "Wren Harrow"));
    assert_eq!(wren.full_name(), Some("Captain Wren Harrow of the Gannet"));
    assert_eq!(wren.aliases(), ["the ferrywoman", "Old Wren"]);
    assert_eq!(wren.greeting(), Some("Mind the plank, it is wet."));
    assert_eq!(wren.examples()[0].user, "Is the crossing safe?");
    assert_eq!(
        (wren.avatar(), wren.notice()),
        (Some("avatar.svg"), Some("Wren was made up for these tests."))
    );
    assert_eq!(wren.knowledge().entries().len(), 3);
}

#[test]
fn every_file_may_be_missing_and_the_folder_gives_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("éowyn");
    std::fs::create_dir(&folder).unwrap();
    let loaded = Persona::from_dir(&folder);
    assert_eq!((loaded.persona.slug(), loaded.persona.name()), ("éowyn", "Éowyn"));
    assert_eq!(warnings(&loaded), [""; 0]);
}

#[test]
fn an_unreadable_file_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("kb.jsonl")).unwrap();
    let warnings = warnings(&Persona::from_dir(dir.path()));
    assert!(warnings.iter().any(|warning| warning.contains("kb.jsonl: cannot be read (")), "{warnings:?}");
}

#[test]
fn a_line_of_id_and_summary_is_an_entry() {
    let loaded =
        with_kb(br#"{"id": 7, "summary": " The fare. ", "tags": null, "aliases": "ferry", "unknown": {}}"#);
    assert_eq!(loaded.warnings, []);
    assert_eq!(
        loaded.persona.knowledge().entries(),
        [Entry {
            id: "7".to_owned(),
            summary: "The fare.".to_owned(),
            aliases: vec!["ferry".to_owned()],
            weight: 1.0,
            canon: vec![],
            era: None,
            ic_reply: None,
            ooc_notes: None,
            tags: vec![],
            entities: vec![],
            source: None,
            certainty: None,
        }]
    );
}

#[test]
fn a_source_may_be_a_lone_title_or_address() {
    let kb = br#"{"id": "a", "summary": "s", "source": "Book One"}
{"id": "b", "summary": "s", "source": "https://example.org"}
{"id": "c", "summary": "s", "source": {"title": "", "url": null}}"#;
    let loaded = with_kb(kb);
    let sources: Vec<_> =
        loaded.persona.knowledge().entries().iter().map(|entry| entry.source.clone()).collect();
    let title = Source { title: Some("Book One".to_owned()), url: None };
    let url = Source { title: None, url: Some("https://example.org".to_owned()) };
    assert_eq!(sources, [Some(title), Some(url), None]);
}

#[test]
fn byte_order_marks_windows_line_ends_and_blank_lines_do_no_harm() {
    let bom = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let (persona, style, kb) = (
        bom("name: Wren\ngreeting: |\n  One\n  two\n"),
        bom("tone: dry\n"),
        bom("{\"id\": \"a\", \"summary\": \"s\"}\n\n   \n{\"id\": \"b\", \"summary\": \"s\"}\n"),
    );
    let files = Files {
        persona_yml: Some(persona.as_bytes()),
        style_yml: Some(style.as_bytes()),
        kb_jsonl: Some(kb.as_bytes()),
        ..Files::default()
    };
    let loaded = Persona::from_files("wren", files);
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.persona.greeting(), Some("One\ntwo"));
    assert_eq!(ids(&loaded), ["a", "b"]);
}

#[test]
fn bad_lines_are_skipped_by_number_and_good_ones_stay() {
    let mut kb = br#"{"id": "a", "summary": "kept"}
{"id": "b", "summary":
[1]
{"id": "a", "summary": "again"}
{"summary": "nameless"}
{"id": "blank", "summary": " "}
{"id": "nul", "summary": "a\u0000b"}
"#
    .to_vec();
    kb.extend(b"{\"id\": \"latin\", \"summary\": \"\xe9\"}\n{\"id\": \"raw\0\"}\n");
    kb.extend(br#"{"id": "z", "summary": "kept", "tags": {"a": 1}, "weight": "heavy"}"#);
    let loaded = with_kb(&kb);
    assert_eq!(ids(&loaded), ["a", "z"]);
    insta::assert_snapshot!(warnings(&loaded).join("\n"));
}

#[test]
fn a_knowledge_base_of_another_kind_does_not_fill_the_log() {
    let loaded = with_kb(&b"no json\n".repeat(MAX_WARNINGS + 7));
    assert_eq!(loaded.warnings.len(), MAX_WARNINGS + 1);
    assert_eq!(loaded.warnings.last().unwrap().to_string(), "kb.jsonl: 7 more problems in this file");
}

#[test]
fn lines_and_entries_beyond_the_limits_are_left_out() {
    let long = format!("{{\"id\": \"long\", \"summary\": \"{}\"}}\n", "x".repeat(MAX_KB_LINE_BYTES));
    assert_eq!(warnings(&with_kb(long.as_bytes())), ["kb.jsonl:1: longer than 1048576 bytes; skipped"]);

    let mut large = b"{\"id\": \"a\", \"summary\": \"kept\"}\n".to_vec();
    large.resize(MAX_KB_BYTES + 1, b'x');
    let loaded = with_kb(&large);
    assert_eq!(ids(&loaded), ["a"]);
    assert_eq!(warnings(&loaded), ["kb.jsonl: larger than 67108864 bytes; the lines beyond are left out"]);

    let many: String =
        (0..=MAX_KB_ENTRIES).map(|n| format!("{{\"id\": {n}, \"summary\": \"s\"}}\n")).collect();
    let loaded = with_kb(many.as_bytes());
    assert_eq!(loaded.persona.knowledge().entries().len(), MAX_KB_ENTRIES);
    assert_eq!(warnings(&loaded), ["kb.jsonl:100001: more than 100000 entries; the rest are left out"]);
}

#[test]
fn broken_yaml_is_told_with_its_line() {
    for (yml, expected) in [
        ("tone: dry\ntraits: [a\nx: y", "style.yml:3:"),
        ("tone: dry\n bad: x", "style.yml:2:"),
        ("- a\n- b", "style.yml:1: expected a mapping of fields to values"),
        ("tone: dry\nx: \"a\\0b\"", "style.yml:2:"),
        ("tone: dry\nx: a\0b", "style.yml:2: a NUL character"),
        ("a: *nobody", "style.yml:1:"),
    ] {
        let told = warnings(&with_style(yml.as_bytes()));
        assert!(told.len() == 1 && told[0].starts_with(expected), "{yml:?}: {told:?}");
    }
    assert_eq!(warnings(&with_style(b"a: b\nc: \xff")), ["style.yml:2: not UTF-8; the file is not used"]);
}

#[test]
fn fields_of_the_wrong_shape_are_left_out_by_line_and_the_rest_stays() {
    let persona = with_persona(
        b"name: Wren\naliases: {a: b}\nexamples:\n  - user: hi\n  - user: a\n    reply: b\ntrouble: once\n",
    );
    assert_eq!(persona.persona.name(), "Wren");
    assert_eq!(persona.persona.examples().len(), 1);
    assert_eq!(persona.persona.trouble_line(""), "once");
    let style = with_style(
        b"fallbacks: {a: b}\nsystem:\n  ic_template: [x]\nooc_mode: {toggle: []}\nretrieval:\n  ranking:\n    tag_weight: .inf\n    alias_weight: lots\n  tie_breakers: [longest beard]\ntone: dry\ntone: wet\n",
    );
    insta::assert_snapshot!([warnings(&persona), warnings(&style)].concat().join("\n"));
}

#[test]
fn yaml_values_are_taken_for_what_they_mean() {
    let loaded = with_persona(
        b"name: !who 1984\nslug: 340282366920938463463374607431768211455\naliases: yes\n~: x\n1: y",
    );
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.persona.name(), "1984");
    assert_eq!(loaded.persona.aliases(), ["yes"]);
}

#[test]
fn yaml_bombs_are_refused() {
    let nested = format!("a: {}", "[".repeat(10_000));
    let laughs: String =
        (1..=20).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{},", n - 1).repeat(10))).collect();
    let laughs = format!("a0: &a0 ha\n{laughs}");
    let repeated = format!("a: &a {}\nb: [{}]", "x".repeat(100_000), "*a,".repeat(40_000));
    let large = "a".repeat(MAX_YAML_BYTES + 1);
    for (yml, expected) in [
        (nested, "recursion limit exceeded"),
        (laughs, "repetition limit exceeded"),
        (repeated, "expands to more than 4194304 bytes"),
        (large, "larger than 262144 bytes"),
    ] {
        let told = warnings(&with_style(yml.as_bytes()));
        assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, yml in r"(a|: |- |\n|  |\[|\]|\{|\}|&a|\*a|!x|\||>|'|\x22|\?|#|<<|system|retrieval){0,30}") {
        for bytes in [bytes.as_slice(), yml.as_bytes()] {
            let files = Files { persona_yml: Some(bytes), style_yml: Some(bytes), kb_jsonl: Some(bytes), card: Some(bytes) };
            Persona::from_files("wren", files).persona.prompt(&PromptRequest::default()).ok();
        }
    }
}

#[test]
fn the_version_follows_every_byte_and_nothing_else() {
    let version = |slug, persona_yml, style_yml| {
        let files = Files { persona_yml, style_yml, kb_jsonl: None, card: None };
        Persona::from_files(slug, files).persona.version().to_owned()
    };
    let one = version("wren", Some(b"name: Wren".as_slice()), None);
    assert_eq!(one, version("wren", Some(b"name: Wren".as_slice()), None));
    assert_eq!(one.len(), 16);
    for other in [
        version("wren", Some(b"name: Wren ".as_slice()), None),
        version("wren", None, Some(b"name: Wren".as_slice())),
        version("wren", Some(b"name: Wren".as_slice()), Some(b"".as_slice())),
        version("tam", Some(b"name: Wren".as_slice()), None),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn a_persona_may_wish_for_a_model_a_temperature_and_a_length() {
    let loaded = with_persona(b"model: small\ntemperature: \"0.7\"\nmax_tokens: 200\ntags: [ferry, sea]");
    assert_eq!(loaded.warnings, []);
    let sampling =
        Sampling { model: Some("small".to_owned()), temperature: Some(0.7), max_tokens: Some(200) };
    assert_eq!(*loaded.persona.sampling(), sampling);
    assert_eq!(loaded.persona.tags(), ["ferry", "sea"]);
    assert_eq!(
        *with_persona(b"temperature: 2\nmax_tokens: 1").persona.sampling(),
        Sampling { model: None, temperature: Some(2.0), max_tokens: Some(1) }
    );

    let loaded = with_persona(b"model: [a]\ntemperature: -0.1\nmax_tokens: 0");
    assert_eq!(*loaded.persona.sampling(), Sampling::default());
    assert_eq!(
        warnings(&loaded),
        [
            "persona.yml:1: `model`: expected a text; anything else is left out",
            "persona.yml:2: `temperature`: expected a number from 0 to 2; anything else is left out",
            "persona.yml:3: `max_tokens`: expected a whole number from 1 to 1000000; anything else is left out",
        ]
    );
}
