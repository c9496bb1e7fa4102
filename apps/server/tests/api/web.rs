//! The web app, which the server carries.

use reqwest::Method;

use crate::support::{Database, TestApp};

/// Whether the app has been built, which is not for every machine.
fn is_built() -> bool {
    std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist/index.html")).is_file()
}

#[tokio::test]
async fn a_path_of_the_app_is_its_page_or_says_what_to_run() {
    let app = TestApp::start(Database::Sqlite).await;
    let visitor = app.visitor();
    let first = visitor.ask(Method::GET, "/").send().await.unwrap();
    assert_eq!(first.status(), 200);
    if !is_built() {
        assert!(first.text().await.unwrap().contains("just web"));
        return;
    }
    let header = |name: &str| first.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type").as_str(), header("cache-control").as_str()),
        ("text/html; charset=utf-8", "no-cache")
    );
    let policy = header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    let (tag, page) = (header("etag"), first.text().await.unwrap());
    let deep = visitor.ask(Method::GET, "/chats/of-somebody").send().await.unwrap();
    assert_eq!((deep.status().as_u16(), deep.text().await.unwrap()), (200, page.clone()));
    let again = visitor.ask(Method::GET, "/").header("if-none-match", tag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0));
    assert!(!page.contains("<style") && !page.contains("<script>"), "nothing stands in the page itself");

    let script = page.split("src=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let script = format!("/assets/{script}");
    let packed =
        visitor.ask(Method::GET, &script).header("accept-encoding", "br, gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "br");
    assert!(packed.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let packed = packed.bytes().await.unwrap().len();
    let plain = visitor.ask(Method::GET, &script).header("accept-encoding", "identity").send().await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.headers().get("content-encoding")), (200, None));
    assert!(plain.bytes().await.unwrap().len() > packed);
}
