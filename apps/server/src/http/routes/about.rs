//! What a client has to know of this server before anybody signs in.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::wire::about::ServerInfo;

/// What this server is
///
/// Shows which models answer and how anybody signs in here.
#[utoipa::path(
    get, path = "/api/about", operation_id = "getAbout", tag = "Service",
    responses((status = 200, description = "About this server.", body = ServerInfo)),
)]
pub async fn about(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(&*app.info)
}
