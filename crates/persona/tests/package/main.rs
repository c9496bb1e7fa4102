//! Packages: a persona is the same one in a folder, in a package, and in whatever the package was written as.

#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

#[path = "../cards/files.rs"]
#[allow(dead_code, reason = "the tests of cards use the rest of it")]
mod files;
mod made;
mod reading;
mod round_trip;
mod support;
