//! Refresh tokens in cookies, for web apps of the same site: no script can read one, and no other site can send it.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::HeaderName;
use raconteur_domain::Timestamp;

use super::error::ApiError;
use super::error_code::ErrorCode;
use super::forwarded;
use crate::app::App;
use crate::sessions::Granted;

/// Where browsers send it along.
const PATH: &str = "/api/auth";

/// What a script of the same site sends, and no form and no link.
pub const REQUESTED_WITH: &str = "X-Requested-With";

/// The cookie with the refresh token of a session, for as long as that goes on.
pub fn holding(granted: &Granted, request: &HttpRequest, app: &App) -> Cookie<'static> {
    let seconds = seconds_until(granted.session.expires_at, app.clock.now());
    cookie(request, app, granted.refresh.clone(), Duration::seconds(seconds))
}

/// What takes the cookie away, where the request has one.
pub fn taken_away(request: &HttpRequest, app: &App) -> Option<Cookie<'static>> {
    token(request, app).map(|_| cookie(request, app, String::new(), Duration::ZERO))
}

/// The refresh token in the request's cookie, whoever sent it along.
pub fn token(request: &HttpRequest, app: &App) -> Option<String> {
    let cookie = request.cookie(name(forwarded::is_https(request, &app.trusted_proxies)))?;
    Some(cookie.value().to_owned()).filter(|token| !token.is_empty())
}

/// The refresh token in the request's cookie, where a script of the same site has sent it.
///
/// # Errors
///
/// 403 where nothing says that one has.
pub fn token_by_script(request: &HttpRequest, app: &App) -> Result<Option<String>, ApiError> {
    let by_script = request.headers().contains_key(HeaderName::from_static("x-requested-with"));
    match token(request, app) {
        Some(_) if !by_script => Err(requested_with_required()),
        token => Ok(token),
    }
}

/// What is said where the header is missing.
pub fn requested_with_required() -> ApiError {
    let detail = format!("A refresh token in a cookie is taken with the header {REQUESTED_WITH} alone.");
    ApiError::refused(ErrorCode::RequestedWithRequired, detail)
}

fn cookie(request: &HttpRequest, app: &App, token: String, max_age: Duration) -> Cookie<'static> {
    let is_https = forwarded::is_https(request, &app.trusted_proxies);
    Cookie::build(name(is_https), token)
        .path(PATH)
        .max_age(max_age)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_https)
        .finish()
}

/// Browsers hold to the prefix: nothing that is not encrypted can set a cookie of this name.
const fn name(is_https: bool) -> &'static str {
    if is_https { "__Secure-raconteur_refresh" } else { "raconteur_refresh" }
}

fn seconds_until(then: Timestamp, now: Timestamp) -> i64 {
    then.as_seconds().saturating_sub(now.as_seconds()).max(0)
}
