//! A person's own account: what they change of it.

use raconteur_auth::check_password;
use raconteur_domain::{EmailAddress, SessionId, UserId};
use raconteur_storage::ProfileChange;
use secrecy::{ExposeSecret as _, SecretString};

use super::{AccountError, Accounts};

/// What is said where the password is another one.
pub const WRONG_PASSWORD: &str = "This is not the account's password.";

/// What a person changes of their account; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// What they tell of themselves.
    pub profile: ProfileChange,
    /// Another e-mail address.
    pub email: Option<EmailAddress>,
    /// Another password, which may be chosen.
    pub password: Option<SecretString>,
    /// The password that they have. Whoever changes the address or the password has to know it.
    pub current_password: Option<SecretString>,
}

impl AccountChange {
    fn needs_password(&self) -> bool {
        self.email.is_some() || self.password.is_some()
    }
}

impl Accounts {
    /// Changes an account: all that is wanted, or nothing. Another password ends every session but this one.
    ///
    /// # Errors
    ///
    /// [`AccountError`]; then nothing was changed.
    pub async fn change(
        &self,
        user: UserId,
        session: Option<SessionId>,
        change: AccountChange,
    ) -> Result<(), AccountError> {
        let needs_password = change.needs_password();
        let AccountChange { profile, email, password, current_password } = change;
        if !needs_password {
            return Ok(self.0.db.write(move |tx| tx.change_profile(user, &profile)).await?);
        }
        let known = self.confirmed(user, current_password, "current_password").await?;
        if known.is_none() {
            return Err(AccountError::Field(
                "current_password",
                "This account has no password: its person signs in with Google.",
            ));
        }
        if let Some(password) = &password {
            self.check_against_address(user, password, email.as_ref()).await?;
        }
        let hash = match password {
            Some(password) => Some(self.0.hasher.hash(password, self.salt()).await?),
            None => None,
        };
        let (now, ends_others) = (self.0.clock.now(), hash.is_some());
        let work = self.0.db.write(move |tx| {
            // It may have been changed while it was compared.
            if tx.credentials_to_change(user)?.is_none_or(|held| held.password_hash != known) {
                return Err(AccountError::Field("current_password", WRONG_PASSWORD));
            }
            if let Some(email) = email
                && !tx.change_email(user, &email)?
            {
                return Err(AccountError::EmailTaken);
            }
            if let Some(hash) = hash {
                tx.change_password(user, &hash)?;
                tx.revoke_sessions(user, session, now)?;
            }
            Ok(tx.change_profile(user, &profile)?)
        });
        work.await?;
        if ends_others {
            self.0.sessions.forget_those_of(user);
        }
        Ok(())
    }

    /// Refuses a password that is the address which the account has from then on.
    async fn check_against_address(
        &self,
        user: UserId,
        password: &SecretString,
        new: Option<&EmailAddress>,
    ) -> Result<(), AccountError> {
        let stays = match new {
            Some(_) => None,
            None => self.person(user).await?.and_then(|user| EmailAddress::parse(&user.email).ok()),
        };
        let checked = check_password(password.expose_secret(), new.or(stays.as_ref()));
        checked.map_err(|problem| AccountError::Refused { email: None, password: Some(problem) })
    }

    /// The hash that a person's password matches; none where they have no password, so that there is nothing to know.
    ///
    /// # Errors
    ///
    /// [`AccountError::Field`] with the name of the field where it is missing or another one.
    pub async fn confirmed(
        &self,
        user: UserId,
        password: Option<SecretString>,
        field: &'static str,
    ) -> Result<Option<String>, AccountError> {
        let credentials = self.0.db.read(move |tx| tx.credentials_of(user)).await?;
        let Some(hash) = credentials.and_then(|credentials| credentials.password_hash) else {
            return Ok(None);
        };
        let password = password.ok_or(AccountError::Field(field, "This field is required."))?;
        if self.0.hasher.verify(password, Some(hash.clone())).await? {
            Ok(Some(hash))
        } else {
            Err(AccountError::Field(field, WRONG_PASSWORD))
        }
    }
}
