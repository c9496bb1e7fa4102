//! A server to be tested, and people who use it.

pub mod answer;
pub mod app;
pub mod cable;
pub mod client;
pub mod database;
pub mod google;
pub mod operations;
pub mod raw;
pub mod shape;
pub mod sse;
pub mod token;

pub use answer::Answer;
pub use app::TestApp;
pub use client::{Client, PASSWORD};
pub use database::Database;
pub(crate) use database::on_every_database;
pub use operations::{Ids, Operation, operations};
pub use shape::shape;
