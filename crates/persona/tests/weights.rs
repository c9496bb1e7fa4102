//! Words counted with weights: the scores of the old program, its tie-breakers, and the same answer every time.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use proptest::prelude::*;
use raconteur_persona::{Explanation, Field, Files, Persona, PromptRequest};

/// The explanation of a query to a persona with these knowledge base lines and this `retrieval` style.
fn explain(lines: &[&str], retrieval: &str, query: &str) -> Explanation {
    let kb = lines.join("\n");
    let style = format!("retrieval: {retrieval}");
    let files = Files {
        style_yml: Some(style.as_bytes()),
        kb_jsonl: Some(kb.as_bytes()),
        persona_yml: Some(b""),
        ..Files::default()
    };
    let loaded = Persona::from_files("wren", files);
    assert_eq!(loaded.warnings, []);
    loaded.persona.prompt(&PromptRequest { query, ..PromptRequest::default() }).unwrap().explanation
}

const WEIGHTS: &str = "{ranking: {tag_weight: 5, alias_weight: 3, summary_overlap_weight: 0.5}}";

#[test]
fn each_word_scores_where_it_stands_and_as_often_as_it_stands_there() {
    for (line, query, score) in [
        (r#"{"id": "e", "summary": "x", "tags": ["river"]}"#, "The RIVER, the river!", 5.0),
        (r#"{"id": "e", "summary": "x", "tags": ["river bank", "river"]}"#, "river", 10.0),
        (r#"{"id": "e", "summary": "x", "aliases": ["river's end"]}"#, "at river's end", 6.0),
        (r#"{"id": "e", "summary": "A river is a river."}"#, "a river", 2.0),
        (r#"{"id": "e", "summary": "river", "tags": ["river"], "aliases": ["river"]}"#, "river", 8.5),
        (r#"{"id": "e", "summary": "snake_case 42"}"#, "snake_case 42", 1.0),
    ] {
        let explanation = explain(&[line], WEIGHTS, query);
        assert_eq!(explanation.candidates[0].score, score, "{line} for {query:?}");
    }
}

#[test]
fn only_the_first_fifteen_words_of_a_summary_count() {
    let line =
        r#"{"id": "e", "summary": "a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 fifteenth sixteenth"}"#;
    assert_eq!(explain(&[line], WEIGHTS, "fifteenth").used, ["e"]);
    assert_eq!(explain(&[line], WEIGHTS, "sixteenth").used, [""; 0]);
}

#[test]
fn what_matches_no_word_or_scores_nothing_is_not_used() {
    let line = r#"{"id": "e", "summary": "river", "ooc_notes": "bank", "entities": ["Ferry"]}"#;
    for query in ["rivers", "bank", "ferry", "", "江"] {
        assert_eq!(explain(&[line], WEIGHTS, query).candidates, [], "{query:?}");
    }
    assert_eq!(explain(&[line], "{ranking: {summary_overlap_weight: 0}}", "river").candidates, []);
}

#[test]
fn a_candidate_tells_which_words_matched_where() {
    let line = r#"{"id": "e", "summary": "The river", "tags": ["river"], "aliases": ["old man"]}"#;
    let explanation = explain(&[line], WEIGHTS, "Man the river");
    let matched: Vec<_> =
        explanation.candidates[0].matched.iter().map(|found| (found.word.as_str(), found.field)).collect();
    assert_eq!(
        matched,
        [("man", Field::Alias), ("the", Field::Summary), ("river", Field::Tag), ("river", Field::Summary)]
    );
}

#[test]
fn ties_are_broken_by_the_listed_rules_in_their_order_and_then_by_the_file() {
    let first = r#"{"id": "first", "summary": "river"}"#;
    let heavy = r#"{"id": "heavy", "summary": "river", "weight": 3, "canon": ["show"]}"#;
    let both = r#"{"id": "both", "summary": "river", "canon": ["Show", "Book"]}"#;
    for (rules, expected) in [
        ("{mode: weights}", ["heavy", "both", "first"]),
        ("{mode: weights, tie_breakers: []}", ["first", "heavy", "both"]),
        ("{mode: weights, tie_breakers: [higher weight]}", ["heavy", "first", "both"]),
        ("{mode: weights, tie_breakers: [book+show over single-canon]}", ["both", "first", "heavy"]),
        (
            "{mode: weights, tie_breakers: [Book + Show over single canon, higher weight]}",
            ["both", "heavy", "first"],
        ),
    ] {
        let explanation = explain(&[first, heavy, both], rules, "river");
        let ids: Vec<_> = explanation.candidates.iter().map(|candidate| candidate.id.as_str()).collect();
        assert_eq!(ids, expected, "{rules}");
    }
}

#[test]
fn ten_candidates_are_listed_at_most() {
    let lines: Vec<_> = (0..30).map(|n| format!(r#"{{"id": "e{n}", "summary": "river"}}"#)).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let explanation = explain(&lines, WEIGHTS, "river");
    assert_eq!(explanation.candidates.len(), 10);
    assert_eq!(explanation.used, ["e0"]);
}

/// A few words, so that they often meet.
fn words() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab'é_1 ]{1,3}", 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn the_same_query_finds_the_same(entries in prop::collection::vec((words(), words(), words()), 0..12), query in words()) {
        let lines: Vec<_> = entries
            .iter()
            .enumerate()
            .map(|(n, (summary, tag, alias))| {
                serde_json::json!({"id": n, "summary": format!("{summary}."), "tags": [tag], "aliases": alias}).to_string()
            })
            .collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let explanation = explain(&lines, WEIGHTS, &query);
        prop_assert_eq!(&explanation, &explain(&lines, WEIGHTS, &query));
        prop_assert!(explanation.candidates.is_sorted_by(|a, b| a.score >= b.score));
        prop_assert_eq!(explanation.used.first(), explanation.candidates.first().map(|candidate| &candidate.id));

        // Words are a set: order and repetition change nothing but the order in which matches are told.
        let reversed: Vec<_> = query.split(' ').rev().chain(query.split(' ')).collect();
        let scores = |explanation: &Explanation| -> Vec<(String, f64)> {
            explanation.candidates.iter().map(|candidate| (candidate.id.clone(), candidate.score)).collect()
        };
        prop_assert_eq!(scores(&explanation), scores(&explain(&lines, WEIGHTS, &reversed.join(" "))));
    }
}
