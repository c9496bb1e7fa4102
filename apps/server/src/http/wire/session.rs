//! Sessions, and the tokens that keep them going.

use raconteur_domain::{self as domain, SessionId, SessionKind, Timestamp, is_blank};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::{RefOr, Schema};

use crate::http::error::ApiError;
use crate::http::fields::Fields;
use crate::http::openapi::schemas::{self, SESSION_ID};
use crate::sessions::Granted;

/// What every way to sign in may be told of the session that it begins.
pub fn cookie() -> ObjectBuilder {
    schemas::flag(
        false,
        "For web apps of the same site: whether the refresh token is put in a cookie that no script can read, and left \
         out of the answer.",
    )
}

/// What buys a new access token.
#[derive(ToSchema)]
#[schema(examples(json!({ "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2ln" })))]
pub struct Refresh {
    #[schema(schema_with = refresh_token, required = false, value_type = String)]
    pub refresh: Option<String>,
    #[schema(schema_with = rotate, required = false)]
    pub rotate: bool,
}

fn refresh_token() -> ObjectBuilder {
    schemas::filled(schemas::raw_text(
        "The refresh token of the sign-in, or the one that was answered last. Without one it is taken from the cookie.",
    ))
}

fn rotate() -> ObjectBuilder {
    schemas::flag(
        false,
        "Whether each refresh token is to be good for one use from now on, which is answered with the next one. Said \
         once, it holds for the session.",
    )
}

impl Refresh {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let rotate = fields.flag("rotate").unwrap_or(false);
        fields.check()?;
        let refresh = fields.raw_text("refresh").value().filter(|token| !is_blank(token));
        Ok(Self { refresh, rotate })
    }

    /// What is said where it is not there, or no text.
    pub fn required() -> ApiError {
        ApiError::field("refresh", "This field is required.")
    }
}

/// What somebody signs out with who has no access token that is good.
#[derive(ToSchema)]
#[schema(examples(json!({ "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2ln" })))]
pub struct SignOut {
    #[schema(schema_with = any_refresh_token, required = false, value_type = Option<String>)]
    pub refresh: Option<String>,
}

fn any_refresh_token() -> ObjectBuilder {
    schemas::raw_text_or_null("A refresh token of the session. One that is not good ends nothing.")
}

impl SignOut {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let refresh = fields.raw_text("refresh").value();
        fields.check()?;
        Ok(Self { refresh })
    }
}

/// A new access token.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "access": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.c2ln" })))]
pub struct AccessToken {
    /// The token to send with every request from now on.
    pub access: String,
    /// The refresh token to use next, where the session rotates and keeps it in no cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub refresh: Option<String>,
}

impl From<Granted> for AccessToken {
    fn from(granted: Granted) -> Self {
        let Granted { session, access, refresh } = granted;
        Self { access, refresh: (session.kind == SessionKind::Rotating).then_some(refresh) }
    }
}

/// A sign-in that goes on.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": SESSION_ID, "kind": "cookie", "created_at": "2026-01-12T09:30:00.000000Z",
    "last_seen_at": "2026-01-14T18:05:12.402113Z", "expires_at": "2026-01-28T18:05:12.402113Z",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "address": "192.0.2.7", "current": true,
})))]
pub struct Session {
    /// The session's id.
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    #[schema(schema_with = kinds)]
    kind: SessionKind,
    /// When the person signed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a refresh token of it was last used.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends if it is not used until then.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What the client said that it is when it was last seen; null where it said nothing.
    #[schema(required)]
    user_agent: Option<String>,
    /// The address from which it was last seen; null where that is not known.
    #[schema(required)]
    address: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

fn kinds() -> RefOr<Schema> {
    schemas::words(
        SessionKind::ALL.iter().map(|kind| kind.as_str()),
        "How it goes on: with the same refresh token (`token`), with another one after each use (`rotating`), or with \
         another one that is kept in a cookie (`cookie`).",
    )
}

impl Session {
    /// A session as it is shown to somebody who asks in this one.
    pub fn shown(session: domain::Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id,
            kind: session.kind,
            created_at: session.created_at,
            last_seen_at: session.seen_at,
            expires_at: session.expires_at,
            user_agent: session.device.user_agent,
            address: session.device.address.map(|address| address.to_string()),
            current: Some(session.id) == current,
        }
    }
}
