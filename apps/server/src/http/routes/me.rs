//! Whoever is signed in.

use actix_web::{HttpResponse, web};
use raconteur_storage::StorageError;

use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals, signed_out};
use crate::http::wire::me::{ChangedMe, Me};

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
        body(), signed_out(), inside()
}

/// Change what characters know of me
///
/// Changes what is named, and leaves the rest.
#[utoipa::path(
    put, path = "/api/me", operation_id = "updateMe", tag = "Accounts", security(("bearer" = [])),
    request_body = ChangedMe,
    responses((status = 200, description = "Whoever is signed in, as they are now.", body = Me), Change),
)]
pub async fn change(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let (id, change) = (caller.id(), ChangedMe::read(&mut body.fields().await?)?);
    app.db.write(move |tx| tx.change_profile(id, &change)).await?;
    Ok(HttpResponse::Ok().json(me(&app, &caller).await?))
}

async fn me(app: &App, caller: &Caller) -> Result<Me, ApiError> {
    let id = caller.id();
    let found = app.db.read(move |tx| Ok::<_, StorageError>((tx.user(id)?, tx.profile(id)?)));
    let (user, profile) = found.await?;
    Ok(Me::new(user.ok_or(ApiError::InvalidToken)?, profile.unwrap_or_default()))
}
