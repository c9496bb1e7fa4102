//! What a client has to know of a server.

use serde::Serialize;
use utoipa::ToSchema;

/// What a client has to know of a server before anybody signs in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "version": "0.1.0",
    "model": "gpt-4o-mini",
    "models": ["gpt-4o-mini", "gpt-4o"],
    "temperature": 0.3,
    "max_tokens": 1024,
    "context_tokens": 8192,
    "google_client_id": null,
})))]
pub struct ServerInfo {
    /// The server's version.
    pub version: String,
    /// The model that answers where nobody asks for another. Null where there is none: then characters answer from what they
    /// know.
    #[schema(required)]
    pub model: Option<String>,
    /// Every model that may be asked for.
    pub models: Vec<String>,
    /// How freely the model chooses its words where nobody says otherwise, from 0 to 2.
    pub temperature: f32,
    /// The longest reply that may be asked for, in the model's own tokens.
    pub max_tokens: u32,
    /// How many tokens a prompt and its reply have together. Null where that is not known.
    #[schema(required)]
    pub context_tokens: Option<usize>,
    /// For whom Google makes the ID tokens that are taken here. Null where nobody signs in with Google.
    #[schema(required)]
    pub google_client_id: Option<String>,
}
