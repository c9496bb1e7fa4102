//! Accounts: who is who. It brings together what `auth` can check and what storage remembers.

use std::sync::Arc;

use raconteur_auth::{
    InvalidToken, PasswordError, PasswordHasher, TokenKind, TokenPair, Tokens, WeakPassword, check_password,
};
use raconteur_domain::{Clock, EmailAddress, Entropy, InvalidEmail, User, UserId};
use raconteur_storage::{Db, StorageError};
use secrecy::{ExposeSecret, SecretString};

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
        if inserted { self.sign_in(user) } else { Err(AccountError::EmailTaken) }
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
            Some(credentials) if matches => self.sign_in(credentials.user),
            _ => Err(AccountError::InvalidCredentials),
        }
    }

    /// A new access token for whoever has this refresh token.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub async fn refresh(&self, refresh: &str) -> Result<String, AccountError> {
        let user = self.known(refresh, TokenKind::Refresh).await?;
        self.token(TokenKind::Access, user.id)
    }

    /// Whose access token this is.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub async fn authenticate(&self, access: &str) -> Result<User, AccountError> {
        self.known(access, TokenKind::Access).await
    }

    async fn known(&self, token: &str, kind: TokenKind) -> Result<User, AccountError> {
        let id = self.0.tokens.verify(token, kind, self.0.clock.now())?;
        let user = self.0.db.read(move |tx| tx.user(id)).await?;
        user.ok_or(AccountError::InvalidToken(InvalidToken))
    }

    fn sign_in(&self, user: User) -> Result<SignedIn, AccountError> {
        let tokens = self
            .0
            .tokens
            .sign_in(user.id, self.0.clock.now(), &*self.0.entropy)
            .map_err(|error| AccountError::Inside(error.to_string()))?;
        Ok(SignedIn { user, tokens })
    }

    fn token(&self, kind: TokenKind, user: UserId) -> Result<String, AccountError> {
        self.0
            .tokens
            .issue(kind, user, self.0.clock.now(), &*self.0.entropy)
            .map_err(|error| AccountError::Inside(error.to_string()))
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.0.entropy.fill(&mut salt);
        salt
    }
}
