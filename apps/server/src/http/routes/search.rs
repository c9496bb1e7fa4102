//! Finding what was said.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_domain::limits::SEARCH_MAX_CHARS;
use raconteur_storage::StorageError;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::app::App;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{inside, refusals, signed_out, too_often};
use crate::http::openapi::schemas;
use crate::http::query::{PageSizes, Query};
use crate::http::wire::page::parameter;
use crate::http::wire::search::{FoundConversation, FoundMessage, SearchResults};

/// How many results of each kind there are.
const LIMITS: PageSizes = PageSizes { default: 20, max: 100 };

/// What a search is asked.
struct SearchQuery;

impl IntoParams for SearchQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = schemas::raw_text("What is sought.").max_length(Some(SEARCH_MAX_CHARS));
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(LIMITS.max))
            .default(Some(json!(LIMITS.default)));
        vec![
            parameter(
                "q",
                "What is sought: a part of a message or title, in any case and any alphabet. No sign has a special \
                 meaning. Blanks around it are taken off before it is counted; where nothing is left, nothing is found.",
                text,
            )
            .example(Some(json!("gold")))
            .build(),
            parameter("limit", "How many conversations and how many messages there are at most.", limit)
                .example(Some(json!(LIMITS.default)))
                .build(),
        ]
    }
}

refusals! {
    Search: [LIMITS.wrong("limit", 0),
        ApiError::field("q", "Ensure this field has no more than 500 characters.")], signed_out(), too_often(), inside()
}

/// Search
///
/// Finds the caller's messages that contain a text, and their conversations whose title does, the newest first. Only what
/// is shown is found: messages on the active path of a conversation, once they have ended.
#[utoipa::path(
    get, path = "/api/search", operation_id = "search", tag = "Search", security(("bearer" = [])), params(SearchQuery),
    responses((status = 200, description = "What was found.", body = SearchResults), Search),
)]
pub async fn search(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request);
    let (text, limit) = (sought(&query)?, query.limit("limit", LIMITS)? as usize);
    let Some(text) = text.filter(|_| limit > 0) else {
        return Ok(HttpResponse::Ok().json(SearchResults { conversations: vec![], messages: vec![] }));
    };
    let owner = caller.id();
    app.limits.search(owner)?;
    let sought = text.clone();
    let found = app.db.read(move |tx| {
        let conversations = tx.search_titles(owner, &sought, limit)?;
        Ok::<_, StorageError>((conversations, tx.search_messages(owner, &sought, limit)?))
    });
    let (conversations, messages) = found.await?;
    // Long texts take a while; nobody waits for this thread.
    let results = web::block(move || SearchResults {
        conversations: conversations.into_iter().map(|found| FoundConversation::by(&text, found)).collect(),
        messages: messages.into_iter().map(|found| FoundMessage::by(&text, found)).collect(),
    });
    let results = results.await.map_err(|error| {
        tracing::error!(%error, "the snippets of a search could not be made");
        ApiError::Internal
    })?;
    Ok(HttpResponse::Ok().json(results))
}

fn sought(query: &Query) -> Result<Option<String>, ApiError> {
    let text = query.filter("q")?;
    match text {
        Some(text) if text.chars().count() > SEARCH_MAX_CHARS => Err(ApiError::field(
            "q",
            format!("Ensure this field has no more than {SEARCH_MAX_CHARS} characters."),
        )),
        text => Ok(text),
    }
}
