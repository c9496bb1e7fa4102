//! The TypeScript client in apps/web/api.

use crate::packages::{node, run};
use crate::snippets::check_typescript;

const PACKAGE: &str = "apps/web/api";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_own_tests_pass() {
    let Some(mut tests) = node(PACKAGE) else { return };
    run(tests.args(["--import", "tsx", "--test", "test/stream.test.ts"])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_in_its_readme_works_with_a_real_server() {
    check_typescript("apps/web/api/README.md", PACKAGE).await;
}
