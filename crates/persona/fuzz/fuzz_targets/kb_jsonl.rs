//! A knowledge base of any bytes: it is read, and searched by what stands in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::{Files, Loaded, Persona};

fuzz_target!(|kb: &[u8]| {
    let old =
        b"retrieval: {ranking: {tag_weight: 3}, tie_breakers: [higher weight, book+show over single-canon]}";
    for style in [b"".as_slice(), old] {
        let files = Files { kb_jsonl: Some(kb), style_yml: Some(style), ..Files::default() };
        let Loaded { persona, warnings } = Persona::from_files("fuzz", files);
        for warning in &warnings {
            assert!(!warning.to_string().is_empty());
        }
        for entry in persona.knowledge().entries().iter().take(8) {
            assert!(!entry.id.is_empty(), "an entry has an id");
            assert!(persona.knowledge().entry(&entry.id).is_some(), "and is found by it");
            let found = persona.search(&entry.summary, &[], 10);
            assert!(found.len() <= 10);
            assert!(found.iter().all(|found| found.score.is_finite() && found.score > 0.0), "{found:?}");
            assert!(found.is_sorted_by(|one, next| one.score >= next.score), "best first: {found:?}");
        }
    }
});
