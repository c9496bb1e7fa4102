//! What storage promises, on whichever database.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod account;
mod backup;
mod behaviour;
mod copy;
mod idempotency;
mod in_memory;
mod ownership;
mod personas;
mod postgres;
mod search;
mod search_speed;
mod sessions;
mod sign_ins;
mod world;
