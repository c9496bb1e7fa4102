//! Pages with snippets: one after the other they print what the page says that they print.

use serde_json::Value;
use tokio::process::Command;

use crate::packages::{node, root, run};
use crate::scissors::Scissors;
use crate::support::{Database, TestApp};

/// A snippet, and what stands below it.
struct Snippet {
    language: String,
    code: String,
    /// The language of what it prints, and that; nothing is printed where nothing stands there.
    printed: Option<(String, String)>,
}

/// What is between the marks of a page, for a server at this `HOST:PORT`.
fn snippets(page: &str, host: &str) -> Vec<Snippet> {
    let text = std::fs::read_to_string(root().join(page)).unwrap().replace("127.0.0.1:8000", host);
    let snippets = text.split("<!-- snippets: begin -->").nth(1).expect("the page marks where they begin");
    let text = snippets.split("<!-- snippets: end -->").next().expect("a text has a beginning");
    let mut snippets: Vec<Snippet> = Vec::new();
    // Text and fenced blocks take turns, for no block has a fence in it.
    for block in text.split("\n```").skip(1).step_by(2) {
        let (language, code) = block.split_once('\n').expect("a block has lines");
        let (language, code) = (language.to_owned(), code.to_owned());
        if matches!(language.as_str(), "sh" | "ts") {
            snippets.push(Snippet { language, code, printed: None });
        } else {
            let above = snippets.last_mut().filter(|snippet| snippet.printed.is_none());
            above.expect("a snippet above prints it").printed = Some((language, code));
        }
    }
    snippets
}

/// Between what two snippets print.
const SEPARATOR: char = '\u{1e}';

/// Puts a page's snippets in a language into one program, runs it, and compares.
async fn check(page: &str, language: &str, mark: &str, run: impl AsyncFnOnce(String) -> String) {
    let app = TestApp::offline(Database::Sqlite).await;
    check_at(&app.host(), page, language, mark, run).await;
}

/// As [`check`], with the server at this `HOST:PORT`.
async fn check_at(
    host: &str,
    page: &str,
    language: &str,
    mark: &str,
    run: impl AsyncFnOnce(String) -> String,
) {
    let mut snippets = snippets(page, host);
    snippets.retain(|snippet| snippet.language == language);
    assert_ne!(snippets.len(), 0, "{page} has snippets");
    let program: String = snippets.iter().map(|snippet| format!("{mark}\n{}\n", snippet.code)).collect();

    let printed = run(program).await;
    let printed: Vec<&str> = printed.split(SEPARATOR).skip(1).collect();
    assert_eq!(printed.len(), snippets.len());
    for (snippet, printed) in snippets.iter().zip(printed) {
        let code = &snippet.code;
        let good = match &snippet.printed {
            None => printed.trim().is_empty(),
            Some((language, expected)) if language == "json" => {
                let (expected, printed) = (serde_json::from_str(expected), serde_json::from_str(printed));
                is_like(&expected.expect("the page shows JSON"), &printed.expect("JSON is printed"))
            }
            Some((_, expected)) => is_text_like(expected.trim(), printed.trim()),
        };
        assert!(
            good,
            "{code}\nprints\n{printed}\nand not\n{}",
            snippet.printed.as_ref().map_or("", |(_, p)| p)
        );
    }
}

/// Whether the JSON is what was expected.
fn is_like(expected: &Value, printed: &Value) -> bool {
    match (expected, printed) {
        (Value::String(expected), Value::String(printed)) => is_text_like(expected, printed),
        (Value::Array(expected), Value::Array(printed)) => {
            expected.len() == printed.len() && expected.iter().zip(printed).all(|(e, p)| is_like(e, p))
        }
        (Value::Object(expected), Value::Object(printed)) => {
            expected.len() == printed.len()
                && expected.iter().all(|(name, e)| printed.get(name).is_some_and(|p| is_like(e, p)))
        }
        (expected, printed) => expected == printed,
    }
}

/// Whether the text is what was expected, in which `…` stands for anything.
fn is_text_like(expected: &str, printed: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The shell commands of a page, pasted into one shell.
pub async fn check_shell(page: &str) {
    let folder = tempfile::tempdir().unwrap();
    check(page, "sh", r"printf '\036'", async |script| {
        run(Command::new("bash").args(["-euc", &script]).current_dir(folder.path())).await
    })
    .await;
}

/// What a web app is compiled with.
const STRICTLY: &str = "--noEmit --strict --target es2022 --lib es2022,dom --module esnext --moduleResolution bundler \
    --allowImportingTsExtensions --skipLibCheck";

/// The TypeScript of a page as one program, in the midst of this package of ours: what it imports is that package or
/// what that depends on.
pub async fn check_typescript(page: &str, package: &str) {
    let app = TestApp::offline(Database::Sqlite).await;
    check_typescript_at(&app.host(), page, package).await;
}

/// As [`check_typescript`], on a way to the server on which streams break.
pub async fn check_typescript_that_comes_back(page: &str, package: &str) {
    let app = TestApp::offline(Database::Sqlite).await;
    // A start and a few tokens, or some more without a start.
    let scissors = Scissors::before(&app.host(), 1_200).await;
    if check_typescript_at(&scissors.host(), page, package).await {
        assert!(scissors.cuts() > 2, "streams were cut {} times", scissors.cuts());
    }
}

/// `false` where the packages are not installed.
async fn check_typescript_at(host: &str, page: &str, package: &str) -> bool {
    let (Some(mut compiler), Some(mut program)) = (node(package), node(package)) else { return false };
    let folder = tempfile::Builder::new().prefix(".snippets-").tempdir_in(root().join(package)).unwrap();
    let file = folder.path().join("page.ts");
    check_at(host, page, "ts", r#"console.log("\x1e");"#, async |text| {
        std::fs::write(&file, text).unwrap();
        let strictly = STRICTLY.split_whitespace();
        run(compiler.arg("node_modules/typescript/bin/tsc").args(strictly).arg(&file)).await;
        run(program.args(["--import", "tsx"]).arg(&file)).await
    })
    .await;
    true
}
