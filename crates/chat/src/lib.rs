#![doc = include_str!("../README.md")]

mod accept;
mod begin;
mod branches;
mod calibration;
mod cast;
mod chat;
mod error;
mod fleet;
mod history;
mod live;
mod once;
mod open;
mod pump;
mod purge;
mod reader;
mod reasoning;
mod replay;
mod resume;
mod run;
mod running;
mod stage;
mod subscription;
mod summary;
mod trouble;

pub use accept::Send;
pub use cast::{Cast, Found};
pub use chat::{Chat, ChatSettings, Durability, Parts};
pub use error::ChatError;
pub use live::{Begun, End};
pub use open::Open;
pub use resume::ResumeError;
pub use subscription::{ReplyEvent, Subscription};
pub use trouble::{Trouble, TroubleCode};
