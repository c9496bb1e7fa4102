//! Tokens that the server would not make.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::Value;

use super::app::SECRET;
use super::client::Client;

/// An access token for this person, signed as the server signs, some of its claims changed.
pub fn forged(person: &Client, changes: &Value) -> String {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let mut claims = decode::<Value>(&person.account().access, &key, &validation).unwrap().claims;
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}
