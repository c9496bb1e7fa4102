//! Keys and tokens such as Google's, made on the spot: nothing secret is kept with the tests.
#![allow(clippy::expect_used, reason = "a test that cannot make a key fails")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// A key to sign ID tokens with.
pub struct GoogleKey {
    name: String,
    pair: KeyPair,
}

impl GoogleKey {
    /// A new one of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        Self { name: name.to_owned(), pair }
    }

    /// What Google would publish of it: a JSON Web Key.
    #[must_use]
    pub fn public(&self) -> Value {
        let key = self.pair.public_key();
        let [n, e] = [key.modulus(), key.exponent()]
            .map(|number| URL_SAFE_NO_PAD.encode(number.big_endian_without_leading_zero()));
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.name, "n": n, "e": e })
    }

    /// An ID token of these claims.
    #[must_use]
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "RS256", "kid": self.name, "typ": "JWT" }), claims)
    }

    /// A token with this header, whatever it says, and a signature by RS256.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_texts(&header.to_string(), &claims.to_string())
    }

    /// A token of these very texts, JSON or not, and a signature by RS256.
    #[must_use]
    pub fn sign_texts(&self, header: &str, claims: &str) -> String {
        let body = body(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body.as_bytes(), &mut signature)
            .expect("a key can sign");
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A forgery: a token that says HS256, with what is public of the key for a secret.
    #[must_use]
    pub fn sign_with_the_public_key(&self, claims: &Value) -> String {
        let header = json!({ "alg": "HS256", "kid": self.name, "typ": "JWT" });
        let body = body(&header.to_string(), &claims.to_string());
        let public = self.pair.public_key();
        let mut mac = Hmac::<Sha256>::new_from_slice(public.as_ref()).expect("HMAC takes any key");
        mac.update(body.as_bytes());
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

fn body(header: &str, claims: &str) -> String {
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}
