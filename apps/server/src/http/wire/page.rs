//! Lists by pages, and the query parameters that ask for one.

use std::borrow::Cow;

use actix_web::HttpRequest;
use raconteur_domain::{self as domain, Placed};
use raconteur_storage::Stretch;
use serde::Serialize;
use serde_json::json;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Required};
use utoipa::{PartialSchema, ToSchema};

use super::message::Message;
use crate::http::openapi::schemas::example_of;
use crate::http::query::{PageSizes, link};

/// One page of a list.
#[derive(Serialize)]
pub struct Page<T> {
    count: u64,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

impl<T> Page<T> {
    /// A page of what was found, as the answer to this request.
    pub fn answering<F: Into<T>>(request: &HttpRequest, page: domain::Page<F>) -> Self {
        let number = page.span.number;
        Self {
            count: page.count,
            next: (number < page.span.pages).then(|| link(request, "page", &(number + 1).to_string())),
            previous: (number > 1).then(|| link(request, "page", &(number - 1).to_string())),
            results: page.items.into_iter().map(Into::into).collect(),
        }
    }
}

impl Page<Message> {
    /// Messages that follow each other, as the answer to this request: the first one first, or last if `descending`.
    pub fn beside(request: &HttpRequest, stretch: Stretch<Placed>, descending: bool) -> Self {
        let Stretch { mut messages, count, more_before, more_after } = stretch;
        let to = |side, message: Option<&Placed>, there_is_more: bool| {
            message
                .filter(|_| there_is_more)
                .map(|placed| link(request, side, &placed.message.id.to_string()))
        };
        let older = to("before", messages.first(), more_before);
        let newer = to("after", messages.last(), more_after);
        let (previous, next) = if descending { (newer, older) } else { (older, newer) };
        if descending {
            messages.reverse();
        }
        Self { count, next, previous, results: messages.into_iter().map(Into::into).collect() }
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(list: &mut Vec<(String, RefOr<Schema>)>) {
        list.push((T::name().into(), T::schema()));
        T::schemas(list);
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let link = |which: &str| {
            ObjectBuilder::new()
                .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
                .format(Some(SchemaFormat::Custom("uri".to_owned())))
                .description(Some(format!(
                    "The whole address of the {which} page with every other query parameter kept, or null where \
                     there is none."
                )))
        };
        ObjectBuilder::new()
            .description(Some("One page of a list."))
            .property(
                "count",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(0))
                    .description(Some("How many there are on all pages together.")),
            )
            .required("count")
            .property("next", link("next"))
            .required("next")
            .property("previous", link("previous"))
            .required("previous")
            .property(
                "results",
                ArrayBuilder::new()
                    .items(Ref::from_schema_name(T::name()))
                    .description(Some("What stands on this page.")),
            )
            .required("results")
            .examples([json!({ "count": 1, "next": null, "previous": null, "results": [example_of::<T>()] })])
            .into()
    }
}

/// A query parameter that need not be there.
pub fn parameter(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}

/// `page` and `page_size` of a list with these sizes.
pub fn paging(sizes: PageSizes) -> Vec<Parameter> {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    let last = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["last"]));
    let page = OneOfBuilder::new().item(number).item(last).default(Some(json!(1)));
    let size =
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).default(Some(json!(sizes.default)));
    let about_size =
        format!("How many a page has at most. More than {max} is taken as {max}.", max = sizes.max);
    vec![
        parameter(
            "page",
            "Which page, from 1, or `last`. Page 1 of nothing is an empty page; any other page that does not exist \
             is a 404.",
            page,
        )
        .example(Some(json!(1)))
        .build(),
        parameter("page_size", &about_size, size).example(Some(json!(sizes.default))).build(),
    ]
}
