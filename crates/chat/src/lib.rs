#![doc = include_str!("../README.md")]

mod accept;
mod branches;
mod chat;
mod error;
mod fleet;
mod history;
mod live;
mod pump;
mod purge;
mod reasoning;
mod run;
mod running;
mod subscription;
mod trouble;

pub use accept::Send;
pub use chat::{Chat, ChatSettings, Parts};
pub use error::ChatError;
pub use live::{Begun, End};
pub use subscription::{ReplyEvent, Subscription};
pub use trouble::{Trouble, TroubleCode};
