//! Any provider of chat completions in OpenAI's shape.

use std::error::Error;
use std::io;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{sleep, timeout};

use crate::chunk::CompletionRequest;
use crate::dialect::{Dialect, Heeded};
use crate::refusal::{read_up_to, refused, words};
use crate::reply::Reply;
use crate::sse::EventReader;
use crate::text::{causes, loggable};
use crate::{ChatModel, ChatRequest, ChatStream, Limits, ModelError, ModelErrorKind};

/// Where a provider is and what to ask it for.
#[derive(Clone, Debug)]
pub struct OpenAiConfig {
    /// The address before `/chat/completions`, such as `https://api.openai.com/v1`, with or without a slash at its end.
    pub base_url: String,
    /// Sent as bearer token; without one (or with a blank one) no `Authorization` header is sent.
    pub api_key: Option<SecretString>,
    /// The model's name at the provider, such as `gpt-4o-mini`.
    pub model: String,
    /// Other models there that a request may ask for.
    pub others: Vec<String>,
    /// How long to wait, how often to try, how much to take.
    pub limits: Limits,
}

/// A setting that no request can be made with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConfig {
    /// The base URL is none; says why.
    #[error("the base URL has to be an http or https address: {0}")]
    BaseUrl(String),
    /// The key has characters that a header cannot carry.
    #[error("the API key has characters that an HTTP header cannot carry")]
    ApiKey,
}

/// A model behind OpenAI's chat completions: OpenAI itself, Ollama, llama.cpp, vLLM, LM Studio and many more.
pub struct OpenAiModel(Arc<Provider>);

struct Provider {
    client: Client,
    endpoint: Url,
    api_key: Option<SecretString>,
    model: String,
    others: Vec<String>,
    limits: Limits,
    /// What the model has refused so far, and then each of the others in their order.
    dialects: Vec<Dialect>,
}

impl OpenAiModel {
    /// A model that is asked through this client, which [`http_client`](crate::http_client) builds.
    ///
    /// # Errors
    ///
    /// The base URL is no HTTP address, or the key cannot be sent.
    pub fn new(client: Client, config: OpenAiConfig) -> Result<Self, InvalidConfig> {
        let OpenAiConfig { base_url, api_key, model, others, limits } = config;
        let endpoint = endpoint(&base_url)?;
        let api_key = api_key.filter(|key| !key.expose_secret().trim().is_empty());
        if api_key.as_ref().is_some_and(|key| HeaderValue::from_str(key.expose_secret()).is_err()) {
            return Err(InvalidConfig::ApiKey);
        }
        let dialects = (0..=others.len()).map(|_| Dialect::default()).collect();
        Ok(Self(Arc::new(Provider { client, endpoint, api_key, model, others, limits, dialects })))
    }
}

impl ChatModel for OpenAiModel {
    fn name(&self) -> &str {
        &self.0.model
    }

    fn others(&self) -> &[String] {
        &self.0.others
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        let provider = Arc::clone(&self.0);
        stream::once(async move { provider.reply(&request).await })
            .map_ok(|reply| {
                stream::try_unfold(reply, |mut reply| async {
                    Ok(reply.next().await?.map(|event| (event, reply)))
                })
            })
            .try_flatten()
            .boxed()
    }
}

fn endpoint(base_url: &str) -> Result<Url, InvalidConfig> {
    let invalid = |reason: &str| InvalidConfig::BaseUrl(reason.to_owned());
    let mut url = Url::parse(base_url.trim()).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("another scheme"));
    }
    // Keeps a query, which some gateways carry their version in.
    url.path_segments_mut()
        .map_err(|()| invalid("no path can follow it"))?
        .pop_if_empty()
        .extend(["chat", "completions"]);
    Ok(url)
}

impl Provider {
    /// The model that a request asks for, and what is known of it.
    fn asked_for(&self, request: &ChatRequest) -> (&str, Option<&Dialect>) {
        let place = self.others.iter().position(|other| Some(other) == request.model.as_ref());
        let other = place.and_then(|place| self.others.get(place));
        (other.unwrap_or(&self.model), self.dialects.get(place.map_or(0, |place| place + 1)))
    }

    /// A reply that has begun.
    async fn reply(&self, request: &ChatRequest) -> Result<Reply, ModelError> {
        let limit = self.limits.first_token;
        timeout(limit, self.ask_until_it_begins(request)).await.unwrap_or_else(|_| {
            Err(ModelError::new(ModelErrorKind::FirstTokenTimeout, format!("no token within {limit:?}")))
        })
    }

    /// Asks, and asks again where that may help. Nothing of a reply has been shown by then, so nothing is said twice.
    async fn ask_until_it_begins(&self, request: &ChatRequest) -> Result<Reply, ModelError> {
        let mut failures = 0;
        loop {
            let error = match self.ask(request).await {
                Err(error) if error.kind().is_transient() => error,
                outcome => return outcome,
            };
            failures += 1;
            let Some(pause) = self.limits.pause_after(failures, error.retry_after()) else {
                return Err(error);
            };
            let (model, _) = self.asked_for(request);
            tracing::warn!(model, %error, ?pause, "the model will be asked again");
            sleep(pause).await;
        }
    }

    async fn ask(&self, request: &ChatRequest) -> Result<Reply, ModelError> {
        let response = self.answer(request).await?;
        let mut reply = self.open(response).await?;
        reply.begin().await?;
        Ok(reply)
    }

    /// Asks, and once more without it where the model objects to a part of the usual request.
    async fn answer(&self, request: &ChatRequest) -> Result<Response, ModelError> {
        let (model, dialect) = self.asked_for(request);
        let mut heeded = dialect.map(Dialect::known).unwrap_or_default();
        loop {
            let response = self.send(model, request, heeded).await.map_err(not_answered)?;
            if response.status().is_success() {
                return Ok(response);
            }
            let refusal = refused(response, self.key()).await;
            let Some(objection) = refusal.objection.filter(|objection| !heeded.has(*objection)) else {
                return Err(refusal.error);
            };
            if dialect.is_some_and(|dialect| dialect.learn(objection)) {
                tracing::info!(model, error = %refusal.error, "{}", objection.remedy());
            }
            heeded = heeded.and(objection);
        }
    }

    async fn send(&self, model: &str, request: &ChatRequest, heeded: Heeded) -> reqwest::Result<Response> {
        let mut post =
            self.client.post(self.endpoint.clone()).header(ACCEPT, "text/event-stream, application/json");
        if let Some(key) = self.key() {
            post = post.bearer_auth(key);
        }
        post.json(&CompletionRequest::new(model, request, heeded)).send().await
    }

    async fn open(&self, mut response: Response) -> Result<Reply, ModelError> {
        let (limits, api_key) = (self.limits.clone(), self.api_key.clone());
        match content_type(&response).as_str() {
            "text/event-stream" => {
                Ok(Reply::new(EventReader::new(response, limits.event_bytes), limits, api_key))
            }
            "application/json" => {
                let json = whole_body(&mut response, limits.event_bytes).await?;
                Reply::whole(&json, limits, api_key)
            }
            other => {
                let other = if other.is_empty() { "no content type" } else { other };
                let detail = format!("{other}: {}", words(&mut response).await);
                Err(ModelError::new(ModelErrorKind::NotAStream, loggable(&detail, self.key())))
            }
        }
    }

    fn key(&self) -> Option<&str> {
        self.api_key.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// Without its parameters, in lower case; empty where there is none.
fn content_type(response: &Response) -> String {
    let header =
        response.headers().get(CONTENT_TYPE).and_then(|header| header.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

async fn whole_body(response: &mut Response, limit: usize) -> Result<String, ModelError> {
    let mut body = Vec::new();
    if !read_up_to(response, limit, &mut body).await.map_err(not_answered)? {
        let detail = format!("a completion of more than {limit} bytes");
        return Err(ModelError::new(ModelErrorKind::TooLarge, detail));
    }
    String::from_utf8(body).map_err(|error| ModelError::new(ModelErrorKind::Protocol, error.to_string()))
}

/// Why there was no answer, or not the whole of it.
fn not_answered(error: reqwest::Error) -> ModelError {
    // An address may carry a password.
    let error = error.without_url();
    let kind = match () {
        () if error.is_dns() => ModelErrorKind::Dns,
        () if !error.is_connect() => ModelErrorKind::CutOff,
        () if error.is_timeout() => ModelErrorKind::ConnectTimeout,
        () if is_tls(&error) => ModelErrorKind::Tls,
        () => ModelErrorKind::Connect,
    };
    ModelError::new(kind, causes(&error))
}

/// Whether a connection stood and TLS on top of it did not: rustls tells that by the kinds of an input error.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| matches!(io.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof))
        {
            return true;
        }
        // An input error around another does not name it as its source.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_follows_any_base_url() {
        let url = |base_url| endpoint(base_url).map(|url| url.to_string());
        assert_eq!(url("http://h:1/v1"), Ok("http://h:1/v1/chat/completions".to_owned()));
        assert_eq!(url(" https://h/v1/ "), Ok("https://h/v1/chat/completions".to_owned()));
        assert_eq!(url("https://h"), Ok("https://h/chat/completions".to_owned()));
        assert_eq!(url("https://h/v1?version=2"), Ok("https://h/v1/chat/completions?version=2".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_said_so() {
        for base_url in ["", "localhost:11434/v1", "api.openai.com", "ftp://h/"] {
            assert!(matches!(endpoint(base_url), Err(InvalidConfig::BaseUrl(_))), "{base_url}");
        }
    }
}
