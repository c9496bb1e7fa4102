//! Which entries are found by the words of a question, and which of them are used.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use proptest::prelude::*;
use raconteur_persona::{
    Candidate, Explanation, Field, Files, Outcome, Persona, PromptRequest, Speaker, Turn,
};

/// A persona that knows these lines, with this in its style.
fn knowing(lines: &[&str], retrieval: &str) -> Persona {
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
    loaded.persona
}

const HARBOUR: [&str; 6] = [
    r#"{"id": "bell", "summary": "A bell under the bar rings before storms.", "tags": ["bell"], "aliases": ["drowned bell"]}"#,
    r#"{"id": "fare", "summary": "Crossing costs two pennies.", "ic_reply": "Two pennies, and no haggling.", "tags": ["fare", "price"]}"#,
    r#"{"id": "brother", "summary": "Her brother Tam sailed away with the herring fleet.", "entities": ["Tam Wren"]}"#,
    r#"{"id": "ferry", "summary": "The ferry runs by night, without a lamp.", "ooc_notes": "She smuggles brandy."}"#,
    r#"{"id": "who", "summary": "Wren ferries people at Saltmouth.", "aliases": ["who are you"]}"#,
    r#"{"id": "storm", "summary": "Storms keep the ferry in the harbour.", "tags": ["storm", "weather"]}"#,
];

fn ids(found: &[Candidate]) -> Vec<&str> {
    found.iter().map(|candidate| candidate.id.as_str()).collect()
}

fn found(question: &str) -> Vec<Candidate> {
    knowing(&HARBOUR, "{mode: bm25, min_score: 0}").search(question, &[], 10)
}

#[test]
fn words_are_found_in_every_field_and_in_all_their_forms() {
    for (question, id) in [
        ("Why do the bells ring?", "bell"),
        ("any fares?", "fare"),
        ("Did he haggle?", "fare"),
        ("Have you ever smuggled?", "ferry"),
        ("Where's TAM'S ship?", "brother"),
        ("A drówned thing?", "bell"),
    ] {
        assert_eq!(found(question).first().map(|found| found.id.as_str()), Some(id), "{question}");
    }
}

#[test]
fn words_that_tell_nothing_find_nothing() {
    for question in ["", "and what is that about?", "THE", "?!"] {
        assert_eq!(ids(&found(question)), [""; 0], "{question}");
    }
}

#[test]
fn an_alias_that_stands_there_word_for_word_counts_even_where_its_words_tell_nothing() {
    let who = &found("So, who are you?")[0];
    assert_eq!(who.id, "who");
    assert_eq!((who.matched[0].word.as_str(), who.matched[0].field), ("who are you", Field::Alias));
    assert_eq!(ids(&found("are who you")), [""; 0]);
}

#[test]
fn a_rare_word_counts_more_than_a_common_one() {
    assert_eq!(ids(&found("the ferry and the lamp"))[0], "ferry");
    assert_eq!(ids(&found("ferry weather"))[0], "storm");
}

#[test]
fn what_was_said_before_helps_where_the_question_says_little() {
    let wren = knowing(&HARBOUR, "{mode: bm25}");
    let before = |question: &str, earlier: &[&str]| {
        wren.search(question, earlier, 10).first().map(|found| found.id.clone()).unwrap_or_default()
    };
    assert_eq!(before("And then what?", &["Tell me of your brother.", "He went to sea."]), "brother");
    assert_eq!(
        before("And then what?", &["The fare?", "Tell me of your brother."]),
        "brother",
        "the latest counts most"
    );
    assert_eq!(before("What is the fare?", &["Tell me of your brother."]), "fare");
    assert_eq!(before("And then?", &["The fare?", "I do."]), "fare", "also where the last turn says nothing");
    for question in ["Who are you?", "Can you explain television?", "Is there a lamp?"] {
        let long_before =
            ["Tell me of your brother Tam Wren.", "My brother sailed away with the herring fleet."];
        assert_ne!(before(question, &long_before), "brother", "{question} says enough by itself");
    }
    let deaf = knowing(&HARBOUR, "{mode: bm25, scan_depth: 0}");
    assert_eq!(ids(&deaf.search("And then what?", &["Tell me of your brother."], 10)), [""; 0]);
}

#[test]
fn chinese_and_japanese_are_found_without_blanks_between_words() {
    let wukong = knowing(
        &[
            r#"{"id": "staff", "summary": "A staff from the sea.", "aliases": ["金箍棒"]}"#,
            r#"{"id": "peach", "summary": "仙桃を盗んだ。", "tags": ["桃"]}"#,
            r#"{"id": "name", "summary": "He is called 孫悟空."}"#,
        ],
        "{mode: bm25, min_score: 0}",
    );
    for (question, id) in [("金箍棒有多重？", "staff"), ("桃は好き？", "peach"), ("孫悟空是誰", "name")]
    {
        assert_eq!(ids(&wukong.search(question, &[], 1)), [id], "{question}");
    }
}

fn explain(persona: &Persona, query: &str) -> Explanation {
    persona.prompt(&PromptRequest { query, ..PromptRequest::default() }).unwrap().explanation
}

fn outcomes(explanation: &Explanation) -> Vec<(&str, Outcome)> {
    explanation.candidates.iter().map(|candidate| (candidate.id.as_str(), candidate.outcome)).collect()
}

/// Each of these has the word, the first ones more often.
const RIVERS: [&str; 3] = [
    r#"{"id": "a", "summary": "River, river, river.", "tags": ["river"]}"#,
    r#"{"id": "b", "summary": "River, river.", "tags": ["river"]}"#,
    r#"{"id": "c", "summary": "River by the mill, where the otters are and the old man sits."}"#,
];

#[test]
fn as_many_are_used_as_the_style_says_and_the_others_say_why_not() {
    let used = |retrieval: &str| {
        let persona = knowing(&RIVERS, retrieval);
        outcomes(&explain(&persona, "river")).into_iter().map(|(_, outcome)| outcome).collect::<Vec<_>>()
    };
    use Outcome::{BelowMinScore, BeyondTopK, FarBehind, OverTokenBudget, Used};
    assert_eq!(used("{min_score: 0, top_k: 1}"), [Used, BeyondTopK, BeyondTopK]);
    assert_eq!(used("{min_score: 0}"), [Used, Used, FarBehind]);
    assert_eq!(used("{min_score: 0, token_budget: 18}"), [Used, OverTokenBudget, FarBehind]);
    assert_eq!(used("{min_score: 100}"), [BelowMinScore; 3]);
}

#[test]
fn the_prompt_has_what_is_used_best_first() {
    let persona = knowing(&RIVERS, "{min_score: 0}");
    let prompt = persona.prompt(&PromptRequest { query: "river", ..PromptRequest::default() }).unwrap();
    assert_eq!(prompt.explanation.used, ["a", "b"]);
    let rules = &prompt.messages[0].content;
    assert!(rules.contains("which is your own:\nRiver, river, river.\n\nRiver, river.\n\n"), "{rules}");
}

#[test]
fn a_style_with_weights_and_no_mode_is_searched_as_it_always_was() {
    for (retrieval, finds) in [
        ("{ranking: {tag_weight: 3}}", false),
        ("{mode: weights}", false),
        ("{mode: bm25, ranking: {tag_weight: 3}, min_score: 0}", true),
        ("{mode: BM25, min_score: 0}", true),
        ("{min_score: 0}", true),
    ] {
        // Stems are new.
        let finds_stems = !knowing(&[HARBOUR[0]], retrieval).search("bells", &[], 1).is_empty();
        assert_eq!(finds_stems, finds, "{retrieval}");
    }
}

#[test]
fn a_mode_that_there_is_not_is_named_with_those_that_there_are() {
    let style = b"tone: dry\nretrieval:\n  mode: vectors";
    let files =
        Files { style_yml: Some(style), persona_yml: Some(b""), kb_jsonl: Some(b""), ..Files::default() };
    let warning = Persona::from_files("wren", files).warnings.remove(0).to_string();
    assert_eq!(
        warning,
        "style.yml:3: `retrieval.mode`: expected `bm25` or `weights`; anything else is left out"
    );
}

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab'é漢_1 ]{1,3}|river|rivers|the|who", 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn the_same_question_finds_the_same(
        entries in prop::collection::vec((words(), words(), words()), 0..12), query in words(), before in words()
    ) {
        let lines: Vec<_> = entries
            .iter()
            .enumerate()
            .map(|(n, (summary, tag, alias))| {
                serde_json::json!({"id": n, "summary": format!("{summary}."), "tags": [tag], "aliases": alias}).to_string()
            })
            .collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let history = [Turn { speaker: Speaker::User, text: before }];
        let prompt = || {
            let persona = knowing(&lines, "{min_score: 0}");
            persona.prompt(&PromptRequest { query: &query, history: &history, ..PromptRequest::default() }).unwrap()
        };
        let explanation = prompt().explanation;
        prop_assert_eq!(&explanation, &prompt().explanation);
        prop_assert!(explanation.candidates.is_sorted_by(|a, b| a.score >= b.score));
        prop_assert!(explanation.candidates.iter().all(|found| found.score > 0.0 && !found.matched.is_empty()));
        prop_assert!(explanation.used.len() <= 3);
    }
}
