//! The OpenAPI document, held against the server that hands it out.

use reqwest::Method;
use reqwest::header::ACCEPT_ENCODING;
use serde_json::{Value, json};

use crate::support::operations::object;
use crate::support::{Answer, Client, Database, Ids, Operation, TestApp, on_every_database, operations};

on_every_database! {
    the_document_is_for_everybody
    the_page_loads_nothing_from_anywhere_else
    every_described_path_says_the_same_of_its_methods
    every_length_is_exact
    every_field_is_of_the_type_that_is_described
}

async fn the_document_is_for_everybody(on: Database) {
    let app = TestApp::start(on).await;
    let document = app.visitor().get("/api/openapi.json").await.expect(200).json();
    assert_eq!(document, json!(raconteur::openapi()));
}

async fn the_page_loads_nothing_from_anywhere_else(on: Database) {
    let app = TestApp::start(on).await;
    let http = reqwest::Client::builder().build().unwrap();
    let get = async |path: &str, encoding: &'static str| {
        let request = http.get(format!("{}{path}", app.base())).header(ACCEPT_ENCODING, encoding);
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        let header = move |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            (response.status().as_u16(), header("x-content-type-options")),
            (200, Some("nosniff".into()))
        );
        (header, response.bytes().await.unwrap())
    };

    let (header, page) = get("/api/docs/", "gzip").await;
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert_eq!(header("content-type").unwrap(), "text/html; charset=utf-8");
    let policy = header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"), "{policy}");
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("src=\"//"), "{page}");

    let script = page.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    let (packed_header, packed) = get(script, "gzip, deflate, br").await;
    assert_eq!(packed_header("content-encoding").as_deref(), Some("gzip"));
    assert!(packed.starts_with(&[0x1f, 0x8b]));
    for encoding in ["identity", "br", "gzip;q=0"] {
        let (header, plain) = get(script, encoding).await;
        assert_eq!(header("content-encoding"), None, "{encoding}");
        assert_eq!(header("content-type").unwrap(), "text/javascript; charset=utf-8");
        assert!(header("cache-control").unwrap().contains("immutable"));
        assert!(plain.len() > packed.len() && plain.starts_with(b"(function"), "{encoding}");
    }
}

async fn every_described_path_says_the_same_of_its_methods(on: Database) {
    let app = TestApp::start(on).await;
    let visitor = app.visitor();
    for (path, item) in object(&json!(raconteur::openapi())["paths"]) {
        let path = path.replace("{id}", "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203").replace("{slug}", "bronn");
        let options = visitor.answer(visitor.ask(Method::OPTIONS, &path)).await.expect(204);
        let allowed: Vec<&str> = options.header("allow").unwrap().split(", ").collect();
        let mut described: Vec<String> = object(item).keys().map(|method| method.to_uppercase()).collect();
        if described.iter().any(|method| method == "GET") {
            described.push("HEAD".to_owned());
        }
        described.push("OPTIONS".to_owned());
        assert_eq!(allowed.len(), described.len(), "{path}: {allowed:?} {described:?}");
        assert!(described.iter().all(|method| allowed.contains(&method.as_str())), "{path}");
    }
}

/// Every operation that takes a body. What deletes things comes after what wants them, and what signs out at the end.
fn taking_bodies() -> Vec<Operation> {
    let mut all = operations();
    all.retain(Operation::takes_a_body);
    assert!(all.len() >= 14, "bodies are described");
    // So does what gives a thing another address.
    let changes_its_address = |operation: &Operation| operation.path == "/api/personas/{slug}";
    all.sort_by_key(|operation| {
        let deletes = operation.method == Method::DELETE || changes_its_address(operation);
        (operation.path == "/api/auth/logout", operation.signs_out(), deletes)
    });
    all
}

/// The answer to the good body with this value in a field.
async fn with(person: &Client, operation: &Operation, ids: &Ids, field: &str, value: &Value) -> Answer {
    let mut body = operation.example(ids);
    body[field] = value.clone();
    send(person, operation, ids, &body).await
}

async fn send(person: &Client, operation: &Operation, ids: &Ids, body: &Value) -> Answer {
    let request = person.ask(operation.method.clone(), &operation.path_of(ids)).json(body);
    let (asked, response) = (format!("{} {body:.200}", operation.name()), request.send().await.unwrap());
    if response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream") {
        // It has begun, which is what is asked here.
        return Answer::of_stream(asked, &response);
    }
    Answer::read(asked, response).await
}

/// Whether an answer is a refusal because of this field.
fn is_refused_for(answer: &Answer, field: &str) -> bool {
    answer.status == 400 && answer.json().get(field).is_some()
}

/// A text of this many characters that a field of this name takes.
fn text_of(operation: &Operation, field: &str, length: usize) -> String {
    if field == "email" && length > 1 {
        format!("{}@example.org", "x".repeat(length - "@example.org".len()))
    } else if field == "slug" {
        // Nobody has it yet: not who was made here, nor who has a name of such letters.
        if operation.method == Method::PUT { "z" } else { "y" }.repeat(length)
    } else if field == "password" {
        // One that nobody tries first.
        "battery staple ".chars().cycle().take(length).collect()
    } else if field == "style" && length > 3 {
        format!("a: {}", "x".repeat(length - 3))
    } else {
        "x".repeat(length)
    }
}

async fn every_length_is_exact(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let ids = Ids::of(&ada).await;
    let mut checked = 0;
    for operation in taking_bodies() {
        for (field, schema) in &operation.fields() {
            let length = |limit: &str| schema[limit].as_u64().map(|length| usize::try_from(length).unwrap());
            for (limit, beyond) in [(length("maxLength"), 1), (length("minLength"), -1)] {
                let Some(limit) = limit else { continue };
                let (good, bad) = (
                    text_of(&operation, field, limit),
                    "x".repeat(limit.checked_add_signed(beyond).unwrap()),
                );
                let answer = with(&ada, &operation, &ids, field, &good.into()).await;
                assert!(!is_refused_for(&answer, field), "{field} of {limit}: {answer}");
                let answer = with(&ada, &operation, &ids, field, &bad.into()).await;
                // An empty one counts as missing at some paths, which is said without the name of a field.
                assert!(
                    is_refused_for(&answer, field) || (limit == 1 && answer.status == 400),
                    "{field}: {answer}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 14, "only {checked} limits are described");
}

async fn every_field_is_of_the_type_that_is_described(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let ids = Ids::of(&ada).await;
    for operation in taking_bodies() {
        for name in operation.required_fields() {
            let mut body = operation.example(&ids);
            body.as_object_mut().unwrap().remove(&name);
            send(&ada, &operation, &ids, &body).await.expect(400);
        }
        for (field, schema) in &operation.fields() {
            let types = match &schema["type"] {
                Value::Array(types) => types.clone(),
                one => vec![one.clone()],
            };
            // A list of what the document says that is in it.
            let list = operation.example(&ids).get(field).filter(|value| value.is_array()).cloned();
            for (name, value) in [
                ("null", Value::Null),
                ("boolean", json!(true)),
                ("integer", json!(7)),
                ("number", json!(schema["maximum"].as_f64().map_or(7.5, |most| most - 0.5))),
                ("array", list.unwrap_or_else(|| json!(["x"]))),
                ("object", json!({ "x": "y" })),
            ] {
                let answer = with(&ada, &operation, &ids, field, &value).await;
                // What is of the right type may be refused for what it says, or for what the rest of the body says.
                if types.contains(&name.into()) {
                    assert!(!is_refused_for(&answer, field), "{field}: {value} {answer}");
                } else {
                    answer.expect(400);
                }
            }
            if schema.get("pattern").is_some() {
                with(&ada, &operation, &ids, field, &"x\0@example.org, and more".into()).await.expect(400);
            }
        }
    }
}
