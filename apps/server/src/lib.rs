#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod app;
mod archive;
mod google;
mod http;
mod limits;
mod own_personas;
mod parts;
pub mod personas;
mod pictures;
mod reload;
pub mod secret_key;
mod server;
pub mod sessions;
pub mod settings;
pub mod system;
pub mod terminal;

pub use http::{ErrorCode, openapi};
pub use parts::{DEAD_AFTER, PartsError};
pub use server::{About, Server, StartError};
