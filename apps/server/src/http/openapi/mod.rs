//! The OpenAPI document, made from the handlers and from the types on the wire.

pub mod errors;
pub mod path_ids;
pub mod schemas;
#[cfg(test)]
mod tests;

use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, Required};

use super::error::ApiError;
use super::routes;
use super::wire::error::Error;

const DESCRIPTION: &str = "\
Raconteur is a self-hosted server for character chat: a person signs in, opens a conversation with a character, and the \
character answers, in character, as a live stream.

A first conversation: `POST /api/auth/register`, then `POST /api/conversations` with the access token, then \
`POST /api/chat/stream` with the conversation's id and a prompt.

- **Paths** answer with and without a slash at their end. `HEAD` works wherever `GET` does, `OPTIONS` tells which \
methods a path takes, and any other method is a 405 with `Allow`, the response `MethodNotAllowed` of this document.
- **Bodies** are one JSON object in UTF-8. No body at all counts as an empty object; unknown fields are passed over. \
Lengths are counted in Unicode code points. Times are RFC 3339 in UTC with microseconds, ids are UUIDs.
- **Who asks** is said with `Authorization: Bearer …` and the access token of a sign-in. It is decided before anything \
else is looked at. Somebody else's things look like things that do not exist.
- **Errors** are JSON with `detail` for a person, `code` for a program, and where fields were wrong a list of messages \
under the name of each. One code has one status.
- **`X-Request-Id`** is on every answer; the server's log knows the request by it.
";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Raconteur", description = DESCRIPTION, license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    servers((url = "/", description = "This server.")),
    tags(
        (name = "Accounts", description = "Signing up, signing in, staying signed in."),
        (name = "Conversations", description = "A person's threads, each with one character."),
        (name = "Messages", description = "What was said in a conversation."),
        (name = "Branches", description = "Other words and other replies: a conversation is a tree of messages, of which one path is shown."),
        (name = "Search", description = "Finding what was said."),
        (name = "Personas", description = "The characters that can be spoken to."),
        (name = "Chat", description = "Talking: replies as they are spoken, stopped and explained."),
        (name = "Service", description = "The server itself."),
    ),
    paths(
        routes::auth::register,
        routes::auth::login,
        routes::auth::google,
        routes::me::show,
        routes::me::change,
        routes::me::delete,
        routes::archive::export,
        routes::archive::import,
        routes::sessions::refresh,
        routes::sessions::log_out,
        routes::sessions::list,
        routes::sessions::end_all,
        routes::sessions::end,
        routes::conversations::list,
        routes::conversations::create,
        routes::conversations::bulk_delete,
        routes::conversations::show,
        routes::conversations::change,
        routes::conversations::replace,
        routes::conversations::delete,
        routes::messages::list,
        routes::messages::create,
        routes::branches::edit,
        routes::branches::delete,
        routes::branches::regenerate,
        routes::branches::go_on,
        routes::branches::activate,
        routes::search::search,
        routes::personas::list,
        routes::own_personas::create,
        routes::own_personas::import,
        routes::own_personas::preview,
        routes::personas::show,
        routes::own_personas::change,
        routes::own_personas::delete,
        routes::personas::avatar,
        routes::own_personas::set_avatar,
        routes::own_personas::delete_avatar,
        routes::own_personas::export,
        routes::personas::preview,
        routes::chat::stream,
        routes::resume::resume,
        routes::chat::stop,
        routes::generations::show,
        routes::about::about,
        routes::health::alive,
        routes::health::ready,
        routes::docs::document,
        routes::docs::page,
    ),
    // What no path refers to by itself.
    components(schemas(Error)),
)]
struct Document;

/// The document.
pub fn document() -> OpenApi {
    let mut document = <Document as utoipa::OpenApi>::openapi();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some("The access token of a sign-in."))
                .build(),
        ),
    );
    let request_id = HeaderBuilder::new()
        .schema(Some(schemas::id(schemas::REQUEST_ID, "The request's id.")))
        .description(Some("The id under which the server's log knows the request."))
        .build();
    components.headers.insert("RequestId".to_owned(), request_id.into());

    // No operation answers with it: it is what any other method gets.
    let not_allowed =
        ApiError::MethodNotAllowed { method: "BREW".to_owned(), allowed: "GET, HEAD, OPTIONS".to_owned() };
    let not_allowed = errors::responses(&[not_allowed]).into_values();
    components.responses.extend(not_allowed.map(|response| ("MethodNotAllowed".to_owned(), response)));

    let without_fields = without_required_fields(&document);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                let header = RefOr::Ref(Ref::new("#/components/headers/RequestId"));
                response.headers.insert("X-Request-Id".to_owned(), header);
            }
        }
        // No body counts as an empty object: it has to be there only where the object has to have something in it.
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            let optional =
                body.content.values().any(|content| without_fields.contains(&json!(content)["schema"]));
            body.required = Some(if optional { Required::False } else { Required::True });
        }
    }
    document
}

/// References to the schemas of objects that may be empty.
fn without_required_fields(document: &OpenApi) -> Vec<serde_json::Value> {
    let schemas = document.components.iter().flat_map(|components| &components.schemas);
    schemas
        .filter(|(_, schema)| json!(schema).get("required").is_none())
        .map(|(name, _)| json!({ "$ref": format!("#/components/schemas/{name}") }))
        .collect()
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}
