//! Sessions: going on, being listed and ending.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use raconteur_storage::testing::TestSchema;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::google::now;
use crate::support::sse::PATIENCE;
use crate::support::token::forged;
use crate::support::{Answer, Client, Database, PASSWORD, TestApp, on_every_database, shape};

on_every_database! {
    every_sign_in_is_a_session
    a_session_shows_where_it_was_last_seen
    a_client_that_asks_for_it_once_gets_a_new_refresh_token_each_time
    the_token_just_used_gives_the_same_successor_after_a_restart
    requests_at_once_with_one_token_get_one_successor
    a_token_that_is_used_again_ends_the_session
    a_session_of_somebody_else_is_not_there
    one_session_is_ended_and_the_others_go_on
    all_sessions_are_ended
    signing_out_ends_the_session_of_whichever_token_there_is
    signing_out_again_and_with_anything_is_harmless
    in_a_cookie_the_refresh_token_is_for_nobody_else
    a_cookie_rotates_and_wants_to_be_asked_for_by_a_script
    a_token_in_the_body_goes_before_the_one_in_the_cookie
    what_ends_the_session_of_a_cookie_takes_the_cookie_away
    behind_tls_the_cookie_is_for_tls_alone
    what_says_how_to_sign_in_is_a_truth_value
    an_earlier_sign_in_becomes_a_session_when_its_refresh_token_is_used
    an_earlier_sign_in_at_once_in_many_places_becomes_one_session
    an_earlier_sign_in_that_was_ended_does_not_come_back
}

const DETAIL: &str = "Given token not valid for any token type";

#[track_caller]
fn not_valid(answer: Answer) {
    answer.refused(401, "token_not_valid", DETAIL);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl Client {
    /// The same person, signed in once more.
    async fn again(&self) -> Client {
        let body = json!({ "email": self.account().email, "password": PASSWORD });
        self.signed_in(&self.post("/api/auth/login", &body).await.expect(200).json())
    }

    async fn sessions(&self) -> Vec<Value> {
        let page = self.get("/api/auth/sessions").await.expect(200).json();
        page["results"].as_array().unwrap().clone()
    }

    /// The id of the session that asks.
    async fn session(&self) -> String {
        let current: Vec<Value> =
            self.sessions().await.into_iter().filter(|session| session["current"] == true).collect();
        assert_eq!(current.len(), 1, "{current:?}");
        text(&current[0]["id"])
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.post("/api/auth/refresh", &json!({ "refresh": token })).await
    }

    async fn rotate(&self, token: &str) -> Answer {
        self.post("/api/auth/refresh", &json!({ "refresh": token, "rotate": true })).await
    }

    /// Neither of its tokens is good any more.
    async fn is_signed_out(&self) {
        not_valid(self.get("/api/me").await);
        not_valid(self.refresh(&self.account().refresh).await);
    }

    async fn is_signed_in(&self) {
        self.get("/api/me").await.expect(200);
        self.refresh(&self.account().refresh).await.expect(200);
    }
}

async fn every_sign_in_is_a_session(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let again = ada.again().await;
    app.register("ben@example.org").await;
    let seen = ada.get("/api/auth/sessions").await.expect(200).json();
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(shape(&seen), @r#"
    {
      "count": 2,
      "next": null,
      "previous": null,
      "results": [
        {
          "address": "127.0.0.1",
          "created_at": "[time]",
          "current": false,
          "expires_at": "[time]",
          "id": "[uuid]",
          "kind": "token",
          "last_seen_at": "[time]",
          "user_agent": null
        },
        {
          "address": "127.0.0.1",
          "created_at": "[time]",
          "current": true,
          "expires_at": "[time]",
          "id": "[uuid]",
          "kind": "token",
          "last_seen_at": "[time]",
          "user_agent": null
        }
      ]
    }
    "#);
    }
    assert_eq!(again.session().await, text(&seen["results"][0]["id"]), "the newest is the first");
    let last = ada.get("/api/auth/sessions?page=last&page_size=1").await.expect(200).json();
    assert_eq!(last["results"], json!([seen["results"][1]]));
    ada.get("/api/auth/sessions?page=3&page_size=1").await.refused(404, "not_found", "Invalid page.");
}

async fn a_session_shows_where_it_was_last_seen(on: Database) {
    let app = TestApp::with(on, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let visitor = app.visitor();
    let from = |path: &str, agent: &str, address: &str, body: &Value| {
        let request = visitor.ask(Method::POST, path).header("User-Agent", agent);
        request.header("X-Forwarded-For", address).json(body)
    };
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let answer = visitor.answer(from("/api/auth/register", "Lynx", "192.0.2.1", &body)).await;
    let ada = visitor.signed_in(&answer.expect(201).json());
    let seen = async || {
        let session = ada.sessions().await.remove(0);
        (text(&session["user_agent"]), session["address"].clone())
    };
    assert_eq!(seen().await, ("Lynx".to_owned(), json!("192.0.2.1")));

    let body = json!({ "refresh": ada.account().refresh });
    let long = format!(" {} ", "é".repeat(300));
    let request = from("/api/auth/refresh", &long, "198.51.100.9, 2001:db8::7", &body);
    ada.answer(request).await.expect(200);
    assert_eq!(seen().await, ("é".repeat(255), json!("2001:db8::7")));
    ada.answer(from("/api/auth/refresh", "Lynx", "who knows", &body)).await.expect(200);
    assert_eq!(seen().await, ("Lynx".to_owned(), json!("127.0.0.1")));
}

async fn a_client_that_asks_for_it_once_gets_a_new_refresh_token_each_time(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let first = ada.account().refresh.clone();
    assert_eq!(shape(&ada.refresh(&first).await.expect(200).json()), json!({ "access": "[token]" }));
    let answer = ada.rotate(&first).await.expect(200).json();
    assert_eq!(shape(&answer), json!({ "access": "[token]", "refresh": "[token]" }));
    let mut tokens = BTreeSet::from([first, text(&answer["refresh"])]);
    for turn in 2..5 {
        let newest = text(&ada.sessions().await[0]["kind"]);
        assert_eq!(newest, "rotating");
        let last = tokens.iter().max_by_key(|token| rotation(token)).unwrap().clone();
        let answer = ada.refresh(&last).await.expect(200).json();
        assert_eq!(shape(&answer), json!({ "access": "[token]", "refresh": "[token]" }));
        let access = text(&answer["access"]);
        let me = app.visitor().ask(Method::GET, "/api/me").bearer_auth(access);
        app.visitor().answer(me).await.expect(200);
        tokens.insert(text(&answer["refresh"]));
        assert_eq!(tokens.len(), turn + 1, "each is another one");
    }
    assert_eq!(ada.sessions().await.len(), 1);
}

/// Which of its session's refresh tokens this is.
fn rotation(token: &str) -> u64 {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["rotation"].as_u64().unwrap()
}

async fn the_token_just_used_gives_the_same_successor_after_a_restart(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let first = ada.account().refresh.clone();
    let lost = text(&ada.rotate(&first).await.expect(200).json()["refresh"]);
    let (_, place) = app.stop().await;

    let app = TestApp::at(&place.url()).await;
    let ada = ada.at(&app.base());
    for _ in 0..2 {
        assert_eq!(ada.refresh(&first).await.expect(200).json()["refresh"], lost.as_str());
    }
    ada.refresh(&lost).await.expect(200);
    app.stop().await;
}

async fn requests_at_once_with_one_token_get_one_successor(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let mut token = ada.account().refresh.clone();
    for _ in 0..3 {
        let answers = join_all((0..12).map(|_| ada.rotate(&token))).await;
        let successors: BTreeSet<String> =
            answers.into_iter().map(|answer| text(&answer.expect(200).json()["refresh"])).collect();
        assert_eq!(successors.len(), 1, "{successors:?}");
        token = successors.into_iter().next().unwrap();
    }
}

async fn a_token_that_is_used_again_ends_the_session(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let other = ada.again().await;
    let first = ada.account().refresh.clone();
    let second = text(&ada.rotate(&first).await.expect(200).json()["refresh"]);
    let third = text(&ada.refresh(&second).await.expect(200).json()["refresh"]);
    ada.get("/api/me").await.expect(200);

    not_valid(ada.refresh(&first).await);
    for token in [&third, &second, &first] {
        not_valid(ada.refresh(token).await);
    }
    ada.is_signed_out().await;
    other.is_signed_in().await;
    assert_eq!(other.sessions().await.len(), 1);
}

async fn a_session_of_somebody_else_is_not_there(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let of_ada = ada.session().await;
    for id in [of_ada.as_str(), "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "nonsense"] {
        let answer = ben.delete(&format!("/api/auth/sessions/{id}")).await;
        answer.refused(404, "not_found", "Not found.");
    }
    ada.is_signed_in().await;
    // Nor is it theirs who have a token that names it.
    let session = forged(&ada, &json!({ "sub": ben.account().id }));
    not_valid(app.visitor().answer(app.visitor().ask(Method::GET, "/api/me").bearer_auth(session)).await);
    let changes = json!({ "sub": ben.account().id, "token_type": "refresh", "rotation": 0 });
    not_valid(ben.refresh(&forged(&ada, &changes)).await);
    ada.is_signed_in().await;
}

async fn one_session_is_ended_and_the_others_go_on(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let (other, third) = (ada.again().await, ada.again().await);
    for person in [&ada, &other, &third] {
        person.is_signed_in().await;
    }
    let path = format!("/api/auth/sessions/{}", other.session().await);
    ada.delete(&path.to_uppercase().replace("/API/AUTH/SESSIONS", "/api/auth/sessions")).await.expect(204);
    other.is_signed_out().await;
    ada.delete(&path).await.refused(404, "not_found", "Not found.");

    // It may be the one that asks.
    third.delete(&format!("/api/auth/sessions/{}", third.session().await)).await.expect(204);
    third.is_signed_out().await;
    ada.is_signed_in().await;
    assert_eq!(ada.sessions().await.len(), 1);
}

async fn all_sessions_are_ended(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let other = ada.again().await;
    other.is_signed_in().await;
    ada.delete("/api/auth/sessions").await.expect(204);
    ada.is_signed_out().await;
    other.is_signed_out().await;
    ben.is_signed_in().await;
    let again = ada.again().await;
    assert_eq!(again.sessions().await.len(), 1);
}

async fn signing_out_ends_the_session_of_whichever_token_there_is(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let [by_access, by_refresh, by_both, stays] =
        [ada.again().await, ada.again().await, ada.again().await, ada.again().await];
    by_access.post("/api/auth/logout", &json!({})).await.expect(204);
    by_access.is_signed_out().await;

    // The access token is no longer good, and stands in the way of nothing.
    let expired = forged(&by_refresh, &json!({ "exp": 1_000_000_000 }));
    let request = app.visitor().ask(Method::POST, "/api/auth/logout").bearer_auth(expired);
    let request = request.json(&json!({ "refresh": format!(" {}\n", by_refresh.account().refresh) }));
    assert_eq!(ada.answer(request).await.expect(204).header("set-cookie"), None);
    by_refresh.is_signed_out().await;

    // Of two sessions both end.
    by_both.post("/api/auth/logout", &json!({ "refresh": ada.account().refresh })).await.expect(204);
    by_both.is_signed_out().await;
    ada.is_signed_out().await;
    stays.is_signed_in().await;
}

async fn signing_out_again_and_with_anything_is_harmless(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let stays = ada.again().await;
    let body = json!({ "refresh": ada.account().refresh });
    for _ in 0..2 {
        ada.post("/api/auth/logout/", &body).await.expect(204);
    }
    let visitor = app.visitor();
    for body in
        [json!({}), json!({ "refresh": null }), json!({ "refresh": "" }), json!({ "refresh": "a.b.c" })]
    {
        visitor.post("/api/auth/logout", &body).await.expect(204);
    }
    for authorization in ["Bearer", "Bearer nonsense", "Basic eDp5"] {
        let request = visitor.ask(Method::POST, "/api/auth/logout").header("Authorization", authorization);
        visitor.answer(request.header("Cookie", "raconteur_refresh=nonsense")).await.expect(204);
    }
    visitor
        .post("/api/auth/logout", &json!({ "refresh": 7 }))
        .await
        .refused_fields(&[("refresh", "Not a valid string.")]);
    stays.is_signed_in().await;
}

/// A cookie that an answer sets: its name, its value, and what else is said of it.
fn set_cookie(answer: &Answer) -> (String, String, BTreeSet<String>) {
    let header = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer}"));
    let mut parts = header.split("; ");
    let (name, value) = parts.next().unwrap().split_once('=').unwrap();
    (name.to_owned(), value.to_owned(), parts.map(str::to_owned).collect())
}

/// Signs in with a cookie, and answers the access token and what a browser sends from then on.
async fn in_a_browser(app: &TestApp) -> (String, String) {
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "cookie": true });
    let answer = app.visitor().post("/api/auth/login", &body).await.expect(200);
    let (name, value, _) = set_cookie(&answer);
    (text(&answer.json()["access"]), format!("{name}={value}"))
}

/// What a script of the web app asks.
fn by_script(app: &TestApp, path: &str, cookie: &str) -> RequestBuilder {
    let request = app.visitor().ask(Method::POST, path).header("Cookie", cookie);
    request.header("X-Requested-With", "fetch")
}

async fn in_a_cookie_the_refresh_token_is_for_nobody_else(on: Database) {
    let app = TestApp::start(on).await;
    for (path, status) in [("/api/auth/register", 201), ("/api/auth/login", 200)] {
        let body = json!({ "email": "ada@example.org", "password": PASSWORD, "cookie": true });
        let answer = app.visitor().post(path, &body).await.expect(status);
        let user = json!({ "id": "[uuid]", "email": "ada@example.org" });
        assert_eq!(shape(&answer.json()), json!({ "access": "[token]", "user": user }));
        let (name, value, said) = set_cookie(&answer);
        assert_eq!((name.as_str(), shape(&json!(value))), ("raconteur_refresh", json!("[token]")));
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        assert_eq!(said, ["HttpOnly", "Max-Age=1209600", "Path=/api/auth", "SameSite=Strict"]);
        assert!(!answer.text.contains(&value));
    }
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "cookie": false });
    let answer = app.visitor().post("/api/auth/login", &body).await.expect(200);
    assert_eq!((answer.header("set-cookie"), answer.json()["refresh"].is_string()), (None, true));
}

async fn a_cookie_rotates_and_wants_to_be_asked_for_by_a_script(on: Database) {
    let app = TestApp::start(on).await;
    app.register("ada@example.org").await;
    let (_, first) = in_a_browser(&app).await;
    let without = app.visitor().ask(Method::POST, "/api/auth/refresh").header("Cookie", &first);
    let detail = "A refresh token in a cookie is taken with the header X-Requested-With alone.";
    app.visitor().answer(without).await.refused(403, "requested_with_required", detail);

    let refresh = async |cookie: &str| {
        let answer = app.visitor().answer(by_script(&app, "/api/auth/refresh", cookie)).await.expect(200);
        assert_eq!(shape(&answer.json()), json!({ "access": "[token]" }), "the cookie alone has the other");
        let (name, value, said) = set_cookie(&answer);
        assert!(said.contains("HttpOnly") && said.contains("Path=/api/auth"), "{said:?}");
        format!("{name}={value}")
    };
    let second = refresh(&first).await;
    assert_eq!(refresh(&format!("a=b; {first}; c=d")).await, second, "another tab, at the same time");
    let third = refresh(&second).await;
    assert_eq!(BTreeSet::from([&first, &second, &third]).len(), 3);
    not_valid(app.visitor().answer(by_script(&app, "/api/auth/refresh", &first)).await);
    not_valid(app.visitor().answer(by_script(&app, "/api/auth/refresh", &third)).await);
    for nothing in ["raconteur_refresh=", "other=x", ""] {
        let answer = app.visitor().answer(by_script(&app, "/api/auth/refresh", nothing)).await;
        answer.refused_fields(&[("refresh", "This field is required.")]);
    }
}

async fn a_token_in_the_body_goes_before_the_one_in_the_cookie(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let (_, cookie) = in_a_browser(&app).await;
    let body = json!({ "refresh": ada.account().refresh });
    let request = app.visitor().ask(Method::POST, "/api/auth/refresh").header("Cookie", &cookie).json(&body);
    let answer = app.visitor().answer(request).await.expect(200);
    assert_eq!(answer.header("set-cookie"), None, "the cookie's session was not touched");
    not_valid(
        app.visitor()
            .answer(by_script(&app, "/api/auth/refresh", &cookie).json(&json!({ "refresh": "a.b.c" })))
            .await,
    );
    // Sent in the body, the token of a cookie goes on in the cookie.
    let token = cookie.split_once('=').unwrap().1;
    let answer = app.visitor().refresh(token).await.expect(200);
    assert_eq!(shape(&answer.json()), json!({ "access": "[token]" }));
    assert_ne!(set_cookie(&answer).1, token);
}

async fn what_ends_the_session_of_a_cookie_takes_the_cookie_away(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let session = |access: &str| {
        let person = json!({ "access": access, "refresh": "", "user": { "id": "", "email": "" } });
        app.visitor().signed_in(&person)
    };
    let gone = |answer: Answer| {
        let (name, value, said) = set_cookie(&answer.expect(204));
        assert_eq!((name.as_str(), value.as_str()), ("raconteur_refresh", ""));
        assert!(said.contains("Max-Age=0") && said.contains("Path=/api/auth"), "{said:?}");
    };

    // Signing out, with the cookie alone.
    let (access, cookie) = in_a_browser(&app).await;
    let browser = session(&access);
    browser.get("/api/me").await.expect(200);
    gone(app.visitor().answer(by_script(&app, "/api/auth/logout", &cookie)).await);
    not_valid(browser.get("/api/me").await);
    not_valid(app.visitor().answer(by_script(&app, "/api/auth/refresh", &cookie)).await);

    // This session, but not another one.
    let (access, cookie) = in_a_browser(&app).await;
    let browser = session(&access);
    let delete = |path: &str| browser.ask(Method::DELETE, path).header("Cookie", &cookie);
    let other = format!("/api/auth/sessions/{}", ada.again().await.session().await);
    assert_eq!(browser.answer(delete(&other)).await.expect(204).header("set-cookie"), None);
    gone(browser.answer(delete(&format!("/api/auth/sessions/{}", browser.session().await))).await);

    // All of them.
    let (access, cookie) = in_a_browser(&app).await;
    let browser = session(&access);
    let request = browser.ask(Method::DELETE, "/api/auth/sessions").header("Cookie", &cookie);
    gone(browser.answer(request).await);
    ada.is_signed_out().await;
}

async fn behind_tls_the_cookie_is_for_tls_alone(on: Database) {
    let behind = TestApp::with(on, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let exposed = TestApp::with(on, &[("TRUSTED_PROXIES", "192.0.2.1")]).await;
    for (app, name, secure) in
        [(&behind, "__Secure-raconteur_refresh", true), (&exposed, "raconteur_refresh", false)]
    {
        let visitor = app.visitor();
        let request = |request: RequestBuilder| request.header("X-Forwarded-Proto", "https");
        let body = json!({ "email": "ada@example.org", "password": PASSWORD, "cookie": true });
        let post = visitor.ask(Method::POST, "/api/auth/register").json(&body);
        let (seen, value, said) = set_cookie(&visitor.answer(request(post)).await.expect(201));
        assert_eq!((seen.as_str(), said.contains("Secure")), (name, secure));
        let refresh = by_script(app, "/api/auth/refresh", &format!("{name}={value}"));
        assert_eq!(set_cookie(&visitor.answer(request(refresh)).await.expect(200)).0, name);
    }
    // The name of one is nothing to the other.
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "cookie": true });
    let (_, value, _) = set_cookie(&behind.visitor().post("/api/auth/login", &body).await.expect(200));
    let request = by_script(&behind, "/api/auth/refresh", &format!("raconteur_refresh={value}"));
    let answer = behind.visitor().answer(request.header("X-Forwarded-Proto", "https")).await;
    answer.refused_fields(&[("refresh", "This field is required.")]);
}

async fn what_says_how_to_sign_in_is_a_truth_value(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let no_flag = "Must be a valid boolean.";
    for path in ["/api/auth/register", "/api/auth/login"] {
        let body = json!({ "email": "ben@example.org", "password": PASSWORD, "cookie": "yes" });
        ada.post(path, &body).await.refused_fields(&[("cookie", no_flag)]);
    }
    let body = json!({ "id_token": "a.b.c", "cookie": 1 });
    ada.post("/api/auth/google", &body).await.refused_fields(&[("cookie", no_flag)]);
    let body = json!({ "refresh": ada.account().refresh, "rotate": 1 });
    ada.post("/api/auth/refresh", &body).await.refused_fields(&[("rotate", no_flag)]);
    assert_eq!(ada.sessions().await[0]["kind"], "token");
}

/// A refresh token as versions without sessions made them.
fn earlier_refresh(person: &Client, name: &str) -> String {
    let changes =
        json!({ "token_type": "refresh", "sid": null, "epoch": 0, "jti": name, "exp": now() + 86_400 });
    forged(person, &changes)
}

const NAME: &str = "6f1ed002-ab55-4598-9014-ebf0951522d9";

async fn an_earlier_sign_in_becomes_a_session_when_its_refresh_token_is_used(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.delete("/api/auth/sessions").await.expect(204);
    let ada = ada.again().await;
    // Ending all sessions has ended what was before them; who signed in to an older server after that has an epoch.
    not_valid(ada.refresh(&earlier_refresh(&ada, NAME)).await);
    let ben = app.register("ben@example.org").await;
    let token = earlier_refresh(&ben, NAME);
    let access = forged(&ben, &json!({ "sid": null, "epoch": 0 }));
    let earlier = ben.signed_in(&json!({
        "access": access, "refresh": token, "user": { "id": ben.account().id, "email": "ben@example.org" },
    }));
    earlier.get("/api/me").await.expect(200);
    assert!(earlier.sessions().await.iter().all(|session| session["current"] == false));

    for _ in 0..2 {
        let answer = earlier.refresh(&token).await.expect(200).json();
        assert_eq!(shape(&answer), json!({ "access": "[token]" }), "the token goes on as it is");
        let mut person = json!({ "refresh": token, "user": { "id": "", "email": "" } });
        person["access"] = answer["access"].clone();
        let now_in_a_session = earlier.signed_in(&person);
        assert_eq!(now_in_a_session.session().await, NAME);
    }
    assert_eq!(ben.sessions().await.len(), 2);

    // From here on it is a session like any other.
    let second = text(&earlier.rotate(&token).await.expect(200).json()["refresh"]);
    assert_eq!(earlier.refresh(&token).await.expect(200).json()["refresh"], second.as_str());
    earlier.refresh(&second).await.expect(200);
    not_valid(earlier.refresh(&token).await);
    assert_eq!(ben.sessions().await.len(), 1);
}

async fn an_earlier_sign_in_at_once_in_many_places_becomes_one_session(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let token = earlier_refresh(&ada, NAME);
    for answer in join_all((0..12).map(|_| ada.refresh(&token))).await {
        answer.expect(200);
    }
    assert_eq!(ada.sessions().await.len(), 2);
}

async fn an_earlier_sign_in_that_was_ended_does_not_come_back(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    // As a session.
    let used = earlier_refresh(&ada, NAME);
    ada.refresh(&used).await.expect(200);
    ada.delete(&format!("/api/auth/sessions/{NAME}")).await.expect(204);
    not_valid(ada.refresh(&used).await);

    // Before it was one.
    let signed_out = earlier_refresh(&ada, "6f1ed002-ab55-4598-9014-ebf0951522da");
    app.visitor().post("/api/auth/logout", &json!({ "refresh": signed_out })).await.expect(204);
    not_valid(ada.refresh(&signed_out).await);
    ada.is_signed_in().await;

    // With all others.
    let never_used = earlier_refresh(&ada, "6f1ed002-ab55-4598-9014-ebf0951522db");
    let access = forged(&ada, &json!({ "sid": null, "epoch": 0 }));
    let me = || app.visitor().ask(Method::GET, "/api/me").bearer_auth(&access);
    app.visitor().answer(me()).await.expect(200);
    ada.delete("/api/auth/sessions").await.expect(204);
    not_valid(app.visitor().answer(me()).await);
    not_valid(ada.refresh(&never_used).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_one_server_ends_is_not_good_at_another_for_long() {
    let Some(schema) = TestSchema::create() else { return };
    let url = schema.url();
    let (one, other) = tokio::join!(TestApp::at(&url), TestApp::at(&url));
    let ada = one.register("ada@example.org").await;
    let elsewhere = ada.at(&other.base());
    elsewhere.is_signed_in().await;
    ada.delete("/api/auth/sessions").await.expect(204);
    // At once for what is recorded, by and by for what is remembered.
    not_valid(elsewhere.refresh(&ada.account().refresh).await);
    let refused = async {
        while elsewhere.get("/api/me").await.status == 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.expect("it is looked up again");
    elsewhere.is_signed_out().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_give_the_same_successor() {
    let Some(schema) = TestSchema::create() else { return };
    let url = schema.url();
    let (one, other) = tokio::join!(TestApp::at(&url), TestApp::at(&url));
    let ada = one.register("ada@example.org").await;
    let elsewhere = ada.at(&other.base());
    let token = ada.account().refresh.clone();
    let asked = (0..12).map(|turn| if turn % 2 == 0 { ada.rotate(&token) } else { elsewhere.rotate(&token) });
    let successors: BTreeSet<String> =
        join_all(asked).await.into_iter().map(|answer| text(&answer.expect(200).json()["refresh"])).collect();
    assert_eq!(successors.len(), 1, "{successors:?}");
}
