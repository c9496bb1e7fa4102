//! Models that refuse a part of the usual request.

use raconteur_fake_upstream::{FakeUpstream, Script, picky};
use raconteur_llm::{ChatRequest, Limits, ModelErrorKind as Kind, OpenAiConfig, OpenAiModel};
use serde_json::Value;

use crate::{config, hear, hear_answered, limits, model, question};

/// A model that is never asked again for any other reason.
fn asked_once(upstream: &FakeUpstream) -> OpenAiModel {
    model(OpenAiConfig { limits: Limits { retries: 0, ..limits() }, ..config(&upstream.base_url()) })
}

/// What of the request each question had.
fn asked(upstream: &FakeUpstream) -> Vec<Vec<&'static str>> {
    let fields = ["temperature", "max_tokens", "max_completion_tokens"];
    let of = |body: &Value| fields.into_iter().filter(|field| body.get(field).is_some()).collect();
    upstream.requests().iter().map(|request| of(&request.body)).collect()
}

#[tokio::test]
async fn a_model_that_takes_no_temperature_is_asked_without() {
    let upstream = FakeUpstream::start().await;
    upstream.refuse_if(picky::temperature);
    let heard = hear(&asked_once(&upstream)).await;
    assert_eq!((heard.text().as_str(), heard.end.is_ok()), ("Aye.", true));
    assert_eq!(asked(&upstream), [vec!["temperature", "max_tokens"], vec!["max_tokens"]]);
}

#[tokio::test]
async fn a_model_that_wants_max_completion_tokens_gets_them() {
    let upstream = FakeUpstream::start().await;
    upstream.refuse_if(picky::max_tokens);
    assert_eq!(hear(&asked_once(&upstream)).await.text(), "Aye.");
    let [usual, adapted] = &upstream.requests()[..] else { panic!("{:?}", asked(&upstream)) };
    assert_eq!(usual.body["max_tokens"], 1024);
    assert_eq!(
        (&adapted.body["max_completion_tokens"], &adapted.body["max_tokens"]),
        (&1024.into(), &Value::Null)
    );
}

#[tokio::test]
async fn what_a_model_refused_is_remembered() {
    let upstream = FakeUpstream::start().await;
    upstream.refuse_if(picky::max_tokens);
    upstream.refuse_if(picky::temperature);
    let model = asked_once(&upstream);
    for _ in 0..2 {
        assert_eq!(hear(&model).await.text(), "Aye.");
    }
    let adapted = || vec!["max_completion_tokens"];
    let expected = [
        vec!["temperature", "max_tokens"],
        vec!["temperature", "max_completion_tokens"],
        adapted(),
        adapted(),
    ];
    assert_eq!(asked(&upstream), expected);
}

#[tokio::test]
async fn a_refusal_that_stays_is_reported() {
    let upstream = FakeUpstream::start().await;
    upstream.refuse_if(picky::max_tokens);
    upstream.refuse_if(picky::max_completion_tokens);
    let heard = hear(&asked_once(&upstream)).await;
    assert_eq!((heard.error().kind(), heard.error().code().as_str()), (Kind::Status(400), "model_refused"));
    assert!(heard.error().detail().contains("'max_completion_tokens' is not supported"));
    assert_eq!(upstream.requests().len(), 2);

    // Refused though it was left out.
    let upstream = FakeUpstream::start().await;
    upstream.always(&Script::error(422, "invalid", "unsupported_value", "'temperature' is unsupported."));
    assert_eq!(hear(&asked_once(&upstream)).await.error().kind(), Kind::Status(422));
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn any_other_refusal_changes_nothing() {
    let upstream = FakeUpstream::start().await;
    let words = "Unsupported value: 'temperature' does not support 0.3 with this model.";
    for script in [
        Script::error(400, "invalid_request_error", "decimal_above_max_value", "Invalid 'temperature'."),
        Script::error(401, "invalid_request_error", "unsupported_value", words),
        Script::error(400, "invalid_request_error", "context_length_exceeded", "'max_tokens': unsupported."),
    ] {
        upstream.enqueue(&script);
        assert!(hear(&asked_once(&upstream)).await.end.is_err(), "{script:?}");
    }
    assert_eq!(asked(&upstream), vec![vec!["temperature", "max_tokens"]; 3]);
}

/// It is asked again at once, which is none of the retries after a pause: those are all still there.
#[tokio::test]
async fn adapting_is_no_retry() {
    let upstream = FakeUpstream::start().await;
    upstream.refuse_if(picky::temperature);
    upstream.enqueue(&Script::status(503));
    upstream.enqueue(&Script::status(503));
    assert_eq!(hear(&model(config(&upstream.base_url()))).await.text(), "Aye.");
    assert_eq!(upstream.requests().len(), 4);
}

#[tokio::test]
async fn what_one_model_refused_is_not_held_against_another() {
    let upstream = FakeUpstream::start().await;
    upstream.refuse_if(picky::temperature);
    let model = asked_once(&upstream);
    for name in ["another-model", "another-model", "nobody-offers-this"] {
        hear_answered(&model, ChatRequest { model: Some(name.to_owned()), ..question() }).await;
    }
    let names: Vec<_> = upstream.requests().iter().map(|request| request.body["model"].clone()).collect();
    assert_eq!(names, ["another-model", "another-model", "another-model", "test-model", "test-model"]);
    let with = || vec!["temperature", "max_tokens"];
    let without = || vec!["max_tokens"];
    assert_eq!(asked(&upstream), [with(), without(), without(), with(), without()]);
}
