//! Accounts: who is who. It brings together what `auth` can check and what storage remembers.

use std::sync::Arc;

use raconteur_auth::{
    GoogleIdentity, Holder, InvalidToken, PasswordError, PasswordHasher, TokenKind, TokenPair, Tokens,
    WeakPassword, check_password,
};
use raconteur_domain::{Clock, EmailAddress, Entropy, InvalidEmail, User, UserId};
use raconteur_storage::{Credentials, Db, StorageError, WriteTx};
use secrecy::{ExposeSecret, SecretString};

use crate::google::{Google, GoogleError};

/// Registers people, signs them in and knows them again.
#[derive(Clone)]
pub struct Accounts(Arc<Parts>);

/// What accounts are made of.
pub struct Parts {
    /// Where people are kept.
    pub db: Db,
    /// Hashes their passwords.
    pub hasher: PasswordHasher,
    /// Makes and checks their tokens.
    pub tokens: Tokens,
    /// Knows whom Google speaks of, where people may sign in with Google.
    pub google: Option<Google>,
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
    /// Somebody has the address already.
    #[error("email already registered")]
    EmailTaken,
    /// No such address, or another password; which of them is not told.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// The token is not good, or whose it was is gone.
    #[error(transparent)]
    InvalidToken(#[from] InvalidToken),
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
    /// Hashing or signing failed.
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

/// Which epoch the tokens of a new account are of.
const FIRST_EPOCH: i64 = 0;

/// Somebody who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The tokens that say so from now on.
    pub tokens: TokenPair,
}

impl Accounts {
    /// Accounts made of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Makes an account and signs its person in.
    ///
    /// # Errors
    ///
    /// [`AccountError`]; then there is no new account.
    pub async fn register(&self, email: &str, password: SecretString) -> Result<SignedIn, AccountError> {
        let email = match (EmailAddress::parse(email), check_password(password.expose_secret())) {
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
        let row = user.clone();
        let inserted = self.0.db.write(move |tx| tx.insert_user(&row, &email, Some(&hash))).await?;
        if inserted { self.sign_in(user, FIRST_EPOCH) } else { Err(AccountError::EmailTaken) }
    }

    /// Signs somebody in. An address that nobody has takes as long as a wrong password.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub async fn login(&self, email: &str, password: SecretString) -> Result<SignedIn, AccountError> {
        let key = EmailAddress::lookup_key(email);
        let credentials = self.0.db.read(move |tx| tx.credentials(&key)).await?;
        let hash = credentials.as_ref().and_then(|credentials| credentials.password_hash.clone());
        let matches = self.0.hasher.verify(password, hash).await?;
        match credentials {
            Some(credentials) if matches => self.sign_in(credentials.user, credentials.token_epoch),
            _ => Err(AccountError::InvalidCredentials),
        }
    }

    /// Signs in the person of whom this ID token of Google's speaks, with a new account if they have none.
    ///
    /// The account is found by Google's name for the person, whatever becomes of the address. One with a password and
    /// the same address is taken over where Google gives out the address: then it is the person's, whoever made it.
    ///
    /// # Errors
    ///
    /// [`AccountError`]. An address of somebody else's is [`AccountError::EmailTaken`].
    pub async fn google(&self, id_token: &str) -> Result<SignedIn, AccountError> {
        let google = self.0.google.as_ref().ok_or(AccountError::GoogleNotConfigured)?;
        let identity = google.identify(id_token).await?;
        let now = self.0.clock.now();
        let new = User {
            id: UserId::new(now, &*self.0.entropy),
            email: identity.email.as_typed().to_owned(),
            created_at: now,
        };
        let account = self.0.db.write(move |tx| account_of(tx, &identity, &new)).await?;
        let account = account.ok_or(AccountError::EmailTaken)?;
        self.sign_in(account.user, account.token_epoch)
    }

    /// A new access token for whoever has this refresh token.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub async fn refresh(&self, refresh: &str) -> Result<String, AccountError> {
        let known = self.known(refresh, TokenKind::Refresh).await?;
        let holder = Holder { user: known.user.id, epoch: known.token_epoch };
        self.0
            .tokens
            .issue(TokenKind::Access, holder, self.0.clock.now(), &*self.0.entropy)
            .map_err(|error| AccountError::Inside(error.to_string()))
    }

    /// Whose access token this is.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub async fn authenticate(&self, access: &str) -> Result<User, AccountError> {
        Ok(self.known(access, TokenKind::Access).await?.user)
    }

    /// The person whose token this is, unless their tokens of that time have ended.
    async fn known(&self, token: &str, kind: TokenKind) -> Result<Credentials, AccountError> {
        let holder = self.0.tokens.verify(token, kind, self.0.clock.now())?;
        let found = self.0.db.read(move |tx| tx.credentials_of(holder.user)).await?;
        let found = found.filter(|credentials| credentials.token_epoch == holder.epoch);
        found.ok_or(AccountError::InvalidToken(InvalidToken))
    }

    fn sign_in(&self, user: User, epoch: i64) -> Result<SignedIn, AccountError> {
        let holder = Holder { user: user.id, epoch };
        let tokens = self
            .0
            .tokens
            .sign_in(holder, self.0.clock.now(), &*self.0.entropy)
            .map_err(|error| AccountError::Inside(error.to_string()))?;
        Ok(SignedIn { user, tokens })
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
) -> Result<Option<Credentials>, StorageError> {
    if let Some(account) = tx.credentials_of_google(&identity.sub)? {
        return Ok(Some(account));
    }
    if !tx.insert_google_user(new, &identity.email, &identity.sub)? {
        // Somebody has the address, or the same person has just signed in from elsewhere.
        let holder = tx.credentials(identity.email.key())?.filter(|_| identity.authoritative);
        if let Some(holder) = holder {
            tx.give_to_google_user(holder.user.id, &identity.sub)?;
        }
    }
    tx.credentials_of_google(&identity.sub)
}
