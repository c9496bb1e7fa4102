//! Whoever is signed in.

use raconteur_domain::limits::{DISPLAY_NAME_MAX_CHARS, PROFILE_MAX_CHARS};
use raconteur_domain::{self as domain, Profile};
use raconteur_storage::ProfileChange;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::account::User;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Text};
use crate::http::openapi::schemas;

const DISPLAY_NAME: Text = Text { max: DISPLAY_NAME_MAX_CHARS, blank: true, trim: true };
const DESCRIPTION: Text = Text { max: PROFILE_MAX_CHARS, blank: true, trim: false };

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
}

impl ChangedMe {
    pub fn read(fields: &mut Fields) -> Result<ProfileChange, ApiError> {
        let change = ProfileChange {
            display_name: fields.text("display_name", DISPLAY_NAME),
            description: fields.text("description", DESCRIPTION),
        };
        fields.check()?;
        Ok(change)
    }
}
