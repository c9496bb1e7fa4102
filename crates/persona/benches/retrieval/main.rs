//! How well entries are found (`just bench-retrieval`): this crate's way, the old program's, and whatever another program
//! has written down about the same questions.
//!
//! `retrieval KB QUESTIONS [RUN…]`; a run is a file of JSON lines, `{"id": question, "ranking": [entry, …]}`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "it measures")]

mod speed;

use std::collections::HashMap;
use std::path::Path;

use raconteur_persona::{Files, Outcome, Persona};
use serde::Deserialize;

const DEFAULT_KB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/personas/bronn/kb.jsonl");
const DEFAULT_QUESTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/retrieval/bronn.jsonl");

const OLD: &str = "retrieval: {ranking: {tag_weight: 3, alias_weight: 2.5, summary_overlap_weight: 0.5}}";
const NEW: &str = "retrieval: {mode: bm25}";

/// How many results count.
const DEPTH: usize = 10;

/// How often the questions are drawn anew.
const SAMPLES: usize = 10_000;

#[derive(Deserialize)]
struct Question {
    id: String,
    query: String,
    #[serde(default)]
    history: Vec<String>,
    relevant: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct Ranked {
    id: String,
    ranking: Vec<String>,
}

fn lines<T: for<'de> Deserialize<'de>>(path: &str) -> Vec<T> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let kb = std::fs::read(arguments.next().as_deref().unwrap_or(DEFAULT_KB)).unwrap();
    let questions: Vec<Question> = lines(arguments.next().as_deref().unwrap_or(DEFAULT_QUESTIONS));
    let (unanswerable, answerable): (Vec<_>, Vec<_>) =
        questions.into_iter().partition(|question| question.relevant.is_empty());

    let old = persona(&kb, OLD);
    let new = persona(&kb, NEW);
    let mut runs = vec![
        ("bm25 of this crate".to_owned(), rank(&new, &answerable)),
        ("the old program's scorer".to_owned(), rank(&old, &answerable)),
    ];
    for path in arguments {
        let mut ranked: HashMap<String, Vec<String>> =
            lines::<Ranked>(&path).into_iter().map(|ranked| (ranked.id, ranked.ranking)).collect();
        let name = Path::new(&path).file_stem().unwrap().to_string_lossy().into_owned();
        let rankings = answerable.iter().map(|question| ranked.remove(&question.id).unwrap_or_default());
        runs.push((name, rankings.collect()));
    }
    println!("{} questions that entries answer", answerable.len());
    println!("{:<28} {:>6} {:>7} {:>8}   bm25 better by (95 %)", "", "hit@1", "MRR@10", "nDCG@10");
    let ours = scores(&answerable, &runs[0].1);
    for (name, rankings) in &runs {
        let theirs = scores(&answerable, rankings);
        let [hit, rank, gain] = [0, 1, 2].map(|measure| mean(theirs.iter().map(|score| score[measure])));
        let (low, high) = bootstrap(&ours, &theirs);
        println!("{name:<28} {hit:>6.3} {rank:>7.3} {gain:>8.3}   MRR {low:+.3} to {high:+.3}");
    }
    told_apart(&new, &answerable, &unanswerable);
    speed::report();
    if std::env::var_os("MISSES").is_some() {
        misses(&answerable, &runs[0].1);
    }
}

fn persona(kb: &[u8], style: &str) -> Persona {
    let files = Files {
        persona_yml: Some(b"name: X"),
        style_yml: Some(style.as_bytes()),
        kb_jsonl: Some(kb),
        ..Files::default()
    };
    Persona::from_files("x", files).persona
}

fn rank(persona: &Persona, questions: &[Question]) -> Vec<Vec<String>> {
    let ranked = questions.iter().map(|question| {
        let earlier: Vec<&str> = question.history.iter().map(String::as_str).collect();
        persona.search(&question.query, &earlier, DEPTH).into_iter().map(|found| found.id).collect()
    });
    ranked.collect()
}

/// For each question: whether the first entry answers it, one over the place of the first that does, and nDCG.
fn scores(questions: &[Question], rankings: &[Vec<String>]) -> Vec<[f64; 3]> {
    let of = |(question, ranking): (&Question, &Vec<String>)| {
        let grades: Vec<u32> =
            ranking.iter().take(DEPTH).map(|id| question.relevant.get(id).copied().unwrap_or(0)).collect();
        let best = question.relevant.values().copied().max().unwrap_or(0);
        let place = grades.iter().position(|grade| *grade == best);
        let reciprocal = place.map_or(0.0, |place| 1.0 / (place as f64 + 1.0));
        let mut ideal: Vec<u32> = question.relevant.values().copied().collect();
        ideal.sort_unstable_by(|one, other| other.cmp(one));
        [f64::from(u8::from(place == Some(0))), reciprocal, gain(&grades) / gain(&ideal)]
    };
    questions.iter().zip(rankings).map(of).collect()
}

fn gain(grades: &[u32]) -> f64 {
    let gains = grades.iter().take(DEPTH).zip(2_u32..);
    gains.map(|(grade, place)| (2_f64.powi(*grade as i32) - 1.0) / f64::from(place).log2()).sum()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// By how much one is better in the reciprocal rank, over the same questions drawn again and again.
fn bootstrap(ours: &[[f64; 3]], theirs: &[[f64; 3]]) -> (f64, f64) {
    let differences: Vec<f64> = ours.iter().zip(theirs).map(|(one, other)| one[1] - other[1]).collect();
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        differences[(state >> 33) as usize % differences.len()]
    };
    let mut means: Vec<f64> = (0..SAMPLES)
        .map(|_| mean((0..differences.len()).map(|_| draw()).collect::<Vec<_>>().into_iter()))
        .collect();
    means.sort_by(f64::total_cmp);
    (means[SAMPLES / 40], means[SAMPLES - SAMPLES / 40 - 1])
}

/// Whether what nothing answers is told from what something does.
fn told_apart(persona: &Persona, answerable: &[Question], unanswerable: &[Question]) {
    let used = |question: &Question| {
        let earlier: Vec<&str> = question.history.iter().map(String::as_str).collect();
        let found = persona.search(&question.query, &earlier, DEPTH);
        found.iter().filter(|found| found.outcome == Outcome::Used).count()
    };
    let silent = unanswerable.iter().filter(|question| used(question) == 0).count();
    let answered = answerable.iter().filter(|question| used(question) > 0).count();
    let entries: usize = answerable.iter().map(used).sum();
    println!(
        "nothing is used for {silent} of {} questions without an answer, and something for {answered} of {} with one \
         ({:.1} entries)",
        unanswerable.len(),
        answerable.len(),
        entries as f64 / answerable.len() as f64
    );
}

fn misses(questions: &[Question], rankings: &[Vec<String>]) {
    for (question, ranking) in questions.iter().zip(rankings) {
        let best = question.relevant.values().copied().max().unwrap_or(0);
        if ranking.first().is_none_or(|first| question.relevant.get(first) != Some(&best)) {
            println!(
                "{} {:?}\n    wants {:?}\n    got {:?}",
                question.id,
                question.query,
                question.relevant,
                &ranking[..ranking.len().min(4)]
            );
        }
    }
}
