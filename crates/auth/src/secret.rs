//! The secret that signs tokens.

use secrecy::{ExposeSecret, SecretString};

/// The shortest secret, in bytes: as long as the digest that HS256 makes (RFC 7518, 3.2).
pub const SECRET_MIN_BYTES: usize = 32;

/// Beginnings of secrets that stand in tutorials, templates and example files for everybody to read.
const WELL_KNOWN: [&str; 6] =
    ["django-insecure-", "dev-secret", "changeme", "change-me", "your-secret", "please-change"];

/// The secret that signs tokens. Whoever has it can be anybody.
#[derive(Clone, Debug)]
pub struct SigningSecret(SecretString);

/// Why a text cannot be the signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// Shorter than [`SECRET_MIN_BYTES`].
    #[error(
        "it is too short: at least {SECRET_MIN_BYTES} bytes were expected, such as `openssl rand -hex 32` prints"
    )]
    TooShort,
    /// It can be read or guessed by anybody.
    #[error("it is well known or trivial: use one of your own, such as `openssl rand -hex 32` prints")]
    WellKnown,
}

impl SigningSecret {
    /// Takes a secret that is long enough and not known to everybody.
    ///
    /// # Errors
    ///
    /// [`WeakSecret`] says what is wrong with it, and what to do.
    pub fn parse(text: &str) -> Result<Self, WeakSecret> {
        let lower = text.to_lowercase();
        let distinct: std::collections::HashSet<char> = lower.chars().collect();
        if WELL_KNOWN.iter().any(|known| lower.starts_with(known)) {
            Err(WeakSecret::WellKnown)
        } else if text.len() < SECRET_MIN_BYTES {
            Err(WeakSecret::TooShort)
        } else if distinct.len() < 6 {
            Err(WeakSecret::WellKnown)
        } else {
            Ok(Self(SecretString::from(text.to_owned())))
        }
    }

    /// Takes any secret: for development, where nothing is worth stealing.
    #[must_use]
    pub fn unchecked(text: &str) -> Self {
        Self(SecretString::from(text.to_owned()))
    }

    pub(crate) fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_trivial_and_published_secrets_are_refused() {
        assert_eq!(SigningSecret::parse("0123456789abcdef").err(), Some(WeakSecret::TooShort));
        assert_eq!(SigningSecret::parse(&"ab".repeat(40)).err(), Some(WeakSecret::WellKnown));
        let template = "django-insecure-k3#f9!qz0w8x7c6v5b4n3m2l1";
        assert_eq!(SigningSecret::parse(template).err(), Some(WeakSecret::WellKnown));
        assert!(SigningSecret::parse("6f1ed002ab5595859014ebf0951522d9").is_ok());
    }

    #[test]
    fn it_does_not_show_itself() {
        let secret = SigningSecret::parse("6f1ed002ab5595859014ebf0951522d9").unwrap();
        assert!(!format!("{secret:?}").contains("6f1e"));
    }
}
