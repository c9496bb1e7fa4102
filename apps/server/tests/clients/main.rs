//! Clients that others wrote, in other languages, pointed at a server in this process. Their packages are installed by
//! `just client-packages`; without them the tests say that they are skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

mod guide;
mod packages;
mod parsers;
mod resuming;
mod scissors;
mod snippets;
#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "../api/support/mod.rs"]
mod support;
mod web_api;
