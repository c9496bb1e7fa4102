//! What a provider is asked.

use raconteur_fake_upstream::FakeUpstream;
use raconteur_llm::{
    ChatMessage, ChatModel, ChatRequest, InvalidConfig, OpenAiConfig, OpenAiModel, Role, http_client,
};
use serde_json::json;

use crate::{config, hear, limits, model, question};

#[tokio::test]
async fn the_request_is_a_streamed_chat_completion() {
    let upstream = FakeUpstream::start().await;
    hear(&model(config(&upstream.base_url()))).await;
    let request = &upstream.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let expected = json!({
        "model": "test-model",
        "messages": [
            { "role": "system", "content": "You are Bronn." },
            { "role": "user", "content": "How much?" },
        ],
        "temperature": 0.3,
        "max_tokens": 1024,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_base_url_changes_nothing() {
    let upstream = FakeUpstream::start().await;
    hear(&model(config(&format!("{}/", upstream.base_url())))).await;
    assert_eq!(upstream.requests()[0].path, "/v1/chat/completions");
}

#[tokio::test]
async fn the_key_is_sent_as_bearer_token_and_without_one_nothing_is() {
    for (key, header) in [(Some("sk-1"), Some("Bearer sk-1")), (Some(" "), None), (None, None)] {
        let upstream = FakeUpstream::start().await;
        let api_key = key.map(Into::into);
        hear(&model(OpenAiConfig { api_key, ..config(&upstream.base_url()) })).await;
        assert_eq!(upstream.requests()[0].header("authorization"), header, "{key:?}");
    }
}

#[tokio::test]
async fn blank_messages_are_not_sent() {
    let upstream = FakeUpstream::start().await;
    let mut request = question();
    request.messages.push(ChatMessage::new(Role::Assistant, ""));
    request.messages.push(ChatMessage::new(Role::User, " \n"));
    let mut stream = model(config(&upstream.base_url())).stream(request);
    futures_util::StreamExt::next(&mut stream).await;
    assert_eq!(upstream.requests()[0].body["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn nothing_is_asked_before_somebody_listens() {
    let upstream = FakeUpstream::start().await;
    drop(model(config(&upstream.base_url())).stream(ChatRequest::default()));
    assert_eq!(upstream.accepted_connections(), 0);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_once() {
    let new = |config| OpenAiModel::new(http_client(&limits()).unwrap(), config).err();
    assert!(matches!(new(config("localhost:1234")), Some(InvalidConfig::BaseUrl(_))));
    let api_key = Some("two\nlines".into());
    assert_eq!(new(OpenAiConfig { api_key, ..config("http://localhost") }), Some(InvalidConfig::ApiKey));
}
