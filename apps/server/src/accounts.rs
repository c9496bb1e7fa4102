//! Accounts: who is who. It brings together what `auth` can check and what storage remembers.

mod own;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use raconteur_auth::{GoogleIdentity, PasswordError, PasswordHasher, WeakPassword, check_password};
use raconteur_domain::{Clock, EmailAddress, Entropy, InvalidEmail, Session, User, UserId};
use raconteur_storage::{Credentials, Db, StorageError, WriteTx};
use secrecy::{ExposeSecret, SecretString};

pub use self::own::{AccountChange, WRONG_PASSWORD};
use crate::google::{Google, GoogleError};
use crate::limits::LimitReached;
use crate::sessions::{Granted, Opening, SessionError, Sessions};

/// Registers people and signs them in.
#[derive(Clone)]
pub struct Accounts(Arc<Parts>);

/// What accounts are made of.
pub struct Parts {
    /// Where people are kept.
    pub db: Db,
    /// Hashes their passwords.
    pub hasher: PasswordHasher,
    /// What signing in begins.
    pub sessions: Sessions,
    /// Whether registering tells nobody who has an account.
    pub registers_quietly: bool,
    /// Knows whom Google speaks of, where people may sign in with Google.
    pub google: Option<Google>,
    /// How many sign-ins a minute may fail for one address, where that is counted.
    pub failures: Option<NonZeroU32>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and salts come from.
    pub entropy: Arc<dyn Entropy>,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The address is none, or the password may not be chosen, or both.
    #[error("the e-mail address or the password cannot be taken")]
    Refused {
        /// What is wrong with the address.
        email: Option<InvalidEmail>,
        /// What is wrong with the password.
        password: Option<WeakPassword>,
    },
    /// This field of the request is wrong in this way.
    #[error("{0}: {1}")]
    Field(&'static str, &'static str),
    /// Somebody has the address already.
    #[error("email already registered")]
    EmailTaken,
    /// No such address, or another password; which of them is not told.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// Too many sign-ins with this address have failed.
    #[error(transparent)]
    TooMany(#[from] LimitReached),
    /// No session can be begun.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Nobody signs in with Google here.
    #[error("sign-in with Google is not configured")]
    GoogleNotConfigured,
    /// Google does not say who it is.
    #[error(transparent)]
    Google(#[from] GoogleError),
    /// Too many passwords wait to be hashed.
    #[error("too many sign-ins at once")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Hashing failed.
    #[error("{0}")]
    Inside(String),
}

impl From<PasswordError> for AccountError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            error @ PasswordError::Hash(_) => Self::Inside(error.to_string()),
        }
    }
}

/// Somebody who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The session that this begins, and its tokens.
    pub granted: Granted,
}

impl Accounts {
    /// Accounts made of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Makes an account and signs its person in. Where registering is quiet, nobody is signed in and the answer is none,
    /// whether there will be a new account in a moment or somebody has the address: it takes as long.
    ///
    /// # Errors
    ///
    /// [`AccountError`]; then there is no new account.
    pub async fn register(
        &self,
        email: &str,
        password: SecretString,
        opening: Opening,
    ) -> Result<Option<SignedIn>, AccountError> {
        let email = EmailAddress::parse(email);
        let checked = check_password(password.expose_secret(), email.as_ref().ok());
        let email = match (email, checked) {
            (Ok(email), Ok(())) => email,
            (email, password) => {
                return Err(AccountError::Refused { email: email.err(), password: password.err() });
            }
        };
        let hash = self.0.hasher.hash(password, self.salt()).await?;
        let now = self.0.clock.now();
        let user = User {
            id: UserId::new(now, &*self.0.entropy),
            email: email.as_typed().to_owned(),
            created_at: now,
        };
        if self.0.registers_quietly {
            self.add_behind_the_answer(user, email, hash);
            return Ok(None);
        }
        let session = self.0.sessions.begin(user.id, opening);
        let (new, begun) = (user.clone(), session.clone());
        let work = self.0.db.write(move |tx| {
            let inserted = tx.insert_user(&new, &email, Some(&hash))?;
            if inserted {
                tx.insert_session(&begun)?;
            }
            Ok::<_, StorageError>(inserted)
        });
        if work.await? { self.signed_in(user, session).map(Some) } else { Err(AccountError::EmailTaken) }
    }

    /// Adds somebody, unless the address is taken, while whoever asked is answered: how long a database takes to write says
    /// what it has written.
    fn add_behind_the_answer(&self, user: User, email: EmailAddress, hash: String) {
        let db = self.0.db.clone();
        tokio::spawn(async move {
            let added = db.write(move |tx| tx.insert_user(&user, &email, Some(&hash))).await;
            if let Err(error) = added {
                tracing::error!(%error, "somebody who registered has no account");
            }
        });
    }

    /// Signs somebody in. An address that nobody has takes as long as a wrong password.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub async fn login(
        &self,
        email: &str,
        password: SecretString,
        opening: Opening,
    ) -> Result<SignedIn, AccountError> {
        let key = EmailAddress::lookup_key(email);
        self.count_failure(&key).await?;
        let (tried, key) = (key.clone(), key);
        let credentials = self.0.db.read(move |tx| tx.credentials(&key)).await?;
        let hash = credentials.as_ref().and_then(|credentials| credentials.password_hash.clone());
        let matches = self.0.hasher.verify(password, hash).await?;
        let credentials = credentials.filter(|_| matches).ok_or(AccountError::InvalidCredentials)?;
        let Credentials { user, password_hash, .. } = credentials;
        let session = self.0.sessions.begin(user.id, opening);
        let begun = session.clone();
        // The password may have been changed while it was compared: that ends all sessions, and this would be left.
        let work = self.0.db.write(move |tx| {
            let held = tx.held_credentials(begun.owner_id)?;
            let is_the_same = held.is_some_and(|held| held.password_hash == password_hash);
            if is_the_same {
                tx.insert_session(&begun)?;
                tx.forget_failures(&tried)?;
            }
            Ok::<_, StorageError>(is_the_same)
        });
        if work.await? { self.signed_in(user, session) } else { Err(AccountError::InvalidCredentials) }
    }

    /// Signs in the person of whom this ID token of Google's speaks, with a new account if they have none.
    ///
    /// The account is found by Google's name for the person, whatever becomes of the address. One with a password and
    /// the same address is taken over where Google gives out the address: then it is the person's, whoever made it.
    ///
    /// # Errors
    ///
    /// [`AccountError`]. An address of somebody else's is [`AccountError::EmailTaken`].
    pub async fn google(&self, id_token: &str, opening: Opening) -> Result<SignedIn, AccountError> {
        let google = self.0.google.as_ref().ok_or(AccountError::GoogleNotConfigured)?;
        let identity = google.identify(id_token).await?;
        let now = self.0.clock.now();
        let new = User {
            id: UserId::new(now, &*self.0.entropy),
            email: identity.email.as_typed().to_owned(),
            created_at: now,
        };
        let session = self.0.sessions.begin(new.id, opening);
        let work = self.0.db.write(move |tx| {
            let Some(user) = account_of(tx, &identity, &new)? else { return Ok(None) };
            let session = Session { owner_id: user.id, ..session };
            tx.insert_session(&session)?;
            Ok::<_, StorageError>(Some((user, session)))
        });
        let (user, session) = work.await?.ok_or(AccountError::EmailTaken)?;
        // Where the account was taken over, others have ended.
        self.0.sessions.forget_those_of(user.id);
        self.signed_in(user, session)
    }

    /// The person of this id; none where they are gone.
    ///
    /// # Errors
    ///
    /// [`AccountError::Storage`].
    pub async fn person(&self, id: UserId) -> Result<Option<User>, AccountError> {
        Ok(self.0.db.read(move |tx| tx.user(id)).await?)
    }

    /// Counts a sign-in with the address of this key as one that fails, before it is known: of many at once no more are
    /// tried than may fail.
    async fn count_failure(&self, key: &str) -> Result<(), AccountError> {
        let Some(most) = self.0.failures else { return Ok(()) };
        let (key, now) = (key.to_owned(), self.0.clock.now());
        let until = self.0.db.write(move |tx| tx.count_failure(&key, most.get(), now)).await?;
        until.map_or(Ok(()), |until| {
            let what = "Too many sign-ins with this e-mail address have failed.";
            Err(LimitReached { what, retry_after: Duration::from_millis(until.millis_since(now)) }.into())
        })
    }

    fn signed_in(&self, user: User, session: Session) -> Result<SignedIn, AccountError> {
        Ok(SignedIn { user, granted: self.0.sessions.grant(session)? })
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.0.entropy.fill(&mut salt);
        salt
    }
}

/// The account of somebody of whom Google speaks; none where the address is somebody else's.
fn account_of(
    tx: &mut WriteTx<'_>,
    identity: &GoogleIdentity,
    new: &User,
) -> Result<Option<User>, StorageError> {
    if let Some(account) = tx.credentials_of_google(&identity.sub)? {
        return Ok(Some(account.user));
    }
    if !tx.insert_google_user(new, &identity.email, &identity.sub)? {
        // Somebody has the address, or the same person has just signed in from elsewhere.
        let holder = tx.credentials(identity.email.key())?.filter(|_| identity.authoritative);
        if let Some(holder) = holder {
            tx.give_to_google_user(holder.user.id, &identity.sub, new.created_at)?;
        }
    }
    Ok(tx.credentials_of_google(&identity.sub)?.map(|account| account.user))
}
