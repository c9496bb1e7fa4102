//! Whoever is signed in.

use raconteur_auth::check_password;
use raconteur_domain::limits::{DISPLAY_NAME_MAX_CHARS, PROFILE_MAX_CHARS};
use raconteur_domain::{self as domain, EmailAddress, Profile};
use raconteur_storage::ProfileChange;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::account::{User, new_email, new_password};
use crate::accounts::AccountChange;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Given, Text};
use crate::http::openapi::schemas;

pub const DISPLAY_NAME: Text = Text { max: DISPLAY_NAME_MAX_CHARS, blank: true, trim: true };
pub const DESCRIPTION: Text = Text { max: PROFILE_MAX_CHARS, blank: true, trim: false };

fn display_name() -> ObjectBuilder {
    schemas::text(
        DISPLAY_NAME,
        "What the characters call the person, `{{user}}` in a card. Blanks around it are taken off before it is counted. Empty \
         where they have not told.",
    )
}

fn description() -> ObjectBuilder {
    schemas::text(
        DESCRIPTION,
        "Who the person is, as the characters know them: it is a part of every prompt. Empty where they have not told.",
    )
}

fn current_password() -> ObjectBuilder {
    schemas::raw_text(
        "The password that the account has, for whoever changes its e-mail address or its password.",
    )
}

fn password() -> ObjectBuilder {
    schemas::raw_text(
        "The account's password. An account without one, whose person signs in with Google, needs none.",
    )
}

/// Whoever is signed in.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "email": "ada@example.org",
    "display_name": "Ada", "description": "A clockmaker from Saltmouth who has lost a wager.",
})))]
pub struct Me {
    #[serde(flatten)]
    user: User,
    #[schema(schema_with = display_name)]
    display_name: String,
    #[schema(schema_with = description)]
    description: String,
}

impl Me {
    pub fn new(user: domain::User, profile: Profile) -> Self {
        let Profile { display_name, description } = profile;
        Self { user: user.into(), display_name, description }
    }
}

/// What is to be different. What is not named stays as it is.
#[derive(ToSchema)]
#[schema(examples(json!({ "display_name": "Ada", "description": "A clockmaker from Saltmouth." })))]
#[allow(dead_code, reason = "it describes what is read field by field")]
pub struct ChangedMe {
    #[schema(schema_with = display_name)]
    display_name: Option<String>,
    #[schema(schema_with = description)]
    description: Option<String>,
    #[schema(schema_with = new_email, required = false)]
    email: Option<String>,
    #[schema(schema_with = new_password, required = false, value_type = String)]
    password: Option<SecretString>,
    #[schema(schema_with = current_password, required = false, value_type = String)]
    current_password: Option<SecretString>,
}

impl ChangedMe {
    pub fn read(fields: &mut Fields) -> Result<AccountChange, ApiError> {
        let profile = ProfileChange {
            display_name: fields.text("display_name", DISPLAY_NAME),
            description: fields.text("description", DESCRIPTION),
        };
        let email = not_null(fields, "email").and_then(|typed| {
            EmailAddress::parse(&typed).map_err(|problem| fields.note("email", problem.to_string())).ok()
        });
        // Whether it is the address that stays is found out by who changes it.
        let password = not_null(fields, "password").and_then(|chosen| {
            let checked = check_password(&chosen, email.as_ref()).map(|()| chosen.into());
            checked.map_err(|problem| fields.note("password", problem.to_string())).ok()
        });
        let current_password = not_null(fields, "current_password").map(SecretString::from);
        fields.check()?;
        Ok(AccountChange { profile, email, password, current_password })
    }
}

/// What confirms that an account is to end.
#[derive(ToSchema)]
#[schema(examples(json!({ "password": "correct horse battery staple" })))]
pub struct DeletedMe {
    #[schema(schema_with = password, required = false, value_type = String)]
    pub password: Option<SecretString>,
}

impl DeletedMe {
    pub fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let password = not_null(fields, "password").map(SecretString::from);
        fields.check()?;
        Ok(Self { password })
    }
}

/// A text letter for letter that may be missing, but not `null`.
fn not_null(fields: &mut Fields, name: &'static str) -> Option<String> {
    if fields.is_null(name) {
        fields.note(name, "This field may not be null.");
    }
    match fields.raw_text(name) {
        Given::Value(text) => Some(text),
        Given::Missing | Given::Null => None,
    }
}
