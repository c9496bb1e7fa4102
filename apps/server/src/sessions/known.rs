//! What is known of sessions for a few seconds, so that not every request asks the database.
//!
//! What is revoked on this server is forgotten at once. What another server revokes is found out when it is looked up
//! next, [`KNOWN_FOR`] later at most.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use raconteur_domain::{SessionId, UserId};
use tokio::time::Instant;

/// How long something is known, counted from before it was looked up.
const KNOWN_FOR: Duration = Duration::from_secs(5);

/// How many sessions are known before it is worth looking which of them nobody asks for any more.
const FEW: usize = 1024;

/// What is known. Its clock is one that nobody sets back.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    sessions: HashMap<SessionId, Entry>,
    /// How often something was forgotten.
    forgotten: u64,
    /// With how many entries the old ones are removed next.
    crowded: usize,
}

#[derive(Debug)]
struct Entry {
    /// Whose session it is, where it goes on.
    owner: Option<UserId>,
    until: Instant,
}

/// Leave to remember what is looked up now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    asked_at: Instant,
    forgotten: u64,
}

/// What there is to a session.
#[derive(Debug)]
pub(super) enum Lookup {
    /// Whose it is, where it goes on.
    Known(Option<UserId>),
    /// It has to be looked up.
    Unknown(Ticket),
}

impl Known {
    /// What is known of a session.
    pub(super) fn get(&self, session: SessionId) -> Lookup {
        let now = Instant::now();
        let entries = self.entries();
        match entries.sessions.get(&session).filter(|entry| now < entry.until) {
            Some(entry) => Lookup::Known(entry.owner),
            None => Lookup::Unknown(Ticket { asked_at: now, forgotten: entries.forgotten }),
        }
    }

    /// Remembers what was looked up, unless something was forgotten meanwhile: it may have been this.
    pub(super) fn learn(&self, session: SessionId, owner: Option<UserId>, ticket: Ticket) {
        let mut entries = self.entries();
        if entries.forgotten != ticket.forgotten {
            return;
        }
        if entries.sessions.len() >= entries.crowded.max(FEW) {
            entries.sessions.retain(|_, entry| ticket.asked_at < entry.until);
            // As many again may come before it is looked at next: that makes it a few steps for each.
            entries.crowded = entries.sessions.len() * 2;
        }
        entries.sessions.insert(session, Entry { owner, until: ticket.asked_at + KNOWN_FOR });
    }

    /// Looks up this session anew when it is next asked for.
    pub(super) fn forget(&self, session: SessionId) {
        let mut entries = self.entries();
        entries.forgotten += 1;
        entries.sessions.remove(&session);
    }

    /// Looks up this person's sessions anew, each when it is next asked for.
    pub(super) fn forget_those_of(&self, owner: UserId) {
        let mut entries = self.entries();
        entries.forgotten += 1;
        entries.sessions.retain(|_, entry| entry.owner != Some(owner));
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use raconteur_domain::{Entropy, Timestamp};
    use tokio::time::advance;

    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn session(number: i64) -> SessionId {
        SessionId::new(Timestamp::from_micros(number * 1_000), &Sevens)
    }

    fn user(number: i64) -> UserId {
        UserId::new(Timestamp::from_micros(number * 1_000), &Sevens)
    }

    impl Known {
        fn ticket(&self, session: SessionId) -> Ticket {
            match self.get(session) {
                Lookup::Unknown(ticket) => ticket,
                Lookup::Known(owner) => panic!("it is known: {owner:?}"),
            }
        }

        fn owner(&self, session: SessionId) -> Option<UserId> {
            match self.get(session) {
                Lookup::Known(owner) => owner,
                Lookup::Unknown(_) => panic!("it is not known"),
            }
        }

        fn look_up(&self, session: SessionId, owner: Option<UserId>) {
            self.learn(session, owner, self.ticket(session));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_looked_up_is_known_for_five_seconds_from_before() {
        let known = Known::default();
        let ticket = known.ticket(session(1));
        advance(Duration::from_secs(2)).await;
        known.learn(session(1), Some(user(1)), ticket);
        known.look_up(session(2), None);
        advance(Duration::from_millis(2_999)).await;
        assert_eq!((known.owner(session(1)), known.owner(session(2))), (Some(user(1)), None));
        advance(Duration::from_millis(1)).await;
        known.ticket(session(1));
        assert_eq!(known.owner(session(2)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_forgotten_is_looked_up_anew() {
        let known = Known::default();
        for (number, owner) in [(1, 1), (2, 1), (3, 2)] {
            known.look_up(session(number), Some(user(owner)));
        }
        known.forget(session(2));
        known.ticket(session(2));
        known.forget_those_of(user(2));
        known.ticket(session(3));
        assert_eq!(known.owner(session(1)), Some(user(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_looked_up_before_something_was_forgotten_is_not_remembered() {
        let known = Known::default();
        let (one, other) = (known.ticket(session(1)), known.ticket(session(2)));
        known.forget(session(1));
        known.learn(session(1), Some(user(1)), one);
        known.learn(session(2), Some(user(1)), other);
        known.ticket(session(1));
        known.look_up(session(2), Some(user(1)));
        assert_eq!(known.owner(session(2)), Some(user(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_asks_for_any_more_is_removed() {
        let known = Known::default();
        for round in 0..20 {
            for number in 0..1_000 {
                known.look_up(session(round * 1_000 + number), None);
            }
            advance(KNOWN_FOR).await;
        }
        assert!(known.entries().sessions.len() <= 2 * FEW);
    }
}
