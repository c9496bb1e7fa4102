//! A person's own account: what they change of it, and its end.

use raconteur_auth::testing::GoogleKey;
use raconteur_fake_upstream::Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Database, PASSWORD, TestApp, google, on_every_database};

on_every_database! {
    a_new_password_takes_the_place_of_the_old_one_and_ends_the_other_sessions
    a_new_address_takes_the_place_of_the_old_one
    nothing_changes_without_the_password
    an_address_that_somebody_has_is_refused_and_nothing_is_changed
    what_registration_refuses_is_refused_here_too
    two_changes_of_the_password_at_once_are_one
    a_deleted_account_is_gone_at_once
    what_runs_in_a_deleted_account_ends
    nothing_is_deleted_without_the_password
    an_account_of_google_needs_no_password_to_be_deleted_and_gets_none
    the_address_of_a_deleted_account_is_free
    an_account_ends_on_every_server
}

const NEW: &str = "battery horse staple correct";
const WRONG: &str = "This is not the account's password.";

impl Client {
    async fn change_me(&self, change: Value) -> Answer {
        self.put("/api/me", &change).await
    }

    async fn delete_me(&self, body: Value) -> Answer {
        self.answer(self.ask(Method::DELETE, "/api/me").json(&body)).await
    }

    async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/auth/login", &json!({ "email": email, "password": password })).await
    }

    async fn logged_in(&self, email: &str, password: &str) -> Client {
        self.signed_in(&self.log_in(email, password).await.expect(200).json())
    }

    async fn is_nobody(&self) {
        let detail = "Given token not valid for any token type";
        self.get("/api/me").await.refused(401, "token_not_valid", detail);
        let refresh = json!({ "refresh": self.account().refresh });
        self.post("/api/auth/refresh", &refresh).await.refused(401, "token_not_valid", detail);
    }
}

async fn a_new_password_takes_the_place_of_the_old_one_and_ends_the_other_sessions(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let other = ada.logged_in("ada@example.org", PASSWORD).await;
    other.get("/api/me").await.expect(200);
    ada.change_me(json!({ "password": NEW, "current_password": PASSWORD })).await.expect(200);
    other.is_nobody().await;
    ada.get("/api/me").await.expect(200);
    let refresh = json!({ "refresh": ada.account().refresh });
    ada.post("/api/auth/refresh", &refresh).await.expect(200);
    ada.log_in("ada@example.org", PASSWORD).await.refused(400, "invalid_credentials", "invalid credentials");
    ada.log_in("ada@example.org", NEW).await.expect(200);
}

async fn a_new_address_takes_the_place_of_the_old_one(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let other = ada.logged_in("ada@example.org", PASSWORD).await;
    let change =
        json!({ "email": " Lovelace@Example.org ", "current_password": PASSWORD, "display_name": "A" });
    let me = ada.change_me(change).await.expect(200).json();
    assert_eq!((&me["email"], &me["display_name"]), (&json!("Lovelace@Example.org"), &json!("A")));
    other.get("/api/me").await.expect(200);
    ada.log_in("ada@example.org", PASSWORD).await.expect(400);
    ada.log_in("lovelace@example.org", PASSWORD).await.expect(200);
    app.register("ada@example.org").await;
    // The same address in another spelling is nobody else's.
    let again = json!({ "email": "LOVELACE@example.org", "current_password": PASSWORD });
    assert_eq!(ada.change_me(again).await.expect(200).json()["email"], "LOVELACE@example.org");
}

async fn nothing_changes_without_the_password(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for wanted in [json!({ "email": "eve@example.org" }), json!({ "password": NEW })] {
        let with = |current: Value| {
            let mut body = wanted.clone();
            body["display_name"] = "Eve".into();
            body["current_password"] = current;
            body
        };
        let mut without = wanted.clone();
        without["display_name"] = "Eve".into();
        ada.change_me(without).await.refused_fields(&[("current_password", "This field is required.")]);
        for wrong in ["", NEW, "correct horse battery stapl"] {
            ada.change_me(with(wrong.into())).await.refused_fields(&[("current_password", WRONG)]);
        }
        ada.change_me(with(Value::Null))
            .await
            .refused_fields(&[("current_password", "This field may not be null.")]);
    }
    let me = ada.get("/api/me").await.expect(200).json();
    assert_eq!((&me["email"], &me["display_name"]), (&json!("ada@example.org"), &json!("")));
    ada.log_in("ada@example.org", PASSWORD).await.expect(200);
}

async fn an_address_that_somebody_has_is_refused_and_nothing_is_changed(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.register("ben@example.org").await;
    let change = json!({
        "email": "BEN@example.org", "password": NEW, "current_password": PASSWORD, "display_name": "Ben",
    });
    ada.change_me(change).await.refused(400, "email_taken", "email already registered");
    assert_eq!(ada.get("/api/me").await.expect(200).json()["display_name"], "");
    ada.log_in("ada@example.org", PASSWORD).await.expect(200);
}

async fn what_registration_refuses_is_refused_here_too(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let change = json!({ "email": "nobody", "password": "short", "current_password": PASSWORD });
    ada.change_me(change).await.refused_fields(&[
        ("email", "Enter a valid email address."),
        ("password", "This password is too short. It must contain at least 8 characters."),
    ]);
    for field in ["email", "password"] {
        ada.change_me(json!({ field: null, "current_password": PASSWORD }))
            .await
            .refused_fields(&[(field, "This field may not be null.")]);
    }
}

async fn two_changes_of_the_password_at_once_are_one(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let change = async |password: &str| {
        ada.change_me(json!({ "password": password, "current_password": PASSWORD })).await.status
    };
    let (first, second) = tokio::join!(change("the first new one"), change("the second new one"));
    let mut statuses = [first, second];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let holds = if first == 200 { "the first new one" } else { "the second new one" };
    ada.log_in("ada@example.org", holds).await.expect(200);
}

async fn a_deleted_account_is_gone_at_once(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let other = ada.logged_in("ada@example.org", PASSWORD).await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "Price?").await;
    ada.post("/api/personas", &json!({ "name": "Wren", "visibility": "public" })).await.expect(201);
    ben.get("/api/personas/wren").await.expect(200);
    let of_ben = ben.conversation("Bronn").await;
    ben.say(&of_ben, "gold").await;

    ada.delete_me(json!({ "password": PASSWORD })).await.expect(204);
    for person in [&ada, &other] {
        person.is_nobody().await;
    }
    ada.log_in("ada@example.org", PASSWORD).await.refused(400, "invalid_credentials", "invalid credentials");
    ben.get("/api/personas/wren").await.expect(404);
    assert_eq!(ben.said(&of_ben).await, ["user: gold"]);
}

async fn what_runs_in_a_deleted_account_ends(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "Price?").await;
    reply.take(2).await;
    ada.delete_me(json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(reply.finish().await.status(), "stopped");
}

async fn nothing_is_deleted_without_the_password(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.delete("/api/me").await.refused_fields(&[("password", "This field is required.")]);
    ada.delete_me(json!({ "password": NEW })).await.refused_fields(&[("password", WRONG)]);
    ada.delete_me(json!({ "password": 7 })).await.refused_fields(&[("password", "Not a valid string.")]);
    ada.get("/api/me").await.expect(200);
    ada.log_in("ada@example.org", PASSWORD).await.expect(200);
}

async fn an_account_of_google_needs_no_password_to_be_deleted_and_gets_none(on: Database) {
    let key = GoogleKey::new("one");
    let (app, _keys) = google::start(on, &key).await;
    let body = json!({ "id_token": key.token(&google::claims(&json!({ "sub": "1" }))) });
    let sign_in = async || {
        let visitor = app.visitor();
        visitor.signed_in(&visitor.post("/api/auth/google", &body).await.expect(200).json())
    };
    let first = sign_in().await;
    let problem = "This account has no password: its person signs in with Google.";
    for wanted in [json!({ "password": NEW }), json!({ "email": "x@example.org", "current_password": "" })] {
        first.change_me(wanted).await.refused_fields(&[("current_password", problem)]);
    }
    first.delete("/api/me").await.expect(204);
    first.is_nobody().await;
    // Whoever comes back has another account.
    assert_ne!(sign_in().await.account().id, first.account().id);
}

async fn the_address_of_a_deleted_account_is_free(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.conversation("Bronn").await;
    for _ in 0..2 {
        let again = app.visitor().logged_in("ada@example.org", PASSWORD).await;
        again.delete_me(json!({ "password": PASSWORD })).await.expect(204);
        let next = app.register("ada@example.org").await;
        assert_ne!(next.account().id, ada.account().id);
        assert_eq!(next.get("/api/conversations").await.expect(200).json()["count"], 0);
    }
}

async fn an_account_ends_on_every_server(on: Database) {
    if on != Database::Postgres {
        return;
    }
    let app = TestApp::start(on).await;
    let other = TestApp::at(&app.place().url()).await;
    let ada = app.register("ada@example.org").await;
    let elsewhere = ada.at(&other.base());
    let thread = ada.conversation("Bronn").await;
    other.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = elsewhere.begin(&thread, "Price?").await;
    reply.take(2).await;
    ada.delete_me(json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(reply.finish().await.status(), "stopped");
    // What it remembers of the session is of no use: whose it was is gone.
    elsewhere.is_nobody().await;
    other.stop().await;
}
