//! What these tests share.

use std::fs;
use std::path::{Path, PathBuf};

use raconteur_persona::package::Package;
use raconteur_persona::{Files, Persona, Prompt, PromptRequest, User};

/// The smallest PNG there is.
pub const PIXEL: &[u8] = include_bytes!("../../fuzz/pixel.png");

/// Two things that Wren knows.
pub const KB: &str = r#"{"id": "bell", "summary": "The drowned bell rings before a storm.", "ic_reply": "I tie up and drink.", "tags": ["bell"]}
{"id": "fare", "summary": "The fare is two pennies.", "aliases": ["the fare"]}
"#;

/// The folders of the built-in personas, and of the one that was made up for tests.
pub fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built_in = fs::read_dir(root.join("../../assets/personas")).unwrap();
    let mut folders: Vec<PathBuf> = built_in
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .chain([root.join("tests/assets/wren")])
        .collect();
    folders.sort();
    folders
}

/// The package of a folder, of which nothing may be ignored.
pub fn package_of(folder: &Path) -> Package {
    let read = |name: &str| fs::read(folder.join(name)).ok();
    let (persona, style, kb) = (read("persona.yml"), read("style.yml"), read("kb.jsonl"));
    let files = Files {
        persona_yml: persona.as_deref(),
        style_yml: style.as_deref(),
        kb_jsonl: kb.as_deref(),
        card: None,
    };
    let slug = folder.file_name().unwrap().to_str().unwrap();
    let (package, ignored) =
        Package::of_files(slug, files, read("tests.yml").as_deref(), read("avatar.svg").as_deref());
    assert_eq!(ignored, Vec::<String>::new());
    package
}

/// Everything about two personas is the same, but for where their pictures are and which files they are made of.
pub fn assert_same(one: &Persona, other: &Persona, queries: &[&str]) {
    let told = |persona: &Persona| {
        let names = (persona.name().to_owned(), persona.full_name().map(str::to_owned));
        let lists = (persona.aliases().to_vec(), persona.tags().to_vec(), persona.examples().to_vec());
        let texts =
            [persona.description(), persona.greeting(), persona.notice()].map(|text| text.map(str::to_owned));
        let trouble: Vec<String> =
            (0..20).map(|seed| persona.trouble_line(&seed.to_string()).to_owned()).collect();
        (names, lists, texts, trouble, persona.sampling().clone(), persona.narrator_toggle().to_owned())
    };
    assert_eq!(told(one), told(other));
    assert_eq!(one.knowledge().entries(), other.knowledge().entries());
    for query in queries {
        let (asked, again) = (ask(one, query), ask(other, query));
        assert_eq!(asked.messages, again.messages, "{query}");
        assert_eq!(asked.scripted, again.scripted, "{query}");
        assert_eq!(asked.explanation.lore, again.explanation.lore, "{query}");
    }
}

pub fn ask(persona: &Persona, query: &str) -> Prompt {
    let user = User { name: Some("Ada"), ..User::default() };
    persona.prompt(&PromptRequest { query, user, ..PromptRequest::default() }).unwrap()
}
