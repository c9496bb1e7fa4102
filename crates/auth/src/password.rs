//! Passwords: what is accepted, and how they are kept.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use raconteur_domain::{EmailAddress, fold};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha384;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::common_passwords::is_common;

/// The shortest password, in characters (NIST SP 800-63B asks for 8).
pub const PASSWORD_MIN_CHARS: usize = 8;

/// The longest password, in bytes: longer than any passphrase, and quick to digest.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// The cost factors that bcrypt takes here: each step doubles the work.
pub const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=31;

/// How many passwords may wait to be hashed. Past it the answer is [`PasswordError::Busy`] rather than a long
/// silence: at the default cost this many keep one core busy for about a minute.
const QUEUE: usize = 256;

/// bcrypt reads 72 bytes and no more, so it is given a digest of the whole password. The key tells our digests
/// from anybody else's. It is no secret, and it must never change.
const DIGEST_KEY: &[u8] = b"raconteur password digest, version 1";

/// Why a password is not accepted, in words for the person who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_MIN_CHARS`] characters.
    #[error("This password is too short. It must contain at least {PASSWORD_MIN_CHARS} characters.")]
    TooShort,
    /// More than [`PASSWORD_MAX_BYTES`] bytes.
    #[error("This password is too long. It must have no more than {PASSWORD_MAX_BYTES} bytes.")]
    TooLong,
    /// Whoever tries passwords tries it among the first.
    #[error("This password is too common. Choose one that nobody else would think of.")]
    TooCommon,
    /// It is the person's own e-mail address, or what stands before the `@` of it.
    #[error("This password is the e-mail address. Choose one that is not known to others.")]
    TheAddress,
}

/// Why a password could not be hashed or compared.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many sign-ins at once")]
    Busy,
    /// bcrypt refused; the settings or the stored hash are at fault, not the person.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Whether the password may be chosen by somebody with this address, where it is known. Any Unicode is fine, and nothing
/// about its composition is asked for; what is easily guessed is refused, in whichever case and compatibility form.
///
/// # Errors
///
/// [`WeakPassword`] says what is wrong with it.
pub fn check_password(password: &str, address: Option<&EmailAddress>) -> Result<(), WeakPassword> {
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(WeakPassword::TooShort);
    }
    let folded = fold(password);
    let is_the_address = |address: &EmailAddress| {
        let name = address.key().split_once('@').map_or("", |(name, _)| name);
        folded == address.key() || folded == name
    };
    if address.is_some_and(is_the_address) {
        Err(WeakPassword::TheAddress)
    } else if is_common(&folded) {
        Err(WeakPassword::TooCommon)
    } else {
        Ok(())
    }
}

/// Hashes passwords on a few threads of their own, so that a storm of sign-ins leaves the rest of the machine to
/// the replies.
#[derive(Clone)]
pub struct PasswordHasher {
    cost: u32,
    threads: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    runtime: Handle,
}

impl PasswordHasher {
    /// A hasher of this cost ([`BCRYPT_COSTS`]) that uses so many threads at once, of this runtime's.
    #[must_use]
    pub fn new(cost: u32, threads: usize, runtime: Handle) -> Self {
        Self {
            cost: cost.clamp(*BCRYPT_COSTS.start(), *BCRYPT_COSTS.end()),
            threads: Arc::new(Semaphore::new(threads.max(1))),
            queue: Arc::new(Semaphore::new(QUEUE)),
            runtime,
        }
    }

    /// Hashes a password with 16 random bytes of salt.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Busy`] where too many wait.
    pub async fn hash(&self, password: SecretString, salt: [u8; 16]) -> Result<String, PasswordError> {
        let cost = self.cost;
        self.run(move || bcrypt::hash_with_salt(digest(&password), cost, salt).map(|parts| parts.to_string()))
            .await
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, and takes as long: an
    /// address that nobody has looks like one whose password was mistyped.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Busy`] where too many wait.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy());
        let matches = self.run(move || bcrypt::verify(digest(&password), &hash)).await?;
        Ok(known && matches)
    }

    /// A well-formed hash of this cost which no known password has.
    fn decoy(&self) -> String {
        format!("$2b${:02}$abcdefghijklmnopqrstuu{}", self.cost, "abcdefghijklmnopqrstuvwxyzABCDC")
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.queue.try_acquire().map_err(|_| PasswordError::Busy)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let hashing = self.runtime.spawn_blocking(move || {
            // Held by the work itself: whoever asked may go away, the thread is busy all the same.
            let _thread = thread;
            work()
        });
        match hashing.await {
            Ok(result) => result.map_err(|error| PasswordError::Hash(error.to_string())),
            Err(error) => Err(PasswordError::Hash(error.to_string())),
        }
    }
}

/// The whole password in 64 characters: `base64(hmac-sha384(key, password))`.
fn digest(password: &SecretString) -> String {
    // HMAC takes a key of any length (RFC 2104), so there is no failure to report.
    let Ok(mut mac) = Hmac::<Sha384>::new_from_slice(DIGEST_KEY) else { unreachable!() };
    mac.update(password.expose_secret().as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> PasswordHasher {
        PasswordHasher::new(4, 2, Handle::current())
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_no_other() {
        let hash = hasher().hash(secret("swordfish"), [7; 16]).await.unwrap();
        assert!(hasher().verify(secret("swordfish"), Some(hash.clone())).await.unwrap());
        assert!(!hasher().verify(secret("swordfisH"), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_long_passphrase_counts_whole() {
        let long = "é".repeat(500);
        let hash = hasher().hash(secret(&format!("{long}1")), [7; 16]).await.unwrap();
        assert!(hasher().verify(secret(&format!("{long}1")), Some(hash.clone())).await.unwrap());
        assert!(!hasher().verify(secret(&format!("{long}2")), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_the_decoys_password() {
        let hasher = hasher();
        assert!(!hasher.verify(secret("swordfish"), None).await.unwrap());
        // It is a real hash of the same cost, so that comparing with it takes as long.
        let parts: bcrypt::HashParts = hasher.decoy().parse().unwrap();
        assert_eq!(parts.get_cost(), 4);
    }

    #[test]
    fn the_digest_never_changes() {
        // Whoever changes it locks everybody out.
        assert_eq!(
            digest(&secret("swordfish")),
            "bxjMfOAuTJv2lzg/ZsvoHMhaYiSXo50Ws6/p2QjObbgrazPgfKg8A0wgdvZUZBIE"
        );
    }

    #[test]
    fn a_password_is_as_long_as_it_has_to_be_and_of_anything() {
        let check = |password: &str| check_password(password, None);
        assert_eq!(check("1234567"), Err(WeakPassword::TooShort));
        assert_eq!(check("éééééééé"), Ok(()));
        assert_eq!(check(&"x".repeat(1024)), Ok(()));
        assert_eq!(check(&"x".repeat(1025)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn what_everybody_tries_first_is_refused_in_any_spelling() {
        for password in ["password", "PassWord1", "1234567890", "qwertyuiop", "ｐａｓｓｗｏｒｄ", "trustno1"]
        {
            assert_eq!(check_password(password, None), Err(WeakPassword::TooCommon), "{password}");
        }
        for password in ["password of mine", " password", "correct horse battery staple", "swordfish of old"]
        {
            assert_eq!(check_password(password, None), Ok(()), "{password}");
        }
    }

    #[test]
    fn the_address_is_no_password_for_whoever_has_it() {
        let address = EmailAddress::parse("Ada.Lovelace@Example.org").unwrap();
        for password in
            ["ada.lovelace@example.org", "ADA.LOVELACE@EXAMPLE.ORG", "Ada.Lovelace", "ａda.lovelace"]
        {
            assert_eq!(check_password(password, Some(&address)), Err(WeakPassword::TheAddress), "{password}");
            assert_eq!(check_password(password, None), Ok(()), "{password}");
        }
        for password in ["ada.lovelace@example", "lovelace.ada", "@example.org"] {
            assert_eq!(check_password(password, Some(&address)), Ok(()), "{password}");
        }
    }
}
