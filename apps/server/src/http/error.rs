//! What a client is told when something is refused or fails.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use raconteur_chat::ChatError;
use raconteur_storage::StorageError;
use serde_json::{Map, Value, json};

use crate::accounts::AccountError;

/// When a client may try again after the server was busy.
const RETRY: Duration = Duration::from_secs(1);

/// An error with its status, its stable word, and what a person can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The request is wrong in itself.
    BadRequest {
        /// A stable word.
        code: &'static str,
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
    /// Something is busy, or the server is ending.
    Unavailable(&'static str),
    /// Something failed inside; the log says what.
    Internal,
}

impl ApiError {
    /// A request that is wrong in a way which clients match on.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::BadRequest { code, detail: detail.into() }
    }

    /// One wrong field.
    pub fn field(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Fields(BTreeMap::from([(name, vec![problem.into()])]))
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::BadRequest { code, .. } => code,
            Self::Fields(_) => "invalid",
            Self::NotAuthenticated => "not_authenticated",
            Self::InvalidToken => "token_not_valid",
            Self::NotFound | Self::InvalidPage => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::TooLarge(_) => "too_large",
            Self::UnsupportedMediaType(_) => "unsupported_media_type",
            Self::Unavailable(_) => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The body. Of a failure inside it says nothing but the id under which the log has it.
    pub(super) fn body(&self, request_id: Option<&str>) -> Value {
        let mut body = Map::new();
        body.insert("detail".to_owned(), self.to_string().into());
        body.insert("code".to_owned(), self.code().into());
        if let Self::Fields(fields) = self {
            body.extend(fields.iter().map(|(name, problems)| ((*name).to_owned(), json!(problems))));
        }
        if let (true, Some(id)) = (self.status_code().is_server_error(), request_id) {
            body.insert("request_id".to_owned(), id.into());
        }
        body.into()
    }

    fn add_headers(&self, response: &mut HttpResponseBuilder) {
        match self {
            Self::NotAuthenticated | Self::InvalidToken => {
                response.insert_header((WWW_AUTHENTICATE, r#"Bearer realm="api""#));
            }
            Self::MethodNotAllowed { allowed, .. } => {
                response.insert_header((ALLOW, allowed.as_str()));
            }
            Self::Unavailable(_) => {
                response.insert_header((RETRY_AFTER, RETRY.as_secs()));
            }
            _ => {}
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRequest { detail, .. } => f.write_str(detail),
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
            Self::Unavailable(why) => write!(f, "{why} Try again in a moment."),
            Self::Internal => {
                f.write_str("Something went wrong on the server. Its log says what, under the request id.")
            }
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest { .. } | Self::Fields(_) => StatusCode::BAD_REQUEST,
            Self::NotAuthenticated | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::InvalidPage => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        self.add_headers(&mut response);
        response.json(self.body(None))
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
            ChatError::Closing => Self::Unavailable("The server is shutting down."),
            ChatError::Storage(error) => error.into(),
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
            AccountError::EmailTaken => Self::bad_request("email_taken", "email already registered"),
            AccountError::InvalidCredentials => {
                Self::bad_request("invalid_credentials", "invalid credentials")
            }
            AccountError::InvalidToken(_) => Self::InvalidToken,
            AccountError::Busy => Self::Unavailable("Too many people are signing in at once."),
            AccountError::Storage(error) => error.into(),
            error @ AccountError::Inside(_) => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}
