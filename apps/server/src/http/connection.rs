//! The connections of clients.

use std::any::Any;

use actix_web::dev::Extensions;

#[cfg(target_os = "linux")]
use super::sse::KEEP_ALIVE;

/// Has a client taken for gone that lets what was sent to it wait for longer than a stream is ever silent, because its
/// machine does not answer any more or because it does not read. Left to itself, the system would go on trying for a
/// quarter of an hour.
///
/// That is `TCP_USER_TIMEOUT` (RFC 5482), which Linux has and many others have not.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "there the system decides"))]
pub fn accepted(connection: &dyn Any, _: &mut Extensions) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(KEEP_ALIVE))
    {
        tracing::debug!(%error, "a client that goes away silently will be noticed late");
    }
}
