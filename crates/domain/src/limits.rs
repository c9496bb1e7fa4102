//! How long and how many, each with its reason. Lengths are in Unicode code points unless they say bytes.

use std::time::Duration;

/// How long a request may be repeated under its `Idempotency-Key`.
pub const IDEMPOTENCY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest such key; a UUID has 36 characters.
pub const IDEMPOTENCY_KEY_MAX_CHARS: usize = 255;

/// The longest e-mail address: RFC 5321 leaves 254 for one between its angle brackets.
pub const EMAIL_MAX_CHARS: usize = 254;

/// How much is kept of what a client says that it is: those of browsers have some 120 characters.
pub const USER_AGENT_MAX_CHARS: usize = 255;

/// The longest name of a character; cards in the field stay well below.
pub const CHARACTER_MAX_CHARS: usize = 64;

/// The longest title of a conversation: a line on a wide screen.
pub const TITLE_MAX_CHARS: usize = 200;

/// How much of a message an automatic title takes: what fits a list entry.
pub const TITLE_EXCERPT_CHARS: usize = 60;

/// The longest name that a person goes by.
pub const DISPLAY_NAME_MAX_CHARS: usize = 100;

/// The longest description of a person by themselves: a page, which every prompt of theirs carries.
pub const PROFILE_MAX_CHARS: usize = 4_000;

/// The longest author's note of a conversation, which every prompt in it carries.
pub const NOTE_MAX_CHARS: usize = 8_000;

/// The most messages that can come after an author's note.
pub const NOTE_DEPTH_MAX: u32 = 100;

/// The longest summary of a conversation, which every prompt in it carries.
pub const SUMMARY_MAX_CHARS: usize = 20_000;

/// The longest name of a model.
pub const MODEL_MAX_CHARS: usize = 200;

/// How many characters of their own a person may have.
pub const OWN_PERSONAS_MAX: u64 = 500;

/// How many bytes a person's own characters may take together, as they are kept.
pub const OWN_PERSONAS_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The longest message or prompt: a long chapter, and far more than any model's patience.
pub const CONTENT_MAX_CHARS: usize = 100_000;

/// The longest text that is searched for: more than anybody remembers of a message.
pub const SEARCH_MAX_CHARS: usize = 500;

/// How many of the newest messages a conversation shows at once; older ones are a page away.
pub const CONVERSATION_SHOWN_MESSAGES: u32 = 500;
