#![doc = include_str!("../README.md")]

mod password;
mod secret;
mod token;

pub use password::{
    BCRYPT_COSTS, PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, PasswordError, PasswordHasher, WeakPassword,
    check_password,
};
pub use secret::{SECRET_MIN_BYTES, SigningSecret, WeakSecret};
pub use token::{InvalidToken, TokenKind, TokenPair, Tokens};
