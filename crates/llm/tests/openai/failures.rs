//! Every way in which a provider fails, and what it is called.

use std::time::Duration;

use raconteur_fake_upstream::{FakeUpstream, Script, chunk, nobody_listens};
use raconteur_llm::{Limits, ModelErrorKind as Kind, OpenAiConfig, OpenAiModel, http_client};

use crate::{config, hear, hear_script, hear_within, limits, model};

fn once() -> Limits {
    Limits { retries: 0, ..limits() }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached() {
    let upstream = FakeUpstream::start().await;
    let over_tls = upstream.base_url().replace("http:", "https:");
    for (base_url, kind, retryable) in [
        (nobody_listens().await.unwrap(), Kind::Connect, true),
        ("http://no-such-host.invalid/v1".to_owned(), Kind::Dns, true),
        (over_tls, Kind::Tls, false),
    ] {
        let heard = hear(&model(OpenAiConfig { limits: once(), ..config(&base_url) })).await;
        let error = heard.error();
        assert_eq!(
            (error.kind(), error.code().as_str(), error.retryable()),
            (kind, "model_unreachable", retryable),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_never_stands() {
    // Accepted, but the server waits for HTTP where the client waits for the other half of a TLS handshake.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}/v1", silent.local_addr().unwrap());
    let limits = Limits { connect: Duration::from_millis(20), ..once() };
    let client = http_client(&limits).unwrap();
    let heard = hear(&OpenAiModel::new(client, OpenAiConfig { limits, ..config(&base_url) }).unwrap()).await;
    assert_eq!(
        (heard.error().kind(), heard.error().code().as_str()),
        (Kind::ConnectTimeout, "model_unreachable")
    );
}

#[tokio::test]
async fn a_provider_that_refuses() {
    for (status, code, retryable) in [
        (302, "model_protocol", false),
        (400, "model_refused", false),
        (401, "model_refused", false),
        (403, "model_refused", false),
        (404, "model_refused", false),
        (408, "model_timeout", true),
        (413, "model_refused", false),
        (422, "model_refused", false),
        (429, "model_rate_limited", true),
        (500, "model_unavailable", true),
        (502, "model_unavailable", true),
        (503, "model_unavailable", true),
        (504, "model_unavailable", true),
    ] {
        let heard = hear_script(&Script::error(status, "some_error", "some_code", "Leave me alone.")).await;
        let error = heard.error();
        assert_eq!(
            (error.kind(), error.code().as_str(), error.retryable()),
            (Kind::Status(status), code, retryable)
        );
        assert_eq!(error.detail(), "Leave me alone. (some_error some_code)");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = FakeUpstream::start().await;
    let heard = hear_script(&Script::redirect(&elsewhere.base_url())).await;
    assert_eq!(heard.error().kind(), Kind::Status(302));
    assert_eq!(elsewhere.accepted_connections(), 0);
}

#[tokio::test]
async fn a_prompt_beyond_the_context() {
    let openai = Script::error(400, "invalid_request_error", "context_length_exceeded", "Too long.");
    let llama_cpp = Script::error(400, "exceed_context_size_error", "400", "Too long.");
    let vllm =
        Script::error(400, "BadRequestError", "400", "This model's maximum context length is 512 tokens.");
    let late = Script::error(500, "server_error", "500", "Context size has been exceeded.");
    let in_stream = Script::events([chunk::error("too long", &"context_length_exceeded".into())]);
    for script in [openai, llama_cpp, vllm, late, in_stream] {
        let heard = hear_script(&script).await;
        let error = heard.error();
        assert_eq!(
            (error.kind(), error.code().as_str()),
            (Kind::ContextExceeded, "model_context_exceeded"),
            "{error}"
        );
        assert!(!error.retryable());
    }
}

#[tokio::test]
async fn an_answer_that_is_no_stream() {
    for script in [
        Script::status(200).body("text/html", "<html>"),
        Script::status(200).body("application/jsonl", "{}"),
        Script::status(204),
        Script::reply(["Aye."]).content_type("text/plain"),
        Script::reply(["Aye."]).without_content_type(),
    ] {
        let heard = hear_script(&script).await;
        assert_eq!(
            (heard.error().kind(), heard.error().code().as_str()),
            (Kind::NotAStream, "model_protocol"),
            "{script:?}"
        );
        assert!(!heard.error().retryable());
    }
}

/// What fails in the middle keeps what was said until then.
#[tokio::test]
async fn a_reply_that_goes_wrong_halfway() {
    let reply = || Script::reply(["one", " two", " three"]);
    let half_of_an_event = reply().raw_after(2, format!("data: {}", &chunk::content("é")[..40]));
    let half_of_a_character =
        reply().raw_after(2, &b"data: {\"choices\":[{\"delta\":{\"content\":\"\xc3"[..]);
    for (script, kind, code) in [
        (reply().cut_after(2), Kind::CutOff, "model_cut_off"),
        (half_of_an_event.cut_after(2), Kind::CutOff, "model_cut_off"),
        (half_of_a_character.clone().cut_after(2), Kind::CutOff, "model_cut_off"),
        (half_of_a_character, Kind::Protocol, "model_protocol"),
        (Script::events(["one", " two"].map(chunk::content)), Kind::CutOff, "model_cut_off"),
        (reply().event_after(2, "{nonsense"), Kind::Protocol, "model_protocol"),
        (reply().event_after(2, "\"words\""), Kind::Protocol, "model_protocol"),
        (reply().event_after(2, &chunk::error("oh", &"oh".into())), Kind::Reported, "model_unavailable"),
        (reply().event_after(2, &chunk::error("oh", &502.into())), Kind::Status(502), "model_unavailable"),
        (reply().event_after(2, r#"{"error":"oh"}"#), Kind::Reported, "model_unavailable"),
        (reply().event_after(2, r#"{"object":"error","message":"oh"}"#), Kind::Reported, "model_unavailable"),
        (reply().raw_after(2, "event: error\ndata: oh\n\n"), Kind::Reported, "model_unavailable"),
        (reply().event_after(2, &"x".repeat(10 << 20)), Kind::TooLarge, "model_too_large"),
    ] {
        let heard = hear_script(&script).await;
        assert_eq!(heard.deltas, ["one", " two"], "{code}");
        assert_eq!((heard.error().kind(), heard.error().code().as_str()), (kind, code), "{}", heard.error());
    }
}

#[tokio::test]
async fn an_answer_that_is_empty_or_cut_before_it_began() {
    for script in [
        Script::packets([""; 0]),
        Script::hang_up(),
        Script::reply(["Aye."]).cut_after_headers(),
        Script::reply(["Aye."]).cut_after(0),
        Script::whole("Aye.").cut_after_bytes(20),
    ] {
        let heard = hear_script(&script).await;
        assert_eq!(heard.error().kind(), Kind::CutOff, "{script:?}");
        assert!(heard.error().retryable());
    }
}

#[tokio::test]
async fn a_whole_completion_that_cannot_be_read() {
    for (body, kind) in [
        ("", Kind::Protocol),
        ("{nonsense", Kind::Protocol),
        (r#"{"choices":[]}"#, Kind::Protocol),
        (r#"{"error":{"message":"oh"}}"#, Kind::Reported),
    ] {
        let heard = hear_script(&Script::status(200).body("application/json", body)).await;
        assert_eq!(heard.error().kind(), kind, "{body}");
    }
    let limits = Limits { event_bytes: 100, ..once() };
    assert_eq!(hear_within(limits, &Script::whole("Aye.")).await.error().kind(), Kind::TooLarge);
}

#[tokio::test]
async fn a_reply_without_end() {
    let limits = Limits { reply_bytes: 1000, ..once() };
    let heard = hear_within(limits, &Script::endless("word ")).await;
    assert_eq!((heard.error().kind(), heard.text().len()), (Kind::TooLarge, 1000));
}

#[tokio::test]
async fn the_log_never_sees_the_key_nor_endless_words() {
    let words = format!("Incorrect API key provided: sk-secret-123. {}", "So there. ".repeat(99_999));
    let key_and_garbage = "{nonsense sk-secret-123";
    for script in [
        Script::error(401, "invalid_request_error", "invalid_api_key", &words),
        Script::status(500).body("text/html", words.clone()),
        Script::events([chunk::error(&words, &500.into())]),
        Script::events([key_and_garbage]),
        Script::status(200).body("application/json", key_and_garbage),
        Script::status(200).content_type("sk-secret-123"),
    ] {
        let upstream = FakeUpstream::start().await;
        upstream.always(&script);
        let api_key = Some("sk-secret-123".into());
        let heard =
            hear(&model(OpenAiConfig { api_key, limits: once(), ..config(&upstream.base_url()) })).await;
        let log = format!("{0} {0:?}", heard.error());
        assert!(log.contains("[key]") && !log.contains("sk-secret"), "{log}");
        assert!(heard.error().detail().chars().count() <= 501);
    }
}
