//! The document says what there is, all of it, in words.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::document;
use crate::http::error_code::ErrorCode;
use crate::http::routes::endpoints;

fn described() -> Value {
    json!(document())
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("an object was expected: {value}"))
}

/// Every operation, with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = object(&document["paths"]).iter();
    paths
        .flat_map(|(path, item)| {
            object(item)
                .iter()
                .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
        })
        .collect()
}

/// What a reference leads to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let place = reference.strip_prefix('#').expect("references stay in the document");
            document.pointer(place).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => value,
    }
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_path_is_described_and_every_description_is_of_a_path() {
    let described = described();
    let described: BTreeSet<String> = operations(&described).into_iter().map(|(name, _)| name).collect();
    let registered = endpoints();
    let registered: BTreeSet<String> = registered
        .iter()
        .flat_map(|endpoint| endpoint.methods().iter().map(|method| format!("{method} {}", endpoint.path())))
        .filter(|name| !name.starts_with("HEAD "))
        .collect();
    assert_eq!(described, registered);
}

#[test]
fn every_operation_has_a_name_a_subject_and_words() {
    let document = described();
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = BTreeSet::new();
    for (which, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or_default();
        let is_a_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(is_a_name && names.insert(name), "{which}: {name:?}");
        assert!(operation["summary"].as_str().is_some_and(|words| words.len() > 5), "{which}");
        assert!(operation["description"].as_str().is_some_and(|words| words.len() > 10), "{which}");
        let [tag] = operation["tags"].as_array().unwrap().as_slice() else { panic!("{which} has one tag") };
        assert!(tags.contains(&tag), "{which}: {tag}");
    }
}

#[test]
fn every_parameter_body_and_answer_has_words_and_an_example() {
    let document = described();
    let has_example = |content: &Value| {
        content.get("example").is_some()
            || content.get("examples").is_some()
            || resolve(&document, &content["schema"]).get("examples").is_some()
            // A page is a list of what has examples.
            || content["schema"]["$ref"].as_str().is_some_and(|name| name.ends_with("Page"))
    };
    for (which, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{which}: {parameter}");
            assert!(parameter.get("example").is_some(), "{which}: {parameter}");
        }
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        for (media_type, content) in bodies {
            assert!(has_example(content), "{which}: {media_type}");
        }
        for (status, response) in object(&operation["responses"]) {
            assert!(response["description"].is_string(), "{which}: {status}");
            assert!(response["headers"]["X-Request-Id"].is_object(), "{which}: {status}");
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                assert!(has_example(content), "{which}: {status} {media_type}");
            }
        }
    }
}

#[test]
fn every_property_has_words_or_is_of_a_type_that_has() {
    let document = described();
    for (name, schema) in object(&document["components"]["schemas"]) {
        let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        for (field, property) in parts.filter_map(|part| part["properties"].as_object()).flatten() {
            let described = property.get("description").is_some()
                || property.get("oneOf").is_some()
                || resolve(&document, property).get("description").is_some();
            assert!(described, "{name}.{field}: {property}");
        }
    }
}

#[test]
fn an_answer_has_all_its_fields_always_and_an_example_has_them_too() {
    let document = described();
    // What is only there sometimes, and says so.
    let sometimes = ["Error.request_id", "Generation.prompt", "StreamUsage.reasoning_tokens"];
    let asked: BTreeSet<&str> = operations(&document)
        .iter()
        .filter_map(|(_, operation)| operation.pointer("/requestBody/content/application~1json/schema/$ref"))
        .filter_map(|reference| reference.as_str()?.rsplit('/').next())
        .collect();
    for (name, schema) in object(&document["components"]["schemas"]) {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !asked.contains(name.as_str()) {
            for field in schema["properties"].as_object().into_iter().flat_map(Map::keys) {
                let is_there = required.contains(&field.as_str());
                assert!(
                    is_there || sometimes.contains(&format!("{name}.{field}").as_str()),
                    "{name}.{field}"
                );
            }
        }
        for example in schema["examples"].as_array().into_iter().flatten() {
            let missing: Vec<&&str> =
                required.iter().filter(|field| example.get(**field).is_none()).collect();
            assert!(missing.is_empty(), "the example of {name} lacks {missing:?}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_led_to() {
    let document = described();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        resolve(&document, &json!({ "$ref": reference }))
            .as_object()
            .expect("a reference leads to an object");
    }
    for name in object(&document["components"]["schemas"]).keys() {
        assert!(found.contains(format!("#/components/schemas/{name}").as_str()), "{name}");
    }
}

#[test]
fn every_error_has_a_code_of_the_table_with_its_status_and_its_headers() {
    let document = described();
    let mut seen = BTreeSet::new();
    for (which, operation) in operations(&document) {
        let responses = object(&operation["responses"]);
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let examples = object(&response["content"]["application/json"]["examples"]);
            for example in examples.values() {
                let word = example["value"]["code"].as_str().unwrap();
                let code = ErrorCode::ALL.iter().find(|code| code.as_str() == word);
                assert_eq!(code.map(|code| code.status().to_string()[..3].to_owned()).as_ref(), Some(status));
                seen.insert(word.to_owned());
            }
            let header = |name: &str| response["headers"][name].is_object();
            assert_eq!(header("WWW-Authenticate"), status == "401", "{which}");
            assert_eq!(header("Retry-After"), status == "503", "{which}");
        }
        let for_anybody = responses.get("401").is_none_or(|response| {
            response["content"]["application/json"]["examples"].get("not_authenticated").is_none()
        });
        let for_those_signed_in = operation["security"] == json!([{ "bearer": [] }]);
        assert!(for_anybody != for_those_signed_in, "{which} says who may call it");
    }
    let not_allowed = &document["components"]["responses"]["MethodNotAllowed"];
    assert!(not_allowed["headers"]["Allow"].is_object(), "{not_allowed}");
    // These two are the answers to what is no operation at all.
    let elsewhere = [ErrorCode::MethodNotAllowed, ErrorCode::BadRequest];
    let never: Vec<&str> = ErrorCode::ALL
        .iter()
        .filter(|code| !seen.contains(code.as_str()) && !elsewhere.contains(code))
        .map(|code| code.as_str())
        .collect();
    assert_eq!(never, [] as [&str; 0]);
}
