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

/// The longest message or prompt: a long chapter, and far more than any model's patience.
pub const CONTENT_MAX_CHARS: usize = 100_000;

/// The longest text that is searched for: more than anybody remembers of a message.
pub const SEARCH_MAX_CHARS: usize = 500;

/// How many of the newest messages a conversation shows at once; older ones are a page away.
pub const CONVERSATION_SHOWN_MESSAGES: u32 = 500;
