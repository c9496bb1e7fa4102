//! Access and refresh tokens: JSON Web Tokens (RFC 7519), signed with HS256 and nothing else.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use raconteur_domain::{Entropy, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Builder;

use crate::SigningSecret;

const ISSUER: &str = "raconteur";
const AUDIENCE: &str = "raconteur-api";

/// How far ahead another server's clock may be, in seconds, before its tokens are not valid yet.
const LEEWAY_SECONDS: i64 = 5;

/// Longer texts are no tokens of ours, and are not even decoded.
const MAX_TOKEN_BYTES: usize = 4096;

/// What a token is good for. One never serves as the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Opens the API for some minutes.
    Access,
    /// Buys access tokens for some days.
    Refresh,
}

/// The token is not one of ours, not of the right kind, or not valid now. Which of these it is stays inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Token is invalid or expired")]
pub struct InvalidToken;

/// The tokens of one sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    /// The access token.
    pub access: String,
    /// The refresh token, which expires later.
    pub refresh: String,
}

/// Whose a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub user: UserId,
    /// Which of the person's epochs it was made in: once that is over, the token is good no more. Whoever verifies a
    /// token compares it.
    pub epoch: i64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    token_type: TokenKind,
    // Tokens of earlier versions have none.
    #[serde(default)]
    epoch: i64,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes tokens and checks them.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    access_lifetime: Duration,
    refresh_lifetime: Duration,
}

impl Tokens {
    /// Tokens signed with the secret's own bytes, valid for these times.
    #[must_use]
    pub fn new(secret: &SigningSecret, access_lifetime: Duration, refresh_lifetime: Duration) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // The library would ask the system's clock; ours is passed in.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
            validation,
            access_lifetime,
            refresh_lifetime,
        }
    }

    /// The tokens for a new sign-in.
    ///
    /// # Errors
    ///
    /// Where the cryptographic library fails, which nothing in the arguments can make it do.
    pub fn sign_in(
        &self,
        holder: Holder,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<TokenPair, jsonwebtoken::errors::Error> {
        Ok(TokenPair {
            access: self.issue(TokenKind::Access, holder, now, entropy)?,
            refresh: self.issue(TokenKind::Refresh, holder, now, entropy)?,
        })
    }

    /// One token.
    ///
    /// # Errors
    ///
    /// As [`Tokens::sign_in`].
    pub fn issue(
        &self,
        kind: TokenKind,
        holder: Holder,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let lifetime = match kind {
            TokenKind::Access => self.access_lifetime,
            TokenKind::Refresh => self.refresh_lifetime,
        };
        let mut jti = [0; 16];
        entropy.fill(&mut jti);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: holder.user.to_string(),
            token_type: kind,
            epoch: holder.epoch,
            jti: Builder::from_random_bytes(jti).into_uuid().to_string(),
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            exp: (now + lifetime).as_seconds(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// Whose token this is, if it is ours, of this kind and valid now.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] otherwise.
    pub fn verify(&self, token: &str, kind: TokenKind, now: Timestamp) -> Result<Holder, InvalidToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken);
        }
        let claims =
            decode::<Claims>(token, &self.decoding, &self.validation).map_err(|_| InvalidToken)?.claims;
        let seconds = now.as_seconds();
        let valid_now = seconds < claims.exp && claims.nbf <= seconds + LEEWAY_SECONDS;
        if claims.token_type != kind || !valid_now {
            return Err(InvalidToken);
        }
        let user = claims.sub.parse().map_err(|_| InvalidToken)?;
        Ok(Holder { user, epoch: claims.epoch })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
    const SECRET: &str = "a signing secret of enough bytes for a test";

    fn tokens() -> Tokens {
        let secret = SigningSecret::parse(SECRET).unwrap();
        Tokens::new(&secret, Duration::from_secs(900), Duration::from_secs(86_400))
    }

    fn ada() -> Holder {
        Holder { user: UserId::new(NOW, &Sevens), epoch: 3 }
    }

    fn at(seconds: u64) -> Timestamp {
        NOW + Duration::from_secs(seconds)
    }

    /// A token with the claims of a good access token, some of them changed or (null) left out.
    fn forged(algorithm: Algorithm, secret: &str, changes: &Value) -> String {
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": ada().user.to_string(), "token_type": "access", "jti": "1",
            "iat": NOW.as_seconds(), "nbf": NOW.as_seconds(), "exp": NOW.as_seconds() + 900,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    fn accepted(token: &str) -> bool {
        tokens().verify(token, TokenKind::Access, NOW).is_ok()
    }

    #[test]
    fn each_token_names_its_person_until_it_expires() {
        let pair = tokens().sign_in(ada(), NOW, &Sevens).unwrap();
        assert_eq!(tokens().verify(&pair.access, TokenKind::Access, at(899)), Ok(ada()));
        assert_eq!(tokens().verify(&pair.access, TokenKind::Access, at(900)), Err(InvalidToken));
        assert_eq!(tokens().verify(&pair.refresh, TokenKind::Refresh, at(86_399)), Ok(ada()));
        assert_eq!(tokens().verify(&pair.refresh, TokenKind::Refresh, at(86_400)), Err(InvalidToken));
    }

    #[test]
    fn a_token_of_an_earlier_version_is_of_the_first_epoch() {
        let old = forged(Algorithm::HS256, SECRET, &json!({}));
        assert_eq!(tokens().verify(&old, TokenKind::Access, NOW).map(|holder| holder.epoch), Ok(0));
    }

    #[test]
    fn neither_token_serves_as_the_other() {
        let pair = tokens().sign_in(ada(), NOW, &Sevens).unwrap();
        assert_eq!(tokens().verify(&pair.refresh, TokenKind::Access, NOW), Err(InvalidToken));
        assert_eq!(tokens().verify(&pair.access, TokenKind::Refresh, NOW), Err(InvalidToken));
    }

    #[test]
    fn every_claim_is_checked() {
        assert!(accepted(&forged(Algorithm::HS256, SECRET, &json!({}))), "the forgery itself is good");
        for changes in [
            json!({"iss": "somebody"}),
            json!({"aud": "somebody"}),
            json!({"sub": "42"}),
            json!({"token_type": "refresh"}),
            json!({"exp": NOW.as_seconds()}),
            json!({"exp": "later"}),
            json!({"nbf": NOW.as_seconds() + LEEWAY_SECONDS + 1}),
            json!({"iss": null}),
            json!({"aud": null}),
            json!({"sub": null}),
            json!({"token_type": null}),
            json!({"exp": null}),
            json!({"nbf": null}),
            json!({"jti": null}),
            json!({"epoch": "1"}),
            json!({"epoch": 1.5}),
        ] {
            assert!(!accepted(&forged(Algorithm::HS256, SECRET, &changes)), "{changes}");
        }
    }

    #[test]
    fn another_algorithm_or_key_is_refused() {
        assert!(!accepted(&forged(Algorithm::HS512, SECRET, &json!({}))));
        assert!(!accepted(&forged(
            Algorithm::HS256,
            "another secret of enough bytes for a test",
            &json!({})
        )));
        // alg "none", without a signature
        let body = forged(Algorithm::HS256, SECRET, &json!({}));
        let claims = body.split('.').nth(1).unwrap();
        assert!(!accepted(&format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", ".", "..", "a.b.c", "é", &"x".repeat(MAX_TOKEN_BYTES + 1)] {
            assert!(!accepted(text));
        }
    }
}
