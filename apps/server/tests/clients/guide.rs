//! docs/API.md and docs/STREAMING.md, whose snippets print what they say.

use crate::parsers::NODE;
use crate::snippets::{check_shell, check_typescript, check_typescript_that_comes_back};

const PAGE: &str = "docs/API.md";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_curl_commands_print_what_it_says() {
    check_shell(PAGE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_typescript_compiles_and_prints_what_it_says() {
    check_typescript(PAGE, NODE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_that_reconnects_does_so() {
    check_typescript_that_comes_back("docs/STREAMING.md", NODE).await;
}
