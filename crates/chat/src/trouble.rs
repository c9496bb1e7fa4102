//! What a person is told when a reply fails. The provider's own words go to the log and nowhere else.

use raconteur_llm::ModelError;

use crate::live::Trouble;

/// What the API says of a model's failure.
pub(crate) fn of_model(error: &ModelError) -> Trouble {
    Trouble { code: error.code(), detail: detail(error.code()), retryable: error.retryable() }
}

/// The server ends before the reply does.
pub(crate) const INTERRUPTED: Trouble = Trouble {
    code: "interrupted",
    detail: "The server was shut down before the reply was complete. What was said so far is kept.",
    retryable: true,
};

/// Something failed that the person can do nothing about.
pub(crate) const INTERNAL: Trouble = Trouble {
    code: "internal",
    detail: "The reply could not be made. The server's log says why.",
    retryable: true,
};

fn detail(code: &str) -> &'static str {
    match code {
        "model_unreachable" => {
            "The model cannot be reached. Check that it is running and that the server's settings point to it."
        }
        "model_timeout" => "The model took too long to answer. Try again in a moment.",
        "model_rate_limited" => {
            "The model has been asked too often or its quota is used up. Wait a moment and try again."
        }
        "model_unavailable" => "The model is out of order at the moment. Try again in a moment.",
        "model_refused" => "The model refused the request. Check the server's key and model name.",
        "model_context_exceeded" => {
            "The conversation no longer fits the model. Lower the server's HISTORY_TOKENS or use a model with a longer context."
        }
        "model_too_large" => "The model said more than can be kept. What was said so far is kept.",
        "model_cut_off" => "The connection to the model broke off. What was said so far is kept; try again.",
        _ => {
            "The model's answer could not be understood. Check that the server's settings point to an OpenAI-compatible model."
        }
    }
}

#[cfg(test)]
mod tests {
    use raconteur_llm::ModelErrorKind;

    use super::*;

    #[test]
    fn nothing_of_the_providers_words_is_passed_on() {
        let error = ModelError::new(ModelErrorKind::Status(401), "Incorrect API key provided: sk-secret");
        let trouble = of_model(&error);
        assert_eq!((trouble.code, trouble.retryable), ("model_refused", false));
        assert!(!trouble.detail.contains("sk-secret") && !trouble.detail.contains("Incorrect"));
    }
}
