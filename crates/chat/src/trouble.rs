//! What a person is told when a reply fails. The provider's own words go to the log and nowhere else.

use raconteur_llm::{ModelError, ModelErrorCode, ModelErrorKind};

/// What went wrong with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it is called, and what a person is told of it.
    pub code: TroubleCode,
    /// Whether trying again may help.
    pub retryable: bool,
}

/// What the ways in which a reply fails are called: words that stay the same over versions, listed in docs/ERRORS.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleCode {
    /// The model failed.
    Model(ModelErrorCode),
    /// The server ended before the reply did.
    Interrupted,
    /// Something failed that the person can do nothing about.
    Internal,
}

/// The server ends before the reply does.
pub(crate) const INTERRUPTED: Trouble = Trouble { code: TroubleCode::Interrupted, retryable: true };

/// Something failed that the person can do nothing about.
pub(crate) const INTERNAL: Trouble = Trouble { code: TroubleCode::Internal, retryable: true };

/// What the API says of a model's failure.
pub(crate) fn of_model(error: &ModelError) -> Trouble {
    Trouble { code: TroubleCode::Model(error.code()), retryable: error.retryable() }
}

impl Trouble {
    /// The trouble of this code, as it was kept. Whether trying again may help is not kept: where it depended on more
    /// than the code, it may.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        Self::all().into_iter().find(|trouble| trouble.code.as_str() == code)
    }

    /// Everything that a person can be told: each code together, with every answer to whether trying again may help.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for code in ModelErrorCode::ALL {
            for retryable in [true, false] {
                let is_it = |kind: &ModelErrorKind| kind.code() == *code && kind.retryable() == retryable;
                if ModelErrorKind::ALL.iter().any(is_it) {
                    all.push(Self { code: TroubleCode::Model(*code), retryable });
                }
            }
        }
        all.extend([INTERRUPTED, INTERNAL]);
        all
    }
}

impl TroubleCode {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model(code) => code.as_str(),
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }

    /// What happened, and what to do.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        use ModelErrorCode as Code;
        match self {
            Self::Model(Code::Unreachable) => {
                "The model cannot be reached. Check that it is running and that the server's settings point to it."
            }
            Self::Model(Code::Timeout) => "The model took too long to answer. Try again in a moment.",
            Self::Model(Code::RateLimited) => {
                "The model has been asked too often or its quota is used up. Wait a moment and try again."
            }
            Self::Model(Code::Unavailable) => {
                "The model is out of order at the moment. Try again in a moment."
            }
            Self::Model(Code::Refused) => {
                "The model refused the request. Check the server's key and model name."
            }
            Self::Model(Code::ContextExceeded) => {
                "The prompt does not fit the model, even with half of the conversation left out. Send less, lower the server's HISTORY_TOKENS or use a model with a longer context."
            }
            Self::Model(Code::Protocol) => {
                "The model's answer could not be understood. Check that the server's settings point to an OpenAI-compatible model."
            }
            Self::Model(Code::TooLarge) => {
                "The model said more than can be kept. What was said so far is kept."
            }
            Self::Model(Code::CutOff) => {
                "The connection to the model broke off. What was said so far is kept; try again."
            }
            Self::Interrupted => {
                "The server was shut down before the reply was complete. What was said so far is kept."
            }
            Self::Internal => "The reply could not be made. The server's log says why.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_providers_words_is_passed_on() {
        let error = ModelError::new(ModelErrorKind::Status(401), "Incorrect API key provided: sk-secret");
        let trouble = of_model(&error);
        assert_eq!((trouble.code.as_str(), trouble.retryable), ("model_refused", false));
        let detail = trouble.code.detail();
        assert!(!detail.contains("sk-secret") && !detail.contains("Incorrect"));
    }
}
