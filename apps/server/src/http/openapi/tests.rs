//! The document says what there is, all of it, in words.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::document;
use super::schemas::{CONVERSATION_ID, GENERATION_ID, QUESTION_ID, REPLY_ID, SESSION_ID};
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
    };
    for (which, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{which}: {parameter}");
            assert!(parameter.get("example").is_some(), "{which}: {parameter}");
        }
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        for (media_type, content) in bodies {
            // A file is what it is.
            let is_file = media_type == "application/octet-stream" || media_type == "image/*";
            assert!(is_file || has_example(content), "{which}: {media_type}");
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

/// Everything in the document that has `properties`, with the place where it stands.
fn objects<'a>(value: &'a Value, place: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) {
                found.push((place.to_owned(), value));
            }
            fields.iter().for_each(|(name, value)| objects(value, &format!("{place}/{name}"), found));
        }
        Value::Array(items) => items.iter().for_each(|value| objects(value, place, found)),
        _ => {}
    }
}

/// Whether something is described, by itself or by all that it may be.
fn has_words(document: &Value, schema: &Value) -> bool {
    let schema = resolve(document, schema);
    let all_have = |list: &str| {
        let items = schema[list].as_array().into_iter().flatten().filter(|item| item["type"] != "null");
        let words: Vec<bool> = items.map(|item| has_words(document, item)).collect();
        !words.is_empty() && words.iter().all(|has| *has)
    };
    schema["description"].is_string() || all_have("allOf") || all_have("oneOf") || all_have("anyOf")
}

#[test]
fn every_property_has_words_or_is_of_a_type_that_has() {
    let document = described();
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    assert!(found.len() > 30, "they are found wherever they stand: {}", found.len());
    for (place, schema) in found {
        for (field, property) in object(&schema["properties"]) {
            assert!(has_words(&document, property), "{place} {field}: {property}");
        }
    }
}

/// What a schema is made of: itself, or all that it takes together.
fn parts<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let schema = resolve(document, schema);
    let together = schema["allOf"].as_array().into_iter().flatten();
    together.flat_map(|part| parts(document, part)).chain([schema]).collect()
}

fn required<'a>(parts: &[&'a Value]) -> Vec<&'a str> {
    let lists = parts.iter().filter_map(|part| part["required"].as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}

fn properties<'a>(parts: &[&'a Value]) -> Vec<(&'a String, &'a Value)> {
    parts.iter().filter_map(|part| part["properties"].as_object()).flatten().collect()
}

/// Whether a value is of the type that a schema names.
fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type {other}"),
    }
}

/// Notes what an example has that its schema has not, and the other way round. A list is to have something in it.
fn compare(document: &Value, schema: &Value, example: &Value, place: &str, problems: &mut Vec<String>) {
    let parts = parts(document, schema);
    for part in &parts {
        if let Some(choice) = part.get("oneOf").and_then(Value::as_array) {
            let fits = |schema: &Value| {
                let mut problems = Vec::new();
                compare(document, schema, example, place, &mut problems);
                problems.is_empty()
            };
            if !choice.iter().any(fits) {
                problems.push(format!("{place} is nothing that it may be: {example}"));
            }
        }
        let types = match &part["type"] {
            Value::Null => continue,
            Value::Array(types) => types.clone(),
            one => vec![one.clone()],
        };
        if !types.iter().any(|name| is_of_type(example, name.as_str().unwrap())) {
            problems.push(format!("{place} is no {types:?}: {example}"));
        }
        if part["enum"].as_array().is_some_and(|words| !words.contains(example)) {
            problems.push(format!("{place} is none of the words: {example}"));
        }
    }
    let known = properties(&parts);
    if let (Some(fields), false) = (example.as_object(), known.is_empty()) {
        let missing = required(&parts).into_iter().filter(|name| !fields.contains_key(*name));
        problems.extend(missing.map(|name| format!("{place}.{name} is missing")));
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match known.iter().find(|(known, _)| *known == name) {
                Some((_, schema)) => compare(document, schema, value, &place, problems),
                None if parts.iter().any(|part| part.get("additionalProperties").is_some()) => {}
                None => problems.push(format!("{place} is not described")),
            }
        }
    }
    if let (Some(items), Some(schema)) = (example.as_array(), parts.iter().find_map(|part| part.get("items")))
    {
        if items.is_empty() {
            problems.push(format!("{place} is an empty list"));
        }
        items.iter().for_each(|item| compare(document, schema, item, place, problems));
    }
}

#[test]
fn every_type_has_an_example_and_every_example_is_of_its_type() {
    let document = described();
    let mut problems = Vec::new();
    for (name, schema) in object(&document["components"]["schemas"]) {
        let examples = schema["examples"].as_array();
        // Words are their own examples; what is one of several types has theirs.
        assert!(
            examples.is_some() || schema.get("enum").is_some() || schema.get("oneOf").is_some(),
            "{name}"
        );
        for example in examples.into_iter().flatten() {
            compare(&document, schema, example, name, &mut problems);
        }
    }
    for (which, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{which} {}", parameter["name"]);
            compare(&document, &parameter["schema"], &parameter["example"], &place, &mut problems);
        }
        let body = operation["requestBody"]["content"].as_object().into_iter().flatten();
        let answers =
            object(&operation["responses"]).values().filter_map(|answer| answer["content"].as_object());
        for (media_type, content) in body.chain(answers.flatten()) {
            let named =
                content["examples"].as_object().into_iter().flatten().map(|(_, named)| &named["value"]);
            // A stream is shown as the text that it is.
            for example in
                content.get("example").into_iter().chain(named).filter(|_| media_type == "application/json")
            {
                compare(&document, &content["schema"], example, &which, &mut problems);
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn an_answer_has_all_its_fields_always() {
    let document = described();
    // What is only there sometimes, and says so.
    let sometimes = [
        "AccessToken.refresh",
        "Error.request_id",
        "Generation.prompt",
        "SignedIn.refresh",
        "StreamUsage.reasoning_tokens",
    ];
    let asked: BTreeSet<&str> = operations(&document)
        .iter()
        .filter_map(|(_, operation)| operation.pointer("/requestBody/content/application~1json/schema/$ref"))
        .filter_map(|reference| reference.as_str()?.rsplit('/').next())
        .collect();
    for (name, schema) in object(&document["components"]["schemas"]) {
        let parts = parts(&document, schema);
        if asked.contains(name.as_str()) {
            continue;
        }
        for (field, _) in properties(&parts) {
            let is_there = required(&parts).contains(&field.as_str());
            assert!(is_there || sometimes.contains(&format!("{name}.{field}").as_str()), "{name}.{field}");
        }
    }
}

#[test]
fn every_id_in_a_path_is_of_the_right_kind_and_what_is_done_to_a_message_has_its_own_words() {
    let document = described();
    let mut words = BTreeSet::new();
    for (which, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        for id in parameters.filter(|parameter| parameter["in"] == "path") {
            let kind: &[&str] = match which.split('/').nth(2).unwrap() {
                "auth" => &[SESSION_ID],
                "conversations" => &[CONVERSATION_ID],
                "messages" => &[QUESTION_ID, REPLY_ID],
                "chat" | "generations" => &[GENERATION_ID],
                "personas" => &["bronn"],
                other => panic!("ids of {other}"),
            };
            assert!(kind.iter().any(|of_this| id["example"] == *of_this), "{which}: {id}");
            assert!(kind.len() == 1 || words.insert(id["description"].as_str()), "{which}: {id}");
        }
    }
    assert_eq!(words.len(), 5);
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
            assert_eq!(header("Retry-After"), status == "429" || status == "503", "{which}");
        }
        let for_anybody = responses.get("401").is_none_or(|response| {
            response["content"]["application/json"]["examples"].get("not_authenticated").is_none()
        });
        let for_those_signed_in = operation["security"] == json!([{ "bearer": [] }]);
        assert!(for_anybody != for_those_signed_in, "{which} says who may call it");
    }
    let not_allowed = &document["components"]["responses"]["MethodNotAllowed"];
    assert!(not_allowed["headers"]["Allow"].is_object(), "{not_allowed}");
    // These are the answers to what is no operation at all, or is asked of another host.
    let elsewhere = [ErrorCode::MethodNotAllowed, ErrorCode::BadRequest, ErrorCode::HostNotAllowed];
    let never: Vec<&str> = ErrorCode::ALL
        .iter()
        .filter(|code| !seen.contains(code.as_str()) && !elsewhere.contains(code))
        .map(|code| code.as_str())
        .collect();
    assert_eq!(never, [] as [&str; 0]);
}
