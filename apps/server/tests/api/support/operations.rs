//! The operations that the OpenAPI document describes, from which tests take their lists: what is added to the API is
//! tested without being named again.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::Client;

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: Method,
    /// Its path, with `{id}` where an id belongs.
    pub path: String,
    /// What the document says of it.
    described: Value,
    /// The schema of the body that it takes.
    body: Option<Value>,
}

/// Every operation there is.
pub fn operations() -> Vec<Operation> {
    let document = json!(raconteur::openapi());
    let mut all = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for (method, described) in object(item) {
            let body = described.pointer("/requestBody/content/application~1json/schema/$ref");
            let body = body.and_then(Value::as_str).map(|reference| {
                let place = reference.strip_prefix('#').expect("references stay in the document");
                document.pointer(place).expect("a reference leads somewhere").clone()
            });
            all.push(Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                described: described.clone(),
                body,
            });
        }
    }
    all
}

pub fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("an object was expected: {value}"))
}

/// A query or header parameter, by its name.
fn is_in(parameter: &Value, place: &str) -> Option<String> {
    (parameter["in"] == place).then(|| parameter["name"].as_str().expect("a parameter has a name").to_owned())
}

impl Operation {
    /// `METHOD PATH`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn is_for_those_who_are_signed_in(&self) -> bool {
        let ways = self.described["security"].as_array();
        ways.is_some_and(|ways| ways.iter().all(|way| way.get("bearer").is_some()))
    }

    /// Whether it is for others too, who may sign in and then see more.
    pub fn is_for_others_too(&self) -> bool {
        let ways = self.described["security"].as_array();
        ways.is_some_and(|ways| !ways.is_empty()) && !self.is_for_those_who_are_signed_in()
    }

    pub fn takes_a_body(&self) -> bool {
        self.body.is_some()
    }

    /// Whether it takes a picture's bytes instead of JSON.
    pub fn takes_a_picture(&self) -> bool {
        let content = self.described["requestBody"]["content"].as_object();
        content.is_some_and(|content| content.keys().any(|kind| kind.starts_with("image/")))
    }

    /// Whether whoever asks for it is signed in no longer. Tests ask for it last, or as somebody else.
    pub fn signs_out(&self) -> bool {
        self.path == "/api/auth/logout" || self.name() == "DELETE /api/me"
    }

    /// The names of the parameters in its `query` or `header`.
    pub fn parameters(&self, place: &str) -> Vec<String> {
        let parameters = self.described["parameters"].as_array().into_iter().flatten();
        parameters.filter_map(|parameter| is_in(parameter, place)).collect()
    }

    /// The names of the parameters in its query that are ids.
    pub fn ids_in_query(&self) -> Vec<String> {
        let parameters = self.described["parameters"].as_array().into_iter().flatten();
        let ids = parameters.filter(|parameter| parameter["schema"]["format"] == "uuid");
        ids.filter_map(|parameter| is_in(parameter, "query")).collect()
    }

    /// The names of the fields in its body that name a thing: by its id, or a character by its short name.
    pub fn ids_in_body(&self) -> Vec<String> {
        let names_a_thing = |name: &str, schema: &Value| schema["format"] == "uuid" || name == "character";
        let fields = self.fields().into_iter().filter(|(name, schema)| names_a_thing(name, schema));
        fields.map(|(name, _)| name).collect()
    }

    /// What may be in its body, by name, each with its schema.
    pub fn fields(&self) -> Map<String, Value> {
        self.body.as_ref().map(|schema| object(&schema["properties"]).clone()).unwrap_or_default()
    }

    /// What has to be in its body.
    pub fn required_fields(&self) -> Vec<String> {
        let required = self.body.as_ref().and_then(|schema| schema["required"].as_array());
        required.into_iter().flatten().map(|name| name.as_str().expect("a name").to_owned()).collect()
    }

    /// Its path, with an id of these in it.
    pub fn path_of(&self, ids: &Ids) -> String {
        let path = self.path.replace("{slug}", &ids.persona);
        if path.contains("{id}") { path.replace("{id}", ids.at(&self.path)) } else { path }
    }

    /// A body that is good, as the document has it, about these.
    pub fn example(&self, ids: &Ids) -> Value {
        let mut example =
            self.body.as_ref().map_or_else(|| json!({}), |schema| schema["examples"][0].clone());
        for (field, id) in [("conversation_id", &ids.conversation), ("generation_id", &ids.generation)] {
            if example.get(field).is_some() {
                example[field] = id.as_str().into();
            }
        }
        example
    }
}

/// One of each thing that has an id, all of one person's.
#[derive(Clone, Debug)]
pub struct Ids {
    pub conversation: String,
    /// The person's own message, which has been answered.
    pub message: String,
    pub generation: String,
    /// The short name of a character of theirs, which has a picture.
    pub persona: String,
    pub session: String,
}

impl Ids {
    /// A conversation with a question and its answer, and the session in which they were given.
    pub async fn of(person: &Client) -> Self {
        let sessions = person.get("/api/auth/sessions").await.expect(200).json();
        let session = sessions["results"][0]["id"].as_str().expect("an id").to_owned();
        let conversation = person.conversation("Bronn").await;
        let reply = person.send(&conversation, "What is your price?").await;
        let id = |name: &str| reply.start()[name].as_str().expect("an id").to_owned();
        let (message, generation) = (id("user_message_id"), id("generation_id"));
        let made = person.post("/api/personas", &json!({ "name": "Jenny" })).await.expect(201).json();
        let persona = made["slug"].as_str().expect("a short name").to_owned();
        let path = format!("/api/personas/{persona}/avatar");
        person.answer(person.ask(Method::PUT, &path).body(pixel())).await.expect(200);
        Self { conversation, message, generation, persona, session }
    }

    /// The one that belongs into this path.
    pub fn at(&self, path: &str) -> &str {
        let things = [
            ("/api/auth/sessions/", &self.session),
            ("/api/conversations/", &self.conversation),
            ("/api/messages/", &self.message),
            ("/api/chat/stream/", &self.generation),
            ("/api/generations/", &self.generation),
        ];
        let found = things.into_iter().find(|(beginning, _)| path.starts_with(beginning));
        found.unwrap_or_else(|| panic!("whose id belongs into {path} has to be said here")).1
    }

    /// The one that belongs into this field or parameter.
    pub fn of_field(&self, name: &str) -> &str {
        match name {
            "conversation_id" => &self.conversation,
            "generation_id" => &self.generation,
            "before" | "after" => &self.message,
            "character" => &self.persona,
            _ => panic!("whose id {name} is has to be said here"),
        }
    }

    /// Ids of things that never were.
    pub fn of_nobody() -> Self {
        let id = |last: char| format!("018f4e6a-1c2d-7a3b-8c4d-5e6f7081920{last}");
        let persona = "nobodys".to_owned();
        Self { conversation: id('1'), message: id('2'), generation: id('3'), persona, session: id('4') }
    }
}

/// A picture of one see-through pixel, as a PNG.
pub fn pixel() -> Vec<u8> {
    use base64::Engine as _;
    let pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    base64::engine::general_purpose::STANDARD.decode(pixel).expect("base64")
}
