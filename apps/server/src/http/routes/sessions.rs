//! Staying signed in, and signing out.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::{Page as Found, SessionKind};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::{Caller, bearer_token};
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals, signed_out};
use crate::http::openapi::path_ids::SessionPath;
use crate::http::openapi::schemas;
use crate::http::query::{PageSizes, Query};
use crate::http::wire::page::{Page, paging};
use crate::http::wire::session::{AccessToken, Refresh, Session, SignOut};
use crate::http::{cookie, device};
use crate::sessions::SigningOut;

const PAGE_SIZES: PageSizes = PageSizes { default: 20, max: 100 };

type SessionPage = Page<Session>;

/// What says that a script of the same site asks.
struct RequestedWith;

impl IntoParams for RequestedWith {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description =
            "Needed where the refresh token is in the cookie, with any value: no other site can send it.";
        let parameter = ParameterBuilder::new()
            .name(cookie::REQUESTED_WITH)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schemas::raw_text(description)))
            .example(Some(json!("fetch")));
        vec![parameter.build()]
    }
}

refusals! {
    Refreshing: [Refresh::required(), ApiError::field("rotate", "Must be a valid boolean.")],
        [ApiError::InvalidToken, cookie::requested_with_required()], body(), inside()
}

/// Get a new access token
///
/// Buys a new access token with a refresh token: the one in the body, or else the one in the cookie.
///
/// - The refresh token goes on being good until it expires, two weeks after the sign-in where nothing else is set.
/// - Where `rotate` was said once, each refresh token is good for one use, and the answer has the next one. The token that
///   was just used gives that same one again for 60 seconds, unless it was used meanwhile: so a question whose answer was
///   lost can be repeated. Any other use of it ends the session, for somebody else may have it. Each token is good for as
///   long as the first was, and the session for 90 days at most.
/// - In a cookie it always rotates, and the next one is put there.
#[utoipa::path(
    post, path = "/api/auth/refresh", operation_id = "refreshToken", tag = "Accounts",
    params(RequestedWith),
    request_body = Refresh,
    responses((status = 200, description = "A new access token.", body = AccessToken), Refreshing),
)]
pub async fn refresh(
    request: HttpRequest,
    app: web::Data<App>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let Refresh { refresh, rotate } = Refresh::read(&mut body.fields().await?)?;
    let token = match refresh {
        Some(token) => token,
        None => cookie::token_by_script(&request, &app)?.ok_or_else(Refresh::required)?,
    };
    let granted = app.sessions.refresh(token.trim(), rotate, device::of(&request, &app)).await?;
    let mut response = HttpResponse::Ok();
    if granted.session.kind == SessionKind::Cookie {
        response.cookie(cookie::holding(&granted, &request, &app));
    }
    Ok(response.json(AccessToken::from(granted)))
}

/// The answer to somebody whose session may have ended by this request, with its cookie.
fn ended(cookie: Option<Cookie<'_>>) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    if let Some(cookie) = cookie {
        response.cookie(cookie);
    }
    response.finish()
}

refusals! { LogOut: [ApiError::field("refresh", "Not a valid string.")], body(), inside() }

/// Sign out
///
/// Ends the session of the access token in the header, of the refresh token in the body and of the one in the cookie,
/// whichever there are, and takes the cookie away. Tokens that are not good any more end nothing: it can be repeated.
#[utoipa::path(
    post, path = "/api/auth/logout", operation_id = "logOut", tag = "Accounts",
    request_body = SignOut,
    responses((status = 204, description = "Signed out."), LogOut),
)]
pub async fn log_out(
    request: HttpRequest,
    app: web::Data<App>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let SignOut { refresh } = SignOut::read(&mut body.fields().await?)?;
    let (access, in_cookie) = (bearer_token(&request), cookie::token(&request, &app));
    let refresh = [refresh.as_deref().map(str::trim), in_cookie.as_deref()];
    app.sessions.sign_out(SigningOut { access: access.as_deref(), refresh }).await?;
    Ok(ended(cookie::taken_away(&request, &app)))
}

/// What a list of sessions can be asked for.
struct ListQuery;

impl IntoParams for ListQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        paging(PAGE_SIZES)
    }
}

refusals! {
    List: [ApiError::InvalidPage], [PAGE_SIZES.wrong("page_size", 1)], signed_out(), inside()
}

/// List sessions
///
/// Lists where the caller is signed in, the session that was seen last first. A sign-in from before this server knew
/// sessions is listed once its refresh token is used.
#[utoipa::path(
    get, path = "/api/auth/sessions", operation_id = "listSessions", tag = "Accounts", security(("bearer" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page of sessions.", body = SessionPage), List),
)]
pub async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    let page = Query::of(&request).page(PAGE_SIZES)?;
    let page = app.sessions.list(caller.id(), page).await?.ok_or(ApiError::InvalidPage)?;
    let Found { items, count, span } = page;
    let items = items.into_iter().map(|session| Session::shown(session, caller.session())).collect();
    Ok(HttpResponse::Ok().json(SessionPage::answering(&request, Found { items, count, span })))
}

refusals! { EndAll: signed_out(), inside() }

/// End all sessions
///
/// Ends all of the caller's sessions, the one that asks too: everybody has to sign in again. Their refresh tokens are good
/// no more at once, and neither are their access tokens at this server; at other servers of the same database access
/// tokens may be good for five more seconds.
#[utoipa::path(
    delete, path = "/api/auth/sessions", operation_id = "endSessions", tag = "Accounts", security(("bearer" = [])),
    responses((status = 204, description = "All sessions have ended."), EndAll),
)]
pub async fn end_all(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    app.sessions.end_all(caller.id(), None).await?;
    Ok(ended(cookie::taken_away(&request, &app)))
}

refusals! { End: [ApiError::NotFound], signed_out(), inside() }

/// End a session
///
/// Ends one of the caller's sessions, as all of them are ended. It may be the one that asks.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", operation_id = "endSession", tag = "Accounts",
    security(("bearer" = [])),
    params(SessionPath),
    responses((status = 204, description = "The session has ended."), End),
)]
pub async fn end(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let session = id(&path)?;
    if !app.sessions.end(caller.id(), session).await? {
        return Err(ApiError::NotFound);
    }
    let is_this_one = caller.session() == Some(session);
    Ok(ended(cookie::taken_away(&request, &app).filter(|_| is_this_one)))
}
