//! The JSON that goes out and comes in: chat completions, read with tolerance.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ChatMessage, FinishReason, Usage};

/// The body of a request.
#[derive(Serialize)]
pub(crate) struct CompletionRequest<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: Vec<&'a ChatMessage>,
    pub(crate) temperature: f32,
    pub(crate) max_tokens: u32,
    pub(crate) stream: bool,
    pub(crate) stream_options: StreamOptions,
}

#[derive(Serialize)]
pub(crate) struct StreamOptions {
    pub(crate) include_usage: bool,
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
    /// Thinking aloud, as `DeepSeek` and llama.cpp call it.
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

    /// Whether the model thinks aloud, which is a sign of life and no part of the reply.
    pub(crate) fn thinks(&self) -> bool {
        let thoughts = self.words().map(|words| [&words.reasoning_content, &words.reasoning]);
        thoughts.is_some_and(|thoughts| thoughts.into_iter().flatten().any(|thought| !thought.is_empty()))
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
    fn thinking_is_noticed_and_is_no_text() {
        for field in ["reasoning", "reasoning_content"] {
            let json =
                format!(r#"{{"choices": [{{"delta": {{"{field}": "so \"gold\"", "content": null}}}}]}}"#);
            let chunk = Chunk::parse(&json).unwrap();
            assert_eq!((chunk.thinks(), chunk.text()), (true, None), "{field}");
        }
        assert!(
            !Chunk::parse(r#"{"choices": [{"delta": {"reasoning": null, "reasoning_content": ""}}]}"#)
                .unwrap()
                .thinks()
        );
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
