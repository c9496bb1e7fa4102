//! Whoever is signed in.

use actix_web::{HttpResponse, web};
use raconteur_storage::StorageError;

use crate::accounts::{AccountError, WRONG_PASSWORD};
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals, signed_out};
use crate::http::wire::me::{ChangedMe, DeletedMe, Me};

refusals! { Show: signed_out(), inside() }

/// Who am I
///
/// Shows who is signed in, and what they tell the characters of themselves.
#[utoipa::path(
    get, path = "/api/me", operation_id = "getMe", tag = "Accounts", security(("bearer" = [])),
    responses((status = 200, description = "Whoever is signed in.", body = Me), Show),
)]
pub async fn show(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(me(&app, &caller).await?))
}

refusals! {
    Change: [ApiError::field("display_name", "Ensure this field has no more than 100 characters.")],
        [AccountError::Field("current_password", WRONG_PASSWORD).into(), AccountError::EmailTaken.into()],
        body(), signed_out(), inside()
}

/// Change my account
///
/// Changes what is named, and leaves the rest: what the characters know of the person, the e-mail address, the password.
/// All of it is changed, or nothing.
///
/// Whoever changes the address or the password has to know the password that the account has, `current_password`. A new
/// password ends every session but the one that asks. An account without a password, whose person signs in with Google,
/// cannot get one here, nor another address.
#[utoipa::path(
    put, path = "/api/me", operation_id = "updateMe", tag = "Accounts", security(("bearer" = [])),
    request_body = ChangedMe,
    responses((status = 200, description = "Whoever is signed in, as they are now.", body = Me), Change),
)]
pub async fn change(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let change = ChangedMe::read(&mut body.fields().await?)?;
    app.accounts.change(caller.id(), caller.session(), change).await?;
    Ok(HttpResponse::Ok().json(me(&app, &caller).await?))
}

refusals! {
    Delete: [wrong_password(), ApiError::field("password", "This field is required.")],
        body(), signed_out(), inside()
}

/// Delete my account
///
/// Ends the account and deletes everything in it: conversations, characters, sessions. At once nobody is signed in to it
/// any more, nothing of it is seen by anybody, its replies that run have been stopped, and its e-mail address is free; the
/// rows go in the background. It cannot be undone.
///
/// The password has to be given, where the account has one. Where its person signs in with Google, the access token is
/// enough.
#[utoipa::path(
    delete, path = "/api/me", operation_id = "deleteMe", tag = "Accounts", security(("bearer" = [])),
    request_body = DeletedMe,
    responses((status = 204, description = "The account is gone."), Delete),
)]
pub async fn delete(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let DeletedMe { password } = DeletedMe::read(&mut body.fields().await?)?;
    let known = app.accounts.confirmed(caller.id(), password, "password").await?;
    // It may have been changed while it was compared.
    let deleted = app.chat.delete_account(caller.id(), move |held| held.password_hash == known).await?;
    if !deleted {
        return Err(wrong_password());
    }
    app.sessions.forget_those_of(caller.id());
    Ok(HttpResponse::NoContent().finish())
}

fn wrong_password() -> ApiError {
    AccountError::Field("password", WRONG_PASSWORD).into()
}

async fn me(app: &App, caller: &Caller) -> Result<Me, ApiError> {
    let id = caller.id();
    let found = app.db.read(move |tx| Ok::<_, StorageError>((tx.user(id)?, tx.profile(id)?)));
    let (user, profile) = found.await?;
    Ok(Me::new(user.ok_or(ApiError::InvalidToken)?, profile.unwrap_or_default()))
}
