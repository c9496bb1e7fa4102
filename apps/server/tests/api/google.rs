//! Signing in with Google, against a server of keys on this machine.

use std::sync::LazyLock;

use futures_util::future::join_all;
use raconteur_auth::testing::GoogleKey;
use raconteur_fake_upstream::{FakeUpstream, Script};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::google::{self, claims, now, published};
use crate::support::{Answer, Client, Database, PASSWORD, TestApp, on_every_database, shape};

on_every_database! {
    the_body_is_checked_before_anything_else
    without_a_client_id_it_is_off
    a_new_person_gets_an_account_and_comes_back_to_it
    the_account_is_the_persons_whatever_becomes_of_the_address
    twelve_first_sign_ins_at_once_make_one_account
    an_account_with_a_password_is_safe_where_google_is_not_authoritative
    an_account_with_a_password_is_taken_over_where_google_is_authoritative
    an_account_of_one_person_at_google_is_not_given_to_another
    a_person_without_a_password_has_none
    a_token_that_is_not_good_is_refused
    without_googles_keys_nobody_can_sign_in_for_a_while
}

// Keys take their time to make.
static KEY: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("one"));
static OTHER: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("one"));

/// A server at which people sign in with Google, whose keys are the ones of these tests.
async fn start(on: Database) -> (TestApp, FakeUpstream) {
    google::start(on, &KEY).await
}

async fn post(app: &TestApp, token: &str) -> Answer {
    app.visitor().post("/api/auth/google", &json!({ "id_token": token })).await
}

/// Signs in with a token whose claims are changed so.
async fn sign_in(app: &TestApp, changes: &Value) -> Answer {
    post(app, &KEY.token(&claims(changes))).await
}

async fn signed_in(app: &TestApp, changes: &Value) -> Client {
    app.visitor().signed_in(&sign_in(app, changes).await.expect(200).json())
}

#[track_caller]
fn taken(answer: Answer) {
    answer.refused(400, "email_taken", "email already registered");
}

async fn the_body_is_checked_before_anything_else(on: Database) {
    let (with, _keys) = start(on).await;
    for app in [TestApp::start(on).await, with] {
        for body in [
            json!({}),
            json!({ "id_token": null }),
            json!({ "id_token": "" }),
            json!({ "id_token": " \t\u{a0}" }),
            json!({ "credential": "a.b.c" }),
            json!({ "ID_TOKEN": "a.b.c" }),
        ] {
            let answer = app.visitor().post("/api/auth/google", &body).await;
            answer.refused(400, "invalid", "id_token required");
        }
        for wrong in
            [json!(7), json!(1.5), json!(true), json!([]), json!(["a.b.c"]), json!({}), json!({ "a": 1 })]
        {
            let answer = app.visitor().post("/api/auth/google", &json!({ "id_token": wrong })).await;
            answer.refused_fields(&[("id_token", "Not a valid string.")]);
        }
        for nul in ["\0", "a.b.c\0", "a\0.b.c"] {
            let answer = app.visitor().post("/api/auth/google", &json!({ "id_token": nul })).await;
            answer.refused_fields(&[("id_token", "Null characters are not allowed.")]);
        }
    }
}

async fn without_a_client_id_it_is_off(on: Database) {
    let app = TestApp::start(on).await;
    for token in ["nonsense", &KEY.token(&claims(&json!({})))] {
        let detail = "Sign-in with Google is not set up at this server.";
        post(&app, token).await.refused(400, "google_not_configured", detail);
    }
}

async fn a_new_person_gets_an_account_and_comes_back_to_it(on: Database) {
    let (app, keys) = start(on).await;
    let answer = sign_in(&app, &json!({})).await.expect(200).json();
    assert_eq!(
        shape(&answer),
        json!({
            "access": "[token]", "refresh": "[token]",
            "user": { "id": "[uuid]", "email": "ada@example.org" },
        })
    );
    let ada = app.visitor().signed_in(&answer);
    let me = ada.get("/api/me").await.expect(200).json();
    assert_eq!((&me["id"], &me["email"]), (&answer["user"]["id"], &answer["user"]["email"]));
    let thread = ada.conversation("Bronn").await;

    // A stale header blocks nobody here, and blanks around the token do not count.
    let body = json!({ "id_token": format!(" {}\n", KEY.token(&claims(&json!({})))) });
    let again = app.visitor().ask(Method::POST, "/api/auth/google/").bearer_auth("stale").json(&body);
    let again = app.visitor().signed_in(&app.visitor().answer(again).await.expect(200).json());
    assert_eq!(again.account().id, ada.account().id);
    again.show(&thread).await;
    assert_eq!(keys.requests().len(), 1, "the keys were kept");
}

async fn the_account_is_the_persons_whatever_becomes_of_the_address(on: Database) {
    let (app, _keys) = start(on).await;
    let ada = signed_in(&app, &json!({})).await;
    let moved = signed_in(&app, &json!({ "email": "ada@elsewhere.example" })).await;
    assert_eq!((&moved.account().id, moved.account().email.as_str()), (&ada.account().id, "ada@example.org"));
}

async fn twelve_first_sign_ins_at_once_make_one_account(on: Database) {
    let (app, _keys) = start(on).await;
    let (app, token) = (&app, &KEY.token(&claims(&json!({}))));
    let answers = join_all((0..12).map(|_| post(app, token))).await;
    let ids: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| answer.expect(200).json()["user"]["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

async fn an_account_with_a_password_is_safe_where_google_is_not_authoritative(on: Database) {
    let (app, _keys) = start(on).await;
    let ada = app.register("Ada@Example.org").await;
    for changes in [
        json!({}),
        json!({ "email": "ADA@EXAMPLE.ORG" }),
        json!({ "hd": "" }),
        json!({ "hd": null, "sub": "2" }),
    ] {
        taken(sign_in(&app, &changes).await);
    }
    ada.get("/api/me").await.expect(200);
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    app.visitor().post("/api/auth/login", &body).await.expect(200);
}

async fn an_account_with_a_password_is_taken_over_where_google_is_authoritative(on: Database) {
    let (app, _keys) = start(on).await;
    for (email, changes) in [
        ("ada@gmail.com", json!({ "email": "Ada@GMail.com" })),
        (
            "ada@company.example",
            json!({ "email": "ada@company.example", "hd": "company.example", "sub": "2" }),
        ),
    ] {
        let before = app.register(email).await;
        let thread = before.conversation("Bronn").await;
        let after = signed_in(&app, &changes).await;
        assert_eq!((&after.account().id, after.account().email.as_str()), (&before.account().id, email));
        after.show(&thread).await;

        // Whoever made the account may have been somebody else.
        let body = json!({ "email": email, "password": PASSWORD });
        let login = app.visitor().post("/api/auth/login", &body).await;
        login.refused(400, "invalid_credentials", "invalid credentials");
        let detail = "Given token not valid for any token type";
        before.get("/api/me").await.refused(401, "token_not_valid", detail);
        let body = json!({ "refresh": before.account().refresh });
        app.visitor().post("/api/auth/refresh", &body).await.refused(401, "token_not_valid", detail);

        // Their own tokens go on, through any number of further sign-ins.
        signed_in(&app, &changes).await;
        after.get("/api/me").await.expect(200);
        let body = json!({ "refresh": after.account().refresh });
        let access = app.visitor().post("/api/auth/refresh", &body).await.expect(200).json();
        let me = app.visitor().ask(Method::GET, "/api/me").bearer_auth(access["access"].as_str().unwrap());
        app.visitor().answer(me).await.expect(200);
    }
}

async fn an_account_of_one_person_at_google_is_not_given_to_another(on: Database) {
    let (app, _keys) = start(on).await;
    let address = json!({ "email": "ada@company.example", "hd": "company.example" });
    let ada = signed_in(&app, &address).await;
    // The address was given to somebody else at the company.
    let mut successor = address;
    successor["sub"] = "2".into();
    taken(sign_in(&app, &successor).await);
    ada.get("/api/me").await.expect(200);
}

async fn a_person_without_a_password_has_none(on: Database) {
    let (app, _keys) = start(on).await;
    signed_in(&app, &json!({})).await;
    for password in [PASSWORD, "null", "x"] {
        let body = json!({ "email": "ada@example.org", "password": password });
        let answer = app.visitor().post("/api/auth/login", &body).await;
        answer.refused(400, "invalid_credentials", "invalid credentials");
    }
    taken(
        app.visitor()
            .post("/api/auth/register", &json!({ "email": "ada@example.org", "password": PASSWORD }))
            .await,
    );
}

async fn a_token_that_is_not_good_is_refused(on: Database) {
    let (app, _keys) = start(on).await;
    let good = claims(&json!({}));
    let mut tokens = vec![
        "nonsense".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "é.é.é".to_owned(),
        "x".repeat(100_000),
        OTHER.token(&good),
        KEY.sign(&json!({ "alg": "none", "kid": "one" }), &good),
        KEY.sign(&json!({ "alg": "RS256", "kid": "another" }), &good),
        KEY.sign(&json!({ "alg": "RS256" }), &good),
        KEY.sign_with_the_public_key(&good),
        KEY.token(&good).rsplit_once('.').unwrap().0.to_owned() + ".",
        app.register("eve@example.org").await.account().access.clone(),
    ];
    for changes in [
        json!({ "iss": "https://accounts.example.org" }),
        json!({ "aud": "5678.apps.googleusercontent.com" }),
        json!({ "exp": now() }),
        json!({ "iat": now() + 3_600 }),
        json!({ "email_verified": false }),
        json!({ "email_verified": null }),
        json!({ "email": null }),
        json!({ "email": "ada" }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
    ] {
        tokens.push(KEY.token(&claims(&changes)));
    }
    for token in tokens {
        post(&app, &token).await.refused(400, "invalid_google_token", "invalid google token");
    }
}

async fn without_googles_keys_nobody_can_sign_in_for_a_while(on: Database) {
    let (app, keys) = start(on).await;
    keys.always(&Script::status(500));
    let detail = "Google cannot be asked who this is. Try again in a moment.";
    sign_in(&app, &json!({})).await.refused(503, "unavailable", detail);
    keys.always(&published(&KEY));
    signed_in(&app, &json!({})).await;
}
