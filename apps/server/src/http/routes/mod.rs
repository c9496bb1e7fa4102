//! The paths, a file for each subject.

pub mod about;
pub mod archive;
pub mod auth;
pub mod branches;
pub mod chat;
pub mod conversations;
pub mod docs;
pub mod generations;
pub mod health;
pub mod me;
pub mod messages;
pub mod own_personas;
pub mod personas;
pub mod resume;
pub mod search;
pub mod sessions;
pub mod web;
mod whole;

use std::str::FromStr;

use actix_web::web::ServiceConfig;

use super::endpoint::Endpoint;
use super::error::ApiError;

/// An id from a path or a query. What is no id names nothing.
fn id<T: FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::NotFound)
}

/// Every path there is, each of them described in [`openapi`](super::openapi) too.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/healthz").get(health::alive),
        Endpoint::at("/readyz").get(health::ready),
        Endpoint::at("/api/auth/register").post(auth::register),
        Endpoint::at("/api/auth/login").post(auth::login),
        Endpoint::at("/api/auth/google").post(auth::google),
        Endpoint::at("/api/auth/refresh").post(sessions::refresh),
        Endpoint::at("/api/auth/logout").post(sessions::log_out),
        Endpoint::at("/api/auth/sessions").get(sessions::list).delete(sessions::end_all),
        Endpoint::at("/api/auth/sessions/{id}").delete(sessions::end),
        Endpoint::at("/api/about").get(about::about),
        Endpoint::at("/api/me").get(me::show).put(me::change).delete(me::delete),
        Endpoint::at("/api/me/export").get(archive::export),
        Endpoint::at("/api/me/import").post(archive::import),
        Endpoint::at("/api/conversations").get(conversations::list).post(conversations::create),
        // Before the one with an id, which would take its name for one.
        Endpoint::at("/api/conversations/bulk-delete").delete(conversations::bulk_delete),
        Endpoint::at("/api/conversations/{id}")
            .get(conversations::show)
            .put(conversations::replace)
            .patch(conversations::change)
            .delete(conversations::delete),
        Endpoint::at("/api/conversations/{id}/messages").get(messages::list),
        Endpoint::at("/api/conversations/{id}/messages/create").post(messages::create),
        Endpoint::at("/api/messages/{id}").patch(branches::edit).delete(branches::delete),
        Endpoint::at("/api/messages/{id}/regenerate").post(branches::regenerate),
        Endpoint::at("/api/messages/{id}/continue").post(branches::go_on),
        Endpoint::at("/api/messages/{id}/activate").post(branches::activate),
        Endpoint::at("/api/search").get(search::search),
        Endpoint::at("/api/personas").get(personas::list).post(own_personas::create),
        // Before the one with a short name, which would take theirs for one.
        Endpoint::at("/api/personas/import").post(own_personas::import),
        Endpoint::at("/api/personas/preview").post(own_personas::preview),
        Endpoint::at("/api/personas/{slug}")
            .get(personas::show)
            .put(own_personas::change)
            .delete(own_personas::delete),
        Endpoint::at("/api/personas/{slug}/avatar")
            .get(personas::avatar)
            .put(own_personas::set_avatar)
            .delete(own_personas::delete_avatar),
        Endpoint::at("/api/personas/{slug}/export").get(own_personas::export),
        Endpoint::at("/api/personas/{slug}/preview").post(personas::preview),
        Endpoint::at("/api/chat/stream").post(chat::stream),
        Endpoint::at("/api/chat/stream/{id}").get(resume::resume),
        Endpoint::at("/api/chat/stop").post(chat::stop),
        Endpoint::at("/api/generations/{id}").get(generations::show),
        Endpoint::at("/api/openapi.json").get(docs::document),
        Endpoint::at("/api/docs").get(docs::page),
    ]
}

/// Registers them, and the one file that is a part of a page.
pub fn configure(config: &mut ServiceConfig) {
    for endpoint in endpoints() {
        config.service(endpoint.finish());
    }
    config.service(Endpoint::at(docs::SCRIPT_PATH).get(docs::script).finish());
}
