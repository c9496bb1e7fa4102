//! What a provider refuses of the usual request, and how it is asked instead.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

/// A part of the usual request that some models refuse, and that can be said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    /// To `max_tokens`: it is called `max_completion_tokens`.
    MaxTokens,
    /// To `temperature`: it is left out.
    Temperature,
}

impl Objection {
    const ALL: [Self; 2] = [Self::MaxTokens, Self::Temperature];

    /// The name of what is refused.
    const fn parameter(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::Temperature => "temperature",
        }
    }

    /// What the log says when it is first met.
    pub(crate) const fn remedy(self) -> &'static str {
        match self {
            Self::MaxTokens => {
                "the model wants `max_completion_tokens` for `max_tokens` and gets it from now on"
            }
            Self::Temperature => "the model takes no `temperature` and gets none from now on",
        }
    }

    /// The objection that a refusal (the body of a 400 or 422) is about, if it is about one.
    ///
    /// A value out of range is none: that is a setting to change. `OpenAI` says which parameter it is about in `param`;
    /// others say it in English alone.
    pub(crate) fn of(error: &Value) -> Option<Self> {
        let error = if error["error"].is_null() { error } else { &error["error"] };
        let message = error.as_str().or_else(|| error["message"].as_str()).unwrap_or_default();
        let message = message.to_ascii_lowercase().replace(['`', '"'], "'");
        let is_unsupported =
            matches!(error["code"].as_str(), Some("unsupported_parameter" | "unsupported_value"))
                || ["unsupported", "not supported", "not support", "use 'max_completion_tokens'"]
                    .iter()
                    .any(|phrase| message.contains(phrase));
        let is_about = |objection: &Self| match error["param"].as_str() {
            Some(parameter) => parameter == objection.parameter(),
            None => names(&message, objection.parameter()),
        };
        Self::ALL.into_iter().find(is_about).filter(|_| is_unsupported)
    }
}

/// Whether a message has this word.
fn names(message: &str, word: &str) -> bool {
    message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|found| found == word)
}

/// The objections that a request heeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heeded {
    max_tokens: bool,
    temperature: bool,
}

impl Heeded {
    pub(crate) const fn has(self, objection: Objection) -> bool {
        match objection {
            Objection::MaxTokens => self.max_tokens,
            Objection::Temperature => self.temperature,
        }
    }

    #[must_use]
    pub(crate) const fn and(mut self, objection: Objection) -> Self {
        match objection {
            Objection::MaxTokens => self.max_tokens = true,
            Objection::Temperature => self.temperature = true,
        }
        self
    }
}

/// The objections of a model, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Dialect {
    max_tokens: AtomicBool,
    temperature: AtomicBool,
}

impl Dialect {
    pub(crate) fn known(&self) -> Heeded {
        Heeded {
            max_tokens: self.max_tokens.load(Ordering::Relaxed),
            temperature: self.temperature.load(Ordering::Relaxed),
        }
    }

    /// Remembers an objection. Whether it is news.
    pub(crate) fn learn(&self, objection: Objection) -> bool {
        let known = match objection {
            Objection::MaxTokens => &self.max_tokens,
            Objection::Temperature => &self.temperature,
        };
        !known.swap(true, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objections_are_recognised_by_their_fields_or_by_their_words() {
        for (error, objection) in [
            (
                json!({ "param": "max_tokens", "code": "unsupported_parameter", "message": "No." }),
                Objection::MaxTokens,
            ),
            (
                json!({ "param": "temperature", "code": "unsupported_value", "message": "No." }),
                Objection::Temperature,
            ),
            (
                json!({ "param": "temperature", "code": "unsupported_parameter", "message": "No." }),
                Objection::Temperature,
            ),
            (
                json!({ "message": "Unsupported parameter: 'max_tokens' is not supported with this model." }),
                Objection::MaxTokens,
            ),
            (
                json!({ "message": "Use `max_completion_tokens` instead of `max_tokens`.", "code": 400 }),
                Objection::MaxTokens,
            ),
            (
                json!({ "message": "This model does not support temperature", "param": null }),
                Objection::Temperature,
            ),
            (json!("Temperature is not supported."), Objection::Temperature),
        ] {
            assert_eq!(Objection::of(&json!({ "error": error })), Some(objection), "{error}");
            assert_eq!(Objection::of(&error), Some(objection), "{error}");
        }
    }

    #[test]
    fn other_refusals_are_no_objections() {
        for error in [
            json!({ "param": "temperature", "code": "decimal_above_max_value", "message": "Expected a value <= 2." }),
            json!({ "param": "max_tokens", "code": "integer_above_max_value", "message": "This model supports at most 16384." }),
            json!({ "param": "messages[0].role", "code": "unsupported_value", "message": "'system' and temperature are not supported." }),
            json!({ "message": "max_tokens is too large: 99999." }),
            json!({ "message": "'max_tokens' or 'max_completion_tokens' is too large: 1024." }),
            json!({ "message": "'top_k' is not supported; room_temperature neither." }),
            json!({ "message": "Streaming is not supported." }),
            json!({ "detail": "Not Found" }),
            json!(null),
        ] {
            assert_eq!(Objection::of(&error), None, "{error}");
        }
    }

    #[test]
    fn an_objection_is_news_once_and_stays() {
        let dialect = Dialect::default();
        assert_eq!(dialect.known(), Heeded::default());
        assert_eq!([(); 2].map(|()| dialect.learn(Objection::Temperature)), [true, false]);
        assert_eq!(dialect.known(), Heeded::default().and(Objection::Temperature));
        assert!(!dialect.known().has(Objection::MaxTokens));
    }
}
