#![doc = include_str!("../README.md")]

mod common_passwords;
mod google;
mod jws;
mod password;
mod secret;
mod session;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod token;
#[cfg(test)]
mod wycheproof;

pub use google::{GoogleIdentity, GoogleKeys, GoogleSignIn, InvalidGoogleToken, UnreadableKeys};
pub use password::{
    BCRYPT_COSTS, PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, PasswordError, PasswordHasher, WeakPassword,
    check_password,
};
pub use secret::{SECRET_MIN_BYTES, SigningSecret, WeakSecret};
pub use session::{GRACE, LONGEST_SESSION, Refusal, SessionRules};
pub use token::{Bearer, EarlierSignIn, InvalidToken, SigningError, Tokens, UsedToken};
