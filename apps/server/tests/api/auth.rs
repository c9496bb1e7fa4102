//! Signing up, signing in, staying signed in, being known.

use std::time::Duration;

use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use raconteur_auth::PasswordHasher;
use raconteur_domain::{EmailAddress, Timestamp, User};
use raconteur_storage::{Db, OpenError, Pool};
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::app::SECRET;
use crate::support::token::forged;
use crate::support::{Database, PASSWORD, TestApp, on_every_database, shape};

on_every_database! {
    registering_signs_in
    signing_in_answers_as_registering_does
    tokens_are_signed_with_the_secrets_own_bytes_and_the_refresh_token_expires_later
    an_address_is_shown_as_typed_without_the_blanks_around_it
    an_account_is_found_by_every_spelling_of_its_address
    twelve_registrations_at_once_in_twelve_spellings_make_one_account
    credentials_have_to_be_there_before_anything_else_is_asked_of_them
    credentials_that_are_no_text_are_named
    what_may_not_be_registered_is_named_all_at_once
    what_is_easily_guessed_is_refused_for_a_new_password_alone
    the_longest_address_and_passwords_at_both_ends_are_taken
    a_long_password_counts_whole
    an_unknown_address_and_a_wrong_password_get_the_same_answer
    a_refresh_token_buys_access_tokens_and_goes_on
    a_refresh_token_has_to_be_there
    only_a_refresh_token_that_is_good_refreshes
    without_credentials_nobody_is_known
    a_token_that_is_not_good_says_so
    a_stale_header_blocks_no_public_endpoint
    tokens_of_another_secret_are_not_good
}

async fn registering_signs_in(on: Database) {
    let app = TestApp::start(on).await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let answer = app.visitor().post("/api/auth/register", &body).await.expect(201).json();
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(shape(&answer), @r#"
    {
      "access": "[token]",
      "refresh": "[token]",
      "user": {
        "email": "ada@example.org",
        "id": "[uuid]"
      }
    }
    "#);
    }
    let ada = app.visitor().signed_in(&answer);
    let me = ada.get("/api/me").await.expect(200).json();
    assert_eq!((&me["id"], &me["email"]), (&answer["user"]["id"], &answer["user"]["email"]));
}

async fn signing_in_answers_as_registering_does(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let answer = app.visitor().post("/api/auth/login", &body).await.expect(200).json();
    assert_eq!(answer["user"], json!({ "id": ada.account().id, "email": "ada@example.org" }));
    app.visitor().signed_in(&answer).get("/api/me").await.expect(200);
}

async fn tokens_are_signed_with_the_secrets_own_bytes_and_the_refresh_token_expires_later(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let expiry = |token: &str| {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_aud = false;
        let key = DecodingKey::from_secret(SECRET.as_bytes());
        let claims = decode::<Value>(token, &key, &validation).expect("a token of this secret").claims;
        claims["exp"].as_i64().expect("exp is a number")
    };
    assert!(expiry(&ada.account().refresh) > expiry(&ada.account().access));
}

async fn an_address_is_shown_as_typed_without_the_blanks_around_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("  Ada.Lovelace@Example.ORG\t").await;
    assert_eq!(ada.account().email, "Ada.Lovelace@Example.ORG");
}

/// One address to a person: by case, by blanks, and by compatibility form.
const SPELLINGS: [&str; 12] = [
    "straße@example.org",
    "STRASSE@EXAMPLE.ORG",
    "Strasse@Example.Org",
    "straSSe@example.org",
    "STRAßE@example.ORG",
    " straße@example.org",
    "straße@example.org\t",
    "ｓｔｒａｓｓｅ@example.org",
    "strasse＠example.org",
    "straſſe@example.org",
    "STRAẞE@EXAMPLE.ORG",
    "\u{3000}strasse@eXample.org\n",
];

async fn an_account_is_found_by_every_spelling_of_its_address(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register(SPELLINGS[0]).await;
    for email in SPELLINGS {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = app.visitor().post("/api/auth/login", &body).await.expect(200).json();
        assert_eq!(answer["user"]["id"], ada.account().id, "{email:?}");
        let again = app.visitor().post("/api/auth/register", &body).await;
        again.refused(400, "email_taken", "email already registered");
    }
}

async fn twelve_registrations_at_once_in_twelve_spellings_make_one_account(on: Database) {
    let app = TestApp::start(on).await;
    let visitor = app.visitor();
    let registrations = SPELLINGS.map(|email| {
        let (visitor, body) = (visitor.clone(), json!({ "email": email, "password": PASSWORD }));
        async move { visitor.post("/api/auth/register", &body).await }
    });
    let (made, refused): (Vec<_>, Vec<_>) =
        join_all(registrations).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 11));
    for answer in refused {
        answer.refused(400, "email_taken", "email already registered");
    }
}

async fn credentials_have_to_be_there_before_anything_else_is_asked_of_them(on: Database) {
    let app = TestApp::start(on).await;
    for path in ["/api/auth/register", "/api/auth/login"] {
        for body in [
            json!({}),
            json!({ "email": "ada@example.org" }),
            json!({ "password": PASSWORD }),
            json!({ "email": null, "password": PASSWORD }),
            json!({ "email": "ada@example.org", "password": null }),
            json!({ "email": "", "password": PASSWORD }),
            json!({ "email": " \t", "password": PASSWORD }),
            json!({ "email": "ada@example.org", "password": "" }),
            json!({ "email": "no address", "password": null }),
            json!({ "email": null, "password": 12345678 }),
            json!({ "email": 7 }),
        ] {
            let answer = app.visitor().post(path, &body).await;
            answer.refused(400, "invalid", "email/password required");
        }
    }
}

async fn credentials_that_are_no_text_are_named(on: Database) {
    let app = TestApp::start(on).await;
    for path in ["/api/auth/register", "/api/auth/login"] {
        let refused = async |body: Value, fields: &[(&str, &str)]| {
            app.visitor().post(path, &body).await.refused_fields(fields);
        };
        let no_text = "Not a valid string.";
        refused(json!({ "email": 7, "password": PASSWORD }), &[("email", no_text)]).await;
        refused(json!({ "email": "a@b.org", "password": ["x"] }), &[("password", no_text)]).await;
        refused(json!({ "email": {}, "password": true }), &[("email", no_text), ("password", no_text)]).await;
        let nul = "Null characters are not allowed.";
        refused(json!({ "email": "a\u{0}@b.org", "password": PASSWORD }), &[("email", nul)]).await;
        refused(json!({ "email": "a@b.org", "password": "pass\u{0}word" }), &[("password", nul)]).await;
    }
}

async fn what_may_not_be_registered_is_named_all_at_once(on: Database) {
    let app = TestApp::start(on).await;
    let register = async |email: &str, password: &str| {
        app.visitor().post("/api/auth/register", &json!({ "email": email, "password": password })).await
    };
    let malformed = ("email", "Enter a valid email address.");
    let too_long = ("email", "Ensure this field has no more than 254 characters.");
    let too_short = ("password", "This password is too short. It must contain at least 8 characters.");
    let too_many = ("password", "This password is too long. It must have no more than 1024 bytes.");
    for email in ["ada", "@example.org", "ada@host", "a b@example.org", "a@b@example.org", "a@.org"] {
        register(email, PASSWORD).await.refused_fields(&[malformed]);
    }
    register(&format!("{}@example.org", "a".repeat(243)), PASSWORD).await.refused_fields(&[too_long]);
    register("ada@example.org", "seven77").await.refused_fields(&[too_short]);
    register("ada@example.org", &"x".repeat(1025)).await.refused_fields(&[too_many]);
    register("ada", "short").await.refused_fields(&[malformed, too_short]);
}

async fn what_is_easily_guessed_is_refused_for_a_new_password_alone(on: Database) {
    let app = TestApp::start(on).await;
    let register = async |password: &str| {
        let body = json!({ "email": "Ada.Lovelace@example.org", "password": password });
        app.visitor().post("/api/auth/register", &body).await
    };
    let common = "This password is too common. Choose one that nobody else would think of.";
    for password in ["password", "PASSWORD1", "12345678", "ｑｗｅｒｔｙｕｉｏｐ"] {
        register(password).await.refused_fields(&[("password", common)]);
    }
    let address = "This password is the e-mail address. Choose one that is not known to others.";
    for password in ["ada.lovelace@example.org", "ADA.LOVELACE", "ada.lovelace＠example.org"] {
        register(password).await.refused_fields(&[("password", address)]);
    }

    // Whoever chose one before that was refused comes in with it.
    let (_model, place) = app.stop().await;
    keep(&place.url(), "ada.lovelace@example.org", "password").await;
    let app = TestApp::at(&place.url()).await;
    let body = json!({ "email": "ada.lovelace@example.org", "password": "password" });
    app.visitor().post("/api/auth/login", &body).await.expect(200);
}

/// Puts an account into a database that no server has open.
async fn keep(url: &str, email: &str, password: &str) {
    let hasher = PasswordHasher::new(4, 1, tokio::runtime::Handle::current());
    let hash = hasher.hash(SecretString::from(password), [7; 16]).await.unwrap();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let user = User { id, email: email.to_owned(), created_at: Timestamp::from_micros(0) };
    let email = EmailAddress::parse(email).unwrap();
    let open = async {
        loop {
            match Db::open(&url.parse().unwrap(), Pool::default()) {
                // The threads of the server that had it may not have let go of it yet.
                Err(OpenError::InUse(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
                opened => return opened.unwrap(),
            }
        }
    };
    let db = timeout(Duration::from_secs(20), open).await.expect("the server has ended");
    let inserted = db.write(move |tx| tx.insert_user(&user, &email, Some(&hash))).await.unwrap();
    assert!(inserted);
    drop(db);
}

async fn the_longest_address_and_passwords_at_both_ends_are_taken(on: Database) {
    let app = TestApp::start(on).await;
    let register = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        app.visitor().post("/api/auth/register", &body).await.expect(201);
    };
    register(&format!("{}@example.org", "é".repeat(242)), PASSWORD).await;
    register("short@example.org", "éééééééé").await;
    register("long@example.org", &"x".repeat(1024)).await;
    register("blank@example.org", "        ").await;
    register("any@example.org", "пароль 漢字 🗡\u{fe0f}").await;
}

async fn a_long_password_counts_whole(on: Database) {
    let app = TestApp::start(on).await;
    let (right, wrong) = (format!("{}a", "x".repeat(200)), format!("{}b", "x".repeat(200)));
    let body = json!({ "email": "ada@example.org", "password": right });
    app.visitor().post("/api/auth/register", &body).await.expect(201);
    app.visitor().post("/api/auth/login", &body).await.expect(200);
    let body = json!({ "email": "ada@example.org", "password": wrong });
    app.visitor().post("/api/auth/login", &body).await.refused(
        400,
        "invalid_credentials",
        "invalid credentials",
    );
}

async fn an_unknown_address_and_a_wrong_password_get_the_same_answer(on: Database) {
    let app = TestApp::start(on).await;
    app.register("ada@example.org").await;
    for (email, password) in [
        ("ada@example.org", "another password"),
        ("ada@example.org", "x"),
        ("eve@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("ada@example.org", &"x".repeat(5000)),
    ] {
        let answer =
            app.visitor().post("/api/auth/login", &json!({ "email": email, "password": password })).await;
        answer.refused(400, "invalid_credentials", "invalid credentials");
    }
}

async fn a_refresh_token_buys_access_tokens_and_goes_on(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for _ in 0..2 {
        let body = json!({ "refresh": ada.account().refresh });
        let answer = app.visitor().post("/api/auth/refresh", &body).await.expect(200).json();
        assert_eq!(shape(&answer), json!({ "access": "[token]" }));
        let me = app.visitor().ask(Method::GET, "/api/me").bearer_auth(answer["access"].as_str().unwrap());
        assert_eq!(ada.answer(me).await.expect(200).json()["id"], ada.account().id);
    }
}

async fn a_refresh_token_has_to_be_there(on: Database) {
    let app = TestApp::start(on).await;
    for body in [
        json!({}),
        json!({ "refresh": null }),
        json!({ "refresh": "" }),
        json!({ "refresh": " \n" }),
        json!({ "refresh": 7 }),
        json!({ "refresh": ["x"] }),
        json!({ "refresh": {} }),
        json!({ "refresh": true }),
        json!({ "refresh": "a\u{0}" }),
        json!({ "refresh": 1.5 }),
        json!({ "token": "x" }),
    ] {
        let answer = app.visitor().post("/api/auth/refresh", &body).await;
        answer.refused_fields(&[("refresh", "This field is required.")]);
    }
}

const NOT_VALID: (u16, &str, &str) = (401, "token_not_valid", "Given token not valid for any token type");

async fn only_a_refresh_token_that_is_good_refreshes(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in [
        ada.account().access.clone(),
        forged(&ada, &json!({ "token_type": "refresh", "exp": 1_000_000_000 })),
        forged(&ada, &json!({ "token_type": "refresh", "sub": "01890a5d-ac96-774b-bcce-b302099a8057" })),
        "nonsense".to_owned(),
        "a.b.c".to_owned(),
        "x".repeat(100_000),
    ] {
        let (status, code, detail) = NOT_VALID;
        let answer = app.visitor().post("/api/auth/refresh", &json!({ "refresh": token })).await;
        answer.refused(status, code, detail);
    }
}

async fn without_credentials_nobody_is_known(on: Database) {
    let app = TestApp::start(on).await;
    let visitor = app.visitor();
    let me = || visitor.ask(Method::GET, "/api/me");
    for request in [me(), me().basic_auth("ada", Some("x")), me().header(AUTHORIZATION, "Token abc")] {
        let answer = visitor.answer(request).await;
        answer.refused(401, "not_authenticated", "Authentication credentials were not provided.");
    }
}

async fn a_token_that_is_not_good_says_so(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for token in [
        "nonsense".to_owned(),
        String::new(),
        ada.account().refresh.clone(),
        format!("{}x", ada.account().access),
        forged(&ada, &json!({ "exp": 1_000_000_000 })),
        // Somebody who never was, in a token that is otherwise good.
        forged(&ada, &json!({ "sub": "01890a5d-ac96-774b-bcce-b302099a8057" })),
        "é".to_owned(),
    ] {
        let (status, code, detail) = NOT_VALID;
        let request =
            app.visitor().ask(Method::GET, "/api/me").header(AUTHORIZATION, format!("Bearer {token}"));
        app.visitor().answer(request).await.refused(status, code, detail);
    }
    let good = app.visitor().ask(Method::GET, "/api/me");
    app.visitor()
        .answer(good.header(AUTHORIZATION, format!("bearer  {}", forged(&ada, &json!({})))))
        .await
        .expect(200);
}

async fn a_stale_header_blocks_no_public_endpoint(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let account = json!({ "email": "eve@example.org", "password": PASSWORD });
    for authorization in
        ["Bearer nonsense", "Bearer", "Basic eDp5", &format!("Bearer {}", ada.account().refresh)]
    {
        for (path, body, status) in [
            ("/api/auth/login", json!({ "email": "ada@example.org", "password": PASSWORD }), 200),
            ("/api/auth/refresh", json!({ "refresh": ada.account().refresh }), 200),
            ("/api/auth/register", account.clone(), 201),
        ] {
            let request =
                app.visitor().ask(Method::POST, path).header(AUTHORIZATION, authorization).json(&body);
            let answer = app.visitor().answer(request).await;
            if status == 201 && answer.status == 400 {
                answer.refused(400, "email_taken", "email already registered");
            } else {
                answer.expect(status);
            }
        }
    }
}

async fn tokens_of_another_secret_are_not_good(on: Database) {
    let (app, other) = (
        TestApp::start(on).await,
        TestApp::with(on, &[("SECRET_KEY", "another secret, quite as long as it")]).await,
    );
    let ada = app.register("ada@example.org").await;
    let (status, code, detail) = NOT_VALID;
    ada.at(&other.base()).get("/api/me").await.refused(status, code, detail);
}
