//! What a model thinks while it answers, beside the text of the reply and no part of it.

use raconteur_persona::estimate_tokens;

/// The reasoning of a running generation, once in memory for everybody who reads it. It is not durable.
#[derive(Debug, Default)]
pub(crate) struct Reasoning {
    all: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it ends in `all`, in bytes.
    end: usize,
    /// How many bytes of the reply came before it.
    place: usize,
}

impl Reasoning {
    /// Adds what the model thought after so many bytes of the reply.
    pub(crate) fn push(&mut self, thought: &str, place: usize) {
        self.all.push_str(thought);
        self.pieces.push(Piece { end: self.all.len(), place });
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.all
    }

    /// How many tokens it was: what the provider counted, or else an estimate. None where there was none.
    pub(crate) fn tokens(&self, counted: Option<u64>) -> Option<u64> {
        // Providers that do not know the reasoning for what it is count none.
        let counted = counted.filter(|count| *count > 0);
        counted.or_else(|| (!self.all.is_empty()).then(|| estimate_tokens(&self.all) as u64))
    }

    /// How many pieces have their place within so many bytes of the reply.
    pub(crate) fn due(&self, bytes: usize) -> usize {
        self.pieces.partition_point(|piece| piece.place <= bytes)
    }

    /// The first piece whose place is behind so many bytes of the reply, or right at their end.
    pub(crate) fn first_from(&self, bytes: usize) -> usize {
        self.pieces.partition_point(|piece| piece.place < bytes)
    }

    /// How many bytes of the reply come before a piece.
    pub(crate) fn place(&self, piece: usize) -> Option<usize> {
        self.pieces.get(piece).map(|piece| piece.place)
    }

    /// The pieces from one up to another, until so many bytes have been exceeded.
    pub(crate) fn pieces(&self, from: usize, to: usize, bytes: usize) -> Vec<String> {
        let mut texts = Vec::new();
        let first = from.checked_sub(1).and_then(|last| self.pieces.get(last)).map_or(0, |last| last.end);
        let mut start = first;
        for piece in self.pieces.get(from..to).unwrap_or_default() {
            if start - first > bytes {
                break;
            }
            texts.push(self.all.get(start..piece.end).unwrap_or_default().to_owned());
            start = piece.end;
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_as_the_provider_did_or_else_by_an_estimate() {
        let mut reasoning = Reasoning::default();
        assert_eq!((reasoning.tokens(None), reasoning.tokens(Some(0))), (None, None));
        assert_eq!(reasoning.tokens(Some(50)), Some(50), "some providers count what they do not show");
        reasoning.push("So gold.", 0);
        let estimate = Some(estimate_tokens("So gold.") as u64);
        assert_eq!((reasoning.tokens(None), reasoning.tokens(Some(0))), (estimate, estimate));
        assert_eq!(reasoning.tokens(Some(50)), Some(50));
    }
}
