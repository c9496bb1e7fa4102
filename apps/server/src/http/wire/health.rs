//! How the server is.

use serde::Serialize;
use utoipa::ToSchema;

/// How the server is.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "status": "ok" })))]
pub struct Health {
    /// `ok` for a server that lives, `ready` for one that can serve.
    pub status: &'static str,
}
