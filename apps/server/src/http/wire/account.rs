//! People, and what they sign in with.

use raconteur_auth::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS};
use raconteur_domain::limits::EMAIL_MAX_CHARS;
use raconteur_domain::{self as domain, SessionKind, UserId, is_blank};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::session::cookie;
use crate::accounts;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::fields::{Fields, Given};
use crate::http::openapi::schemas;
use crate::sessions::Granted;

/// What an account is made of.
#[derive(ToSchema)]
#[schema(examples(json!({ "email": "ada@example.org", "password": "correct horse battery staple" })))]
pub struct Registration {
    #[schema(schema_with = new_email)]
    pub email: String,
    #[schema(schema_with = new_password, value_type = String)]
    pub password: SecretString,
    #[schema(schema_with = cookie, required = false)]
    pub cookie: bool,
}

pub fn new_email() -> ObjectBuilder {
    schemas::email(schemas::raw_text(
        "The e-mail address. Blanks around it do not count. Two addresses that differ in case or in Unicode \
         compatibility form alone are one.",
    ))
    .max_length(Some(EMAIL_MAX_CHARS))
}

pub fn new_password() -> ObjectBuilder {
    schemas::raw_text(&format!(
        "The password: any Unicode, of {PASSWORD_MIN_CHARS} characters or more and at most {PASSWORD_MAX_BYTES} \
         bytes in UTF-8. Neither one of the most common ones, nor the e-mail address or what stands before its `@`."
    ))
    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Password)))
    .min_length(Some(PASSWORD_MIN_CHARS))
    .max_length(Some(PASSWORD_MAX_BYTES))
}

impl Registration {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        // What may be registered is found out by who registers it.
        let Credentials { email, password, cookie } = Credentials::read(fields)?;
        Ok(Self { email, password, cookie })
    }
}

/// What somebody with an account signs in with.
#[derive(ToSchema)]
#[schema(examples(json!({ "email": "ada@example.org", "password": "correct horse battery staple" })))]
pub struct Credentials {
    #[schema(schema_with = known_email)]
    pub email: String,
    #[schema(schema_with = known_password, value_type = String)]
    pub password: SecretString,
    #[schema(schema_with = cookie, required = false)]
    pub cookie: bool,
}

fn known_email() -> ObjectBuilder {
    schemas::filled(schemas::raw_text("The e-mail address of the account, in any spelling that means it."))
}

fn known_password() -> ObjectBuilder {
    schemas::raw_text("The account's password.").min_length(Some(1))
}

impl Credentials {
    /// E-mail and password, both of them there before anything else is asked of them.
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        if !fields.is_given("email") || !fields.is_given("password") {
            return Err(Self::required());
        }
        let (email, password) = (fields.raw_text("email"), fields.raw_text("password"));
        let cookie = fields.flag("cookie").unwrap_or_default();
        fields.check()?;
        match (email, password) {
            (Given::Value(email), Given::Value(password)) if !is_blank(&email) && !password.is_empty() => {
                Ok(Self { email, password: SecretString::from(password), cookie })
            }
            _ => Err(Self::required()),
        }
    }

    /// What is said where one of them is not there.
    pub fn required() -> ApiError {
        ApiError::refused(ErrorCode::Invalid, "email/password required")
    }
}

/// What Google says of a person.
#[derive(ToSchema)]
#[schema(examples(json!({ "id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxIn0.c2ln" })))]
pub struct GoogleSignIn {
    #[schema(schema_with = id_token)]
    pub id_token: String,
    #[schema(schema_with = cookie, required = false)]
    pub cookie: bool,
}

fn id_token() -> ObjectBuilder {
    schemas::filled(schemas::raw_text(
        "The ID token that Google's sign-in gives to a web page (`credential`) or an app: a JSON Web Token.",
    ))
}

impl GoogleSignIn {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let (id_token, cookie) = (fields.raw_text("id_token"), fields.flag("cookie").unwrap_or_default());
        fields.check()?;
        match id_token {
            Given::Value(id_token) if !is_blank(&id_token) => Ok(Self { id_token, cookie }),
            _ => Err(Self::required()),
        }
    }

    /// What is said where there is none.
    pub fn required() -> ApiError {
        ApiError::refused(ErrorCode::Invalid, "id_token required")
    }
}

/// A person with an account.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "email": "ada@example.org" })))]
pub struct User {
    /// The person's id.
    #[schema(value_type = String, format = Uuid)]
    pub id: UserId,
    /// The e-mail address, as it was typed.
    pub email: String,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self { id: user.id, email: user.email }
    }
}

/// What somebody is told who has registered where nobody is told who has an account.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "detail": DETAIL })))]
pub struct Accepted {
    /// What to do next, in words for a person.
    pub detail: &'static str,
}

const DETAIL: &str = "If this address had no account, it has one in a moment. Sign in.";

impl Default for Accepted {
    fn default() -> Self {
        Self { detail: DETAIL }
    }
}

/// Somebody who has just signed in.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.c2ln",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2ln",
    "user": { "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "email": "ada@example.org" },
})))]
pub struct SignedIn {
    /// The token to send with every request, as `Authorization: Bearer …`. It is a JSON Web Token; its `exp` says how
    /// long it is good for.
    pub access: String,
    /// The token that buys the next access token, where it is not in a cookie. It is good for longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub refresh: Option<String>,
    /// Who has signed in.
    pub user: User,
}

impl From<accounts::SignedIn> for SignedIn {
    fn from(signed_in: accounts::SignedIn) -> Self {
        let accounts::SignedIn { user, granted: Granted { session, access, refresh } } = signed_in;
        let refresh = (session.kind != SessionKind::Cookie).then_some(refresh);
        Self { access, refresh, user: user.into() }
    }
}
