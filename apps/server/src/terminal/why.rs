//! Why an answer is as it is, in lines.

use std::fmt::Write as _;

use raconteur_domain::Generation;
use raconteur_persona::{Candidate, Explanation, Field, Mode, Outcome as Fate, Section};

use super::text::one_line;

/// Everything that is known of how an answer came about. `took_ms` is how long it took as a whole, where somebody
/// watched; the explanation is JSON, as it is kept.
pub(super) fn tell(generation: &Generation, took_ms: Option<u64>, explanation: Option<&str>) -> String {
    let mut out = String::new();
    tell_run(&mut out, generation, took_ms);
    match explanation.map(serde_json::from_str::<Explanation>) {
        Some(Ok(explanation)) => tell_prompt(&mut out, &explanation),
        Some(Err(_)) => line(&mut out, "prompt", "its explanation is of another version of this program"),
        None => line(&mut out, "prompt", "no explanation is kept: it ended before it was explained"),
    }
    out
}

fn tell_run(out: &mut String, generation: &Generation, took_ms: Option<u64>) {
    let outcome = &generation.outcome;
    line(out, "model", &one_line(&generation.model));
    let words = [outcome.finish_reason.as_deref(), outcome.error_code.as_deref()];
    let words: Vec<String> = words.into_iter().flatten().map(one_line).collect();
    let about = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
    line(out, "status", &format!("{}{about}", generation.status));
    let first = outcome.ttft_ms.map(|ms| format!("first word after {ms} ms"));
    let whole = took_ms.map(|ms| format!("ended after {ms} ms"));
    let times: Vec<String> = [first, whole].into_iter().flatten().collect();
    line(out, "time", &if times.is_empty() { "not known".to_owned() } else { times.join(", ") });
    let usage = outcome.usage.map_or_else(
        || "not counted by the model".to_owned(),
        |usage| format!("{} tokens sent, {} came back", usage.prompt_tokens, usage.completion_tokens),
    );
    line(out, "usage", &usage);
}

/// Tells why a prompt is as it is, line by line.
pub fn tell_prompt(out: &mut String, explanation: &Explanation) {
    let who = match explanation.mode {
        Mode::InCharacter => "in character",
        Mode::OutOfCharacter => "out of character: the narrator",
    };
    let persona = format!("{}, {who} (version {})", explanation.persona, explanation.version);
    line(out, "persona", &one_line(&persona));
    line(out, "looked for", &one_line(&explanation.query));
    if explanation.candidates.is_empty() {
        line(out, "knowledge", "nothing that it knows matched");
    }
    for (place, candidate) in explanation.candidates.iter().enumerate() {
        line(out, if place == 0 { "knowledge" } else { "" }, &tell_candidate(candidate));
    }
    for entry in &explanation.lore {
        let name = if entry.name.is_empty() { &entry.id } else { &entry.name };
        line(out, "lore", &one_line(&format!("{name} by {}: {}", entry.matched.join(", "), entry.outcome)));
    }
    let tokens = &explanation.tokens;
    line(
        out,
        "tokens",
        &format!(
            "system {}, knowledge {}, examples {}, instructions {}, history {} of {}, prompt {}; {} of {} in all, by \
             our own estimate",
            tokens.system,
            tokens.knowledge,
            tokens.examples,
            tokens.instructions,
            tokens.history,
            explanation.budget.history,
            tokens.prompt,
            tokens.total(),
            explanation.budget.prompt()
        ),
    );
    if explanation.history_dropped > 0 {
        let dropped = format!(
            "the {} oldest turns did not fit (HISTORY_TOKENS, CONTEXT_TOKENS)",
            explanation.history_dropped
        );
        line(out, "left out", &dropped);
    }
    if explanation.examples_dropped > 0 {
        let dropped =
            format!("{} of its examples did not fit (CONTEXT_TOKENS)", explanation.examples_dropped);
        line(out, "left out", &dropped);
    }
    for section in &explanation.left_out {
        let what = match section {
            Section::User => "what the person tells of themselves did not fit",
            Section::Summary => "the summary of what happened before did not fit",
            Section::Note => "the author's note did not fit",
            Section::System => "the end of the system prompt did not fit",
        };
        line(out, "left out", &format!("{what} (CONTEXT_TOKENS)"));
    }
}

/// Tells of an entry that matched, and what became of it, in one line.
#[must_use]
pub fn tell_candidate(candidate: &Candidate) -> String {
    let matched: Vec<String> = candidate
        .matched
        .iter()
        .map(|matched| {
            let field = match matched.field {
                Field::Tag => "tag",
                Field::Alias => "alias",
                Field::Entity => "name",
                Field::Summary => "summary",
                Field::Line => "line",
                Field::Notes => "notes",
            };
            format!("{} ({field})", matched.word)
        })
        .collect();
    let fate = match candidate.outcome {
        Fate::Used => "used",
        Fate::BelowMinScore => "dropped, for it scored too low (min_score)",
        Fate::FarBehind => "dropped, for it is far behind the best",
        Fate::BeyondTopK => "dropped, for better ones are enough (top_k)",
        Fate::OverTokenBudget => "dropped, for the better ones took the room (token_budget)",
        Fate::NoRoom => "dropped, for the prompt had no room (CONTEXT_TOKENS)",
    };
    one_line(&format!("{} scored {:.2} by {}: {fate}", candidate.id, candidate.score, matched.join(", ")))
}

fn line(out: &mut String, label: &str, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {label:<11} {text}");
}

#[cfg(test)]
mod tests {
    use raconteur_domain::{
        ConversationId, Entropy, GenerationId, MessageId, Outcome, Status, Timestamp, Usage, UserId,
    };
    use raconteur_persona::{Budget, Match, SectionTokens};

    use super::*;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    fn generation(status: Status, outcome: Outcome) -> Generation {
        let now = Timestamp::from_micros(0);
        Generation {
            id: GenerationId::new(now, &Zeros),
            owner_id: UserId::new(now, &Zeros),
            conversation_id: ConversationId::new(now, &Zeros),
            message_id: MessageId::new(now, &Zeros),
            model: "llama3.1".to_owned(),
            status,
            created_at: now,
            outcome,
        }
    }

    fn candidate(id: &str, score: f64, word: &str, field: Field, outcome: Fate) -> Candidate {
        let matched = vec![Match { word: word.to_owned(), field }];
        Candidate { id: id.to_owned(), score, matched, outcome }
    }

    fn explanation(query: &str, candidates: Vec<Candidate>) -> String {
        let explanation = Explanation {
            persona: "wren".to_owned(),
            version: "59a7361b1511e38a".to_owned(),
            mode: Mode::InCharacter,
            query: query.to_owned(),
            used: candidates.iter().take(1).map(|candidate| candidate.id.clone()).collect(),
            candidates,
            lore: Vec::new(),
            history_dropped: 3,
            examples_dropped: 0,
            left_out: Vec::new(),
            budget: Budget::default(),
            tokens: SectionTokens {
                system: 60,
                knowledge: 22,
                instructions: 82,
                history: 5_990,
                prompt: 13,
                ..SectionTokens::default()
            },
        };
        serde_json::to_string(&explanation).unwrap()
    }

    #[test]
    fn an_answer_is_told_with_its_run_its_knowledge_and_its_tokens() {
        let outcome = Outcome {
            finish_reason: Some("stop".to_owned()),
            usage: Some(Usage { prompt_tokens: 41, completion_tokens: 3 }),
            ttft_ms: Some(4),
            ..Outcome::default()
        };
        let candidates = vec![
            candidate("bell", 3.0, "bell", Field::Tag, Fate::Used),
            candidate("storm", 0.5, "storm", Field::Summary, Fate::FarBehind),
        ];
        let explanation = explanation("Does the bell ring in a storm?", candidates);
        let told = tell(&generation(Status::Complete, outcome), Some(88), Some(&explanation));
        insta::assert_snapshot!(told, @r"
          model       llama3.1
          status      complete (stop)
          time        first word after 4 ms, ended after 88 ms
          usage       41 tokens sent, 3 came back
          persona     wren, in character (version 59a7361b1511e38a)
          looked for  Does the bell ring in a storm?
          knowledge   bell scored 3.00 by bell (tag): used
                      storm scored 0.50 by storm (summary): dropped, for it is far behind the best
          tokens      system 60, knowledge 22, examples 0, instructions 82, history 5990 of 6000, prompt 13; 6167 of 126976 in all, by our own estimate
          left out    the 3 oldest turns did not fit (HISTORY_TOKENS, CONTEXT_TOKENS)
        ");
    }

    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        let told = tell(
            &generation(Status::Complete, Outcome::default()),
            None,
            Some(&explanation("Wherefore", Vec::new())),
        );
        assert!(told.contains("time        not known\n  usage       not counted by the model\n"), "{told}");
        assert!(told.contains("knowledge   nothing that it knows matched\n"), "{told}");
    }

    #[test]
    fn an_answer_that_ended_before_its_prompt_was_made_has_no_explanation() {
        let outcome = Outcome { error_code: Some("interrupted".to_owned()), ..Outcome::default() };
        let told = tell(&generation(Status::Interrupted, outcome), None, None);
        assert!(told.contains("status      interrupted (interrupted)\n"), "{told}");
        assert!(told.contains("prompt      no explanation is kept"), "{told}");
        let told = tell(&generation(Status::Complete, Outcome::default()), None, Some("{}"));
        assert!(told.contains("another version"), "{told}");
    }

    #[test]
    fn nothing_in_it_reaches_the_terminal_raw() {
        let mut generation = generation(Status::Complete, Outcome::default());
        generation.model = "evil\x1b[2J".to_owned();
        let told = tell(&generation, None, Some(&explanation("the bell\x1b[2J\nand", Vec::new())));
        assert!(!told.contains('\x1b'), "{told:?}");
        assert!(told.contains("looked for  the bell␛[2J and\n"), "{told}");
    }
}
