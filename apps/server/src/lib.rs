//! The Raconteur server: settings, wiring and the HTTP face. What it does is in the crates below it.

pub mod accounts;
pub mod app;
mod http;
pub mod personas;
pub mod secret_key;
mod server;
pub mod settings;
pub mod system;

pub use server::{About, Server, StartError};
