//! What every answer has, whichever handler or middleware made it.

use actix_web::Error;
use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use tracing_actix_web::RequestId;

use super::error::ApiError;
use super::error_code::ErrorCode;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware: a request id, `nosniff`, and errors in the one shape, even those that the framework makes.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
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
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(REQUEST_ID, id);
    }
    Ok(response)
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
