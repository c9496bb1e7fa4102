//! What a client is told when something is refused or fails.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use raconteur_chat::ChatError;
use raconteur_persona::PromptTooLong;
use raconteur_storage::StorageError;
use serde_json::{Map, Value, json};

use super::error_code::ErrorCode;
use super::idempotency;
use crate::accounts::AccountError;
use crate::google::GoogleError;
use crate::limits::LimitReached;
use crate::own_personas::PersonaError;
use crate::sessions::SessionError;

/// When a client may try again after the server was busy.
const RETRY: Duration = Duration::from_secs(1);

/// An error with its status, its stable word, and what a person can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The request is refused for a reason that needs no more than words.
    Refused {
        /// What it is called.
        code: ErrorCode,
        /// What is wrong.
        detail: String,
    },
    /// Fields of the request are wrong: each with what is wrong about it.
    Fields(BTreeMap<&'static str, Vec<String>>),
    /// There is no access token.
    NotAuthenticated,
    /// The token is not good.
    InvalidToken,
    /// There is no such thing, or it is somebody else's.
    NotFound,
    /// There is no such page of a list.
    InvalidPage,
    /// The path exists, but not for this method.
    MethodNotAllowed {
        /// The method that was used.
        method: String,
        /// The methods there are.
        allowed: String,
    },
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The body is of a media type other than JSON.
    UnsupportedMediaType(String),
    /// Somebody has asked too often.
    RateLimited(LimitReached),
    /// Something is busy, or the server is ending.
    Unavailable(&'static str),
    /// Something failed inside; the log says what.
    Internal,
}

impl ApiError {
    /// A refusal in these words.
    pub fn refused(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::Refused { code, detail: detail.into() }
    }

    /// One wrong field.
    pub fn field(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Fields(BTreeMap::from([(name, vec![problem.into()])]))
    }

    /// Its place in the table of errors.
    pub(super) const fn code(&self) -> ErrorCode {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Fields(_) => ErrorCode::Invalid,
            Self::NotAuthenticated => ErrorCode::NotAuthenticated,
            Self::InvalidToken => ErrorCode::TokenNotValid,
            Self::NotFound | Self::InvalidPage => ErrorCode::NotFound,
            Self::MethodNotAllowed { .. } => ErrorCode::MethodNotAllowed,
            Self::TooLarge(_) => ErrorCode::TooLarge,
            Self::UnsupportedMediaType(_) => ErrorCode::UnsupportedMediaType,
            Self::RateLimited(_) => ErrorCode::RateLimited,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Internal => ErrorCode::Internal,
        }
    }

    /// The body. Of a failure inside it says nothing but the id under which the log has it.
    pub(super) fn body(&self, request_id: Option<&str>) -> Value {
        let mut body = Map::new();
        body.insert("detail".to_owned(), self.to_string().into());
        body.insert("code".to_owned(), self.code().as_str().into());
        if let Self::Fields(fields) = self {
            body.extend(fields.iter().map(|(name, problems)| ((*name).to_owned(), json!(problems))));
        }
        if let (true, Some(id)) = (self.status_code().is_server_error(), request_id) {
            body.insert("request_id".to_owned(), id.into());
        }
        body.into()
    }

    fn add_headers(&self, response: &mut HttpResponseBuilder) {
        match self.status_code() {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((WWW_AUTHENTICATE, r#"Bearer realm="api""#));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((RETRY_AFTER, RETRY.as_secs()));
            }
            _ => {}
        }
        match self {
            Self::MethodNotAllowed { allowed, .. } => {
                response.insert_header((ALLOW, allowed.as_str()));
            }
            Self::RateLimited(limit) => {
                response.insert_header((RETRY_AFTER, in_whole_seconds(limit.retry_after)));
            }
            _ => {}
        }
    }
}

/// A time in seconds, at least one, after which it has gone by.
fn in_whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0 || time.is_zero())
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { detail, .. } => f.write_str(detail),
            Self::Fields(fields) => {
                let problems: Vec<String> = fields
                    .iter()
                    .flat_map(|(name, problems)| {
                        problems.iter().map(move |problem| format!("{name}: {problem}"))
                    })
                    .collect();
                f.write_str(&problems.join(" "))
            }
            Self::NotAuthenticated => f.write_str("Authentication credentials were not provided."),
            Self::InvalidToken => f.write_str("Given token not valid for any token type"),
            Self::NotFound => f.write_str("Not found."),
            Self::InvalidPage => f.write_str("Invalid page."),
            Self::MethodNotAllowed { method, .. } => write!(f, "Method \"{method}\" not allowed."),
            Self::TooLarge(limit) => write!(f, "The request body is larger than {limit} bytes."),
            Self::UnsupportedMediaType(media_type) => {
                write!(f, "Unsupported media type \"{media_type}\" in request: send application/json.")
            }
            Self::RateLimited(LimitReached { what, retry_after }) => {
                write!(f, "{what} Try again in {} s.", in_whole_seconds(*retry_after))
            }
            Self::Unavailable(why) => write!(f, "{why} Try again in a moment."),
            Self::Internal => {
                f.write_str("Something went wrong on the server. Its log says what, under the request id.")
            }
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code().status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        self.add_headers(&mut response);
        response.json(self.body(None))
    }
}

impl From<LimitReached> for ApiError {
    fn from(limit: LimitReached) -> Self {
        tracing::info!(%limit, "a request was refused");
        Self::RateLimited(limit)
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            error if error.is_transient() => {
                tracing::warn!(%error, "a request was refused");
                Self::Unavailable("The database is busy or out of order.")
            }
            StorageError::Closed => Self::Unavailable("The server is shutting down."),
            error => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}

impl From<ChatError> for ApiError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::NotFound => Self::NotFound,
            ChatError::KeyReused => idempotency::reused(),
            ChatError::NotAReply => Self::refused(
                ErrorCode::NotAReply,
                "Only a reply of the character's can be regenerated or continued.",
            ),
            ChatError::StillRunning => Self::refused(
                ErrorCode::StillRunning,
                "This reply is still running: wait for its end, or stop it.",
            ),
            ChatError::NotTheLast => Self::refused(
                ErrorCode::NotTheLast,
                "Only the last message that the conversation shows can be continued.",
            ),
            ChatError::PromptTooLong(PromptTooLong { tokens, available }) => Self::refused(
                ErrorCode::PromptTooLong,
                format!(
                    "This is too long for the model: it takes about {tokens} tokens, and there is room for {available}. \
                     Send less."
                ),
            ),
            ChatError::Closing => Self::Unavailable("The server is shutting down."),
            ChatError::Storage(error) => error.into(),
        }
    }
}

impl From<PersonaError> for ApiError {
    fn from(error: PersonaError) -> Self {
        match error {
            PersonaError::NotFound => Self::NotFound,
            PersonaError::Field(field, problem) => Self::field(field, problem),
            PersonaError::Card(error) => Self::refused(ErrorCode::BadCard, error.to_string()),
            PersonaError::Picture(error) => Self::refused(ErrorCode::BadPicture, error.to_string()),
            PersonaError::Full(detail) => Self::refused(ErrorCode::PersonasFull, detail),
            PersonaError::Busy => Self::Unavailable("The character is being changed by somebody else."),
            PersonaError::Storage(error) => error.into(),
            error @ PersonaError::Inside(_) => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Refused { email, password } => {
                let problems = [
                    ("email", email.map(|problem| problem.to_string())),
                    ("password", password.map(|problem| problem.to_string())),
                ];
                Self::Fields(problems.into_iter().filter_map(|(name, p)| Some((name, vec![p?]))).collect())
            }
            AccountError::Field(name, problem) => Self::field(name, problem),
            AccountError::EmailTaken => Self::refused(ErrorCode::EmailTaken, "email already registered"),
            AccountError::InvalidCredentials => {
                Self::refused(ErrorCode::InvalidCredentials, "invalid credentials")
            }
            AccountError::TooMany(limit) => limit.into(),
            AccountError::Session(error) => error.into(),
            AccountError::GoogleNotConfigured => Self::refused(
                ErrorCode::GoogleNotConfigured,
                "Sign-in with Google is not set up at this server.",
            ),
            AccountError::Google(GoogleError::Invalid) => {
                Self::refused(ErrorCode::InvalidGoogleToken, "invalid google token")
            }
            AccountError::Google(GoogleError::Unreachable) => {
                Self::Unavailable("Google cannot be asked who this is.")
            }
            AccountError::Busy => Self::Unavailable("Too many people are signing in at once."),
            AccountError::Storage(error) => error.into(),
            error @ AccountError::Inside(_) => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::InvalidToken(_) => Self::InvalidToken,
            SessionError::Storage(error) => error.into(),
            error @ SessionError::Signing(_) => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}
