//! What every answer has, whichever handler or middleware made it.

use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, PERMISSIONS_POLICY,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use tracing_actix_web::RequestId;

use super::error::ApiError;
use super::error_code::ErrorCode;
use super::forwarded;
use crate::app::App;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What browsers are to make of answers that do not say otherwise: they are data. Nothing in them is run or loaded, no page
/// has them in a frame, and nobody is told from where they were left.
const DATA: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// For a year browsers come over TLS alone to where they have seen the server behind it.
const TLS_ALONE: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The middleware: a request id, headers that browsers heed, and errors in the one shape, even those that the framework makes.
pub async fn finish(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_https = forwarded::is_https(request.request(), &app.trusted_proxies);
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error().map(|error| {
        error.as_error::<ApiError>().cloned().unwrap_or_else(|| foreign(response.status(), error))
    });
    if let Some(error) = error {
        let body = error.body(id.as_deref()).to_string();
        response = response.map_body(|head, _| {
            head.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            BoxBody::new(body)
        });
    }
    let headers = response.headers_mut();
    protect(headers, is_https);
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(REQUEST_ID, id);
    }
    Ok(response)
}

fn protect(headers: &mut HeaderMap, is_https: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in DATA {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ALONE);
    }
}

/// An error of the framework's own.
fn foreign(status: StatusCode, error: &Error) -> ApiError {
    if status.is_server_error() {
        tracing::error!(%error, "a request failed");
        ApiError::Internal
    } else {
        ApiError::refused(ErrorCode::BadRequest, "The request cannot be understood.")
    }
}
