//! The API, described: the OpenAPI document, and a page that shows it. Everything comes from this server.

use std::io::Read as _;
use std::sync::LazyLock;

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, Encoding,
    Header as _, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::http::error::ApiError;
use crate::http::openapi;

/// Where the script of the page is. Its name changes with what is in it.
pub const SCRIPT_PATH: &str = concat!("/api/docs/scalar-", env!("SCALAR_VERSION"), ".js");

/// The script, as `build.rs` has packed it.
const SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scalar.js.gz"));

static PAGE: LazyLock<String> = LazyLock::new(|| include_str!("docs.html").replace("SCRIPT", SCRIPT_PATH));

/// What the page may load: its own script, the document, and answers of this server's. The script brings its styles as
/// text, and pictures within itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| json!(openapi::document()).to_string());

/// The document that you read
///
/// Describes every path, field, limit and error of this API, in OpenAPI 3.1.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "getOpenApi", tag = "Service",
    responses((status = 200, description = "An OpenAPI document.", body = Object, content_type = "application/json",
        example = json!({ "openapi": "3.1.0" }))),
)]
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

/// A page to read it on
///
/// Shows this document in a browser.
#[utoipa::path(
    get, path = "/api/docs", operation_id = "getDocs", tag = "Service",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html",
        example = json!("<!doctype html>…"))),
)]
pub async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .body(PAGE.as_str())
}

/// The script of the page. It never changes under its name.
pub async fn script(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/javascript; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, ACCEPT_ENCODING.as_str()));
    if takes_gzip(&request) {
        return Ok(response.insert_header((CONTENT_ENCODING, "gzip")).body(SCRIPT));
    }
    let unpacked = web::block(|| {
        let mut unpacked = Vec::new();
        GzDecoder::new(SCRIPT).read_to_end(&mut unpacked).map(|_| unpacked)
    });
    match unpacked.await {
        Ok(Ok(script)) => Ok(response.body(script)),
        unpacked => {
            tracing::error!(?unpacked, "the script of the page could not be unpacked");
            Err(ApiError::Internal)
        }
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    AcceptEncoding::parse(request).is_ok_and(|accepted| {
        accepted.negotiate([Encoding::gzip(), Encoding::identity()].iter()) == Some(Encoding::gzip())
    })
}
