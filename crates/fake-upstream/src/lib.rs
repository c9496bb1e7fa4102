#![doc = include_str!("../README.md")]

pub mod chunk;
mod connection;
mod gate;
pub mod picky;
mod prepare;
mod request;
mod script;
mod upstream;

pub use gate::Gate;
pub use request::Request;
pub use script::Script;
pub use upstream::{FakeUpstream, PATIENCE, nobody_listens};
