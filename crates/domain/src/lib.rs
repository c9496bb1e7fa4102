#![doc = include_str!("../README.md")]

mod clock;
mod conversation;
mod email;
mod generation;
mod id;
pub mod limits;
mod message;
mod page;
mod role;
mod session;
mod snippet;
mod text;
mod user;
mod words;

pub use clock::{Clock, Entropy, Timestamp};
pub use conversation::{Conversation, automatic_title};
pub use email::{EmailAddress, InvalidEmail};
pub use generation::{Generation, Outcome, Usage};
pub use id::{ConversationId, GenerationId, InvalidId, MessageId, ServerId, SessionId, UserId};
pub use message::{Message, Placed, Siblings};
pub use page::{Page, PageNumber, PageRequest, PageSpan};
pub use role::{Role, Status};
pub use session::{Device, Session, SessionKind};
pub use snippet::{Piece, snippet};
pub use text::{fold, is_blank, is_blank_char, strip};
pub use user::User;
