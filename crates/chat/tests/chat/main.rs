//! How replies happen, held against what the chat promises: real HTTP from a model that follows scripts, a real
//! database in a temporary folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod any_order;
mod branches;
mod durability;
mod ending;
mod failing;
mod overflow;
mod prompts;
mod reader;
mod reasoning;
mod sending;
mod stage;
mod stopping;
mod tree;
mod world;
