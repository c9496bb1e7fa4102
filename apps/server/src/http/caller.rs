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

/// Whoever calls, signed in or not. Who says that they are signed in has to be.
#[derive(Clone, Copy, Debug)]
pub struct Visitor(Option<Caller>);

impl Visitor {
    /// Their id, where they are signed in.
    #[must_use]
    pub fn id(&self) -> Option<UserId> {
        self.0.map(|caller| caller.id())
    }
}

impl FromRequest for Visitor {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        if bearer_token(request).is_none() {
            return Box::pin(std::future::ready(Ok(Self(None))));
        }
        let caller = Caller::from_request(request, payload);
        Box::pin(async move { Ok(Self(Some(caller.await?))) })
    }
}

/// The token of an `Authorization: Bearer …` header (RFC 6750, 2.1). Another scheme counts as none.
pub fn bearer_token(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?;
    let header = String::from_utf8_lossy(header.as_bytes());
    let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
