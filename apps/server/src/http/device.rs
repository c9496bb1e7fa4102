//! From where a request comes, as it is shown to whoever looks at their sessions.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use raconteur_domain::limits::USER_AGENT_MAX_CHARS;
use raconteur_domain::{Device, strip};

use super::forwarded;
use crate::app::App;

/// The device that sent this request.
pub fn of(request: &HttpRequest, app: &App) -> Device {
    let said = request.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let user_agent = said.map(|said| strip(&said).chars().take(USER_AGENT_MAX_CHARS).collect::<String>());
    Device {
        user_agent: user_agent.filter(|said| !said.is_empty()),
        address: forwarded::client(request, &app.trusted_proxies),
    }
}
