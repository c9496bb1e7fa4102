//! Sign-ins that go on.

use std::net::IpAddr;

use crate::words::words;
use crate::{SessionId, Timestamp, UserId};

words! {
    /// How a session goes on: what becomes of its refresh token when that is used.
    SessionKind {
        /// The same token goes on until it expires.
        Token = "token",
        /// Each use gives the next token, in the body of the answer.
        Rotating = "rotating",
        /// Each use gives the next token, in a cookie that no script can read.
        Cookie = "cookie",
    }
}

impl SessionKind {
    /// Whether each use of a refresh token gives the next one.
    #[must_use]
    pub const fn rotates(self) -> bool {
        !matches!(self, Self::Token)
    }
}

/// From where somebody signs in, as far as that can be told. It is shown to them, and nothing is decided by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// What the client says that it is, cut at [`USER_AGENT_MAX_CHARS`](crate::limits::USER_AGENT_MAX_CHARS).
    pub user_agent: Option<String>,
    /// The client's address.
    pub address: Option<IpAddr>,
}

/// A sign-in, for as long as it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its public name, which every token of it carries.
    pub id: SessionId,
    /// Who signed in.
    pub owner_id: UserId,
    /// How it goes on.
    pub kind: SessionKind,
    /// Which of its refresh tokens is the newest: they are numbered from 0.
    pub rotation: u64,
    /// When that one was made.
    pub rotated_at: Timestamp,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When a refresh token of it was last used.
    pub seen_at: Timestamp,
    /// When the newest refresh token expires, and the session with it.
    pub expires_at: Timestamp,
    /// When it was revoked, where it was.
    pub revoked_at: Option<Timestamp>,
    /// Where it was last seen.
    pub device: Device,
}

impl Session {
    /// Whether it goes on at this moment.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}
