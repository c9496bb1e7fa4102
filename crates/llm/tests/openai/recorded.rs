//! Streams in the shape that real providers send them.

use raconteur_fake_upstream::Script;
use raconteur_llm::{FinishReason, Usage};

use crate::hear_script;

/// Replays the stream and checks its text, its end and its cost.
async fn replays(
    recorded: &str,
    text: &str,
    pieces: usize,
    reason: FinishReason,
    tokens: (u64, u64, Option<u64>),
) {
    let heard = hear_script(&Script::packets([recorded])).await;
    assert_eq!((heard.text().as_str(), heard.deltas.len()), (text, pieces));
    let usage = Usage { prompt_tokens: tokens.0, completion_tokens: tokens.1, reasoning_tokens: tokens.2 };
    assert_eq!(heard.end, Ok((Some(reason), Some(usage))));
}

#[tokio::test]
async fn openai() {
    let text = "You want a fight, or a friend?\n\n Either costs gold — café prices.";
    replays(include_str!("../fixtures/openai.sse"), text, 16, FinishReason::Stop, (31, 17, Some(0))).await;
}

#[tokio::test]
async fn ollama() {
    let text = "Gold first, then we talk.";
    replays(include_str!("../fixtures/ollama.sse"), text, 7, FinishReason::Stop, (44, 8, None)).await;
}

#[tokio::test]
async fn llama_cpp() {
    let text = "Never bet on honour 🐉. It does not";
    replays(include_str!("../fixtures/llama_cpp.sse"), text, 9, FinishReason::Length, (27, 10, None)).await;
}

#[tokio::test]
async fn vllm() {
    let text = "A sellsword keeps his word as long as it pays.";
    replays(include_str!("../fixtures/vllm.sse"), text, 12, FinishReason::Stop, (52, 13, None)).await;
}
