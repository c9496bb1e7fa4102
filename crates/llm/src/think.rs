//! Reasoning that stands in the content: `<think>…</think>`.

use crate::ChatEvent;

const OPENING: &str = "<think>";
const CLOSING: &str = "</think>";

/// Tells the reasoning in tags from the reply around it, however the provider cut the text.
///
/// An opening tag counts at the start of the reply, where blanks may come before it, and at the start of a line; the
/// closing one counts anywhere. Blanks between reasoning and the first word of the reply are dropped. Reasoning that is
/// never closed goes to the end.
///
/// A piece is held back only while its end may still become a tag, and then as a whole: pieces without a tag in them
/// come out as they went in.
#[derive(Debug, Default)]
pub(crate) struct ThinkTags {
    /// Between the tags.
    thinking: bool,
    /// Something was between tags.
    has_thought: bool,
    /// The reply has a word, and not only blanks.
    has_spoken: bool,
    /// The last character of the reply ended a line.
    after_line_end: bool,
    /// How many characters of the next tag the text ends with.
    matched: usize,
    /// The pieces that end with those characters, all of them on the same side of the tag.
    held: Vec<String>,
}

impl ThinkTags {
    /// Takes in a piece of the content and hands out what is certain by now.
    pub(crate) fn push(&mut self, piece: &str, out: &mut impl Extend<ChatEvent>) {
        let mut text = String::with_capacity(piece.len());
        for c in piece.chars() {
            if self.matched > 0 && !self.is_next_of_tag(c) {
                self.no_tag_after_all(out);
            }
            if self.is_next_of_tag(c) {
                self.matched += 1;
                text.push(c);
                if self.matched == self.tag().len() {
                    self.held.push(std::mem::take(&mut text));
                    self.cross_the_tag(out);
                }
            } else if self.keeps(c) {
                text.push(c);
            }
        }
        self.held.push(text);
        if self.matched == 0 {
            self.release(out);
        }
    }

    /// Hands out what was held back: at the end of the text it is no tag.
    pub(crate) fn finish(&mut self, out: &mut impl Extend<ChatEvent>) {
        self.matched = 0;
        self.release(out);
    }

    const fn tag(&self) -> &'static str {
        if self.thinking { CLOSING } else { OPENING }
    }

    fn is_next_of_tag(&self, c: char) -> bool {
        let may_begin = self.thinking || !self.has_spoken || self.after_line_end;
        (self.matched > 0 || may_begin) && self.tag()[self.matched..].starts_with(c)
    }

    fn no_tag_after_all(&mut self, out: &mut impl Extend<ChatEvent>) {
        self.matched = 0;
        self.release(out);
        if !self.thinking {
            self.has_spoken = true;
            self.after_line_end = false;
        }
    }

    /// What is held ends with a whole tag.
    fn cross_the_tag(&mut self, out: &mut impl Extend<ChatEvent>) {
        let mut of_tag = self.tag().len();
        for piece in self.held.iter_mut().rev() {
            let kept = piece.len().saturating_sub(of_tag);
            of_tag -= piece.len() - kept;
            piece.truncate(kept);
        }
        self.release(out);
        self.matched = 0;
        self.has_thought |= self.thinking;
        self.thinking = !self.thinking;
    }

    /// Whether a character that belongs to no tag is kept.
    fn keeps(&mut self, c: char) -> bool {
        if self.thinking {
            return true;
        }
        self.has_spoken |= !c.is_whitespace();
        self.after_line_end = c == '\n';
        self.has_spoken || !self.has_thought
    }

    fn release(&mut self, out: &mut impl Extend<ChatEvent>) {
        let event = if self.thinking { ChatEvent::Reasoning } else { ChatEvent::Delta };
        out.extend(self.held.drain(..).filter(|piece| !piece.is_empty()).map(event));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events<S: AsRef<str>>(pieces: &[S]) -> Vec<ChatEvent> {
        let (mut tags, mut out) = (ThinkTags::default(), Vec::new());
        pieces.iter().for_each(|piece| tags.push(piece.as_ref(), &mut out));
        tags.finish(&mut out);
        out
    }

    /// The reply and the reasoning, each joined.
    fn joined<S: AsRef<str>>(pieces: &[S]) -> (String, String) {
        let (mut reply, mut reasoning) = (String::new(), String::new());
        for event in events(pieces) {
            match event {
                ChatEvent::Delta(text) => reply += &text,
                ChatEvent::Reasoning(text) => reasoning += &text,
                ChatEvent::Finish { .. } => panic!("tags do not finish a reply"),
            }
        }
        (reply, reasoning)
    }

    fn told_apart(text: &str, reply: &str, reasoning: &str) {
        assert_eq!(joined(&[text]), (reply.to_owned(), reasoning.to_owned()), "{text:?}");
    }

    #[test]
    fn what_stands_between_the_tags_is_no_part_of_the_reply() {
        told_apart("<think>Gold?</think>Aye.", "Aye.", "Gold?");
        told_apart("<think>\nGold?\n</think>\n\n \tAye.\n", "Aye.\n", "\nGold?\n");
        told_apart("<think></think>Aye.", "Aye.", "");
    }

    #[test]
    fn a_tag_counts_at_the_start_of_the_reply_and_of_a_line() {
        told_apart(" \n <think>x</think>Aye.", " \n Aye.", "x");
        told_apart("Aye.\n<think>x</think>Nay.", "Aye.\nNay.", "x");
        told_apart("Aye.\r\n<think>x</think>\nNay.", "Aye.\r\n\nNay.", "x");
        told_apart("<think>x</think>\n<think>y</think>\nAye.", "Aye.", "xy");
    }

    #[test]
    fn a_tag_in_the_middle_of_a_line_is_text() {
        for text in [
            "I <think>not</think>.",
            "Aye.\n <think>x",
            "<<think>x",
            "<th<think>x",
            "a</think>b",
            "<Think>x",
            "<think >x",
        ] {
            told_apart(text, text, "");
        }
    }

    #[test]
    fn tags_inside_reasoning_are_reasoning() {
        told_apart("<think>a <think> b\n<think></think>Aye.", "Aye.", "a <think> b\n<think>");
        told_apart("<think>a</thin</think>Aye.", "Aye.", "a</thin");
        told_apart("<think>a<</think>Aye.", "Aye.", "a<");
    }

    #[test]
    fn reasoning_that_is_never_closed_goes_to_the_end() {
        told_apart("<think>Gold?\n\nOr", "", "Gold?\n\nOr");
        told_apart("<think>Gold?</thin", "", "Gold?</thin");
    }

    #[test]
    fn what_never_became_a_tag_is_text() {
        assert_eq!(events(&["<", "thi"]), ["<", "thi"].map(|text| ChatEvent::Delta(text.to_owned())));
    }

    #[test]
    fn a_piece_is_held_back_only_while_its_end_may_become_a_tag() {
        let (mut tags, mut out) = (ThinkTags::default(), Vec::new());
        let mut seen = |piece: &str| {
            tags.push(piece, &mut out);
            out.len()
        };
        assert_eq!(
            ["Aye", ".\n<", "thi", "s>", "\n", "<think>", "x", "<", "/", "y"].map(&mut seen),
            [1, 1, 1, 4, 5, 5, 6, 6, 6, 9]
        );
    }

    /// Pieces of which texts with many tags and half tags are made.
    fn fragments() -> impl Strategy<Value = Vec<&'static str>> {
        let fragment = prop::sample::select(vec![
            "<think>", "</think>", "<", "/", "th", "ink>", "</", "\n", " ", "a", "é", "Aye. ",
        ]);
        prop::collection::vec(fragment, 0..24)
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_reply_and_reasoning(fragments in fragments(), cuts in prop::collection::vec(1..9_usize, 1..9)) {
            let text = fragments.concat();
            let mut rest: Vec<char> = text.chars().collect();
            let mut pieces = Vec::new();
            for length in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                pieces.push(rest.drain(..rest.len().min(*length)).collect::<String>());
            }
            prop_assert_eq!(joined(&pieces), joined(&[text]));
        }

        #[test]
        fn text_without_tags_passes_piece_by_piece(fragments in fragments()) {
            let pieces: Vec<_> = fragments.into_iter().filter(|fragment| *fragment != OPENING).collect();
            // Put together of other fragments.
            prop_assume!(!pieces.concat().contains(OPENING));
            let unchanged: Vec<_> = pieces.iter().map(|text| ChatEvent::Delta((*text).to_owned())).collect();
            prop_assert_eq!(events(&pieces), unchanged);
        }

        #[test]
        fn nothing_but_tags_and_blanks_is_lost(fragments in fragments()) {
            let (reply, reasoning) = joined(&fragments);
            let left = |text: &str| text.matches(['a', 'é', 'A', 'y', 'e', '.']).count();
            prop_assert_eq!(left(&reply) + left(&reasoning), left(&fragments.concat()));
        }
    }
}
