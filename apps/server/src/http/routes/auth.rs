//! Signing up, signing in, staying signed in.

use actix_web::{HttpResponse, web};

use crate::accounts::AccountError;
use crate::app::App;
use crate::google::GoogleError;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals};
use crate::http::wire::account::{AccessToken, Credentials, GoogleSignIn, Refresh, Registration, SignedIn};

refusals! {
    Register: [Credentials::required(), AccountError::EmailTaken.into()],
        [ApiError::field("email", "Enter a valid email address.")], body(), inside()
}

/// Make an account
///
/// Makes an account and signs its person in.
#[utoipa::path(
    post, path = "/api/auth/register", operation_id = "register", tag = "Accounts",
    request_body = Registration,
    responses((status = 201, description = "The account is made and its person signed in.", body = SignedIn), Register),
)]
pub async fn register(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let Registration { email, password } = Registration::read(&mut body.fields().await?)?;
    let signed_in = app.accounts.register(&email, password).await?;
    Ok(HttpResponse::Created().json(SignedIn::from(signed_in)))
}

refusals! {
    Login: [Credentials::required(), AccountError::InvalidCredentials.into()], body(), inside()
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
pub async fn login(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let Credentials { email, password } = Credentials::read(&mut body.fields().await?)?;
    let signed_in = app.accounts.login(&email, password).await?;
    Ok(HttpResponse::Ok().json(SignedIn::from(signed_in)))
}

refusals! {
    Refreshing: [Refresh::required(), ApiError::InvalidToken], body(), inside()
}

/// Get a new access token
///
/// Buys a new access token with a refresh token, which goes on being good until it expires.
#[utoipa::path(
    post, path = "/api/auth/refresh", operation_id = "refreshToken", tag = "Accounts",
    request_body = Refresh,
    responses((status = 200, description = "A new access token.", body = AccessToken), Refreshing),
)]
pub async fn refresh(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let Refresh { refresh } = Refresh::read(&mut body.fields().await?)?;
    let access = app.accounts.refresh(refresh.trim()).await?;
    Ok(HttpResponse::Ok().json(AccessToken { access }))
}

refusals! {
    Google: [GoogleSignIn::required(), ApiError::field("id_token", "Not a valid string.")],
        [AccountError::GoogleNotConfigured.into(), AccountError::Google(GoogleError::Invalid).into()],
        [AccountError::EmailTaken.into()], body(), [AccountError::Google(GoogleError::Unreachable).into()], inside()
}

/// Sign in with Google
///
/// Signs in the person of whom an ID token of Google's speaks, with a new account if they have none. The account is the
/// person's at Google from then on, whatever becomes of the address. An account with a password and the same address is
/// taken over where Google gives out the address (Gmail and Workspace): its password ends, and so does every token of
/// it. Otherwise the address counts as registered already.
#[utoipa::path(
    post, path = "/api/auth/google", operation_id = "signInWithGoogle", tag = "Accounts",
    request_body = GoogleSignIn,
    responses((status = 200, description = "Signed in.", body = SignedIn), Google),
)]
pub async fn google(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let GoogleSignIn { id_token } = GoogleSignIn::read(&mut body.fields().await?)?;
    let signed_in = app.accounts.google(id_token.trim()).await?;
    Ok(HttpResponse::Ok().json(SignedIn::from(signed_in)))
}
