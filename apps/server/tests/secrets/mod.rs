//! No secret in the log: the program is used in every way that one is given to it or by it, while it logs all that it can,
//! and what it has written is searched for them.

use std::collections::BTreeMap;

use raconteur_auth::testing::GoogleKey;
use raconteur_fake_upstream::{FakeUpstream, Script};
use raconteur_storage::testing::TestSchema;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::program::Program;
use crate::support::google::{CLIENT, claims, published};
use crate::support::{Answer, Client, PASSWORD};

const SECRET_KEY: &str = "a signing secret of enough bytes for the log";
const API_KEY: &str = "sk-of-the-model-0123456789abcdef";
const DATABASE_PASSWORD: &str = "the-password-of-the-database";
const WRONG_PASSWORD: &str = "a password that is not theirs";
const SHORT_PASSWORD: &str = "sh0rt!?";

#[tokio::test]
async fn no_secret_of_a_whole_run_is_logged_on_sqlite() {
    look_through(Program::new()).await;
}

#[tokio::test]
async fn no_secret_of_a_whole_run_is_logged_on_postgres() {
    let Some(schema) = TestSchema::create() else { return };
    // Where the server asks for no password, it does not mind one.
    let (scheme, rest) = schema.url().split_once("://").map(|(s, r)| (s.to_owned(), r.to_owned())).unwrap();
    let (user, place) = rest.split_once('@').expect("the address of the test server names a user");
    let user = if user.contains(':') { user.to_owned() } else { format!("{user}:{DATABASE_PASSWORD}") };
    look_through(Program::new().set("DATABASE_URL", format!("{scheme}://{user}@{place}"))).await;
}

/// What was secret in a run, each with what it is.
#[derive(Default)]
struct Secrets(BTreeMap<String, &'static str>);

impl Secrets {
    fn note(&mut self, what: &'static str, secret: &Value) {
        let secret = secret.as_str().unwrap_or_else(|| panic!("{what} is no text"));
        assert!(secret.len() >= SHORT_PASSWORD.len(), "{what} is there");
        self.0.insert(secret.to_owned(), what);
        // Whoever has seen the header and the claims has seen no secret; whoever has seen this can make the token.
        if let Some((_, signature)) = secret.rsplit_once('.') {
            self.0.insert(signature.to_owned(), what);
        }
    }

    fn note_tokens(&mut self, answer: &Answer) {
        let body = answer.json();
        for name in ["access", "refresh"].into_iter().filter(|name| !body[name].is_null()) {
            self.note("a token", &body[name]);
        }
    }

    /// The cookie that an answer sets, as a browser sends it back.
    fn cookie(&mut self, answer: &Answer) -> String {
        let cookie =
            answer.header("set-cookie").and_then(|header| header.split(';').next()).expect("a cookie");
        self.note("a cookie", &cookie.split_once('=').unwrap().1.into());
        cookie.to_owned()
    }
}

async fn look_through(program: Program) {
    let (model, keys, google) =
        (FakeUpstream::start().await, FakeUpstream::start().await, GoogleKey::new("one"));
    keys.always(&published(&google));
    let program = program
        .set("LOG", "trace")
        .set("SECRET_KEY", SECRET_KEY)
        .set("OPENAI_API_KEY", API_KEY)
        .set("OPENAI_BASE_URL", model.base_url())
        .set("GOOGLE_OAUTH_CLIENT_ID", CLIENT)
        .set("GOOGLE_JWKS_URL", format!("{}/certs", keys.base_url()));
    let mut secrets = Secrets::default();
    for (what, secret) in [
        ("the signing secret", SECRET_KEY),
        ("the model's key", API_KEY),
        ("the database's password", DATABASE_PASSWORD),
        ("a password", PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
        ("a short password", SHORT_PASSWORD),
    ] {
        secrets.note(what, &secret.into());
    }

    let server = program.serve().await;
    let visitor = Client::visitor(&server.base());
    let ada = visitor.register("ada@example.org").await;
    let Account { access, refresh } = Account::of(&ada);
    secrets.note("a token", &access);
    secrets.note("a token", &refresh);
    sign_in(&visitor, &google, &mut secrets).await;
    go_on(&visitor, &refresh, &mut secrets).await;
    talk(&ada, &model).await;
    ada.post("/api/auth/logout", &json!({ "refresh": refresh })).await.expect(204);
    ada.get("/api/me").await.expect(401);

    server.signal("TERM").await;
    let said = server.said.clone();
    let (status, at_last) = server.ended().await;
    assert_eq!(status, Some(0));
    let written = format!("{said}{at_last}{}", program.log());
    for (secret, what) in &secrets.0 {
        let line = written.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} is in the log");
    }
    assert!(written.contains("TRACE"), "it has logged all that it can");
}

/// Both tokens of somebody.
struct Account {
    access: Value,
    refresh: Value,
}

impl Account {
    fn of(person: &Client) -> Self {
        let account = person.account();
        Self { access: account.access.clone().into(), refresh: account.refresh.clone().into() }
    }
}

/// Signs in in every way, and fails to.
async fn sign_in(visitor: &Client, google: &GoogleKey, secrets: &mut Secrets) {
    let post = async |path: &str, password: &str| {
        visitor.post(path, &json!({ "email": "ada@example.org", "password": password })).await
    };
    secrets.note_tokens(&post("/api/auth/login", PASSWORD).await.expect(200));
    post("/api/auth/login", WRONG_PASSWORD).await.expect(400);
    post("/api/auth/register", PASSWORD).await.expect(400);
    post("/api/auth/register", SHORT_PASSWORD).await.expect(400);
    // Bodies that cannot be read, with something in them that should not be.
    for body in [
        format!(r#"{{"email": "ada@example.org", "password": "{PASSWORD}""#),
        format!(r#"{{"email": "ada@example.org", "password": ["{PASSWORD}"]}}"#),
        PASSWORD.to_owned(),
    ] {
        let request = visitor.ask(Method::POST, "/api/auth/login").header("Content-Type", "application/json");
        visitor.answer(request.body(body)).await.expect(400);
    }
    for (changes, status) in [(json!({}), 200), (json!({ "aud": "others", "sub": "2" }), 400)] {
        let token = google.token(&claims(&json!({ "email": "bob@example.org" })));
        let token = if status == 200 { token } else { google.token(&claims(&changes)) };
        secrets.note("an ID token", &token.clone().into());
        let answer = visitor.post("/api/auth/google", &json!({ "id_token": token })).await.expect(status);
        if status == 200 {
            secrets.note_tokens(&answer);
        }
    }
}

/// Goes on with tokens and cookies, good ones and others.
async fn go_on(visitor: &Client, refresh: &Value, secrets: &mut Secrets) {
    let rotate = json!({ "refresh": refresh, "rotate": true });
    secrets.note_tokens(&visitor.post("/api/auth/refresh", &rotate).await.expect(200));
    let spoilt = format!("{}spoilt", refresh.as_str().unwrap());
    secrets.note("a token that is no good", &spoilt.clone().into());
    visitor.post("/api/auth/refresh", &json!({ "refresh": spoilt })).await.expect(401);
    visitor.answer(visitor.ask(Method::GET, "/api/me").bearer_auth(&spoilt)).await.expect(401);

    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "cookie": true });
    let answer = visitor.post("/api/auth/login", &body).await.expect(200);
    secrets.note_tokens(&answer);
    let cookie = secrets.cookie(&answer);
    let by_script = |path: &str, cookie: &str| -> RequestBuilder {
        visitor.ask(Method::POST, path).header("Cookie", cookie).header("X-Requested-With", "fetch")
    };
    let answer = visitor.answer(by_script("/api/auth/refresh", &cookie)).await.expect(200);
    secrets.note_tokens(&answer);
    let cookie = secrets.cookie(&answer);
    let without = visitor.ask(Method::POST, "/api/auth/refresh").header("Cookie", &cookie);
    visitor.answer(without).await.expect(403);
    visitor.answer(by_script("/api/auth/logout", &cookie)).await.expect(204);
}

/// Has a model answer, and complain of the key that it was sent, as some do.
async fn talk(person: &Client, model: &FakeUpstream) {
    let thread = person.conversation("Bronn").await;
    model.enqueue(&Script::reply(["Gold", " first."]));
    assert_eq!(person.send(&thread, "What is your price?").await.text(), "Gold first.");
    for status in [401, 400, 500] {
        let message = format!("Incorrect API key provided: {API_KEY}.");
        model.always(&Script::error(status, "invalid_request_error", "invalid_api_key", &message));
        person.send(&thread, "And now?").await;
    }
    let sent: Vec<String> =
        model.requests().iter().filter_map(|r| r.header("authorization").map(str::to_owned)).collect();
    assert!(sent.iter().all(|header| header.contains(API_KEY)) && !sent.is_empty(), "the key was used");
}
