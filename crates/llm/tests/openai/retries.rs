//! When a question is asked again, and when not.

use std::time::Duration;

use raconteur_fake_upstream::{FakeUpstream, Script, chunk};
use raconteur_llm::{Limits, ModelErrorKind as Kind, OpenAiConfig};

use crate::{Heard, config, hear, limits, model};

/// What is heard, and after how many questions.
async fn hear_after(limits: Limits, scripts: &[Script]) -> (Heard, usize) {
    let upstream = FakeUpstream::start().await;
    scripts.iter().for_each(|script| upstream.enqueue(script));
    let heard = hear(&model(OpenAiConfig { limits, ..config(&upstream.base_url()) })).await;
    (heard, upstream.requests().len())
}

#[tokio::test]
async fn a_failure_before_the_first_token_is_asked_again() {
    for failure in [
        Script::status(429),
        Script::status(500),
        Script::status(503).body("text/html", "<h1>busy</h1>"),
        Script::hang_up(),
        Script::reply(["x"]).cut_after(0),
        Script::events([chunk::error("provider is down", &502.into())]),
    ] {
        let (heard, questions) = hear_after(limits(), &[failure.clone(), failure.clone()]).await;
        assert_eq!((heard.text().as_str(), questions), ("Aye.", 3), "{failure:?}");
        assert!(heard.end.is_ok());
    }
}

#[tokio::test]
async fn it_gives_up_after_its_retries() {
    let failures = [500, 502, 429, 503].map(Script::status);
    let (heard, questions) = hear_after(limits(), &failures).await;
    assert_eq!((heard.error().kind(), questions), (Kind::Status(429), 3));
    let (heard, questions) = hear_after(Limits { retries: 0, ..limits() }, &failures).await;
    assert_eq!((heard.error().kind(), questions), (Kind::Status(500), 1));
}

#[tokio::test]
async fn what_asking_again_does_not_mend_is_asked_once() {
    for failure in [
        Script::status(400),
        Script::status(401),
        Script::status(404),
        Script::redirect("http://elsewhere.invalid/"),
        Script::status(200).body("text/html", "<html>"),
        Script::events(["{nonsense"]),
    ] {
        let (heard, questions) = hear_after(limits(), std::slice::from_ref(&failure)).await;
        assert!(heard.end.is_err(), "{failure:?}");
        assert_eq!(questions, 1, "{failure:?}");
    }
}

#[tokio::test]
async fn nothing_is_said_twice() {
    for failure in [
        Script::reply(["one"]).cut_after(1),
        Script::reply(["one"]).event_after(1, &chunk::error("busy", &503.into())),
    ] {
        let (heard, questions) = hear_after(limits(), &[failure]).await;
        assert_eq!((heard.text().as_str(), questions), ("one", 1));
    }
}

#[tokio::test]
async fn a_long_wait_is_not_begun_again() {
    let limits = Limits { first_token: Duration::from_millis(30), ..limits() };
    let (heard, questions) = hear_after(limits, &[Script::hang()]).await;
    assert_eq!(heard.error().kind(), Kind::FirstTokenTimeout);
    // On a very busy machine the time is over before the first question has arrived.
    assert!(questions <= 1);
}

#[tokio::test]
async fn a_pause_that_the_provider_wants_is_told() {
    let busy = Script::status(429).header("Retry-After", "0");
    let (heard, _) = hear_after(limits(), &[busy.clone(), busy.clone(), busy]).await;
    assert_eq!(heard.error().retry_after(), Some(Duration::ZERO));
    let until_tomorrow = Script::status(429).header("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT");
    let (heard, _) = hear_after(Limits { retries: 0, ..limits() }, &[until_tomorrow]).await;
    assert_eq!(heard.error().retry_after(), None);
}

#[tokio::test]
async fn a_pause_that_is_too_long_is_not_waited_for() {
    let (heard, questions) = hear_after(limits(), &[Script::status(429).header("Retry-After", "3600")]).await;
    assert_eq!(heard.error().retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!((heard.error().code().as_str(), questions), ("model_rate_limited", 1));
}
