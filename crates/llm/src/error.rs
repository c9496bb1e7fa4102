//! What can go wrong with a model, and what may be done about it.

use std::fmt;
use std::time::Duration;

/// A reply that could not be had, or not whole.
///
/// Its display is for logs: it has the provider's words in it (bounded, on one line, without the key). What a person is
/// told depends on [`code`](Self::code) and is said elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}{detail}", if detail.is_empty() { "" } else { ": " })]
pub struct ModelError {
    kind: ModelErrorKind,
    detail: String,
    retry_after: Option<Duration>,
}

/// The ways in which a model fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelErrorKind {
    /// Nobody answers at the address, or not at that port.
    Connect,
    /// The host has no address.
    Dns,
    /// No trust, or no TLS, at an `https` address.
    Tls,
    /// No connection within [`Limits::connect`](crate::Limits::connect).
    ConnectTimeout,
    /// No sign of the model within [`Limits::first_token`](crate::Limits::first_token).
    FirstTokenTimeout,
    /// Nothing for [`Limits::silence`](crate::Limits::silence) in the middle of a reply.
    Silence,
    /// Refused with this HTTP status (3xx, 4xx or 5xx), in the answer's head or in an error object that names one.
    Status(u16),
    /// The prompt is longer than the model's context.
    ContextExceeded,
    /// An error object in the stream that says no more about itself.
    Reported,
    /// An answer of another content type than an event stream or JSON.
    NotAStream,
    /// Bytes that are no event stream, or events that are no chunks of a completion.
    Protocol,
    /// An event beyond [`Limits::event_bytes`](crate::Limits::event_bytes), or a reply beyond
    /// [`Limits::reply_bytes`](crate::Limits::reply_bytes).
    TooLarge,
    /// The connection closed before the reply was whole.
    CutOff,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What the ways of failing are called: words that stay the same over versions, as the table in the README
        /// lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ModelErrorCode {
            $($(#[$doc])* $variant,)*
        }

        impl ModelErrorCode {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

codes! {
    /// There is no way to the model.
    Unreachable = "model_unreachable",
    /// The model took too long.
    Timeout = "model_timeout",
    /// The model has been asked too often, or its quota is used up.
    RateLimited = "model_rate_limited",
    /// The model is out of order.
    Unavailable = "model_unavailable",
    /// The model does not take the request.
    Refused = "model_refused",
    /// The prompt is longer than the model's context.
    ContextExceeded = "model_context_exceeded",
    /// The answer is none that a model gives.
    Protocol = "model_protocol",
    /// The answer is larger than is let through.
    TooLarge = "model_too_large",
    /// The connection broke off.
    CutOff = "model_cut_off",
}

impl ModelError {
    /// An error with a detail for the log, which has to be free of secrets.
    pub fn new(kind: ModelErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None }
    }

    /// Adds how long the provider wants to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// In which way it failed.
    #[must_use]
    pub const fn kind(&self) -> ModelErrorKind {
        self.kind
    }

    /// The provider's or the system's words, for the log alone.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// How long the provider wants to be left alone, where it said so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What this failure is called.
    #[must_use]
    pub const fn code(&self) -> ModelErrorCode {
        self.kind.code()
    }

    /// Whether the same question may well be answered if it is asked again.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        self.kind.retryable()
    }
}

impl ModelErrorKind {
    /// Each way once, and one status of every range that is told apart.
    pub const ALL: [Self; 17] = [
        Self::Connect,
        Self::Dns,
        Self::Tls,
        Self::ConnectTimeout,
        Self::FirstTokenTimeout,
        Self::Silence,
        Self::Status(302),
        Self::Status(400),
        Self::Status(408),
        Self::Status(429),
        Self::Status(503),
        Self::ContextExceeded,
        Self::Reported,
        Self::NotAStream,
        Self::Protocol,
        Self::TooLarge,
        Self::CutOff,
    ];

    /// What it is called.
    #[must_use]
    pub const fn code(self) -> ModelErrorCode {
        use ModelErrorCode as Code;
        match self {
            Self::Connect | Self::Dns | Self::Tls | Self::ConnectTimeout => Code::Unreachable,
            Self::FirstTokenTimeout | Self::Silence | Self::Status(408) => Code::Timeout,
            Self::Status(429) => Code::RateLimited,
            Self::Status(500..=599) | Self::Reported => Code::Unavailable,
            Self::Status(400..=499) => Code::Refused,
            Self::ContextExceeded => Code::ContextExceeded,
            Self::Status(_) | Self::NotAStream | Self::Protocol => Code::Protocol,
            Self::TooLarge => Code::TooLarge,
            Self::CutOff => Code::CutOff,
        }
    }

    /// Whether the same question may well be answered if it is asked again.
    #[must_use]
    pub const fn retryable(self) -> bool {
        match self {
            Self::FirstTokenTimeout | Self::Silence | Self::Status(408) | Self::Reported => true,
            _ => self.is_transient(),
        }
    }

    /// Whether the model itself may ask again by itself, before the first token: not after a long wait, which a person would
    /// have to go through again, and not after a failure that asking again does not mend.
    pub(crate) const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::Dns | Self::ConnectTimeout | Self::CutOff | Self::Status(429 | 500..=599)
        )
    }
}

impl fmt::Display for ModelErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "cannot connect to the model",
            Self::Dns => "the model's host has no address",
            Self::Tls => "no TLS with the model's host",
            Self::ConnectTimeout => "connecting to the model took too long",
            Self::FirstTokenTimeout => "the first token took too long",
            Self::Silence => "the model fell silent",
            Self::Status(status) => return write!(f, "the model answered with status {status}"),
            Self::ContextExceeded => "the prompt is longer than the model's context",
            Self::Reported => "the model reported an error",
            Self::NotAStream => "the model's answer is not an event stream",
            Self::Protocol => "the model's answer cannot be read",
            Self::TooLarge => "the model's answer is too large",
            Self::CutOff => "the model's answer was cut off",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_that_of_some_failure() {
        for code in ModelErrorCode::ALL {
            assert!(ModelErrorKind::ALL.iter().any(|kind| kind.code() == *code), "{code:?}");
        }
    }
}
