//! The ids in paths, as parameters.

use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::schemas;

/// Makes types that stand for `{id}` in a path.
macro_rules! path_ids {
    ($($(#[$doc:meta])* $name:ident: $description:literal;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![id($description)]
            }
        }
    )*};
}

path_ids! {
    /// A conversation's.
    ConversationPath: "The conversation's id.";
    /// A message's.
    MessagePath: "The message's id.";
    /// A reply's.
    ReplyPath: "The `generation_id` of the reply.";
}

fn id(description: &str) -> Parameter {
    ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(schemas::id(description)))
        .example(Some(json!(schemas::ID)))
        .build()
}
