//! The room that a prompt has, and who takes how much of it.

use crate::prompt::Turn;
use crate::tokens::{MESSAGE_OVERHEAD, TokenCounter};

/// What stands between two sections.
pub(crate) const BETWEEN: &str = "\n\n";

/// What is left of a budget.
pub(crate) struct Room<'a> {
    left: usize,
    counter: &'a dyn TokenCounter,
}

impl<'a> Room<'a> {
    /// What is left of `available` tokens once `fixed` are taken; `None` where they are not there.
    pub(crate) fn new(available: usize, fixed: usize, counter: &'a dyn TokenCounter) -> Option<Self> {
        Some(Self { left: available.checked_sub(fixed)?, counter })
    }

    /// As much as anybody wants.
    pub(crate) const fn unlimited(counter: &'a dyn TokenCounter) -> Self {
        Self { left: usize::MAX, counter }
    }

    /// How many tokens are left.
    pub(crate) const fn left(&self) -> usize {
        self.left
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        self.counter.count(text)
    }

    /// The text, if it fits, and what it takes.
    pub(crate) fn take(&mut self, text: String, tokens: &mut usize) -> Option<String> {
        let cost = self.counter.count(&text) + self.counter.count(BETWEEN);
        self.spend(cost, tokens).then_some(text).filter(|text| !text.is_empty())
    }

    /// The same for a text that is a message of its own.
    pub(crate) fn take_message(&mut self, text: String, tokens: &mut usize) -> Option<String> {
        let cost = self.counter.count(&text) + MESSAGE_OVERHEAD;
        self.spend(cost, tokens).then_some(text)
    }

    /// Takes so many tokens, if they are there.
    pub(crate) fn spend(&mut self, cost: usize, tokens: &mut usize) -> bool {
        let fits = cost <= self.left;
        if fits {
            self.left -= cost;
            *tokens += cost;
        } else {
            self.close();
        }
        fits
    }

    /// Leaves no room for anybody who comes later: what matters less does not take the place of what matters more.
    pub(crate) const fn close(&mut self) {
        self.left = 0;
    }

    /// The newest turns that fit, whole and without a gap.
    pub(crate) fn newest_that_fit<'t, 'u>(
        &mut self,
        turns: &'t [&'u Turn],
        at_most: usize,
        tokens: &mut usize,
    ) -> &'t [&'u Turn] {
        let mut first = turns.len();
        for (index, turn) in turns.iter().enumerate().rev() {
            let cost = self.counter.count(&turn.text) + MESSAGE_OVERHEAD;
            if *tokens + cost > at_most || !self.spend(cost, tokens) {
                break;
            }
            first = index;
        }
        turns.get(first..).unwrap_or_default()
    }
}

/// As much of a text as fits, up to the end of a sentence or line; nothing of it where not even its first one does.
pub(crate) fn whole_sentences(text: &str, tokens: usize, counter: &dyn TokenCounter) -> String {
    if counter.count(text) <= tokens {
        return text.to_owned();
    }
    let ends: Vec<usize> = ends_of_sentences(text);
    let fitting =
        ends.partition_point(|end| text.get(..*end).is_some_and(|part| counter.count(part) <= tokens));
    let end = fitting.checked_sub(1).and_then(|last| ends.get(last).copied()).unwrap_or(0);
    text.get(..end).unwrap_or_default().trim_end().to_owned()
}

/// Where sentences and lines end: behind a full stop and its like that a blank follows, in front of a line break, and
/// behind the full stops of Chinese and Japanese.
fn ends_of_sentences(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let end = match c {
            '\n' => Some(at),
            '。' | '！' | '？' => Some(at + c.len_utf8()),
            '.' | '!' | '?' | '"' | '”' if next.is_none_or(char::is_whitespace) => Some(at + c.len_utf8()),
            _ => None,
        };
        ends.extend(end);
    }
    ends
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tokens::Estimate;

    /// A token for each character.
    struct Characters;

    impl TokenCounter for Characters {
        fn count(&self, text: &str) -> usize {
            text.chars().count()
        }
    }

    #[test]
    fn a_text_is_cut_behind_its_last_sentence_that_fits() {
        for (tokens, expected) in [
            (100, "One. Two! Is 3.5 three?\nFour 五。六"),
            (24, "One. Two! Is 3.5 three?"),
            (22, "One. Two!"),
            (5, "One."),
            (3, ""),
        ] {
            assert_eq!(
                whole_sentences("One. Two! Is 3.5 three?\nFour 五。六", tokens, &Characters),
                expected
            );
        }
        assert_eq!(whole_sentences("五。六", 2, &Characters), "五。");
    }

    proptest! {
        #[test]
        fn what_is_cut_is_a_beginning_that_fits(text in "([a-c ]|[.!?\n。]){0,80}", tokens in 0_usize..40) {
            let cut = whole_sentences(&text, tokens, &Estimate::default());
            prop_assert!(text.starts_with(&cut));
            prop_assert!(Estimate::default().count(&cut) <= tokens);
        }
    }
}
