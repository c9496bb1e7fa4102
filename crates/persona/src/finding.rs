//! Which entries go into a prompt, and why the others do not.

use crate::explanation::{Candidate, Mode, Outcome};
use crate::knowledge::Entry;
use crate::persona::Persona;
use crate::prompt::Asked;
use crate::retrieval::{Hit, Limits, Question};
use crate::room::Room;
use crate::sections::told;
use crate::tokens::Estimate;

/// How many candidates an explanation lists.
const CANDIDATES: usize = 10;

/// What the words around an entry cost: the heading, blank lines.
const FRAME: usize = 8;

/// What an entry beside the best one has to score, compared with that.
const NEAR: f64 = 0.6;

/// The entries that matched, and what became of each.
pub(crate) struct Found<'a>(Vec<(Hit<'a>, Outcome)>);

impl<'a> Found<'a> {
    /// The entries that are used, best first.
    pub(crate) fn used(&self) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(|(_, outcome)| *outcome == Outcome::Used).map(|(hit, _)| hit.entry)
    }

    /// Whether there was no room for one.
    pub(crate) fn lacks_room(&self) -> bool {
        self.0.iter().any(|(_, outcome)| *outcome == Outcome::NoRoom)
    }

    /// Every entry that matched well enough, best first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(|(_, outcome)| *outcome != Outcome::BelowMinScore).map(|(hit, _)| hit.entry)
    }

    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        self.0.iter().take(CANDIDATES).map(|(hit, outcome)| candidate(hit, *outcome)).collect()
    }
}

fn candidate(hit: &Hit<'_>, outcome: Outcome) -> Candidate {
    Candidate { id: hit.entry.id.clone(), score: hit.score, matched: hit.matched.clone(), outcome }
}

impl Persona {
    /// The entries that a question is about, best first, at most so many, whatever the style's `top_k`. `earlier` is what
    /// was said before it, the latest last.
    ///
    /// An entry's outcome tells whether a prompt for the question would use it.
    ///
    /// ```
    /// use raconteur_persona::{Files, Persona};
    ///
    /// let kb = br#"{"id": "bell", "summary": "The drowned bell rings before a storm.", "tags": ["bell"]}"#;
    /// let wren = Persona::from_files("wren", Files { kb_jsonl: Some(kb), ..Files::default() }).persona;
    /// assert_eq!(wren.search("Why do the bells ring?", &[], 5)[0].id, "bell");
    /// assert_eq!(wren.search("And then what?", &["I heard a bell."], 5)[0].id, "bell");
    /// ```
    #[must_use]
    pub fn search(&self, question: &str, earlier: &[&str], limit: usize) -> Vec<Candidate> {
        let question = Question { text: question, earlier };
        let room = Room::unlimited(&Estimate::PLAIN);
        let found = self.found(question, Mode::InCharacter, limit.max(CANDIDATES), &room);
        found.0.iter().take(limit).map(|(hit, outcome)| candidate(hit, *outcome)).collect()
    }

    /// What is found for a request, as far as there is room for it.
    pub(crate) fn find(&self, asked: &Asked<'_>, room: &Room<'_>) -> Found<'_> {
        let earlier: Vec<&str> = asked.history.iter().map(|turn| turn.text.as_str()).collect();
        let question = Question { text: asked.query, earlier: &earlier };
        let limit = self.style.retrieval.top_k().max(CANDIDATES);
        self.found(question, asked.mode, limit, room)
    }

    fn found(&self, question: Question<'_>, mode: Mode, limit: usize, room: &Room<'_>) -> Found<'_> {
        let hits = self.knowledge.search(question, &self.style.retrieval, limit);
        Found(judge(hits, &self.style.retrieval.limits(), mode, room))
    }
}

/// Decides about each, best first.
fn judge<'a>(hits: Vec<Hit<'a>>, limits: &Limits, mode: Mode, room: &Room<'_>) -> Vec<(Hit<'a>, Outcome)> {
    let best = hits.first().map_or(0.0, |hit| hit.score);
    let (mut used, mut tokens) = (0, 0);
    let judged = hits.into_iter().map(|hit| {
        let costs = tokens + room.count(&told(mode, hit.entry)) + FRAME;
        let outcome = match () {
            () if hit.score < limits.min_score => Outcome::BelowMinScore,
            () if used >= limits.top_k => Outcome::BeyondTopK,
            () if hit.score < best * NEAR => Outcome::FarBehind,
            () if costs > limits.token_budget => Outcome::OverTokenBudget,
            () if costs > room.left() => Outcome::NoRoom,
            () => Outcome::Used,
        };
        if outcome == Outcome::Used {
            (used, tokens) = (used + 1, costs);
        }
        (hit, outcome)
    });
    judged.collect()
}
