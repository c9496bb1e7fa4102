//! The HTTP face: paths to handlers, and everything around them.

mod accept;
mod answer;
mod body;
mod caller;
mod connection;
mod cookie;
mod cors;
mod device;
mod drain;
mod endpoint;
mod error;
mod error_code;
mod fields;
mod forwarded;
mod hosts;
mod idempotency;
mod last_event;
mod lines;
mod openapi;
mod query;
mod routes;
mod sse;
mod wire;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{NormalizePath, TrailingSlash, from_fn};
use actix_web::{Error, web};
use tracing_actix_web::TracingLogger;

pub use self::connection::accepted;
pub use self::error_code::ErrorCode;
pub use self::openapi::document as openapi;
pub(crate) use self::wire::about::ServerInfo;

use crate::app::App;

/// Everything that a worker serves. What is wrapped last comes first.
pub fn service(
    app: web::Data<App>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    actix_web::App::new()
        .app_data(app)
        .configure(routes::configure)
        .default_service(web::to(routes::web::file))
        .wrap(NormalizePath::new(TrailingSlash::Trim))
        .wrap(from_fn(hosts::check))
        .wrap(from_fn(drain::drain))
        .wrap(from_fn(cors::cors))
        .wrap(from_fn(answer::finish))
        .wrap(TracingLogger::default())
}
