//! How long to wait, how often to try, how much to take.

use std::time::Duration;

/// How long to wait for a provider, how often to ask again, and how much to take from it.
///
/// ```
/// use std::time::Duration;
/// use raconteur_llm::Limits;
/// let patient = Limits { first_token: Duration::from_secs(600), ..Limits::default() };
/// assert_eq!(patient.silence, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to stand, TLS included. Default 10 s.
    pub connect: Duration,
    /// From the question to the first sign of the model (a piece of text or of reasoning), with all that comes before
    /// it: connecting, asking again, loading the model. Comments that keep a connection alive do not extend it. Default
    /// 120 s, since local models load slowly.
    pub first_token: Duration,
    /// From one packet to the next after that. Anything the provider sends counts as life, comments included, since that
    /// is what they are for. Default 60 s.
    pub silence: Duration,
    /// How often a question is asked again that failed before the first token. Default 2.
    pub retries: u32,
    /// The pause before it is asked again for the first time; each further one is twice as long. Default 500 ms.
    pub retry_pause: Duration,
    /// The longest `Retry-After` that is waited for; when a provider wants a longer pause, the failure is passed on at
    /// once, with that number. Default 20 s.
    pub longest_retry_after: Duration,
    /// The longest line and the largest event of a stream, in bytes. Default 1 MiB.
    pub event_bytes: usize,
    /// The longest reply, in bytes of text, with the reasoning that stands in it; reasoning that comes beside it may be
    /// as long once more. Against providers that do not heed `max_tokens`. Default 1 MiB.
    pub reply_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_secs(120),
            silence: Duration::from_secs(60),
            retries: 2,
            retry_pause: Duration::from_millis(500),
            longest_retry_after: Duration::from_secs(20),
            event_bytes: 1 << 20,
            reply_bytes: 1 << 20,
        }
    }
}

impl Limits {
    /// How long to pause after so many failures in a row, the last of which wanted this pause; `None` to give up.
    pub(crate) fn pause_after(&self, failures: u32, wanted: Option<Duration>) -> Option<Duration> {
        let wanted = wanted.unwrap_or_default();
        let doublings = failures.saturating_sub(1);
        let pause = self.retry_pause.saturating_mul(2_u32.saturating_pow(doublings));
        (failures <= self.retries && wanted <= self.longest_retry_after).then(|| pause.max(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(failures: u32, wanted_seconds: Option<u64>) -> Option<u128> {
        Limits::default()
            .pause_after(failures, wanted_seconds.map(Duration::from_secs))
            .map(|pause| pause.as_millis())
    }

    #[test]
    fn pauses_double_until_it_gives_up() {
        assert_eq!([1, 2, 3].map(|failures| pause(failures, None)), [Some(500), Some(1000), None]);
    }

    #[test]
    fn a_wanted_pause_is_the_shortest_one_and_has_a_limit() {
        assert_eq!(
            [0, 7, 20, 21].map(|wanted| pause(1, Some(wanted))),
            [Some(500), Some(7000), Some(20_000), None]
        );
    }
}
