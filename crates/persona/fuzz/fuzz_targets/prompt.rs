//! Any persona, asked anything with any budget: there is a prompt, and it fits.
//!
//! The parts of an input, in order: `persona.yml`, `style.yml`, `kb.jsonl`, numbers, the query, the history, and then what
//! is said of the answer, the person's name, who they are, what happened before, the note, and a card. The numbers are the
//! budget (context, reply, history), the depth of the note, how many hundredths of the estimate a model counts, and which
//! greeting the conversation began with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::{
    Budget, Estimate, Files, MESSAGE_OVERHEAD, Note, Persona, PromptRequest, Role, TokenCounter, User,
};
use raconteur_persona_fuzz::{Parts, turns};

fuzz_target!(|input: &[u8]| {
    let mut parts = Parts::of(input);
    let (persona_yml, style_yml, kb_jsonl) = (parts.bytes(), parts.bytes(), parts.bytes());
    let numbers = parts.text();
    let mut numbers = numbers.split_ascii_whitespace().map(|number| number.parse::<usize>());
    let mut number = |unless_told: usize| numbers.next().and_then(Result::ok).unwrap_or(unless_told);
    let budget = Budget { context: number(1_000), reply: number(100), history: number(500) };
    let depth = number(1);
    let counter = Estimate::corrected(number(100) as f64 / 100.0);
    let greeting = Some(number(0));
    let (query, history, said) = (parts.text(), turns(&parts.text()), parts.text());
    let (name, description, summary, note) = (parts.text(), parts.text(), parts.text(), parts.text());
    let files = Files { persona_yml, style_yml, kb_jsonl, card: parts.bytes() };
    let persona = Persona::from_files("fuzz", files).persona;

    let request = PromptRequest {
        query: &query,
        history: &history,
        said: Some(&*said).filter(|said| !said.is_empty()),
        user: User { name: Some(&name), description: Some(&description) },
        summary: Some(&summary),
        note: Some(Note { text: &note, depth }),
        budget,
        counter: &counter,
        seed: "message",
        conversation: "conversation",
        greeting,
    };
    let prompt = match persona.prompt(&request) {
        Ok(prompt) => prompt,
        Err(refused) => {
            // Where not even the guard rails fit, nothing is available, and nothing may have been asked.
            assert!(refused.tokens > refused.available || refused.available == 0, "{refused:?}");
            assert_eq!(persona.check_room(&request), Err(refused));
            return;
        }
    };
    assert_eq!(persona.check_room(&request), Ok(()));
    let cost: usize =
        prompt.messages.iter().map(|message| counter.count(&message.content) + MESSAGE_OVERHEAD).sum();
    let told = prompt.explanation.tokens.total();
    assert!(told <= budget.prompt(), "{told} of {}", budget.prompt());
    assert!(cost <= told, "it costs {cost}, and {told} are told");
    let rules = prompt.messages.iter().filter(|message| message.role == Role::System).count();
    assert!(rules == 1 && prompt.messages[0].role == Role::System, "one system message, the first");
    assert!(!prompt.scripted.trim().is_empty(), "there is an answer without a model");
    let kept = serde_json::to_string(&prompt.explanation).expect("an explanation can be kept");
    assert_eq!(serde_json::from_str(&kept).ok(), Some(prompt.explanation), "and is the same when it is read");
});
