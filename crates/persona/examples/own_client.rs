//! The body of a request to any server that speaks OpenAI's chat completions, to be sent with the client that you have.
//!
//! ```sh
//! cargo run -q -p raconteur-persona --example own_client -- assets/personas/bronn "What is your price?" |
//!   curl -s "$BASE_URL/chat/completions" -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' -d @-
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks with a person")]

use std::path::Path;
use std::process::ExitCode;

use raconteur_persona::{Budget, Estimate, Note, Persona, PromptRequest, Speaker, Turn, User};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, query] = arguments.as_slice() else {
        eprintln!("usage: own_client FOLDER QUESTION");
        return ExitCode::FAILURE;
    };
    let persona = Persona::from_dir(Path::new(folder)).persona;

    // What your program remembers of the conversation, oldest first, without the question.
    let history = [
        Turn { speaker: Speaker::User, text: "A cup of wine, and one for him.".to_owned() },
        Turn { speaker: Speaker::Assistant, text: "Now that is how a man begins a talk.".to_owned() },
    ];

    // The budget is the model's. Room for the reply is kept free first, so ask for no longer a reply than that.
    let budget = Budget { context: 8_192, reply: 512, history: 2_000 };
    // What a model charges differs from the estimate. Its replies report `usage.prompt_tokens`: divide it by
    // `explanation.tokens.total()`, and correct by what comes out.
    let counter = Estimate::corrected(1.0);

    let request = PromptRequest {
        query,
        history: &history,
        user: User { name: Some("Tom"), description: Some("A smith who is tired of the war.") },
        summary: Some("They met at an inn by the kingsroad."),
        // The author's note stands two messages before the end: late enough to be heeded.
        note: Some(Note { text: "It is past midnight, and the inn is closing.", depth: 2 }),
        budget,
        counter: &counter,
        ..PromptRequest::default()
    };
    let prompt = match persona.prompt(&request) {
        Ok(prompt) => prompt,
        Err(too_long) => {
            eprintln!("{too_long}");
            return ExitCode::FAILURE;
        }
    };

    // A message serializes as `{"role": …, "content": …}`: nothing has to be turned into anything else.
    let body = json!({
        "model": "your-model",
        "messages": prompt.messages,
        "max_tokens": budget.reply,
        "stream": false,
    });
    println!("{body:#}");

    // Keep the explanation with the reply, and you can always say where it came from.
    let why = &prompt.explanation;
    eprintln!("used: {:?}; left out: {:?}; tokens: {}", why.used, why.left_out, why.tokens.total());
    ExitCode::SUCCESS
}
