//! Signing up and signing in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::SessionKind;

use crate::accounts::{self, AccountError};
use crate::app::App;
use crate::google::GoogleError;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals, too_often};
use crate::http::wire::account::{Accepted, Credentials, GoogleSignIn, Registration, SignedIn};
use crate::http::{cookie, device, forwarded};
use crate::sessions::Opening;

/// How somebody signs in by this request.
fn opening(in_cookie: bool, request: &HttpRequest, app: &App) -> Opening {
    let kind = if in_cookie { SessionKind::Cookie } else { SessionKind::Token };
    Opening { kind, device: device::of(request, app) }
}

/// The answer to somebody who has signed in by this request.
fn answer(
    status: StatusCode,
    signed_in: accounts::SignedIn,
    request: &HttpRequest,
    app: &App,
) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    if signed_in.granted.session.kind == SessionKind::Cookie {
        response.cookie(cookie::holding(&signed_in.granted, request, app));
    }
    response.json(SignedIn::from(signed_in))
}

refusals! {
    Register: [Credentials::required(), AccountError::EmailTaken.into()],
        [ApiError::field("email", "Enter a valid email address.")], body(), too_often(), inside()
}

/// Make an account
///
/// Makes an account and signs its person in. Where the server's `REGISTRATION_ANSWER` is `neutral`, the answer is a 202
/// whether the address had an account or not: then the person signs in with `POST /api/auth/login`.
#[utoipa::path(
    post, path = "/api/auth/register", operation_id = "register", tag = "Accounts",
    request_body = Registration,
    responses(
        (status = 201, description = "The account is made and its person signed in.", body = SignedIn),
        (status = 202, description = "The address has an account, or will have one in a moment.", body = Accepted),
        Register,
    ),
)]
pub async fn register(
    request: HttpRequest,
    app: web::Data<App>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let Registration { email, password, cookie } = Registration::read(&mut body.fields().await?)?;
    app.limits.registration(forwarded::client(&request, &app.trusted_proxies))?;
    let signed_in = app.accounts.register(&email, password, opening(cookie, &request, &app)).await?;
    Ok(match signed_in {
        Some(signed_in) => answer(StatusCode::CREATED, signed_in, &request, &app),
        None => HttpResponse::Accepted().json(Accepted::default()),
    })
}

refusals! {
    Login: [Credentials::required(), AccountError::InvalidCredentials.into()], body(), too_often(), inside()
}

/// Sign in
///
/// Signs in somebody who has an account. An address that nobody has and a wrong password get the same answer after the
/// same time; it is a 400.
#[utoipa::path(
    post, path = "/api/auth/login", operation_id = "login", tag = "Accounts",
    request_body = Credentials,
    responses((status = 200, description = "Signed in.", body = SignedIn), Login),
)]
pub async fn login(
    request: HttpRequest,
    app: web::Data<App>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let Credentials { email, password, cookie } = Credentials::read(&mut body.fields().await?)?;
    app.limits.sign_in(forwarded::client(&request, &app.trusted_proxies))?;
    let signed_in = app.accounts.login(&email, password, opening(cookie, &request, &app)).await?;
    Ok(answer(StatusCode::OK, signed_in, &request, &app))
}

refusals! {
    Google: [GoogleSignIn::required(), ApiError::field("id_token", "Not a valid string.")],
        [AccountError::GoogleNotConfigured.into(), AccountError::Google(GoogleError::Invalid).into()],
        [AccountError::EmailTaken.into()], body(), too_often(),
        [AccountError::Google(GoogleError::Unreachable).into()], inside()
}

/// Sign in with Google
///
/// Signs in the person of whom an ID token of Google's speaks, with a new account if they have none. The account is the
/// person's at Google from then on, whatever becomes of the address. An account with a password and the same address is
/// taken over where Google gives out the address (Gmail and Workspace): its password ends, and so does every session of
/// it. Otherwise the address counts as registered already.
#[utoipa::path(
    post, path = "/api/auth/google", operation_id = "signInWithGoogle", tag = "Accounts",
    request_body = GoogleSignIn,
    responses((status = 200, description = "Signed in.", body = SignedIn), Google),
)]
pub async fn google(
    request: HttpRequest,
    app: web::Data<App>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let GoogleSignIn { id_token, cookie } = GoogleSignIn::read(&mut body.fields().await?)?;
    app.limits.sign_in(forwarded::client(&request, &app.trusted_proxies))?;
    let signed_in = app.accounts.google(id_token.trim(), opening(cookie, &request, &app)).await?;
    Ok(answer(StatusCode::OK, signed_in, &request, &app))
}
