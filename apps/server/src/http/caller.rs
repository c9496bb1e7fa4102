//! Who calls. A handler that takes a [`Caller`] is not run for anybody who is not signed in.

use std::pin::Pin;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, dev, web};
use raconteur_domain::{SessionId, UserId};

use super::error::ApiError;
use crate::app::App;
use crate::sessions::Asking;

/// Somebody who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Caller(Asking);

impl Caller {
    /// Their id.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.0.user
    }

    /// The session that they call in; none where they signed in before there were any.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        self.0.session
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let token = bearer_token(request);
        let app = request.app_data::<web::Data<App>>().cloned();
        Box::pin(async move {
            let token = token.ok_or(ApiError::NotAuthenticated)?;
            let app = app.ok_or_else(|| {
                tracing::error!("a route is served without the program behind it");
                ApiError::Internal
            })?;
            Ok(Self(app.sessions.authenticate(&token).await?))
        })
    }
}

/// The token of an `Authorization: Bearer …` header (RFC 6750, 2.1). Another scheme counts as none.
pub fn bearer_token(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?;
    let header = String::from_utf8_lossy(header.as_bytes());
    let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
