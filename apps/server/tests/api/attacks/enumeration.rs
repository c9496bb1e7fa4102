//! Finding out who has an account, by how long the answer takes.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::support::sse::PATIENCE;
use crate::support::{Client, Database, PASSWORD, TestApp, on_every_database};

on_every_database! {
    signing_in_takes_as_long_whether_the_address_has_an_account_or_not
    registering_quietly_says_the_same_after_the_same_time
    whoever_registered_quietly_signs_in_and_nobody_is_overwritten
}

/// How many answers of each kind are compared.
const PAIRS: usize = 2_000;

/// How far the chance to tell two answers apart by their time may be from a coin's.
const TOLERANCE: f64 = 0.05;

/// How often a measurement is made once more that something else on the machine may have spoilt. What really takes longer
/// does so each time.
const ATTEMPTS: usize = 3;

/// The chance that an answer of the first kind takes longer than one of the second: Mann and Whitney's U as a share of all
/// pairs, which is the area under the curve (AUC) of whoever guesses by the time. One half is a coin.
fn auc(first: &[u128], second: &[u128]) -> f64 {
    let mut sorted = second.to_vec();
    sorted.sort_unstable();
    let count = |of: usize| f64::from(u32::try_from(of).unwrap());
    let wins = |time: &u128| {
        let (below, up_to) = (sorted.partition_point(|t| t < time), sorted.partition_point(|t| t <= time));
        count(below) + count(up_to - below) / 2.0
    };
    first.iter().map(wins).sum::<f64>() / (count(first.len()) * count(second.len()))
}

#[test]
fn the_area_is_a_coins_for_the_same_and_one_for_what_is_always_longer() {
    assert!((auc(&[1, 2, 3], &[1, 2, 3]) - 0.5).abs() < 1e-9);
    assert!((auc(&[4, 5], &[1, 2, 3]) - 1.0).abs() < 1e-9);
    assert!(auc(&[1, 2], &[3]).abs() < 1e-9);
}

/// Sends these two over and over, in turns, and compares how long they take.
async fn compare(visitor: &Client, path: &str, bodies: impl Fn(usize) -> [Value; 2], status: u16) {
    let mut seen = Vec::new();
    for attempt in 0..ATTEMPTS {
        let mut times = [Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS)];
        for pair in 0..PAIRS {
            let bodies = bodies(attempt * PAIRS + pair);
            // Whatever the one leaves behind for the next, it is left to both kinds.
            for kind in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
                let request = visitor.ask(Method::POST, path).json(&bodies[kind]);
                let begin = Instant::now();
                let answer = visitor.answer(request).await;
                times[kind].push(begin.elapsed().as_nanos());
                answer.expect(status);
            }
        }
        let auc = auc(&times[0], &times[1]);
        seen.push(auc);
        if (auc - 0.5).abs() <= TOLERANCE {
            return;
        }
    }
    panic!("{path} tells by its time who has an account: {seen:?}");
}

async fn signing_in_takes_as_long_whether_the_address_has_an_account_or_not(on: Database) {
    let app = TestApp::start(on).await;
    app.register("ada@example.org").await;
    let bodies = |_| {
        ["ada@example.org", "eve@example.org"]
            .map(|email| json!({ "email": email, "password": "another one" }))
    };
    compare(&app.visitor(), "/api/auth/login", bodies, 400).await;
}

async fn registering_quietly_says_the_same_after_the_same_time(on: Database) {
    let app = TestApp::with(on, &[("REGISTRATION_ANSWER", "neutral")]).await;
    let bodies = |nth: usize| {
        ["ada@example.org".to_owned(), format!("eve{nth}@example.org")]
            .map(|email| json!({ "email": email, "password": PASSWORD }))
    };
    app.visitor().post("/api/auth/register", &bodies(0)[0]).await.expect(202);
    compare(&app.visitor(), "/api/auth/register", bodies, 202).await;
}

async fn whoever_registered_quietly_signs_in_and_nobody_is_overwritten(on: Database) {
    let app = TestApp::with(on, &[("REGISTRATION_ANSWER", "neutral")]).await;
    let post = async |path: &str, password: &str, cookie: bool| {
        let body = json!({ "email": "ada@example.org", "password": password, "cookie": cookie });
        app.visitor().post(&format!("/api/auth/{path}"), &body).await
    };
    let detail = json!({ "detail": "If this address had no account, it has one in a moment. Sign in." });
    for password in [PASSWORD, PASSWORD] {
        let answer = post("register", password, true).await.expect(202);
        assert_eq!((answer.json(), answer.header("set-cookie")), (detail.clone(), None));
    }
    // It is made behind the answer.
    let signed_in = async {
        loop {
            let answer = post("login", PASSWORD, false).await;
            if answer.status == 200 {
                break answer.json();
            }
            answer.refused(400, "invalid_credentials", "invalid credentials");
        }
    };
    let ada = app.visitor().signed_in(&timeout(PATIENCE, signed_in).await.expect("it is made in time"));
    post("register", "another password", false).await.expect(202);
    post("login", "another password", false).await.refused(400, "invalid_credentials", "invalid credentials");
    assert_eq!(
        ada.get("/api/auth/sessions").await.expect(200).json()["count"],
        1,
        "registering is no sign-in"
    );
    // What is wrong with the address or the password is said as ever.
    post("register", "password", false).await.expect(400);
}
