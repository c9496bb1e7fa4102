//! How the estimate of tokens learns from the model: every tokenizer cuts texts in its own way, and the model alone knows.

use std::sync::atomic::{AtomicU64, Ordering};

use raconteur_domain::Usage;
use raconteur_llm::ChatModel;
use raconteur_persona::Estimate;

/// The shortest prompt that something is learned from, in tokens: what a provider adds to every prompt weighs little there.
const ENOUGH: usize = 200;

/// How much more than was reported is reckoned with, and how much of a lower report is believed at once.
const CAUTION: f64 = 1.05;
const PATIENCE: f64 = 0.1;

/// By how much the estimate has to be corrected, for each model that a server has.
#[derive(Debug)]
pub(crate) struct Calibration(Vec<(String, Factor)>);

impl Calibration {
    /// Nothing is known yet of any of the models.
    pub(crate) fn new(model: &dyn ChatModel) -> Self {
        let names = std::iter::once(model.name()).chain(model.others().iter().map(String::as_str));
        Self(names.map(|name| (name.to_owned(), Factor::default())).collect())
    }

    /// Counts for this model as is known by now.
    pub(crate) fn counter(&self, model: &str) -> Estimate {
        self.factor(model).map_or(Estimate::PLAIN, |factor| Estimate::corrected(factor.value()))
    }

    /// Takes in what this model counted for a prompt of so many tokens by the plain estimate.
    pub(crate) fn learn(&self, model: &str, estimate: usize, reported: Option<Usage>) {
        if let Some(factor) = self.factor(model) {
            factor.learn(estimate, reported);
        }
    }

    fn factor(&self, model: &str) -> Option<&Factor> {
        self.0.iter().find(|(name, _)| name == model).map(|(_, factor)| factor)
    }
}

/// By how much the estimate has to be corrected for a model: the bits of an `f64`.
#[derive(Debug)]
struct Factor(AtomicU64);

impl Default for Factor {
    fn default() -> Self {
        Self(AtomicU64::new(1_f64.to_bits()))
    }
}

impl Factor {
    /// A model that counts more is believed at once, one that counts less little by little, for a prompt that is too long
    /// fails.
    #[expect(clippy::cast_precision_loss, reason = "no prompt has 2^52 tokens")]
    fn learn(&self, estimate: usize, reported: Option<Usage>) {
        let Some(reported) = reported.map(|usage| usage.prompt_tokens).filter(|tokens| *tokens > 0) else {
            return;
        };
        if estimate < ENOUGH {
            return;
        }
        let (known, seen) = (self.value(), reported as f64 / estimate as f64 * CAUTION);
        let factor = if seen > known { seen } else { known + (seen - known) * PATIENCE };
        // Of two replies that end at once one is not learned from, which does no harm.
        self.0.store(factor.clamp(0.5, 4.0).to_bits(), Ordering::Relaxed);
    }

    fn value(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use raconteur_persona::TokenCounter as _;

    use super::*;

    fn counter(factor: &Factor) -> Estimate {
        Estimate::corrected(factor.value())
    }

    fn reported(prompt_tokens: u64) -> Option<Usage> {
        Some(Usage { prompt_tokens, completion_tokens: 1 })
    }

    #[test]
    fn a_model_that_counts_more_is_believed_at_once() {
        let factor = Factor::default();
        factor.learn(1_000, reported(2_000));
        assert_eq!(counter(&factor), Estimate::corrected(2.1));
    }

    #[test]
    fn a_model_that_counts_less_is_believed_little_by_little() {
        let factor = Factor::default();
        factor.learn(1_000, reported(700));
        let first = counter(&factor).count(&"word ".repeat(1_000));
        assert!((900..1_000).contains(&first), "{first}");
        for _ in 0..100 {
            factor.learn(1_000, reported(700));
        }
        let then = counter(&factor).count(&"word ".repeat(1_000));
        assert!((730..745).contains(&then), "{then}");
    }

    #[test]
    fn nothing_is_learned_from_a_short_prompt_or_a_silent_provider_and_nonsense_is_bounded() {
        let factor = Factor::default();
        factor.learn(50, reported(500));
        factor.learn(1_000, None);
        factor.learn(1_000, reported(0));
        assert_eq!(counter(&factor), Estimate::PLAIN);
        factor.learn(1_000, reported(u64::MAX));
        assert_eq!(counter(&factor), Estimate::corrected(4.0));
    }
}
