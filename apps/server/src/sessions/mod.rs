//! Sessions: who is asking, from a sign-in on until it ends. What becomes of a session is decided by `auth`; here it is
//! recorded, and nobody is answered before that.

mod known;

use std::sync::Arc;

use raconteur_auth::{Bearer, InvalidToken, Refusal, SessionRules, SigningError, Tokens, UsedToken};
use raconteur_domain::{
    Clock, Device, Entropy, Page, PageRequest, Session, SessionId, SessionKind, Timestamp, UserId,
};
use raconteur_storage::{Db, StorageError, WriteTx};

use self::known::{Known, Lookup};

/// Begins sessions, lets them go on and ends them. Clones share everything.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    parts: Parts,
    known: Known,
}

/// What sessions are made of.
pub struct Parts {
    /// Where they are kept.
    pub db: Db,
    /// Makes and checks their tokens.
    pub tokens: Tokens,
    /// What becomes of them.
    pub rules: SessionRules,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// Why somebody is not known, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The token is not good, its session has ended, or whose it was is gone.
    #[error(transparent)]
    InvalidToken(#[from] InvalidToken),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Signing failed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// How somebody signs in.
#[derive(Clone, Debug)]
pub struct Opening {
    /// How the session is to go on.
    pub kind: SessionKind,
    /// From where.
    pub device: Device,
}

/// A session that begins or goes on, with the tokens to do so.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The session, as it is recorded.
    pub session: Session,
    /// A new access token.
    pub access: String,
    /// Its newest refresh token.
    pub refresh: String,
}

/// Somebody who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Who.
    pub user: UserId,
    /// In which session. Whoever signed in when there were none has one from the next refresh on.
    pub session: Option<SessionId>,
}

/// The tokens that somebody signs out with. They need not be good.
#[derive(Clone, Copy, Debug, Default)]
pub struct SigningOut<'a> {
    /// The access token.
    pub access: Option<&'a str>,
    /// Refresh tokens, wherever they were sent.
    pub refresh: [Option<&'a str>; 2],
}

impl Sessions {
    /// Sessions made of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner { parts, known: Known::default() }))
    }

    /// A new session of this person, to be recorded by whoever signs them in.
    #[must_use]
    pub fn begin(&self, owner: UserId, opening: Opening) -> Session {
        let Parts { rules, clock, entropy, .. } = &self.0.parts;
        let now = clock.now();
        rules.begin(SessionId::new(now, &**entropy), owner, opening.kind, opening.device, now)
    }

    /// The tokens of a session as it is recorded.
    ///
    /// # Errors
    ///
    /// [`SessionError::Signing`].
    pub fn grant(&self, session: Session) -> Result<Granted, SessionError> {
        let Parts { tokens, clock, entropy, .. } = &self.0.parts;
        let access = tokens.access(&session, clock.now(), &**entropy)?;
        let refresh = tokens.refresh(&session)?;
        Ok(Granted { session, access, refresh })
    }

    /// Lets the session of this refresh token go on. `rotate` makes one rotate from now on that does not yet.
    ///
    /// # Errors
    ///
    /// [`SessionError`].
    pub async fn refresh(&self, token: &str, rotate: bool, device: Device) -> Result<Granted, SessionError> {
        let Parts { db, tokens, rules, clock, .. } = &self.0.parts;
        let (rules, now) = (*rules, clock.now());
        let used = tokens.verify_refresh(token, now)?;
        let outcome = db.write(move |tx| {
            let Some(session) = session_of(tx, rules, &used, &device, now)? else {
                return Ok(Err(Refusal::Ended));
            };
            let outcome = rules.refresh(&session, &used, rotate, now);
            let outcome = outcome.map(|session| Session { device, ..session });
            match &outcome {
                Ok(session) => tx.change_session(session)?,
                Err(Refusal::Replayed(session)) => tx.change_session(session)?,
                Err(Refusal::Ended) => {}
            }
            Ok::<_, StorageError>(outcome)
        });
        match outcome.await? {
            Ok(session) => self.grant(session),
            Err(Refusal::Replayed(session)) => {
                let (id, user) = (session.id, session.owner_id);
                tracing::warn!(session = %id, %user, "a refresh token was used again: its session is revoked");
                self.0.known.forget(session.id);
                Err(InvalidToken.into())
            }
            Err(Refusal::Ended) => Err(InvalidToken.into()),
        }
    }

    /// Who is asking with this access token. That their session goes on is known for five seconds once it was looked up.
    ///
    /// # Errors
    ///
    /// [`SessionError`].
    pub async fn authenticate(&self, access: &str) -> Result<Asking, SessionError> {
        let Parts { db, tokens, clock, .. } = &self.0.parts;
        let now = clock.now();
        match tokens.verify_access(access, now)? {
            Bearer::OfSession { user, session } => {
                let owner = match self.0.known.get(session) {
                    Lookup::Known(owner) => owner,
                    Lookup::Unknown(ticket) => {
                        let found = db.read(move |tx| tx.session(session)).await?;
                        let owner = found.filter(|found| found.is_open(now)).map(|found| found.owner_id);
                        self.0.known.learn(session, owner, ticket);
                        owner
                    }
                };
                let is_theirs = owner == Some(user);
                is_theirs.then_some(Asking { user, session: Some(session) }).ok_or(InvalidToken.into())
            }
            Bearer::Earlier { user, epoch } => {
                let found = db.read(move |tx| tx.credentials_of(user)).await?;
                let is_good = found.is_some_and(|found| found.token_epoch == epoch);
                is_good.then_some(Asking { user, session: None }).ok_or(InvalidToken.into())
            }
        }
    }

    /// A page of somebody's sessions, the one that was seen last first; `None` where there is no such page.
    ///
    /// # Errors
    ///
    /// [`SessionError::Storage`].
    pub async fn list(
        &self,
        owner: UserId,
        page: PageRequest,
    ) -> Result<Option<Page<Session>>, SessionError> {
        let now = self.0.parts.clock.now();
        Ok(self.0.parts.db.read(move |tx| tx.sessions(owner, now, page)).await?)
    }

    /// Ends one of somebody's sessions. `false` where it does not go on anyway, or is none of theirs.
    ///
    /// # Errors
    ///
    /// [`SessionError::Storage`].
    pub async fn end(&self, owner: UserId, session: SessionId) -> Result<bool, SessionError> {
        let now = self.0.parts.clock.now();
        let ended = self.0.parts.db.write(move |tx| tx.revoke_session(owner, session, now)).await?;
        self.0.known.forget(session);
        Ok(ended)
    }

    /// Ends all of somebody's sessions, or all but this one, and with them what they have from before there were any.
    ///
    /// # Errors
    ///
    /// [`SessionError::Storage`].
    pub async fn end_all(&self, owner: UserId, but: Option<SessionId>) -> Result<(), SessionError> {
        let now = self.0.parts.clock.now();
        self.0.parts.db.write(move |tx| tx.revoke_sessions(owner, but, now)).await?;
        self.forget_those_of(owner);
        Ok(())
    }

    /// Looks up somebody's sessions anew, each when it is next asked for: for whoever has revoked some in a transaction
    /// of their own, once that is committed.
    pub fn forget_those_of(&self, owner: UserId) {
        self.0.known.forget_those_of(owner);
    }

    /// Ends the sessions that these tokens are of. Tokens that are not good are of none.
    ///
    /// # Errors
    ///
    /// [`SessionError::Storage`].
    pub async fn sign_out(&self, with: SigningOut<'_>) -> Result<(), SessionError> {
        let Parts { db, tokens, rules, clock, .. } = &self.0.parts;
        let (rules, now) = (*rules, clock.now());
        let access = with.access.and_then(|token| tokens.verify_access(token, now).ok());
        let used = with.refresh.map(|token| token.and_then(|token| tokens.verify_refresh(token, now).ok()));
        let mut ending: Vec<(SessionId, UserId)> =
            used.iter().flatten().map(|used| (used.session, used.user)).collect();
        if let Some(Bearer::OfSession { user, session }) = access {
            ending.push((session, user));
        }
        if ending.is_empty() {
            return Ok(());
        }
        // In an order, so that two who end the same ones do not wait for each other.
        ending.sort_unstable_by_key(|(session, _)| session.to_string());
        let ended = ending.clone();
        let work = db.write(move |tx| {
            for used in used.iter().flatten().filter(|used| used.earlier.is_some()) {
                session_of(tx, rules, used, &Device::default(), now)?;
            }
            for (session, owner) in ending {
                tx.revoke_session(owner, session, now)?;
            }
            Ok::<_, StorageError>(())
        });
        work.await?;
        ended.into_iter().for_each(|(session, _)| self.0.known.forget(session));
        Ok(())
    }
}

/// The session that a refresh token is of, to be changed. Whoever signed in when there were none gets one here.
fn session_of(
    tx: &mut WriteTx<'_>,
    rules: SessionRules,
    used: &UsedToken,
    device: &Device,
    now: Timestamp,
) -> Result<Option<Session>, StorageError> {
    let found = tx.session_to_change(used.session)?;
    let Some(earlier) = used.earlier.filter(|_| found.is_none()) else { return Ok(found) };
    let account = tx.held_credentials(used.user)?;
    if account.is_none_or(|account| account.token_epoch != earlier.epoch) {
        return Ok(None);
    }
    tx.insert_session(&rules.take_over(used, earlier, device.clone(), now))?;
    // Another request may have made it at the same moment.
    tx.session_to_change(used.session)
}
