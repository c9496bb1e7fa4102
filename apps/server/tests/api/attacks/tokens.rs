//! Forged tokens, sent wherever a token is taken: as an access token, as a refresh token, and as Google's ID token.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use raconteur_auth::testing::GoogleKey;
use raconteur_fake_upstream::FakeUpstream;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::SECRET;
use crate::support::google::{self, claims, now};
use crate::support::{Answer, Client, Database, TestApp, on_every_database};

on_every_database! {
    the_forgers_tools_work
    a_token_without_a_signature_of_ours_opens_nothing
    a_key_that_the_token_names_or_brings_along_is_not_believed
    a_header_that_asks_for_more_than_is_understood_is_refused
    every_claim_has_to_be_as_we_write_it
    a_claim_that_is_there_twice_is_believed_neither_time
    a_token_that_was_cut_short_or_changed_anywhere_is_refused
    a_token_that_is_too_large_is_refused
    no_kind_of_token_serves_as_another
    a_forged_id_token_of_googles_signs_nobody_in
}

// Keys take their time to make.
static KEY: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("one"));
static OTHER: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("one"));

const NOT_VALID: (u16, &str, &str) = (401, "token_not_valid", "Given token not valid for any token type");

/// One of somebody's tokens, to be forged from.
struct Token {
    access: bool,
    claims: Value,
    /// As the server made it.
    original: String,
}

fn tokens(person: &Client) -> [Token; 2] {
    [(true, &person.account().access), (false, &person.account().refresh)].map(|(access, token)| {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        Token { access, claims: serde_json::from_slice(&claims).unwrap(), original: token.clone() }
    })
}

impl Token {
    /// Uses a forgery of it as what it is.
    async fn used(&self, app: &TestApp, forgery: &str) -> Answer {
        let visitor = app.visitor();
        let request = if self.access {
            visitor.ask(Method::GET, "/api/me").bearer_auth(forgery)
        } else {
            visitor.ask(Method::POST, "/api/auth/refresh").json(&json!({ "refresh": forgery }))
        };
        visitor.answer(request).await
    }

    async fn is_refused(&self, app: &TestApp, forgery: &str) {
        let (status, code, detail) = NOT_VALID;
        self.used(app, forgery).await.refused(status, code, detail);
    }

    /// Its claims, some of them changed or (null) left out.
    fn with(&self, changes: &Value) -> String {
        let mut claims = self.claims.clone();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims.to_string()
    }
}

/// A token of these texts, signed as HS256 or another algorithm of that kind does.
fn signed_by(header: &str, claims: &str, algorithm: Algorithm, secret: &[u8]) -> String {
    let body = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = crypto::sign(body.as_bytes(), &EncodingKey::from_secret(secret), algorithm).unwrap();
    format!("{body}.{signature}")
}

/// A token of these texts, signed as the server signs: what the forger can make only of what they have no secret for.
fn signed(header: &str, claims: &str) -> String {
    signed_by(header, claims, Algorithm::HS256, SECRET.as_bytes())
}

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

async fn the_forgers_tools_work(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in tokens(&ada) {
        token.used(&app, &token.original).await.expect(200);
        token.used(&app, &signed(HEADER, &token.with(&json!({})))).await.expect(200);
    }
}

async fn a_token_without_a_signature_of_ours_opens_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in tokens(&ada) {
        let claims = token.with(&json!({}));
        let signature = token.original.rsplit('.').next().unwrap();
        for alg in
            [r#""none""#, r#""None""#, r#""NONE""#, r#""nOnE""#, r#""""#, "null", "[]", r#"["HS256"]"#, "0"]
        {
            let header = format!(r#"{{"typ":"JWT","alg":{alg}}}"#);
            let body = [header.as_str(), &claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
            for forgery in
                [format!("{body}."), body.clone(), format!("{body}.{signature}"), signed(&header, &claims)]
            {
                token.is_refused(&app, &forgery).await;
            }
        }
        for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
            let header = format!(r#"{{"alg":"{name}"}}"#);
            token.is_refused(&app, &signed_by(&header, &claims, algorithm, SECRET.as_bytes())).await;
            // What it says, and how it is signed, are two things.
            token.is_refused(&app, &signed_by(HEADER, &claims, algorithm, SECRET.as_bytes())).await;
        }
        for secret in
            ["", "secret", "another secret, quite as long as it", &SECRET[1..], &format!("{SECRET}x")]
        {
            token.is_refused(&app, &signed_by(HEADER, &claims, Algorithm::HS256, secret.as_bytes())).await;
        }
    }
}

async fn a_key_that_the_token_names_or_brings_along_is_not_believed(on: Database) {
    let (app, _keys) = google::start(on, &KEY).await;
    let forger = FakeUpstream::start().await;
    let ada = app.register("ada@example.org").await;
    let own = OTHER.public();
    let url = format!("{}/certs", forger.base_url());
    for token in tokens(&ada) {
        let claims = token.with(&json!({}));
        for brought in [
            json!({ "kid": "../../../../../../dev/null" }),
            json!({ "kid": "x' UNION SELECT '" }),
            json!({ "kid": "one" }),
            json!({ "kid": "" }),
            json!({ "kid": ["one"] }),
            json!({ "kid": { "one": 1 } }),
            json!({ "jwk": own }),
            json!({ "jwk": { "kty": "oct", "k": "" } }),
            json!({ "jku": url }),
            json!({ "x5u": url }),
            json!({ "x5c": ["MIIB"] }),
        ] {
            let header = |alg: &str| {
                let mut header = brought.clone();
                header["alg"] = alg.into();
                header.to_string()
            };
            token.is_refused(&app, &signed_by(&header("HS256"), &claims, Algorithm::HS256, b"")).await;
            token.is_refused(&app, &OTHER.sign_texts(&header("RS256"), &claims)).await;
            // Not even with a key that Google has published.
            token.is_refused(&app, &KEY.sign_texts(&header("RS256"), &claims)).await;
        }
        token.is_refused(&app, &KEY.sign_with_the_public_key(&token.claims)).await;
    }
    assert_eq!(forger.requests().len(), 0, "nobody asks a forger for keys");
}

async fn a_header_that_asks_for_more_than_is_understood_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in tokens(&ada) {
        for header in [
            r#"{"alg":"HS256","crit":["exp"],"exp":0}"#,
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"none","alg":"HS256"}"#,
            r#"{"alg":"HS256","alg":"none"}"#,
            r#"{"alg":"HS256","kid":["one"]}"#,
            "{}",
            "[]",
            "null",
            r#""HS256""#,
            "",
            "{",
        ] {
            token.is_refused(&app, &signed(header, &token.with(&json!({})))).await;
        }
    }
}

async fn every_claim_has_to_be_as_we_write_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    for token in tokens(&ada) {
        for changes in [
            // Expired, not valid yet, and times that are none.
            json!({ "exp": now() - 1 }),
            json!({ "exp": 0 }),
            json!({ "exp": -1 }),
            json!({ "exp": i64::MIN }),
            json!({ "exp": 1e300 }),
            json!({ "exp": (now() + 60).to_string() }),
            json!({ "exp": [now() + 60] }),
            json!({ "nbf": now() + 60 }),
            json!({ "nbf": i64::MAX }),
            json!({ "iat": "now" }),
            // Of another issuer, for another audience.
            json!({ "iss": "somebody" }),
            json!({ "iss": "Raconteur" }),
            json!({ "iss": ["raconteur"] }),
            json!({ "aud": "somebody" }),
            json!({ "aud": ["raconteur-api"] }),
            json!({ "aud": ["raconteur-api", "somebody"] }),
            // Of nobody.
            json!({ "sub": nobody }),
            json!({ "sub": "" }),
            json!({ "sub": "1 OR 1=1" }),
            json!({ "sub": 1 }),
            json!({ "sub": [token.claims["sub"]] }),
            json!({ "sid": nobody }),
            json!({ "sid": "" }),
            json!({ "sid": true }),
            // Of the other kind, and of none.
            json!({ "token_type": if token.access { "refresh" } else { "access" } }),
            json!({ "token_type": "Access" }),
            json!({ "token_type": ["access", "refresh"] }),
            json!({ "jti": 7 }),
        ] {
            token.is_refused(&app, &signed(HEADER, &token.with(&changes))).await;
        }
        for name in ["iss", "aud", "sub", "token_type", "jti", "iat", "nbf", "exp"] {
            token.is_refused(&app, &signed(HEADER, &token.with(&json!({ name: null })))).await;
        }
        for claims in ["", "{}", "[]", "null", "7", "{", "\u{feff}{}", "\0"] {
            token.is_refused(&app, &signed(HEADER, claims)).await;
        }
    }
}

async fn a_claim_that_is_there_twice_is_believed_neither_time(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in tokens(&ada) {
        let good = token.with(&json!({}));
        for (name, value) in token.claims.as_object().unwrap() {
            let twice = format!(r#"{{"{name}":{value},"#);
            token.is_refused(&app, &signed(HEADER, &good.replacen('{', &twice, 1))).await;
        }
    }
}

async fn a_token_that_was_cut_short_or_changed_anywhere_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in tokens(&ada) {
        let original = &token.original;
        for at in (1..original.len()).step_by(7).chain([original.len() - 1]) {
            token.is_refused(&app, &original[..at]).await;
            // Another of the same alphabet.
            let other = if &original[at..=at] == "A" { "Q" } else { "A" };
            token.is_refused(&app, &format!("{}{other}{}", &original[..at], &original[at + 1..])).await;
        }
        for more in ["=", ".", "A", ".AAAA"] {
            token.is_refused(&app, &format!("{original}{more}")).await;
        }
    }
}

async fn a_token_that_is_too_large_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let long = "x".repeat(100 * 1024);
    for token in tokens(&ada) {
        let claims = token.with(&json!({}));
        token.is_refused(&app, &long).await;
        // A good signature makes it no better. In base64 it is just below what a head may have.
        let padding = &long[..70 * 1024];
        token.is_refused(&app, &signed(&format!(r#"{{"alg":"HS256","x":"{padding}"}}"#), &claims)).await;
        token.is_refused(&app, &signed(HEADER, &token.with(&json!({ "x": padding })))).await;
    }
}

async fn no_kind_of_token_serves_as_another(on: Database) {
    let (app, _keys) = google::start(on, &KEY).await;
    let ada = app.register("ada@example.org").await;
    let id_token = KEY.token(&claims(&json!({ "email": "bob@example.org" })));
    let [access, refresh] = tokens(&ada);
    access.is_refused(&app, &refresh.original).await;
    refresh.is_refused(&app, &access.original).await;
    access.is_refused(&app, &id_token).await;
    refresh.is_refused(&app, &id_token).await;
    for token in [&access.original, &refresh.original] {
        let answer = app.visitor().post("/api/auth/google", &json!({ "id_token": token })).await;
        answer.refused(400, "invalid_google_token", "invalid google token");
    }
    app.visitor().post("/api/auth/google", &json!({ "id_token": id_token })).await.expect(200);
}

async fn a_forged_id_token_of_googles_signs_nobody_in(on: Database) {
    let (app, keys) = google::start(on, &KEY).await;
    let forger = FakeUpstream::start().await;
    let good = claims(&json!({ "email": "ada@gmail.com" }));
    let text = good.to_string();
    let ada = app.register("ada@gmail.com").await;
    let url = format!("{}/certs", forger.base_url());
    let hs256 = r#"{"alg":"HS256","kid":"one"}"#;
    let mut forgeries = vec![
        // A key of the forger's that is called as Google's is, or is brought along.
        OTHER.token(&good),
        OTHER.sign(&json!({ "alg": "RS256", "kid": "one", "jwk": OTHER.public() }), &good),
        OTHER.sign(&json!({ "alg": "RS256", "kid": "one", "jku": url, "x5u": url }), &good),
        // What everybody can read for a secret.
        KEY.sign_with_the_public_key(&good),
        signed_by(hs256, &text, Algorithm::HS256, KEY.public().to_string().as_bytes()),
        signed_by(hs256, &text, Algorithm::HS256, KEY.public()["n"].as_str().unwrap().as_bytes()),
        signed_by(hs256, &text, Algorithm::HS256, b""),
        signed_by(hs256, &text, Algorithm::HS256, SECRET.as_bytes()),
        // Signed by Google, with something in it that is not understood or there twice.
        KEY.sign(&json!({ "alg": "RS256", "kid": "one", "crit": ["x"], "x": 1 }), &good),
        KEY.sign_texts(r#"{"alg":"none","alg":"RS256","kid":"one"}"#, &text),
        KEY.sign_texts(
            r#"{"alg":"RS256","kid":"one"}"#,
            &text.replacen('{', r#"{"email":"eve@gmail.com","#, 1),
        ),
        format!("{}.{}", KEY.token(&good), "x".repeat(100 * 1024)),
    ];
    for kid in
        [json!("../one"), json!("one\u{0}"), json!(["one"]), json!({ "$ne": 1 }), json!(""), Value::Null]
    {
        forgeries.push(KEY.sign(&json!({ "alg": "RS256", "kid": kid }), &good));
    }
    for forgery in &forgeries {
        let answer = app.visitor().post("/api/auth/google", &json!({ "id_token": forgery })).await;
        answer.refused(400, "invalid_google_token", "invalid google token");
    }
    ada.get("/api/me").await.expect(200);
    assert_eq!(forger.requests().len(), 0, "nobody asks a forger for keys");
    assert!(keys.requests().len() <= 2, "names that are made up do not have the keys fetched each time");
}
