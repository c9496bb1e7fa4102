//! Every operation of the OpenAPI document, asked for by somebody who may not: one that is added is covered by itself.

use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::support::operations::pixel;
use crate::support::{
    Answer, Client, Database, Ids, Operation, TestApp, on_every_database, operations, shape,
};

on_every_database! {
    what_is_for_everybody_is_named_here
    nobody_gets_in_without_a_token_that_is_good
    a_session_that_has_ended_opens_nothing
    what_is_somebody_elses_is_as_if_it_never_were
}

/// What anybody may ask for. What is not among it wants a token.
const FOR_EVERYBODY: [&str; 14] = [
    "POST /api/auth/google",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/refresh",
    "POST /api/auth/register",
    "GET /api/about",
    "GET /api/docs",
    "GET /api/openapi.json",
    "GET /api/personas",
    "GET /api/personas/{slug}",
    "GET /api/personas/{slug}/avatar",
    "GET /api/personas/{slug}/export",
    "GET /healthz",
    "GET /readyz",
];

const NO_TOKEN: (u16, &str, &str) =
    (401, "not_authenticated", "Authentication credentials were not provided.");
const NOT_VALID: (u16, &str, &str) = (401, "token_not_valid", "Given token not valid for any token type");

/// Asks for an operation about these things, with its example for a body.
async fn ask(person: &Client, operation: &Operation, ids: &Ids, authorization: Option<&str>) -> Answer {
    let mut request = person.ask(operation.method.clone(), &operation.path_of(ids));
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    person.answer(request.json(&operation.example(ids))).await
}

async fn what_is_for_everybody_is_named_here(_: Database) {
    let mut open: Vec<String> = operations()
        .iter()
        .filter(|operation| !operation.is_for_those_who_are_signed_in())
        .map(Operation::name)
        .collect();
    let mut named = FOR_EVERYBODY.map(str::to_owned);
    open.sort();
    named.sort();
    assert_eq!(open, named);
}

async fn nobody_gets_in_without_a_token_that_is_good(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let ids = Ids::of(&ada).await;
    let refresh = format!("Bearer {}", ada.account().refresh);
    let mut asked = 0;
    for operation in operations().into_iter().filter(Operation::is_for_those_who_are_signed_in) {
        for (authorization, (status, code, detail)) in [
            (None, NO_TOKEN),
            (Some("Basic YWRhOng="), NO_TOKEN),
            (Some("Bearer"), NOT_VALID),
            (Some("Bearer nonsense"), NOT_VALID),
            (Some(refresh.as_str()), NOT_VALID),
        ] {
            let answer = ask(&app.visitor(), &operation, &ids, authorization).await;
            answer.refused(status, code, detail);
        }
        asked += 1;
    }
    assert!(asked >= 30, "only {asked} operations were asked for");
    assert_eq!(ada.said(&ids.conversation).await.len(), 2, "nothing has come of it");
}

async fn a_session_that_has_ended_opens_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let ids = Ids::of(&ada).await;
    ada.post("/api/auth/logout", &json!({ "refresh": ada.account().refresh })).await.expect(204);
    let wants_to_know =
        |operation: &Operation| operation.is_for_those_who_are_signed_in() || operation.is_for_others_too();
    let (status, code, detail) = NOT_VALID;
    for operation in operations().into_iter().filter(wants_to_know) {
        ask(&ada, &operation, &ids, None).await.refused(status, code, detail);
    }
    let body = json!({ "refresh": ada.account().refresh });
    app.visitor().post("/api/auth/refresh", &body).await.refused(status, code, detail);
}

/// A request that names a thing.
struct Naming {
    operation: Operation,
    path: String,
    body: Value,
    /// Whether it is the path that names it.
    in_path: bool,
}

/// The requests by which an operation can name one of `theirs`: each in one place. Everything else is the person's own.
fn naming(operation: &Operation, own: &Ids, theirs: &Ids) -> Vec<Naming> {
    let request = |path: String, body: Value, in_path: bool| Naming {
        operation: operation.clone(),
        path,
        body,
        in_path,
    };
    let (path, example) = (operation.path_of(own), operation.example(own));
    let mut all = Vec::new();
    if operation.path.contains('{') {
        all.push(request(operation.path_of(theirs), example.clone(), true));
    }
    for name in operation.ids_in_query() {
        all.push(request(format!("{path}?{name}={}", theirs.of_field(&name)), example.clone(), false));
    }
    for name in operation.ids_in_body() {
        let mut body = example.clone();
        body[&name] = theirs.of_field(&name).into();
        all.push(request(path.clone(), body, false));
    }
    all
}

/// What somebody can read of what has an id of theirs.
async fn everything_of(person: &Client, ids: &Ids) -> Vec<String> {
    let mut all = Vec::new();
    for operation in operations().into_iter().filter(|operation| operation.path.contains('{')) {
        if operation.method == Method::GET {
            all.push(person.get(&operation.path_of(ids)).await.text);
        }
    }
    all
}

async fn what_is_somebody_elses_is_as_if_it_never_were(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let (mut hers, own, nobodys) = (Ids::of(&ada).await, Ids::of(&eve).await, Ids::of_nobody());
    // Short names are each person's own: one that both have would be Eve's.
    let renamed = json!({ "slug": "adas-own" });
    ada.put(&format!("/api/personas/{}", hers.persona), &renamed).await.expect(200);
    hers.persona = "adas-own".to_owned();
    let before = everything_of(&ada, &hers).await;
    let mut asked = 0;
    for operation in operations() {
        for (her, nobody) in naming(&operation, &own, &hers).iter().zip(naming(&operation, &own, &nobodys)) {
            let send = async |request: &Naming| {
                let asked = eve.ask(request.operation.method.clone(), &request.path);
                let asked = if request.operation.takes_a_picture() {
                    asked.body(pixel())
                } else {
                    asked.json(&request.body)
                };
                eve.answer(asked).await
            };
            let (seen, never) = (send(her).await, send(&nobody).await);
            // What a new thing of the person's own has of the name alone is the name.
            let never = (never.status, never.text.replace(&nobodys.persona, &hers.persona));
            let never_shaped = shape(&serde_json::from_str(&never.1).unwrap());
            assert_eq!((seen.status, shape(&seen.json())), (never.0, never_shaped), "{seen}");
            if her.in_path {
                seen.refused(404, "not_found", "Not found.");
            }
            asked += 1;
        }
    }
    assert!(asked >= 30, "only {asked} requests named something");
    assert_eq!(everything_of(&ada, &hers).await, before, "nothing has come of it");
    ada.get("/api/me").await.expect(200);
}
