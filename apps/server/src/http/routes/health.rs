//! Whether the server lives, and whether it can serve.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::app::App;
use crate::http::error::ApiError;

/// The process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The database answers, is up to date, and nobody has told the server to end.
pub async fn ready(app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    if app.chat.is_closing() {
        return Err(ApiError::Unavailable("The server is shutting down."));
    }
    match app.db.is_ready().await {
        Ok(true) => Ok(HttpResponse::Ok().json(json!({ "status": "ready" }))),
        Ok(false) => Err(ApiError::Unavailable("The database has to be migrated.")),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(ApiError::Unavailable("The database does not answer."))
        }
    }
}
