//! The ids in paths, as parameters.

use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::schemas::{self, CONVERSATION_ID, GENERATION_ID, QUESTION_ID, REPLY_ID, SESSION_ID};

/// Makes types that stand for `{id}` in a path, each with an example and with words of its own.
macro_rules! path_ids {
    ($($(#[$doc:meta])* $name:ident: $example:ident, $description:literal;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![id($example, $description)]
            }
        }
    )*};
}

path_ids! {
    /// A conversation's.
    ConversationPath: CONVERSATION_ID, "The conversation's id.";
    /// A message's that is to be given anew.
    RegeneratedPath: REPLY_ID, "The id of the reply in whose place another one is wanted: a message of the character's.";
    /// A message's that is to go on.
    ContinuedPath: REPLY_ID, "The id of the reply that is to go on: the last message that the conversation shows.";
    /// A message's that is to be worded otherwise.
    EditedPath: QUESTION_ID, "The id of the message that gets other words, the person's or the character's.";
    /// A message's that is to be shown.
    ActivatedPath: REPLY_ID, "The id of a message that is to be shown, on whichever branch it stands.";
    /// A message's that is to go.
    DeletedPath: QUESTION_ID, "The id of the message that is to go, with all that follows it.";
    /// A session's.
    SessionPath: SESSION_ID, "The session's id.";
    /// A reply's.
    ReplyPath: GENERATION_ID, "The `generation_id` of the reply.";
}

/// A character's `{slug}`.
pub struct PersonaPath;

impl IntoParams for PersonaPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "The character's short name; its name or an alias will do.";
        let parameter = ParameterBuilder::new()
            .name("slug")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schemas::raw_text(description)))
            .example(Some(json!("bronn")));
        vec![parameter.build()]
    }
}

fn id(example: &'static str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(schemas::id(example, description)))
        .example(Some(json!(example)))
        .build()
}
