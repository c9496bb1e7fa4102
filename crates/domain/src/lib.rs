#![doc = include_str!("../README.md")]

mod clock;
mod conversation;
mod email;
mod generation;
mod id;
pub mod limits;
mod message;
mod page;
mod persona;
mod role;
mod session;
mod snippet;
mod temperature;
mod text;
mod user;
mod words;

pub use clock::{Clock, Entropy, InvalidTime, Timestamp};
pub use conversation::{Conversation, ConversationSettings, automatic_title};
pub use email::{EmailAddress, InvalidEmail};
pub use generation::{Generation, Outcome, Usage};
pub use id::{ConversationId, GenerationId, InvalidId, MessageId, PersonaId, ServerId, SessionId, UserId};
pub use message::{Message, Placed, Siblings};
pub use page::{Page, PageNumber, PageRequest, PageSpan};
pub use persona::OwnPersona;
pub use role::{Role, Status};
pub use session::{Device, Session, SessionKind};
pub use snippet::{Piece, snippet};
pub use temperature::Temperature;
pub use text::{fold, is_blank, is_blank_char, slug, strip};
pub use user::{Profile, User};
