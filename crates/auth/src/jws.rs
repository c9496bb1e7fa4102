//! JSON Web Signatures in their compact form (RFC 7515): three parts of base64url with dots between them. Whose claims
//! they carry, and whether these are good, is for others to say; here it is who signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::SECRET_MIN_BYTES;

/// A text that reads like a token signed in the one way that is expected. Nothing in it can be believed before
/// [`verify`](Self::verify).
pub struct Jws<'a> {
    algorithm: Algorithm,
    key_name: Option<String>,
    /// What the signature is over: header and payload as they came.
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// The text is no token, is signed in another way or by another key, or wants something of its reader that is unknown.
/// Which of these it is stays inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSigned;

/// What a header says that matters here. A name that is there twice is refused.
#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    // What whoever signed wants to be understood (RFC 7515, 4.1.11). None of it is, so even a null is refused.
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

fn is_there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl<'a> Jws<'a> {
    /// Reads a token that says it is signed with this algorithm. The algorithm is the reader's choice and never the
    /// token's (RFC 8725, 3.1).
    pub fn parse(token: &'a str, algorithm: Algorithm) -> Result<Self, NotSigned> {
        let (signed, signature) = token.rsplit_once('.').ok_or(NotSigned)?;
        let (header, payload) = signed.split_once('.').ok_or(NotSigned)?;
        if payload.contains('.') {
            return Err(NotSigned);
        }
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| NotSigned)?;
        if header.alg != algorithm || header.crit {
            return Err(NotSigned);
        }
        Ok(Self { algorithm, key_name: header.kid, signed, payload, signature })
    }

    /// The name of the key that it says it is signed with.
    pub fn key_name(&self) -> Option<&str> {
        self.key_name.as_deref()
    }

    /// What was signed, if it was with this key.
    pub fn verify(&self, key: &DecodingKey) -> Result<Vec<u8>, NotSigned> {
        let signed = crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm);
        if signed.is_ok_and(|signed| signed) { decoded(self.payload) } else { Err(NotSigned) }
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, NotSigned> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| NotSigned)
}

/// A JSON Web Key (RFC 7517) that may verify signatures of this algorithm, with its name where it has one. None for a
/// key that says it is for something else, and for a secret that is too short.
pub fn key(jwk: Value, algorithm: Algorithm) -> Option<(Option<String>, DecodingKey)> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    let kind = match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => KeyAlgorithm::RS256,
        (AlgorithmParameters::OctetKey(_), Algorithm::HS256) => KeyAlgorithm::HS256,
        _ => return None,
    };
    let common = &jwk.common;
    let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
    if !for_signatures || common.key_algorithm.is_some_and(|named| named != kind) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let is_short = key.try_get_as_bytes().is_ok_and(|secret| secret.len() < SECRET_MIN_BYTES);
    (!is_short).then_some((jwk.common.key_id, key))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::EncodingKey;
    use serde_json::json;

    use super::*;

    const SECRET: &[u8] = b"a signing secret of enough bytes";

    /// A token with these very texts in it, and a good signature of them.
    fn token(header: &str, payload: &str) -> String {
        let body = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let key = EncodingKey::from_secret(SECRET);
        format!("{body}.{}", crypto::sign(body.as_bytes(), &key, Algorithm::HS256).unwrap())
    }

    fn verify(token: &str) -> Result<Vec<u8>, NotSigned> {
        Jws::parse(token, Algorithm::HS256)?.verify(&DecodingKey::from_secret(SECRET))
    }

    #[test]
    fn what_was_signed_comes_out_as_it_was() {
        for payload in ["{}", "no JSON at all", ""] {
            assert_eq!(verify(&token(r#"{"alg":"HS256"}"#, payload)).unwrap(), payload.as_bytes());
        }
    }

    #[test]
    fn a_header_that_asks_for_anything_unknown_is_refused_though_the_signature_is_good() {
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS384"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":null}"#,
            r#"{"alg":"none","alg":"HS256"}"#,
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","kid":"a","kid":"b"}"#,
            r#"{"alg":"HS256","kid":["a"]}"#,
            r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"HS256","crit":null}"#,
            r#"{"typ":"JWT"}"#,
            "{}",
            "[]",
            "null",
            "",
        ] {
            assert_eq!(verify(&token(header, "{}")), Err(NotSigned), "{header}");
        }
    }

    #[test]
    fn every_part_counts_to_the_last_bit() {
        let good = token(r#"{"alg":"HS256"}"#, "{}");
        let (header, rest) = good.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let cut = &signature[..signature.len() - 1];
        for token in [
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}.{cut}"),
            format!("{header}.{payload}.{signature}="),
            format!("{header}.{payload}.{signature}."),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{header}=.{payload}.{signature}"),
            format!("{header}.{payload} .{signature}"),
            format!(" {good}"),
            format!("{good}\n"),
        ] {
            assert_eq!(verify(&token), Err(NotSigned), "{token}");
        }
    }

    #[test]
    fn a_key_is_good_for_what_it_says_alone() {
        let secret = |changes: Value| {
            let mut jwk = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(SECRET) });
            for (name, value) in changes.as_object().unwrap() {
                jwk[name] = value.clone();
            }
            key(jwk, Algorithm::HS256)
        };
        for good in [
            json!({}),
            json!({ "alg": "HS256", "use": "sig", "kid": "one" }),
            json!({ "key_ops": ["sign", "verify"] }),
        ] {
            assert!(secret(good.clone()).is_some(), "{good}");
        }
        for bad in [
            json!({ "alg": "HS512" }),
            json!({ "use": "enc" }),
            json!({ "key_ops": ["encrypt"] }),
            json!({ "key_ops": [] }),
            json!({ "k": URL_SAFE_NO_PAD.encode(&SECRET[1..]) }),
            json!({ "kty": "RSA" }),
        ] {
            assert!(secret(bad.clone()).is_none(), "{bad}");
        }
        assert!(
            key(json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(SECRET) }), Algorithm::RS256).is_none()
        );
    }
}
