//! The characters that come with the server, and `raconteur persona`, as those who write characters use it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use raconteur_persona::Persona;
use raconteur_persona::cards::{AssetFile, Card};
use raconteur_persona::package::{Format, Package};
use serde_json::Value;
use tempfile::TempDir;

fn built_in() -> Vec<PathBuf> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/personas");
    let mut folders: Vec<PathBuf> = fs::read_dir(assets)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn six_characters_come_with_the_server() {
    let names: Vec<String> =
        built_in().iter().map(|dir| Persona::from_dir(dir).persona.name().to_owned()).collect();
    assert_eq!(
        names,
        ["Bronn", "Captain Nemo", "Cheshire Cat", "Elizabeth Bennet", "Sherlock Holmes", "Sun Wukong"]
    );
}

#[test]
fn nothing_is_to_be_said_against_them() {
    for dir in built_in() {
        let findings: Vec<String> = Persona::lint(&dir).iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

#[test]
fn each_has_thirty_entries_with_sources_a_picture_and_a_greeting() {
    for dir in built_in() {
        let persona = Persona::from_dir(&dir).persona;
        let entries = persona.knowledge().entries();
        assert!(entries.len() >= 30, "{}", persona.name());
        for entry in entries {
            assert!(entry.source.is_some() && entry.ic_reply.is_some(), "{}: {}", persona.name(), entry.id);
        }
        assert!(persona.greeting().is_some() && persona.examples().len() >= 5, "{}", persona.name());
        assert!(dir.join(persona.avatar().unwrap()).is_file(), "{}", persona.name());
    }
}

#[test]
fn each_remembers_what_it_must() {
    for dir in built_in() {
        let persona = Persona::from_dir(&dir).persona;
        let report = persona.test(&fs::read(dir.join("tests.yml")).unwrap()).unwrap();
        let failed: Vec<String> = report
            .results
            .iter()
            .filter(|result| !result.failed.is_empty())
            .map(|result| format!("{:?}: {:?}", result.case.prompt, result.failed))
            .collect();
        assert!(report.passed(), "{}: {:?} {}", persona.name(), report.warnings, failed.join("\n"));
        assert!(report.results.len() >= 30, "{}", persona.name());
    }
}

/// The program, in a folder of the test's own.
struct Program(TempDir);

impl Program {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn persona(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_raconteur"));
        command.arg("persona").args(arguments).current_dir(self.0.path()).env_clear().output().unwrap()
    }

    /// What it says where all is well.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.persona(arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        text(&output.stdout)
    }

    /// What it says where something is wrong.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.persona(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        text(&output.stdout) + &text(&output.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_new_persona_can_be_spoken_to_at_once() {
    let program = Program::new();
    let said = program.says(&["new", "Old Tam: the \"smuggler\""]);
    assert!(said.contains("raconteur persona check old-tam-the-smuggler"), "{said}");
    assert_eq!(
        program.says(&["check", "old-tam-the-smuggler"]),
        "old-tam-the-smuggler: nothing to be said against it.\n"
    );
    assert_eq!(
        program.says(&["test", "old-tam-the-smuggler"]),
        "Old Tam: the \"smuggler\": 3 of 3 cases passed; 2 of the 2 entries that must be remembered are (recall 100 %).\n"
    );
    let refused = program.fails(&["new", "old tam the smuggler"]);
    assert!(refused.contains("old-tam-the-smuggler is there already"), "{refused}");
    assert!(program.fails(&["new", " !? "]).contains("a name of 1 to 64 characters"));
}

#[test]
fn a_search_shows_scores_and_why_and_prints_json_for_programs() {
    let program = Program::new();
    program.says(&["new", "Tam"]);
    let shown = program.says(&["search", "tam", "is the harbour frozen?"]);
    assert!(shown.starts_with("harbour scored "), "{shown}");
    let json: Value =
        serde_json::from_str(&program.says(&["search", "tam", "harbour ice", "--json", "--k", "1"])).unwrap();
    let found = &json.as_array().unwrap()[0];
    assert_eq!((json.as_array().unwrap().len(), &found["id"]), (1, &"harbour".into()));
    assert!(found["score"].as_f64().unwrap() > 0.0 && found["matched"].as_array().unwrap().len() > 1);
    assert_eq!(program.says(&["search", "tam", "zzz"]), "Nothing is found.\n");
    assert_eq!(program.says(&["search", "tam", "zzz", "--json"]), "[]\n");
}

#[test]
fn a_prompt_is_shown_whole_with_the_reason_for_it() {
    let program = Program::new();
    program.says(&["new", "Tam"]);
    let shown = program.says(&["prompt", "tam", "Does the harbour freeze?"]);
    for part in [
        "[system]\nYou are Tam.",
        "[user]\nDoes the harbour freeze?",
        "Without a model:",
        "Why:",
        "harbour scored",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let json: Value =
        serde_json::from_str(&program.says(&["prompt", "tam", "the harbour", "--json"])).unwrap();
    assert_eq!(json["explanation"]["used"], serde_json::json!(["harbour"]));
    let refused = program.fails(&["prompt", "tam", "Well?", "--context", "1100"]);
    assert!(refused.contains("the prompt takes about"), "{refused}");
}

#[test]
fn what_a_check_finds_has_a_place_and_fails() {
    let program = Program::new();
    program.says(&["new", "Tam"]);
    fs::write(
        program.path("tam/kb.jsonl"),
        concat!(
            r#"{"id": "a", "summary": "A boat.", "aliases": ["the boat"]}"#,
            "\n",
            r#"{"id": "b", "summary": "Another boat.", "aliases": ["The boat"]}"#,
            "\n",
            r#"{"id": "b", "summary": "Again."}"#,
            "\n",
            r#"{"id": "c", "summary": "And then?"}"#,
            "\n{broken\n"
        ),
    )
    .unwrap();
    fs::write(
        program.path("tam/style.yml"),
        "tone: dry\nsystem: |\n  I am {{ name }},\n  {{ mood }} and {{ tone }}.\n",
    )
    .unwrap();
    let found = program.fails(&["check", "tam"]);
    insta::assert_snapshot!(found, @r"
    tam/kb.jsonl:3: the id `b` is taken by an earlier line; skipped
    tam/kb.jsonl:5:2: not JSON: key must be a string; skipped
    tam/kb.jsonl:2: `the boat` is an alias of `a` too
    tam/kb.jsonl:4: `c` is not found by any of its aliases and tags, nor by its summary: others are found first, or it has no word of its own
    tam/style.yml:4:3: `{{ mood }}`: neither the style nor the persona has it; it is left empty
    ");
}

#[test]
fn a_test_that_fails_shows_what_was_found_instead() {
    let program = Program::new();
    program.says(&["new", "Tam"]);
    let tests = "- prompt: Does the harbour freeze?\n  must: [who]\n  must_not: [harbour]\n\n- prompt: Hm\n  wants: x\n- {}\n";
    fs::write(program.path("tam/tests.yml"), tests).unwrap();
    let found = program.fails(&["test", "tam"]);
    insta::assert_snapshot!(without_scores(&found), @r#"
    tam/tests.yml:5: case 2: `wants` is no field of a case; it is left out
    tam/tests.yml:7: case 3: expected `prompt` with text in it; skipped
    tam/tests.yml:1: "Does the harbour freeze?"
        `who` must be used
        `harbour` must not be used
          harbour scored by harbour (alias), harbour (summary), freeze (summary): used
    Tam: 1 of 2 cases passed; 0 of the 1 entries that must be remembered are (recall 0 %).
    "#);
    fs::write(program.path("tam/tests.yml"), "prompt: x").unwrap();
    assert!(program.fails(&["test", "tam"]).contains("tam/tests.yml:1: expected a list"));
}

/// Without the numbers of scores, which are not what is tested.
fn without_scores(found: &str) -> String {
    found
        .lines()
        .map(|line| match line.split_once(" scored ") {
            Some((id, rest)) => format!("{id} scored {}", rest.split_once(' ').map_or("", |(_, rest)| rest)),
            None => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_folder_that_is_no_persona_is_named() {
    let program = Program::new();
    fs::create_dir(program.path("empty")).unwrap();
    for command in ["check", "test"] {
        let refused = program.fails(&[command, "nowhere"]);
        assert!(refused.contains("nowhere is no folder"), "{refused}");
        let refused = program.fails(&[command, "empty"]);
        assert!(refused.contains("empty is no persona: it has none of persona.yml"), "{refused}");
    }
}

/// The smallest PNG there is.
const PIXEL: &[u8] = include_bytes!("../../../crates/persona/fuzz/pixel.png");

#[test]
fn a_persona_goes_out_and_comes_back_as_it_was() {
    let program = Program::new();
    program.says(&["new", "Tam"]);
    fs::write(program.path("pixel.png"), PIXEL).unwrap();
    let asked =
        ["Does the harbour freeze?", "Who are you?", "What of television?", "[[OOC]] What of the ice?"];
    for (arguments, what) in [
        (["export", "tam", "--format", "json", "--out", "tam.json"].as_slice(), "a character card"),
        (
            &["export", "tam", "--format", "png", "--out", "tam.png", "--image", "pixel.png"],
            "a character card",
        ),
        (&["export", "tam", "--format", "charx", "--out", "tam.charx"], "a character card"),
        (&["export", "tam", "--format", "zip", "--out", "tam.zip"], "a zip of its folder"),
    ] {
        let file = arguments[5];
        assert_eq!(program.says(arguments), format!("{file} is Tam as {what}.\n"));
        let back = format!("back-{}", file.replace('.', "-"));
        program.says(&["import", file, "--dir", &back]);
        for name in ["style.yml", "kb.jsonl", "tests.yml"] {
            assert_eq!(
                fs::read(program.path(&format!("tam/{name}"))).unwrap(),
                fs::read(program.path(&format!("{back}/{name}"))).unwrap(),
                "{file}: {name}"
            );
        }
        // What persona.yml said is in the card now: the same is told of it to a model, in the same words.
        for question in asked {
            assert_eq!(
                told(&program, "tam", question),
                told(&program, &back, question),
                "{file}: {question}"
            );
        }
        assert_eq!(program.says(&["check", &back]), format!("{back}: nothing to be said against it.\n"));
        let refused = program.fails(arguments);
        assert!(refused.contains(&format!("{file} is there already")), "{refused}");
    }
    assert_eq!(fs::read(program.path("back-tam-png/avatar.png")).unwrap(), PIXEL);
}

/// The messages of a prompt, and the answer without a model.
fn told(program: &Program, folder: &str, question: &str) -> (Value, Value) {
    let json = program.says(&["prompt", folder, question, "--json"]);
    let mut prompt: Value = serde_json::from_str(&json).unwrap();
    (prompt["messages"].take(), prompt["scripted"].take())
}

#[test]
fn a_png_without_a_picture_has_a_plain_one() {
    let program = Program::new();
    program.says(&["new", "Tam"]);
    let said = program.says(&["export", "tam", "--format", "png"]);
    assert!(said.contains("give one with --image"), "{said}");
    program.says(&["import", "tam.png", "--dir", "back"]);
    assert!(!program.path("back/avatar.png").exists(), "a plain picture is none of the persona's");
    fs::write(program.path("photo.jpg"), b"\xff\xd8\xff\xe0").unwrap();
    let refused =
        program.fails(&["export", "tam", "--format", "png", "--image", "photo.jpg", "--out", "x.png"]);
    assert!(refused.contains("photo.jpg is no PNG") && !program.path("x.png").exists(), "{refused}");
}

#[test]
fn other_files_of_a_charx_go_through_the_folder_and_out_again() {
    let program = Program::new();
    let mut wren = Package::new(Card::new("Wren"));
    wren.picture = Some(PIXEL.to_vec());
    for name in ["assets/emotion/happy.png", "module.bin"] {
        wren.files.push(AssetFile { name: name.to_owned(), bytes: name.as_bytes().to_vec() });
    }
    let mut hiding = wren.clone();
    hiding.files.push(AssetFile { name: ".git/config".to_owned(), bytes: Vec::new() });
    fs::write(program.path("wren.charx"), hiding.write("wren", Format::Charx).unwrap()).unwrap();
    let said = program.says(&["import", "wren.charx"]);
    assert!(
        said.contains("Hidden files were left out (1).") && !program.path("wren/.git").exists(),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(program.path("wren/assets/emotion/happy.png")).unwrap(),
        "assets/emotion/happy.png"
    );
    fs::write(program.path("wren/.hidden"), "a secret").unwrap();
    for format in ["charx", "zip"] {
        let out = format!("out.{format}");
        let said = program.says(&["export", "wren", "--format", format, "--out", &out]);
        assert!(said.ends_with("as well: assets/emotion/happy.png, module.bin\n"), "{said}");
        let (back, ignored) = Package::read(&fs::read(program.path(&out)).unwrap()).unwrap();
        assert_eq!((back, ignored), (wren.clone(), vec![]));
    }
}

#[test]
fn an_import_that_fails_leaves_nothing_behind() {
    let program = Program::new();
    let mut wren = Package::new(Card::new("Wren"));
    // A file, and a folder of the same name: a zip can hold both.
    for name in ["a", "a/b"] {
        wren.files.push(AssetFile { name: name.to_owned(), bytes: Vec::new() });
    }
    fs::write(program.path("wren.zip"), wren.write("wren", Format::Zip).unwrap()).unwrap();
    program.fails(&["import", "wren.zip"]);
    assert!(!program.path("wren").exists());
}

#[test]
fn a_card_of_others_is_a_persona_at_once() {
    let program = Program::new();
    let card = r#"{"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Old Tam", "description": "{{char}} smuggles.",
        "first_mes": "Evening.", "tags": {"a": 1}, "character_book": {"entries": [
        {"keys": ["harbour"], "content": "The harbour freezes.", "enabled": true, "insertion_order": 0, "extensions": {}}]}}}"#;
    fs::write(program.path("some.card"), card).unwrap();
    let said = program.says(&["import", "some.card"]);
    assert!(said.contains("`tags` is not a list of texts") && said.contains("old-tam has Old Tam"), "{said}");
    assert_eq!(fs::read_to_string(program.path("old-tam/card.json")).unwrap(), card, "it is kept as it came");
    let shown = program.says(&["prompt", "old-tam", "Does the harbour freeze?"]);
    for part in ["Old Tam smuggles.", "The harbour freezes.", "lore        0 by harbour: active"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    program.says(&["export", "old-tam", "--out", "again.json"]);
    let again: Value = serde_json::from_slice(&fs::read(program.path("again.json")).unwrap()).unwrap();
    assert_eq!(again["data"]["tags"], serde_json::json!({"a": 1}), "nothing is lost");
}

#[test]
fn what_is_no_card_makes_no_folder() {
    let program = Program::new();
    fs::write(program.path("text"), "Dear diary").unwrap();
    fs::write(program.path("book"), r#"{"spec": "lorebook_v3", "data": {"entries": []}}"#).unwrap();
    fs::write(program.path("nameless"), r#"{"spec": "chara_card_v2", "data": {"name": " ? "}}"#).unwrap();
    for (file, why) in [
        ("text", "text: "),
        ("book", "is a lorebook without a character"),
        ("nameless", "the character has no name"),
        ("missing", "missing: "),
    ] {
        let refused = program.fails(&["import", file]);
        assert!(refused.contains(why), "{refused}");
    }
    let folders =
        fs::read_dir(program.0.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), 0);
}
