//! Signing up, signing in, staying signed in.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use raconteur_domain::{User, is_blank};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::accounts::SignedIn;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error_code::ErrorCode;
use crate::http::fields::{Fields, Given};

pub async fn register(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let (email, password) = credentials(&mut body.fields().await?)?;
    let signed_in = app.accounts.register(&email, password).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(show(&signed_in)))
}

pub async fn login(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let (email, password) = credentials(&mut body.fields().await?)?;
    let signed_in = app.accounts.login(&email, password).await?;
    Ok(HttpResponse::Ok().json(show(&signed_in)))
}

pub async fn refresh(app: web::Data<App>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let refresh = body.fields().await?.raw_text("refresh").value().filter(|token| !is_blank(token));
    let refresh = refresh.ok_or_else(|| ApiError::field("refresh", "This field is required."))?;
    let access = app.accounts.refresh(refresh.trim()).await?;
    Ok(HttpResponse::Ok().json(json!({ "access": access })))
}

pub async fn me(caller: Caller) -> HttpResponse {
    HttpResponse::Ok().json(show_user(&caller.0))
}

/// E-mail and password, both of them there before anything else is asked of them.
fn credentials(fields: &mut Fields) -> Result<(String, SecretString), ApiError> {
    let required = || ApiError::refused(ErrorCode::Invalid, "email/password required");
    if !fields.is_given("email") || !fields.is_given("password") {
        return Err(required());
    }
    let (email, password) = (fields.raw_text("email"), fields.raw_text("password"));
    fields.check()?;
    match (email, password) {
        (Given::Value(email), Given::Value(password)) if !is_blank(&email) && !password.is_empty() => {
            Ok((email, SecretString::from(password)))
        }
        _ => Err(required()),
    }
}

fn show(signed_in: &SignedIn) -> Value {
    json!({
        "access": signed_in.tokens.access,
        "refresh": signed_in.tokens.refresh,
        "user": show_user(&signed_in.user),
    })
}

fn show_user(user: &User) -> Value {
    json!({ "id": user.id, "email": user.email })
}
