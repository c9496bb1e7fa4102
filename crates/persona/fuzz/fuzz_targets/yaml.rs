//! `persona.yml`, `style.yml` and `tests.yml` of any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::{Files, Loaded, Persona};
use raconteur_persona_fuzz::Parts;

const KB: &[u8] = br#"{"id": "bell", "summary": "The drowned bell rings before a storm.", "tags": ["bell"]}"#;

fuzz_target!(|input: &[u8]| {
    let mut parts = Parts::of(input);
    let files = Files {
        persona_yml: parts.bytes(),
        style_yml: parts.bytes(),
        kb_jsonl: Some(KB),
        ..Files::default()
    };
    let Loaded { persona, warnings } = Persona::from_files("fuzz", files);
    for warning in &warnings {
        assert!(!warning.to_string().is_empty());
    }
    assert!(!persona.name().trim().is_empty(), "a persona has a name");
    assert!(!persona.narrator_toggle().trim().is_empty());
    assert!(!persona.trouble_line("seed").trim().is_empty());

    match persona.test(parts.bytes().unwrap_or_default()) {
        Ok(report) => {
            let (used, wanted) = report.recall();
            assert!(used <= wanted);
            for failed in report.results.iter().flat_map(|result| &result.failed) {
                assert!(!report.passed());
                assert!(!failed.to_string().is_empty());
            }
        }
        Err(error) => assert!(!error.0.is_empty(), "it says why"),
    }
});
