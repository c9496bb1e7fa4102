//! Access and refresh tokens: JSON Web Tokens (RFC 7519), signed with HS256 and nothing else.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use raconteur_domain::{Entropy, Session, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Builder;

use crate::SigningSecret;
use crate::jws::Jws;

const ISSUER: &str = "raconteur";
const AUDIENCE: &str = "raconteur-api";

/// How far ahead another server's clock may be, in seconds, before its tokens are not valid yet.
const LEEWAY_SECONDS: i64 = 5;

/// Longer texts are no tokens of ours, and are not even decoded.
const MAX_TOKEN_BYTES: usize = 4096;

/// What a token is good for. One never serves as the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TokenKind {
    /// Opens the API for some minutes.
    Access,
    /// Buys access tokens for some days.
    Refresh,
}

/// The token is not one of ours, not of the right kind, or not valid now. Which of these it is stays inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Token is invalid or expired")]
pub struct InvalidToken;

/// A token could not be signed: the cryptographic library failed, which nothing that it is given can make it do.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed: {0}")]
pub struct SigningError(#[from] jsonwebtoken::errors::Error);

/// Who an access token says is asking. Whoever verifies it looks whether that still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// Somebody whose session this is, as long as that goes on.
    OfSession {
        /// The person.
        user: UserId,
        /// Their session.
        session: SessionId,
    },
    /// Somebody who signed in when there were no sessions.
    Earlier {
        /// The person.
        user: UserId,
        /// Which of the person's epochs the token was made in: once that is over, it is good no more.
        epoch: i64,
    },
}

/// What a refresh token says, when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedToken {
    /// The person.
    pub user: UserId,
    /// Their session.
    pub session: SessionId,
    /// Which of the session's refresh tokens it is.
    pub rotation: u64,
    /// That they signed in when there were no sessions, if they did. Then the session has the token's own name, and may
    /// have to be made.
    pub earlier: Option<EarlierSignIn>,
}

/// A sign-in of a time when there were no sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierSignIn {
    /// Which of the person's epochs it was made in: once that is over, the token makes no session.
    pub epoch: i64,
    /// When it was, in whole seconds.
    pub signed_in_at: Timestamp,
    /// When its token expires, in whole seconds.
    pub expires_at: Timestamp,
}

// A claim that is there twice is refused.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    token_type: TokenKind,
    // Tokens of versions without sessions have none, but most of them an epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(default, skip_serializing)]
    epoch: i64,
    // Refresh tokens alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<u64>,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes tokens and checks them.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    access_lifetime: Duration,
}

impl Tokens {
    /// Tokens signed with the secret's own bytes. Access tokens are valid for this time, refresh tokens for as long as
    /// their session says.
    #[must_use]
    pub fn new(secret: &SigningSecret, access_lifetime: Duration) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
            access_lifetime,
        }
    }

    /// A new access token of a session, which it does not outlive.
    ///
    /// # Errors
    ///
    /// [`SigningError`].
    pub fn access(
        &self,
        session: &Session,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<String, SigningError> {
        let mut jti = [0; 16];
        entropy.fill(&mut jti);
        let jti = Builder::from_random_bytes(jti).into_uuid().to_string();
        self.sign(&Claims {
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            exp: (now + self.access_lifetime).min(session.expires_at).as_seconds(),
            ..Claims::of(session, TokenKind::Access, jti)
        })
    }

    /// The newest refresh token of a session. It is made of what is recorded of the session and nothing else: whoever
    /// asks for it again gets the same text, on any server.
    ///
    /// # Errors
    ///
    /// [`SigningError`].
    pub fn refresh(&self, session: &Session) -> Result<String, SigningError> {
        let jti = format!("{}:{}", session.id, session.rotation);
        let rotation = Some(session.rotation);
        self.sign(&Claims { rotation, ..Claims::of(session, TokenKind::Refresh, jti) })
    }

    /// Who this access token says is asking, if it is one of ours and valid now.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] otherwise.
    pub fn verify_access(&self, token: &str, now: Timestamp) -> Result<Bearer, InvalidToken> {
        let claims = self.claims(token, TokenKind::Access, now)?;
        let user = claims.user()?;
        Ok(match claims.session()? {
            Some(session) => Bearer::OfSession { user, session },
            None => Bearer::Earlier { user, epoch: claims.epoch },
        })
    }

    /// What this refresh token says, if it is one of ours and valid now.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] otherwise.
    pub fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<UsedToken, InvalidToken> {
        let claims = self.claims(token, TokenKind::Refresh, now)?;
        let user = claims.user()?;
        match (claims.session()?, claims.rotation) {
            (Some(session), Some(rotation)) => Ok(UsedToken { user, session, rotation, earlier: None }),
            (None, None) => Ok(UsedToken {
                user,
                session: claims.jti.parse().map_err(|_| InvalidToken)?,
                rotation: 0,
                earlier: Some(EarlierSignIn {
                    epoch: claims.epoch,
                    signed_in_at: from_seconds(claims.iat),
                    expires_at: from_seconds(claims.exp),
                }),
            }),
            _ => Err(InvalidToken),
        }
    }

    fn sign(&self, claims: &Claims) -> Result<String, SigningError> {
        Ok(encode(&Header::new(Algorithm::HS256), claims, &self.encoding)?)
    }

    fn claims(&self, token: &str, kind: TokenKind, now: Timestamp) -> Result<Claims, InvalidToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken);
        }
        let signed = Jws::parse(token, Algorithm::HS256).and_then(|token| token.verify(&self.decoding));
        let signed = signed.map_err(|_| InvalidToken)?;
        let claims: Claims = serde_json::from_slice(&signed).map_err(|_| InvalidToken)?;
        let of_ours = claims.iss == ISSUER && claims.aud == AUDIENCE;
        let seconds = now.as_seconds();
        let valid_now = seconds < claims.exp && claims.nbf <= seconds.saturating_add(LEEWAY_SECONDS);
        if of_ours && claims.token_type == kind && valid_now { Ok(claims) } else { Err(InvalidToken) }
    }
}

impl Claims {
    /// What a token of a session says, with the times of its newest refresh token. That is good from the sign-in on, so
    /// that a clock which is set back signs nobody out.
    fn of(session: &Session, token_type: TokenKind, jti: String) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: session.owner_id.to_string(),
            token_type,
            sid: Some(session.id.to_string()),
            epoch: 0,
            rotation: None,
            jti,
            iat: session.rotated_at.as_seconds(),
            nbf: session.created_at.as_seconds(),
            exp: session.expires_at.as_seconds(),
        }
    }

    fn user(&self) -> Result<UserId, InvalidToken> {
        self.sub.parse().map_err(|_| InvalidToken)
    }

    fn session(&self) -> Result<Option<SessionId>, InvalidToken> {
        self.sid.as_deref().map(|sid| sid.parse().map_err(|_| InvalidToken)).transpose()
    }
}

const fn from_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use raconteur_domain::{Device, SessionKind};
    use serde_json::{Value, json};

    use super::*;
    use crate::SessionRules;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
    const SECRET: &str = "a signing secret of enough bytes for a test";
    const JTI: &str = "07070707-0707-4707-8707-070707070707";

    fn tokens() -> Tokens {
        Tokens::new(&SigningSecret::parse(SECRET).unwrap(), Duration::from_secs(900))
    }

    fn session() -> Session {
        let (id, ada) = (SessionId::new(NOW, &Sevens), UserId::new(NOW, &Sevens));
        let rules = SessionRules::new(Duration::from_secs(86_400));
        rules.begin(id, ada, SessionKind::Rotating, Device::default(), NOW)
    }

    fn access() -> String {
        tokens().access(&session(), NOW, &Sevens).unwrap()
    }

    fn refresh() -> String {
        tokens().refresh(&session()).unwrap()
    }

    fn at(seconds: u64) -> Timestamp {
        NOW + Duration::from_secs(seconds)
    }

    fn claims(token: &str) -> Value {
        let signed = Jws::parse(token, Algorithm::HS256).unwrap().verify(&tokens().decoding).unwrap();
        serde_json::from_slice(&signed).unwrap()
    }

    /// A token with the claims of this one, some of them changed or (null) left out.
    fn forged(token: &str, algorithm: Algorithm, secret: &str, changes: &Value) -> String {
        let mut claims = claims(token);
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    fn changed(token: &str, changes: &Value) -> String {
        forged(token, Algorithm::HS256, SECRET, changes)
    }

    fn accepted(token: &str) -> bool {
        tokens().verify_access(token, NOW).is_ok()
    }

    #[test]
    fn each_token_names_its_person_and_session_until_it_expires() {
        let Session { id: session, owner_id: user, .. } = session();
        let bearer = Bearer::OfSession { user, session };
        assert_eq!(tokens().verify_access(&access(), at(899)), Ok(bearer));
        assert_eq!(tokens().verify_access(&access(), at(900)), Err(InvalidToken));
        let used = UsedToken { user, session, rotation: 0, earlier: None };
        assert_eq!(tokens().verify_refresh(&refresh(), at(86_399)), Ok(used));
        assert_eq!(tokens().verify_refresh(&refresh(), at(86_400)), Err(InvalidToken));
    }

    #[test]
    fn an_access_token_does_not_outlive_its_session() {
        let token = tokens().access(&session(), at(86_000), &Sevens).unwrap();
        assert!(tokens().verify_access(&token, at(86_399)).is_ok());
        assert_eq!(tokens().verify_access(&token, at(86_400)), Err(InvalidToken));
    }

    #[test]
    fn a_refresh_token_is_made_of_what_is_recorded() {
        assert_eq!(refresh(), refresh());
        let next = Session { rotation: 1, rotated_at: at(60), ..session() };
        let token = tokens().refresh(&next).unwrap();
        assert_ne!(token, refresh());
        assert_eq!(tokens().verify_refresh(&token, at(60)).unwrap().rotation, 1);
        assert!(tokens().verify_refresh(&token, at(0)).is_ok(), "the clock was set back");
    }

    #[test]
    fn a_token_from_before_there_were_sessions_names_its_epoch_and_what_its_session_will_be() {
        let user = session().owner_id;
        let earlier = |token: &str, epoch: Value| {
            changed(token, &json!({ "sid": null, "rotation": null, "jti": JTI, "epoch": epoch }))
        };
        for (epoch, claim) in [(0, Value::Null), (3, json!(3))] {
            let token = earlier(&access(), claim.clone());
            assert_eq!(tokens().verify_access(&token, NOW), Ok(Bearer::Earlier { user, epoch }));
            let sign_in = EarlierSignIn { epoch, signed_in_at: NOW, expires_at: at(86_400) };
            let session = JTI.parse().unwrap();
            let used = UsedToken { user, session, rotation: 0, earlier: Some(sign_in) };
            assert_eq!(tokens().verify_refresh(&earlier(&refresh(), claim), NOW), Ok(used));
        }
        let nameless = changed(&refresh(), &json!({ "sid": null, "rotation": null, "jti": "1" }));
        assert_eq!(tokens().verify_refresh(&nameless, NOW), Err(InvalidToken));
    }

    #[test]
    fn neither_token_serves_as_the_other() {
        assert_eq!(tokens().verify_access(&refresh(), NOW), Err(InvalidToken));
        assert_eq!(tokens().verify_refresh(&access(), NOW), Err(InvalidToken));
    }

    #[test]
    fn every_claim_is_checked() {
        assert!(accepted(&changed(&access(), &json!({}))), "the forgery itself is good");
        for changes in [
            json!({"iss": "somebody"}),
            json!({"aud": "somebody"}),
            json!({"aud": [AUDIENCE]}),
            json!({"iss": [ISSUER]}),
            json!({"sub": "42"}),
            json!({"token_type": "refresh"}),
            json!({"exp": NOW.as_seconds()}),
            json!({"exp": "later"}),
            json!({"nbf": NOW.as_seconds() + LEEWAY_SECONDS + 1}),
            json!({"sid": "42"}),
            json!({"sid": 42}),
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
            assert!(!accepted(&changed(&access(), &changes)), "{changes}");
        }
        assert!(tokens().verify_refresh(&changed(&refresh(), &json!({})), NOW).is_ok());
        for changes in [
            json!({"rotation": null}),
            json!({"rotation": -1}),
            json!({"rotation": "0"}),
            json!({"sid": null}),
            json!({"sid": "42"}),
        ] {
            assert!(tokens().verify_refresh(&changed(&refresh(), &changes), NOW).is_err(), "{changes}");
        }
    }

    #[test]
    fn another_algorithm_or_key_is_refused() {
        assert!(!accepted(&forged(&access(), Algorithm::HS512, SECRET, &json!({}))));
        let other = "another secret of enough bytes for a test";
        assert!(!accepted(&forged(&access(), Algorithm::HS256, other, &json!({}))));
        // alg "none", without a signature
        let token = access();
        let claims = token.split('.').nth(1).unwrap();
        assert!(!accepted(&format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", ".", "..", "a.b.c", "é", &"x".repeat(MAX_TOKEN_BYTES + 1)] {
            assert!(!accepted(text));
        }
    }
}
