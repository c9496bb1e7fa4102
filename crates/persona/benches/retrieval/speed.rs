//! How fast it is with many entries.

use std::time::Instant;

use raconteur_persona::{Files, Persona};

const ENTRIES: usize = 10_000;
const QUERIES: usize = 1_000;

pub fn report() {
    let kb = knowledge();
    let begun = Instant::now();
    let files = Files {
        persona_yml: Some(b"name: X"),
        style_yml: None,
        kb_jsonl: Some(kb.as_bytes()),
        ..Files::default()
    };
    let persona = Persona::from_files("x", files).persona;
    println!("{ENTRIES} entries: loaded and indexed in {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);

    let mut words = Words(7);
    let mut times: Vec<f64> = (0..QUERIES)
        .map(|_| {
            let (question, earlier) = (words.text(10), [words.text(40), words.text(15)]);
            let earlier = [earlier[0].as_str(), earlier[1].as_str()];
            let begun = Instant::now();
            assert!(persona.search(&question, &earlier, 10).len() <= 10);
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "a query takes {:.2} ms, in the slowest hundredth {:.2} ms",
        times[QUERIES / 2],
        times[QUERIES * 99 / 100]
    );
}

/// Entries of the length of Bronn's.
fn knowledge() -> String {
    let mut words = Words(1);
    let entry = |number: usize| {
        let (tags, alias) = ([words.text(1), words.text(1), words.text(1)], words.text(2));
        let (summary, line, notes) = (words.text(22), words.text(28), words.text(18));
        serde_json::json!({"id": format!("e{number}"), "summary": summary, "ic_reply": line, "ooc_notes": notes,
            "tags": tags, "aliases": [alias]})
        .to_string()
            + "\n"
    };
    (0..ENTRIES).map(entry).collect()
}

/// Words of a language of its own, of which a few are said often (Zipf's law).
struct Words(u64);

impl Words {
    fn next(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 16] = [
            "ba", "ker", "lin", "to", "mas", "ren", "dul", "vi", "sho", "pra", "gen", "ulo", "fat", "ice",
            "no", "wy",
        ];
        // The product of two draws is small more often than not.
        let mut rank = self.next(180) * self.next(180) + 16;
        let mut word = String::new();
        while rank > 0 {
            word += SYLLABLES[(rank % 16) as usize];
            rank /= 16;
        }
        word
    }
}
