//! docs/API.md, whose snippets print what it says.

use crate::parsers::NODE;
use crate::snippets::{check_shell, check_typescript};

const PAGE: &str = "docs/API.md";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_curl_commands_print_what_it_says() {
    check_shell(PAGE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_typescript_compiles_and_prints_what_it_says() {
    check_typescript(PAGE, NODE).await;
}
