//! Whether the server lives, and whether it can serve.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::error::ApiError;
use crate::http::openapi::errors::refusals;
use crate::http::wire::health::Health;

/// Is it alive
///
/// Answers for as long as the process lives.
#[utoipa::path(
    get, path = "/healthz", operation_id = "getHealth", tag = "Service",
    responses((status = 200, description = "The process answers.", body = Health, example = json!({ "status": "ok" }))),
)]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// What is said where nothing new is begun any more.
const CLOSING: ApiError = ApiError::Unavailable("The server is shutting down.");
const OLD: ApiError = ApiError::Unavailable("The database has to be migrated.");
const SILENT: ApiError = ApiError::Unavailable("The database does not answer.");

refusals! { NotReady: [CLOSING, OLD, SILENT] }

/// Is it ready
///
/// Answers whether the server can serve: the database answers and is up to date, and nobody has told the server to end.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "Service",
    responses((status = 200, description = "It can serve.", body = Health, example = json!({ "status": "ready" })), NotReady),
)]
pub async fn ready(app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    if app.chat.is_closing() {
        return Err(CLOSING);
    }
    match app.db.is_ready().await {
        Ok(true) => Ok(HttpResponse::Ok().json(Health { status: "ready" })),
        Ok(false) => Err(OLD),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(SILENT)
        }
    }
}
