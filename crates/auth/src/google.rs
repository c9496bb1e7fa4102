//! Google's ID tokens (OpenID Connect Core 1.0, 3.1.3.7): JSON Web Tokens that Google signs with RS256, and the keys
//! that it publishes for them.

use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey};
use raconteur_domain::{EmailAddress, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::jws::{self, Jws, NotSigned};

/// Both of Google's own names.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// How far ahead Google's clock may be, in seconds.
const LEEWAY_SECONDS: i64 = 60;

/// Longer texts are no ID tokens of Google's, and are not even decoded.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The longest `sub`, in bytes (OpenID Connect Core 1.0, 2).
const MAX_SUB_BYTES: usize = 255;

/// Where Google itself gives out the addresses.
const GMAIL: &str = "@gmail.com";

/// The keys that Google signs with at the moment, by their names.
pub struct GoogleKeys(HashMap<String, DecodingKey>);

/// A text that is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Web Key Set with an RSA key in it")]
pub struct UnreadableKeys;

impl GoogleKeys {
    /// Reads a JSON Web Key Set (RFC 7517). Keys that are of no use here are passed over.
    ///
    /// # Errors
    ///
    /// [`UnreadableKeys`] for what is none, or has no key that is of use.
    pub fn parse(json: &[u8]) -> Result<Self, UnreadableKeys> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }

        let set: Set = serde_json::from_slice(json).map_err(|_| UnreadableKeys)?;
        let usable = set.keys.into_iter().filter_map(|key| jws::key(key, Algorithm::RS256));
        let keys: HashMap<_, _> = usable.filter_map(|(name, key)| Some((name?, key))).collect();
        if keys.is_empty() { Err(UnreadableKeys) } else { Ok(Self(keys)) }
    }
}

/// Why an ID token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGoogleToken {
    /// It names a key that is not among those at hand. Newer ones may have it.
    #[error("the token is signed with a key that is not known")]
    UnknownKey,
    /// It is none of Google's, not for this client, or not valid now. Which of these it is stays inside.
    #[error("invalid google token")]
    Invalid,
}

impl From<NotSigned> for InvalidGoogleToken {
    fn from(NotSigned: NotSigned) -> Self {
        Self::Invalid
    }
}

/// Somebody of whom Google says who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoogleIdentity {
    /// Google's own name for the person, which never changes and is never given to another.
    pub sub: String,
    /// The person's address, which Google has verified.
    pub email: EmailAddress,
    /// Whether Google gives out this address, so that nobody else can have it. Of any other it only knows that the
    /// person could read mail sent there once.
    pub authoritative: bool,
}

// A claim that is there twice is refused. Who asked Google for the token (`azp`) is not looked at: where an app and a web
// page belong together, it is the app, and the token is for this client all the same.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    // One: a token for others too could be passed on by them.
    aud: String,
    sub: String,
    email: String,
    email_verified: bool,
    hd: Option<String>,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
}

/// Checks ID tokens that were made for one client.
pub struct GoogleSignIn {
    client_id: String,
}

impl GoogleSignIn {
    /// Takes the tokens that were made for this client id.
    #[must_use]
    pub fn new(client_id: &str) -> Self {
        Self { client_id: client_id.to_owned() }
    }

    /// The name of the key that the token says it is signed with. What has none needs no keys to be refused.
    ///
    /// # Errors
    ///
    /// [`InvalidGoogleToken::Invalid`].
    pub fn key_name(token: &str) -> Result<String, InvalidGoogleToken> {
        let name = parse(token)?.key_name().map(str::to_owned);
        name.ok_or(InvalidGoogleToken::Invalid)
    }

    /// Of whom the token speaks, if Google signed it with one of these keys, for this client, and it is valid now.
    ///
    /// # Errors
    ///
    /// [`InvalidGoogleToken`].
    pub fn verify(
        &self,
        token: &str,
        keys: &GoogleKeys,
        now: Timestamp,
    ) -> Result<GoogleIdentity, InvalidGoogleToken> {
        let token = parse(token)?;
        let name = token.key_name().ok_or(InvalidGoogleToken::Invalid)?;
        let key = keys.0.get(name).ok_or(InvalidGoogleToken::UnknownKey)?;
        let claims = serde_json::from_slice(&token.verify(key)?).map_err(|_| InvalidGoogleToken::Invalid)?;
        self.identity(claims, now.as_seconds()).ok_or(InvalidGoogleToken::Invalid)
    }

    fn identity(&self, claims: Claims, now: i64) -> Option<GoogleIdentity> {
        let for_us = ISSUERS.contains(&claims.iss.as_str()) && claims.aud == self.client_id;
        let soon = now.saturating_add(LEEWAY_SECONDS);
        let valid_now = now < claims.exp && claims.iat <= soon && claims.nbf.is_none_or(|nbf| nbf <= soon);
        let is_a_sub = !claims.sub.is_empty()
            && claims.sub.len() <= MAX_SUB_BYTES
            && claims.sub.bytes().all(|byte| byte.is_ascii_graphic());
        if !(for_us && valid_now && is_a_sub && claims.email_verified) {
            return None;
        }
        let email = EmailAddress::parse(&claims.email).ok()?;
        let of_a_domain = claims.hd.is_some_and(|domain| !domain.is_empty());
        let authoritative = of_a_domain || email.key().ends_with(GMAIL);
        Some(GoogleIdentity { sub: claims.sub, email, authoritative })
    }
}

/// Whoever signs in another way has no key of Google's, whatever it is called.
fn parse(token: &str) -> Result<Jws<'_>, InvalidGoogleToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(InvalidGoogleToken::Invalid);
    }
    Ok(Jws::parse(token, Algorithm::RS256)?)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use serde_json::json;

    use super::*;
    use crate::testing::GoogleKey;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
    const CLIENT: &str = "1234.apps.googleusercontent.com";

    // Keys take their time to make.
    static KEY: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("one"));
    static OTHER: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("one"));

    fn published(keys: &[Value]) -> GoogleKeys {
        GoogleKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn verify(token: &str) -> Result<GoogleIdentity, InvalidGoogleToken> {
        GoogleSignIn::new(CLIENT).verify(token, &published(&[KEY.public()]), NOW)
    }

    /// Good claims, some of them changed or (null) left out.
    fn claims(changes: &Value) -> Value {
        let now = NOW.as_seconds();
        let mut claims = json!({
            "iss": ISSUERS[0], "aud": CLIENT, "azp": CLIENT, "sub": "110169484474386276334",
            "email": "ada@example.org", "email_verified": true, "iat": now - 10, "exp": now + 3_590,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    fn with(changes: &Value) -> Result<GoogleIdentity, InvalidGoogleToken> {
        verify(&KEY.token(&claims(changes)))
    }

    #[test]
    fn a_good_token_names_its_person() {
        let identity = with(&json!({})).unwrap();
        assert_eq!(identity.sub, "110169484474386276334");
        assert_eq!((identity.email.as_typed(), identity.authoritative), ("ada@example.org", false));
    }

    #[test]
    fn every_claim_is_checked() {
        let now = NOW.as_seconds();
        for changes in [
            json!({ "iss": "https://accounts.google.com/" }),
            json!({ "iss": "https://accounts.google.com.evil.example" }),
            json!({ "iss": "http://accounts.google.com" }),
            json!({ "iss": "" }),
            json!({ "iss": null }),
            json!({ "iss": 7 }),
            json!({ "aud": "5678.apps.googleusercontent.com" }),
            json!({ "aud": "" }),
            json!({ "aud": null }),
            json!({ "aud": [] }),
            json!({ "aud": [CLIENT, "5678.apps.googleusercontent.com"] }),
            json!({ "iss": [ISSUERS[0]] }),
            json!({ "aud": ["5678.apps.googleusercontent.com"] }),
            json!({ "exp": now }),
            json!({ "exp": now - 1 }),
            json!({ "exp": "later" }),
            json!({ "exp": null }),
            json!({ "iat": now + LEEWAY_SECONDS + 1 }),
            json!({ "iat": "now" }),
            json!({ "iat": null }),
            json!({ "nbf": now + LEEWAY_SECONDS + 1 }),
            json!({ "email_verified": false }),
            json!({ "email_verified": "true" }),
            json!({ "email_verified": 1 }),
            json!({ "email_verified": null }),
            json!({ "email": "ada" }),
            json!({ "email": "" }),
            json!({ "email": "a\u{0}da@example.org" }),
            json!({ "email": 7 }),
            json!({ "email": null }),
            json!({ "sub": "" }),
            json!({ "sub": "1".repeat(MAX_SUB_BYTES + 1) }),
            json!({ "sub": "1\u{0}" }),
            json!({ "sub": "é" }),
            json!({ "sub": 110_169_484 }),
            json!({ "sub": null }),
            json!({ "hd": 7 }),
        ] {
            assert_eq!(with(&changes), Err(InvalidGoogleToken::Invalid), "{changes}");
        }
    }

    #[test]
    fn what_is_within_the_bounds_is_taken() {
        let now = NOW.as_seconds();
        for changes in [
            json!({ "iss": ISSUERS[1] }),
            json!({ "exp": now + 1 }),
            json!({ "iat": now + LEEWAY_SECONDS }),
            json!({ "nbf": now + LEEWAY_SECONDS }),
            json!({ "sub": "1".repeat(MAX_SUB_BYTES) }),
            json!({ "hd": "" }),
            json!({ "azp": "5678.apps.googleusercontent.com" }),
            json!({ "azp": null }),
            json!({ "name": "Ada", "picture": "x", "nonce": "y" }),
        ] {
            assert!(with(&changes).is_ok(), "{changes}");
        }
    }

    #[test]
    fn google_is_authoritative_for_what_it_gives_out() {
        for (changes, authoritative) in [
            (json!({ "email": "ada@gmail.com" }), true),
            (json!({ "email": "Ada@GMail.COM" }), true),
            (json!({ "email": "ada@gmail.com.example.org" }), false),
            (json!({ "email": "ada@notgmail.com" }), false),
            (json!({ "email": "ada@company.example" }), false),
            (json!({ "email": "ada@company.example", "hd": "" }), false),
            (json!({ "email": "ada@company.example", "hd": "company.example" }), true),
        ] {
            assert_eq!(with(&changes).unwrap().authoritative, authoritative, "{changes}");
        }
    }

    #[test]
    fn another_key_or_another_way_to_sign_is_refused() {
        let good = claims(&json!({}));
        let header = |changes: Value| {
            let mut header = json!({ "alg": "RS256", "kid": "one", "typ": "JWT" });
            for (name, value) in changes.as_object().unwrap() {
                header[name] = value.clone();
            }
            header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            header
        };
        assert!(verify(&KEY.sign(&header(json!({})), &good)).is_ok());
        assert_eq!(verify(&OTHER.token(&good)), Err(InvalidGoogleToken::Invalid), "a key of the same name");
        let unknown = verify(&KEY.sign(&header(json!({ "kid": "two" })), &good));
        assert_eq!(unknown, Err(InvalidGoogleToken::UnknownKey));
        for changes in [
            json!({ "kid": null }),
            json!({ "kid": 1 }),
            json!({ "alg": "RS512" }),
            json!({ "alg": "PS256" }),
            json!({ "alg": "HS256" }),
            json!({ "alg": "none" }),
            json!({ "alg": null }),
        ] {
            let token = KEY.sign(&header(changes.clone()), &good);
            assert_eq!(verify(&token), Err(InvalidGoogleToken::Invalid), "{changes}");
        }
        // What everybody can read is no secret to sign with.
        let forged = KEY.sign_with_the_public_key(&good);
        assert_eq!(verify(&forged), Err(InvalidGoogleToken::Invalid));
        // A signature of other claims, and none at all.
        let (one, other) = (KEY.token(&good), KEY.token(&claims(&json!({ "email": "eve@example.org" }))));
        let body = one.rsplit_once('.').unwrap().0;
        let signature = other.rsplit_once('.').unwrap().1;
        for token in [format!("{body}.{signature}"), format!("{body}."), body.to_owned()] {
            assert_eq!(verify(&token), Err(InvalidGoogleToken::Invalid));
        }
    }

    #[test]
    fn a_claim_that_is_there_twice_is_refused() {
        let good = claims(&json!({})).to_string();
        let header = json!({ "alg": "RS256", "kid": "one" }).to_string();
        assert!(verify(&KEY.sign_texts(&header, &good)).is_ok());
        for twice in [r#""aud":"others""#, r#""email":"eve@example.org""#, r#""sub":"1""#, r#""exp":1"#] {
            let claims = good.replacen('{', &format!("{{{twice},"), 1);
            assert_eq!(
                verify(&KEY.sign_texts(&header, &claims)),
                Err(InvalidGoogleToken::Invalid),
                "{twice}"
            );
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let long = format!("{}.e30.x", "x".repeat(MAX_TOKEN_BYTES));
        for text in ["", ".", "..", "a.b.c", "é", "e30.e30.", "bnVsbA.e30.", &long] {
            assert_eq!(verify(text), Err(InvalidGoogleToken::Invalid), "{text:.20}");
        }
    }

    #[test]
    fn keys_that_are_of_no_use_are_passed_over() {
        let changed = |name: &str, value: Value| {
            let mut key = KEY.public();
            key[name] = value;
            key
        };
        let useless = [
            changed("use", json!("enc")),
            changed("alg", json!("RS512")),
            changed("kid", Value::Null),
            changed("key_ops", json!(["encrypt"])),
            changed("kty", json!("oct")),
            json!({ "kty": "EC", "crv": "P-256", "kid": "one", "x": "AA", "y": "AA" }),
            json!({ "kty": "oct", "kid": "one", "k": "c2VjcmV0" }),
            json!({}),
            json!(7),
        ];
        for key in &useless {
            assert!(GoogleKeys::parse(json!({ "keys": [key] }).to_string().as_bytes()).is_err(), "{key}");
        }
        let among_others = published(&[useless.as_slice(), &[KEY.public()]].concat());
        let token = KEY.token(&claims(&json!({})));
        assert!(GoogleSignIn::new(CLIENT).verify(&token, &among_others, NOW).is_ok());
        for text in ["", "{}", "[]", "null", "{\"keys\": []}", "{\"keys\": {}}", "<html>"] {
            assert!(GoogleKeys::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
