//! Under which names the server answers: a request for another one is for somebody else, or tries to have links made
//! that lead elsewhere.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::error::ApiError;
use super::error_code::ErrorCode;
use super::forwarded;
use crate::app::App;

/// Where a machine looks whether the server lives: it asks by address.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The middleware.
pub async fn check(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let host = forwarded::host(request.request(), &app.trusted_proxies);
    let is_probe = PROBES.contains(&request.path().trim_end_matches('/'));
    if is_probe || is_allowed(&host, &app.allowed_hosts) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    tracing::info!(host, "a request for another host was refused");
    Ok(request.error_response(refused()))
}

/// What is said to whoever asks for another host.
pub fn refused() -> ApiError {
    ApiError::refused(ErrorCode::HostNotAllowed, "This server does not answer under this name.")
}

/// Whether a host, with or without a port, is one of these names; any is where there are none.
fn is_allowed(host: &str, names: &[String]) -> bool {
    let is_port = |port: &str| port.chars().all(|c| c.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    names.is_empty() || names.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_and_the_case_of_a_name_do_not_count() {
        let names = ["chat.example.org".to_owned(), "[2001:db8::1]".to_owned(), "192.0.2.1".to_owned()];
        for host in [
            "chat.example.org",
            "Chat.Example.org:8443",
            "[2001:DB8::1]",
            "[2001:db8::1]:80",
            "192.0.2.1:8000",
        ] {
            assert!(is_allowed(host, &names), "{host}");
        }
        for host in
            ["", ":80", "example.org", "chat.example.org.evil.example", "chat.example.org:x", "[2001:db8::2]"]
        {
            assert!(!is_allowed(host, &names), "{host}");
        }
        assert!(is_allowed("anything", &[]));
    }
}
