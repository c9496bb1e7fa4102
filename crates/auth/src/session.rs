//! How a session goes on when a refresh token of it is used (RFC 9700, 4.14). Nothing here reads or writes: it says what
//! is to be recorded, before anybody is answered.
//!
//! A session that rotates has one newest refresh token. Using it makes the next one. The token that was just used gives
//! that same successor once more, for an answer may be lost and tabs may ask at once; it is made of what is recorded and
//! is not kept. That ends after [`GRACE`], and when the successor is used: whoever received it has no need of the older
//! one. Whoever uses an older one still has stolen it, or was stolen from. Which of them it is nobody can tell, so the
//! session is revoked for both.

use std::time::Duration;

use raconteur_domain::{Device, Session, SessionId, SessionKind, Timestamp, UserId};

use crate::{EarlierSignIn, UsedToken};

/// How long the token that was just used gives its successor again.
pub const GRACE: Duration = Duration::from_secs(60);

/// How long a session that rotates goes on at most, however often it is used. Where a refresh token is good for longer
/// than this, as long as that.
pub const LONGEST_SESSION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long sessions go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    refresh_lifetime: Duration,
}

/// Why a session does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has expired, or was revoked before.
    Ended,
    /// The token was used before. The session is revoked, as is to be recorded.
    Replayed(Box<Session>),
}

impl SessionRules {
    /// Rules by which each refresh token is good for this long.
    #[must_use]
    pub const fn new(refresh_lifetime: Duration) -> Self {
        Self { refresh_lifetime }
    }

    /// A new session.
    #[must_use]
    pub fn begin(
        self,
        id: SessionId,
        owner_id: UserId,
        kind: SessionKind,
        device: Device,
        now: Timestamp,
    ) -> Session {
        Session {
            id,
            owner_id,
            kind,
            rotation: 0,
            rotated_at: now,
            created_at: now,
            seen_at: now,
            expires_at: now + self.refresh_lifetime,
            revoked_at: None,
            device,
        }
    }

    /// The session of somebody who signed in when there were none, made when their refresh token is first used. It has
    /// the token's own name and expires with it.
    #[must_use]
    pub fn take_over(
        self,
        used: &UsedToken,
        earlier: EarlierSignIn,
        device: Device,
        now: Timestamp,
    ) -> Session {
        let session = self.begin(used.session, used.user, SessionKind::Token, device, now);
        let EarlierSignIn { signed_in_at, expires_at, .. } = earlier;
        Session { rotated_at: signed_in_at, created_at: signed_in_at, expires_at, ..session }
    }

    /// What the session becomes when this token of it is used. Where the session rotates (`rotate` makes one do so from
    /// now on), its newest refresh token is to be answered; otherwise the token that was used goes on.
    ///
    /// # Errors
    ///
    /// [`Refusal`]; one of its kinds is to be recorded.
    pub fn refresh(
        self,
        session: &Session,
        used: &UsedToken,
        rotate: bool,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        if used.user != session.owner_id || !session.is_open(now) {
            return Err(Refusal::Ended);
        }
        let seen = Session { seen_at: now, ..session.clone() };
        if used.rotation == session.rotation {
            let kind = if rotate && !session.kind.rotates() { SessionKind::Rotating } else { session.kind };
            return Ok(if kind.rotates() { self.rotated(Session { kind, ..seen }, now) } else { seen });
        }
        // A clock that was set back makes this longer and throws nobody out.
        let is_the_last = used.rotation.checked_add(1) == Some(session.rotation);
        if is_the_last && now <= session.rotated_at + GRACE {
            return Ok(seen);
        }
        Err(Refusal::Replayed(Box::new(Session { revoked_at: Some(now), ..session.clone() })))
    }

    fn rotated(self, session: Session, now: Timestamp) -> Session {
        let longest = LONGEST_SESSION.max(self.refresh_lifetime);
        Session {
            rotation: session.rotation.saturating_add(1),
            rotated_at: now,
            expires_at: (now + self.refresh_lifetime).min(session.created_at + longest),
            ..session
        }
    }
}
