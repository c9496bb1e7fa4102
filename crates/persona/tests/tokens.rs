//! The estimate of tokens, held against real tokenizers.

use proptest::prelude::*;
use raconteur_persona::estimate_tokens;

/// Each text with its count by OpenAI's `cl100k_base` or `o200k_base`, whichever is larger (measured with tiktoken).
const MEASURED: [(&str, usize, &str); 14] = [
    (
        "English prose",
        51,
        "It was late when the ferry came in. Nobody had asked for it, and nobody was waiting, but Wren tied up all the same; a boat that stops coming is soon forgotten. \"Two pennies,\" she said, \"three in fog.\"",
    ),
    (
        "English names",
        30,
        "Captain Wren Harrow of Saltmouth knew Tam, Oberyn and Daenerys, but not the Lannisters of Casterly Rock.",
    ),
    (
        "Rust",
        53,
        "    pub fn find(&self, name: &str) -> Option<Arc<Persona>> {\n        let index = self.by_name.get(&key(name)).or_else(|| self.first.get(name))?;\n        self.list.get(*index).cloned()\n    }\n",
    ),
    (
        "JSON",
        56,
        "{\"id\": \"018f4e6a-1c2d-7a3b-8c4d-5e6f70819203\", \"ok\": true, \"list\": [1, 2, 3, 40.5]}",
    ),
    (
        "Chinese",
        61,
        "我们终于回到了港口。你知道摆渡人最喜欢什么吗？不是荣誉，也不是国王的微笑，而是沉甸甸的铜钱。",
    ),
    (
        "Classical Chinese",
        64,
        "話說天下大勢，分久必合，合久必分。周末七國分爭，并入於秦。及秦滅之後，楚、漢分爭，又并入於漢。",
    ),
    ("Japanese", 39, "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"),
    ("Korean", 41, "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."),
    (
        "Russian",
        49,
        "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.",
    ),
    ("German", 15, "Es war einmal ein armer Müller, der hatte eine schöne Tochter."),
    (
        "French",
        35,
        "Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se fermaient si vite.",
    ),
    ("Arabic", 34, "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق"),
    ("Hindi", 64, "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता"),
    ("emoji", 62, "😀😂🤣😊❤\u{fe0f}🔥👍🏽👨\u{200d}👩\u{200d}👧\u{200d}👦🇩🇪🏴\u{200d}☠\u{fe0f}✨🙏🗡\u{fe0f}"),
];

#[test]
fn is_not_far_below_and_not_absurdly_above_real_tokenizers() {
    for (kind, measured, text) in MEASURED {
        let estimate = estimate_tokens(text);
        assert!(estimate * 10 >= measured * 9, "{kind}: {estimate} for {measured}");
        assert!(estimate <= measured * 2, "{kind}: {estimate} for {measured}");
    }
}

proptest! {
    #[test]
    fn is_never_more_than_a_token_a_byte(text in r"\PC*") {
        prop_assert!(estimate_tokens(&text) <= text.len());
    }

    #[test]
    fn more_text_never_costs_less(start in r"\PC*", end in r"\PC*") {
        let whole = start.clone() + &end;
        prop_assert!(estimate_tokens(&whole) >= estimate_tokens(&start));
    }
}
