//! The JSON that goes out and comes in: chat completions, read with tolerance.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dialect::{Heeded, Objection};
use crate::{ChatMessage, ChatRequest, FinishReason, Usage};

/// The body of a request.
#[derive(Serialize)]
pub(crate) struct CompletionRequest<'a> {
    model: &'a str,
    messages: Vec<&'a ChatMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    stream: bool,
    stream_options: StreamOptions,
}

impl<'a> CompletionRequest<'a> {
    /// What is asked of this model, with its objections heeded.
    pub(crate) fn new(model: &'a str, request: &'a ChatRequest, heeded: Heeded) -> Self {
        let renamed = heeded.has(Objection::MaxTokens);
        Self {
            model,
            messages: request.messages.iter().filter(|message| !message.content.trim().is_empty()).collect(),
            temperature: (!heeded.has(Objection::Temperature)).then_some(request.temperature),
            max_tokens: (!renamed).then_some(request.max_tokens),
            max_completion_tokens: renamed.then_some(request.max_tokens),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
        }
    }
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// A chunk of a stream, or a whole completion, or an error object in the place of either.
#[derive(Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    // Numbers only, and not worth failing a reply for: read as far as they can be.
    #[serde(default)]
    usage: Option<Value>,
    /// Where it is there, the rest does not count.
    #[serde(default)]
    pub(crate) error: Option<Value>,
    /// `error` where the chunk itself is the error object (older vLLM).
    #[serde(borrow, default)]
    pub(crate) object: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    /// Of a stream.
    #[serde(borrow, default)]
    delta: Option<Words<'a>>,
    /// Of a whole completion.
    #[serde(borrow, default)]
    message: Option<Words<'a>>,
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Words<'a> {
    #[serde(default)]
    content: Option<Content>,
    /// The reasoning, as `DeepSeek` and llama.cpp call it.
    #[serde(borrow, default)]
    reasoning_content: Option<Cow<'a, str>>,
    /// The same, as `OpenRouter`, Ollama and vLLM call it.
    #[serde(borrow, default)]
    reasoning: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a content; those without text (images, thinking) say nothing.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

impl<'a> Chunk<'a> {
    pub(crate) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Whether there is a choice at all: a whole completion without one is none.
    pub(crate) fn has_choice(&self) -> bool {
        self.choice().is_some()
    }

    /// The text of the chunk; not empty.
    pub(crate) fn text(&self) -> Option<String> {
        let text = match self.words()?.content.as_ref()? {
            Content::Text(text) => text.clone(),
            Content::Parts(parts) => parts.iter().filter_map(|part| part.text.as_deref()).collect(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The reasoning of the chunk, which is no part of its text; not empty. Where both fields are there, one is a copy
    /// of the other for older clients.
    pub(crate) fn reasoning(&self) -> Option<&str> {
        let words = self.words()?;
        let fields = [&words.reasoning_content, &words.reasoning];
        fields.into_iter().flatten().map(AsRef::as_ref).find(|reasoning| !reasoning.is_empty())
    }

    pub(crate) fn finish_reason(&self) -> Option<FinishReason> {
        let word = self.choice()?.finish_reason.as_deref()?;
        // Some providers say an empty reason where others say null.
        (!word.is_empty()).then(|| FinishReason::parse(word))
    }

    pub(crate) fn usage(&self) -> Option<Usage> {
        let usage = self.usage.as_ref()?;
        Some(Usage {
            prompt_tokens: usage["prompt_tokens"].as_u64()?,
            completion_tokens: usage["completion_tokens"].as_u64().unwrap_or(0),
            reasoning_tokens: usage["completion_tokens_details"]["reasoning_tokens"].as_u64(),
        })
    }

    fn choice(&self) -> Option<&Choice<'a>> {
        self.choices.as_ref()?.first()
    }

    fn words(&self) -> Option<&Words<'a>> {
        let choice = self.choice()?;
        choice.delta.as_ref().or(choice.message.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(delta: &str) -> Option<String> {
        let json = format!(r#"{{"choices": [{{"delta": {delta}}}]}}"#);
        Chunk::parse(&json).unwrap().text()
    }

    #[test]
    fn content_may_be_text_parts_null_or_nothing() {
        assert_eq!(text(r#"{"content": "caf\u00e9"}"#).as_deref(), Some("caf\u{e9}"));
        let parts = r#"{"content": [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": []}, {"type": "text", "text": "b"}]}"#;
        assert_eq!(text(parts).as_deref(), Some("ab"));
        for silent in [
            r#"{"content": null}"#,
            r#"{"content": ""}"#,
            r#"{"content": []}"#,
            r#"{"role": "assistant"}"#,
            "null",
        ] {
            assert_eq!(text(silent), None, "{silent}");
        }
    }

    #[test]
    fn reasoning_goes_by_two_names_and_is_no_text() {
        let chunk = |delta: &str| format!(r#"{{"choices": [{{"delta": {delta}}}]}}"#);
        for delta in [
            r#"{"reasoning": "so \"gold\"", "content": null}"#,
            r#"{"reasoning_content": "so \"gold\"", "content": ""}"#,
            r#"{"reasoning_content": "", "reasoning": "so \"gold\""}"#,
            r#"{"reasoning_content": "so \"gold\"", "reasoning": "so \"gold\""}"#,
        ] {
            let json = chunk(delta);
            let chunk = Chunk::parse(&json).unwrap();
            assert_eq!((chunk.reasoning(), chunk.text()), (Some("so \"gold\""), None), "{delta}");
        }
        let none = chunk(r#"{"reasoning": null, "reasoning_content": ""}"#);
        assert_eq!(Chunk::parse(&none).unwrap().reasoning(), None);
    }

    #[test]
    fn reasoning_is_counted_where_the_provider_counts_it() {
        let reasoning_tokens = |details: &str| {
            let usage = format!(r#"{{"prompt_tokens": 9, "completion_tokens": 8{details}}}"#);
            let json = format!(r#"{{"choices": [], "usage": {usage}}}"#);
            Chunk::parse(&json).unwrap().usage().unwrap().reasoning_tokens
        };
        assert_eq!(reasoning_tokens(r#", "completion_tokens_details": {"reasoning_tokens": 5}"#), Some(5));
        assert_eq!(reasoning_tokens(r#", "completion_tokens_details": null"#), None);
        assert_eq!(reasoning_tokens(""), None);
    }

    #[test]
    fn odd_chunks_are_read_as_far_as_they_go() {
        for odd in ["{}", r#"{"choices": null}"#, r#"{"choices": []}"#, r#"{"choices": [{}], "usage": null}"#]
        {
            let chunk = Chunk::parse(odd).unwrap();
            assert_eq!((chunk.text(), chunk.finish_reason(), chunk.usage()), (None, None, None), "{odd}");
        }
        let odd = r#"{"choices": [{"finish_reason": ""}], "usage": {"prompt_tokens": "many"}}"#;
        let chunk = Chunk::parse(odd).unwrap();
        assert_eq!((chunk.finish_reason(), chunk.usage()), (None, None));
    }

    #[test]
    fn an_unknown_finish_reason_is_some_other_reason() {
        let chunk = Chunk::parse(r#"{"choices": [{"finish_reason": "tool_calls"}]}"#).unwrap();
        assert_eq!(chunk.finish_reason(), Some(FinishReason::Other));
    }
}
