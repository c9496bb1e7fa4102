//! Conversations.

use actix_web::{HttpRequest, HttpResponse, web};
use raconteur_chat::Open;
use raconteur_domain::limits::CONVERSATION_SHOWN_MESSAGES;
use raconteur_domain::{self as domain, ConversationId, Page as Found, UserId};
use raconteur_persona::Personas;
use raconteur_storage::{ConversationChange, ReadTx, StorageError};
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::id;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::openapi::errors::{body, inside, refusals, signed_out};
use crate::http::openapi::path_ids::ConversationPath;
use crate::http::openapi::schemas;
use crate::http::query::{PageSizes, Query};
use crate::http::wire::conversation::{
    BulkDelete, ChangedConversation, Changes, Conversation, ConversationWithMessages, Deleted,
    NewConversation, name_of,
};
use crate::http::wire::message::Message;
use crate::http::wire::page::{Page, paging, parameter};

const PAGE_SIZES: PageSizes = PageSizes { default: 20, max: 100 };

type ConversationPage = Page<Conversation>;

/// What a list of conversations can be asked for.
struct ListQuery;

impl IntoParams for ListQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = paging(PAGE_SIZES);
        parameters.push(character_filter("Only the conversations with the character of exactly this name."));
        parameters
    }
}

fn character_filter(description: &str) -> Parameter {
    let name = schemas::raw_text("A name as conversations show it. A blank one counts as none.");
    parameter("character", description, name).example(Some(json!("Bronn"))).build()
}

refusals! {
    List: [ApiError::InvalidPage], [PAGE_SIZES.wrong("page_size", 1)],
        signed_out(), inside()
}

/// List conversations
///
/// Lists the caller's conversations, the one that changed last first.
#[utoipa::path(
    get, path = "/api/conversations", operation_id = "listConversations", tag = "Conversations",
    security(("bearer" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page of conversations.", body = ConversationPage), List),
)]
pub async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request);
    let (page, character) = (query.page(PAGE_SIZES)?, query.filter("character")?);
    let owner = caller.id();
    let cast = app.chat.cast().built_in();
    let page = app.db.read(move |tx| {
        let Some(page) = tx.conversations(owner, character.as_deref(), page)? else { return Ok(None) };
        let Found { items, count, span } = page;
        Ok::<_, StorageError>(Some(Found { items: with_personas(tx, &cast, owner, items)?, count, span }))
    });
    let page = page.await?.ok_or(ApiError::InvalidPage)?;
    Ok(HttpResponse::Ok().json(ConversationPage::answering(&request, page)))
}

refusals! {
    Create: bad_fields(), body(), signed_out(), inside()
}

/// What is said of the fields of a conversation.
fn bad_fields() -> Vec<ApiError> {
    vec![ApiError::field("title", "This field may not be null."), nobody()]
}

/// Open a conversation
///
/// Opens a conversation with a character. Without a body it is one with Bronn. With `greeting` the character speaks first:
/// its greeting is the first message, and its other greetings, where it has some, are siblings of that.
#[utoipa::path(
    post, path = "/api/conversations", operation_id = "createConversation", tag = "Conversations",
    security(("bearer" = [])),
    request_body = NewConversation,
    responses((status = 201, description = "The new conversation.", body = Conversation), Create),
)]
pub async fn create(app: web::Data<App>, caller: Caller, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let NewConversation { title, character, persona, greeting } =
        NewConversation::read(&mut body.fields().await?)?;
    let owner = caller.id();
    let persona = known(&app, owner, persona).await?;
    let character = name_of(character, persona.as_ref().map(|found| found.persona.name()));
    let conversation = app.chat.open(Open { owner, character, persona, title, greeting }).await?;
    let cast = app.chat.cast().built_in();
    let shown = app.db.read(move |tx| with_personas(tx, &cast, owner, vec![conversation])).await?;
    Ok(HttpResponse::Created().json(shown.into_iter().next()))
}

/// The character of this short name, where one is named.
async fn known(
    app: &App,
    owner: UserId,
    persona: Option<String>,
) -> Result<Option<raconteur_chat::Found>, ApiError> {
    let Some(slug) = persona else { return Ok(None) };
    let found = app.chat.cast().at(Some(owner), &slug).await?;
    found.map(Some).ok_or_else(nobody)
}

/// What is said where there is no character of a short name.
fn nobody() -> ApiError {
    ApiError::field("persona", "There is no character of this short name.")
}

/// Conversations, with the short names of those who answer in them.
fn with_personas(
    tx: &mut ReadTx<'_>,
    cast: &Personas,
    owner: UserId,
    conversations: Vec<domain::Conversation>,
) -> Result<Vec<Conversation>, StorageError> {
    let ids: Vec<_> = conversations.iter().filter_map(|conversation| conversation.persona_id).collect();
    let slugs = if ids.is_empty() { Vec::new() } else { tx.persona_slugs(owner, &ids)? };
    let slug = |conversation: &domain::Conversation| {
        let own = slugs.iter().find(|(id, _)| Some(*id) == conversation.persona_id);
        let own = own.map(|(_, slug)| slug.clone());
        own.or_else(|| Some(cast.find(&conversation.character)?.slug().to_owned()))
    };
    let shown = conversations.into_iter().map(|conversation| {
        let slug = slug(&conversation);
        Conversation::new(conversation, slug)
    });
    Ok(shown.collect())
}

refusals! { Show: [ApiError::NotFound], signed_out(), inside() }

/// Show a conversation
///
/// Shows a conversation with its newest messages.
#[utoipa::path(
    get, path = "/api/conversations/{id}", operation_id = "getConversation", tag = "Conversations",
    security(("bearer" = [])),
    params(ConversationPath),
    responses((status = 200, description = "The conversation.", body = ConversationWithMessages), Show),
)]
pub async fn show(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let body = show_whole(&app, caller.id(), id(&path)?).await?;
    Ok(HttpResponse::Ok().json(body))
}

refusals! { Change: bad_fields(), [ApiError::NotFound], body(), signed_out(), inside() }

/// Change a conversation
///
/// Changes what is named and leaves the rest: two changes of different fields at the same moment both stay.
#[utoipa::path(
    patch, path = "/api/conversations/{id}", operation_id = "updateConversation", tag = "Conversations",
    security(("bearer" = [])),
    params(ConversationPath),
    request_body = ChangedConversation,
    responses((status = 200, description = "The conversation as it is now.", body = ConversationWithMessages), Change),
)]
pub async fn change(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let (owner, id) = (caller.id(), id(&path)?);
    // Whether there is anything to change comes before what is to be changed.
    app.db.read(move |tx| tx.conversation(owner, id)).await?.ok_or(ApiError::NotFound)?;
    let Changes { change, character, persona } = ChangedConversation::read(&mut body.fields().await?)?;
    if let Some(Some(model)) = &change.model
        && !app.info.models.contains(model)
    {
        return Err(not_offered(&app));
    }
    let character = match (known(&app, owner, persona).await?, character) {
        (Some(found), name) => Some((name_of(name, Some(found.persona.name())), found.own)),
        (None, Some(name)) => {
            let found = app.chat.cast().called(owner, &name).await?;
            Some((name, found.and_then(|found| found.own)))
        }
        (None, None) => None,
    };
    let character = character.map(|(name, own)| (name, own.map(|own| own.id)));
    let change = ConversationChange { character, ..change };
    let now = app.clock.now();
    if !app.db.write(move |tx| tx.change_conversation(owner, id, &change, now)).await? {
        return Err(ApiError::NotFound);
    }
    Ok(HttpResponse::Ok().json(show_whole(&app, owner, id).await?))
}

/// What is said where a model is not offered.
fn not_offered(app: &App) -> ApiError {
    ApiError::field("model", format!("This server offers {}.", app.info.models.join(", ")))
}

/// Change a conversation, as PATCH does
///
/// The same as PATCH, for clients that use this method: what is not named stays as it is here too.
#[utoipa::path(
    put, path = "/api/conversations/{id}", operation_id = "replaceConversation", tag = "Conversations",
    security(("bearer" = [])),
    params(ConversationPath),
    request_body = ChangedConversation,
    responses((status = 200, description = "The conversation as it is now.", body = ConversationWithMessages), Change),
)]
pub async fn replace(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    change(app, caller, path, body).await
}

/// Delete a conversation
///
/// Deletes a conversation and everything in it. A reply that still runs is stopped.
#[utoipa::path(
    delete, path = "/api/conversations/{id}", operation_id = "deleteConversation", tag = "Conversations",
    security(("bearer" = [])),
    params(ConversationPath),
    responses((status = 204, description = "It is gone."), Show),
)]
pub async fn delete(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    app.chat.delete_conversation(caller.id(), id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Which character's conversations are to be deleted.
struct BulkDeleteQuery;

impl IntoParams for BulkDeleteQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![character_filter("Only the conversations with the character of exactly this name.")]
    }
}

refusals! {
    DeleteMany: [ApiError::field("character", "Null characters are not allowed.")], body(), signed_out(), inside()
}

/// Delete many conversations
///
/// Deletes every conversation of the caller's, or every one with a character. The character stands in the query or in
/// the body; the query wins.
#[utoipa::path(
    delete, path = "/api/conversations/bulk-delete", operation_id = "deleteConversations", tag = "Conversations",
    security(("bearer" = [])),
    params(BulkDeleteQuery),
    request_body = BulkDelete,
    responses((status = 200, description = "They are gone.", body = Deleted), DeleteMany),
)]
pub async fn bulk_delete(
    request: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let in_body = BulkDelete::read(&mut body.fields().await?)?.character;
    let character = Query::of(&request).filter("character")?.or(in_body);
    let deleted = app.chat.delete_conversations(caller.id(), character).await?;
    Ok(HttpResponse::Ok().json(Deleted { deleted }))
}

/// A conversation with its newest messages.
pub(super) async fn show_whole(
    app: &App,
    owner: UserId,
    id: ConversationId,
) -> Result<ConversationWithMessages, ApiError> {
    let cast = app.chat.cast().built_in();
    let found = app
        .db
        .read(move |tx| {
            let Some(conversation) = tx.conversation(owner, id)? else {
                return Ok(None);
            };
            let count = tx.message_count(id)?;
            let messages = tx.newest_messages(id, CONVERSATION_SHOWN_MESSAGES)?;
            let messages = tx.placed(id, messages)?;
            let settings = tx.conversation_settings(id)?.unwrap_or_default();
            let shown = with_personas(tx, &cast, owner, vec![conversation])?.pop();
            Ok::<_, StorageError>(shown.map(|shown| (shown, settings, count, messages)))
        })
        .await?;
    let (conversation, settings, message_count, messages) = found.ok_or(ApiError::NotFound)?;
    Ok(ConversationWithMessages {
        conversation,
        settings: settings.into(),
        messages: messages.into_iter().map(Message::from).collect(),
        message_count,
    })
}
