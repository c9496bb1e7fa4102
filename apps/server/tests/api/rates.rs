//! How often somebody may ask, where that is counted.

use raconteur_fake_upstream::Script;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, Database, PASSWORD, TestApp, on_every_database};

on_every_database! {
    sign_ins_are_counted_by_address
    an_address_that_a_proxy_names_is_counted_and_one_that_a_client_names_is_not
    registrations_are_counted_by_address
    replies_are_counted_by_account
    searches_are_counted_by_account
    streams_are_counted_while_they_are_open
    sign_ins_that_fail_are_counted_by_the_address_that_is_tried
    nobody_is_counted_where_it_is_switched_off
}

async fn start(on: Database, limit: (&str, &str), more: &[(&str, &str)]) -> TestApp {
    TestApp::with(on, &[&[("RATE_LIMIT", "on"), limit], more].concat()).await
}

#[track_caller]
fn too_many(answer: &Answer, what: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (429, Some("rate_limited")),
        "{answer}"
    );
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(detail.starts_with(what) && detail.ends_with(&format!("Try again in {seconds} s.")), "{detail}");
    assert!((1..=3_600).contains(&seconds), "{seconds}");
}

const SIGN_INS: &str = "There were too many sign-ins from your network.";

async fn sign_in_from(app: &TestApp, header: Option<&str>) -> Answer {
    let visitor = app.visitor();
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let request = visitor.ask(Method::POST, "/api/auth/login").json(&body);
    let request = match header {
        Some(from) => request.header("X-Forwarded-For", from),
        None => request,
    };
    visitor.answer(request).await
}

async fn sign_ins_are_counted_by_address(on: Database) {
    let app = start(on, ("LIMIT_SIGN_INS", "2"), &[]).await;
    let ada = app.register("ada@example.org").await;
    for _ in 0..2 {
        sign_in_from(&app, None).await.expect(200);
    }
    too_many(&sign_in_from(&app, None).await, SIGN_INS);
    let google = json!({ "id_token": "x" });
    too_many(&app.visitor().post("/api/auth/google", &google).await, SIGN_INS);
    // Whoever is signed in goes on.
    ada.get("/api/me").await.expect(200);
    let refresh = json!({ "refresh": ada.account().refresh });
    ada.post("/api/auth/refresh", &refresh).await.expect(200);
}

async fn an_address_that_a_proxy_names_is_counted_and_one_that_a_client_names_is_not(on: Database) {
    let behind = start(on, ("LIMIT_SIGN_INS", "1"), &[("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")]).await;
    behind.register("ada@example.org").await;
    for from in ["192.0.2.1", "192.0.2.2, 10.0.0.9", "2001:db8::1"] {
        sign_in_from(&behind, Some(from)).await.expect(200);
    }
    for from in ["198.51.100.7, 192.0.2.1", "192.0.2.2", "2001:db8::2"] {
        too_many(&sign_in_from(&behind, Some(from)).await, SIGN_INS);
    }

    let open = start(on, ("LIMIT_SIGN_INS", "1"), &[]).await;
    open.register("ada@example.org").await;
    sign_in_from(&open, Some("192.0.2.1")).await.expect(200);
    too_many(&sign_in_from(&open, Some("192.0.2.2")).await, SIGN_INS);
}

async fn registrations_are_counted_by_address(on: Database) {
    let app = start(on, ("LIMIT_REGISTRATIONS", "2"), &[]).await;
    for email in ["ada@example.org", "ben@example.org"] {
        app.register(email).await;
    }
    let body = json!({ "email": "eve@example.org", "password": PASSWORD });
    let answer = app.visitor().post("/api/auth/register", &body).await;
    too_many(&answer, "There were too many registrations from your network.");
    app.visitor().post("/api/auth/login", &body).await.expect(400);
}

async fn replies_are_counted_by_account(on: Database) {
    let app = start(on, ("LIMIT_CHAT", "2"), &[]).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let (thread, of_ben) = (ada.conversation("Bronn").await, ben.conversation("Bronn").await);
    let reply = ada.send(&thread, "Price?").await;
    let message = format!("/api/messages/{}", reply.start()["message_id"].as_str().unwrap());
    ada.read_stream(&format!("{message}/regenerate"), &json!({})).await;
    let said = ada.tree(&thread).await;
    let body = json!({ "conversation_id": thread, "prompt": "And now?" });
    for (path, body) in [
        ("/api/chat/stream", body),
        (&format!("{message}/regenerate"), json!({})),
        (&format!("{message}/continue"), json!({})),
    ] {
        too_many(&ada.post(path, &body).await, "You have asked for too many replies.");
    }
    assert_eq!(ada.tree(&thread).await, said, "nothing was written");
    assert_eq!(ben.send(&of_ben, "Price?").await.status(), "complete");
}

async fn searches_are_counted_by_account(on: Database) {
    let app = start(on, ("LIMIT_SEARCH", "2"), &[]).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    for _ in 0..2 {
        ada.get("/api/search?q=gold").await.expect(200);
    }
    too_many(&ada.get("/api/search?q=gold").await, "You have searched too often.");
    ben.get("/api/search?q=gold").await.expect(200);
}

async fn streams_are_counted_while_they_are_open(on: Database) {
    let app = start(on, ("LIMIT_STREAMS", "2"), &[]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut first = ada.begin(&thread, "Price?").await;
    let generation = first.take(2).await[0].data["generation_id"].as_str().unwrap().to_owned();
    let second = ada.resume(&generation, None).await;
    let full = "You have too many streams open: let one of them end.";
    too_many(&ada.answer(ada.ask_again(&generation, None)).await, full);
    too_many(&ada.answer(ada.ask_again(&generation, Some(&format!("{generation}:1")))).await, full);
    let body = json!({ "conversation_id": thread, "prompt": "And now?" });
    too_many(&ada.post("/api/chat/stream", &body).await, full);

    ada.post("/api/chat/stop", &json!({ "generation_id": generation })).await.expect(202);
    assert_eq!(first.finish().await.status(), "stopped");
    second.rest().await;
    for _ in 0..3 {
        Client::open(ada.ask_again(&generation, None)).await.rest().await;
    }
}

async fn sign_ins_that_fail_are_counted_by_the_address_that_is_tried(on: Database) {
    let app = start(on, ("LIMIT_SIGN_IN_FAILURES", "2"), &[("LIMIT_SIGN_INS", "1000")]).await;
    app.register("ada@example.org").await;
    app.register("ben@example.org").await;
    let log_in = async |email: &str, password: &str| {
        app.visitor().post("/api/auth/login", &json!({ "email": email, "password": password })).await
    };
    // Whoever succeeds has not failed.
    for _ in 0..3 {
        log_in("ada@example.org", "another one").await.expect(400);
        log_in("ada@example.org", PASSWORD).await.expect(200);
    }
    // Whether anybody has the address or not.
    for email in ["ada@example.org", "nobody@example.org"] {
        for _ in 0..2 {
            log_in(email, "another one").await.refused(400, "invalid_credentials", "invalid credentials");
        }
        let other_spelling = email.to_uppercase();
        for password in ["another one", PASSWORD] {
            let answer = log_in(&other_spelling, password).await;
            too_many(&answer, "Too many sign-ins with this e-mail address have failed.");
        }
    }
    log_in("ben@example.org", PASSWORD).await.expect(200);
}

async fn nobody_is_counted_where_it_is_switched_off(on: Database) {
    let app =
        TestApp::with(on, &[("RATE_LIMIT", "off"), ("LIMIT_SEARCH", "1"), ("LIMIT_REGISTRATIONS", "1")])
            .await;
    app.register("ben@example.org").await;
    let ada = app.register("ada@example.org").await;
    for _ in 0..3 {
        ada.get("/api/search?q=gold").await.expect(200);
    }
}
