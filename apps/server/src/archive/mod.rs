//! All of a person's data in one file, to be taken along and brought to an account here or elsewhere.

mod import;

use raconteur_domain::{MessageId, Timestamp};
use raconteur_storage::ConversationChange;

pub use import::{ImportError, Importer, Taken};

/// How many messages are read or written in one transaction. The longest of them take some 30 MB together.
pub const BATCH: usize = 64;

/// A character of an archive.
#[derive(Clone, Debug)]
pub struct ArchivedPersona {
    /// The short name that it has in the archive.
    pub slug: String,
    /// Whether everybody may speak to it.
    pub public: bool,
    /// The whole of it, as a zip of its folder.
    pub package: Vec<u8>,
}

/// A conversation of an archive; its messages follow it.
#[derive(Clone, Debug)]
pub struct ArchivedConversation {
    /// What it is called, how it is led.
    pub change: ConversationChange,
    /// The name of the character, as the person gave it.
    pub character: String,
    /// The short name of the character, where it is one of the archive's.
    pub persona: Option<String>,
    /// The last message that the summary tells of, by its name in the archive.
    pub summary_through: Option<MessageId>,
    /// The last message of the path that is shown, by its name in the archive.
    pub last_shown: Option<MessageId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything in it last changed.
    pub updated_at: Timestamp,
}

/// A message of an archive, of the conversation before it.
#[derive(Clone, Debug)]
pub struct ArchivedMessage {
    /// Its name in the archive, and that of the message that it follows, which came before it.
    pub id: MessageId,
    /// The message that it follows.
    pub parent_id: Option<MessageId>,
    /// Who it is from.
    pub role: raconteur_domain::Role,
    /// Its text.
    pub content: String,
    /// How far the reply has come.
    pub status: raconteur_domain::Status,
    /// How many bytes of it the model itself said.
    pub spoken_bytes: Option<u64>,
    /// JSON that came with it.
    pub meta: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}
