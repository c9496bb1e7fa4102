//! The model for when there is none.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::text::without_nul;
use crate::{ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason};

/// Says what the request's [`scripted`](ChatRequest::scripted) says, word by word, and nothing where there is none.
#[derive(Clone, Debug)]
pub struct OfflineModel {
    pace: Duration,
}

impl OfflineModel {
    /// Pauses so long between words, so that a person sees a stream; zero for no pause.
    #[must_use]
    pub const fn new(pace: Duration) -> Self {
        Self { pace }
    }
}

impl ChatModel for OfflineModel {
    fn name(&self) -> &'static str {
        "offline"
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        let pace = self.pace;
        let text = without_nul(request.scripted.unwrap_or_default());
        stream::iter(words(&text).into_iter().enumerate())
            .then(move |(index, word)| async move {
                if index > 0 && !pace.is_zero() {
                    sleep(pace).await;
                }
                Ok(ChatEvent::Delta(word))
            })
            .chain(stream::iter([Ok(ChatEvent::Finish { reason: Some(FinishReason::Stop), usage: None })]))
            .boxed()
    }
}

/// Each word with the blanks that follow it, the first with those before it too; together they are the text.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        match words.last_mut() {
            Some(last) if is_blank(piece) || is_blank(last) => last.push_str(piece),
            _ => words.push(piece.to_owned()),
        }
    }
    words
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(scripted: Option<&str>) -> ChatRequest {
        ChatRequest { scripted: scripted.map(str::to_owned), ..ChatRequest::default() }
    }

    async fn events(request: ChatRequest) -> Vec<ChatEvent> {
        OfflineModel::new(Duration::from_millis(40)).stream(request).map(Result::unwrap).collect().await
    }

    #[test]
    fn a_piece_is_a_word_with_the_blanks_after_it() {
        assert_eq!(words("I'm  off.\nPay me. "), ["I'm  ", "off.\n", "Pay ", "me. "]);
        assert_eq!(words(" \n Aye"), [" \n Aye"]);
        assert_eq!(words(""), [""; 0]);
    }

    proptest! {
        #[test]
        fn pieces_are_never_empty_and_make_the_text(text in "[a-z\\s\u{3000}é]{0,40}") {
            let words = words(&text);
            prop_assert_eq!(words.concat(), text);
            prop_assert!(words.iter().all(|word| !word.is_empty()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_speaks_at_its_pace_and_finishes() {
        let started = tokio::time::Instant::now();
        let finish = ChatEvent::Finish { reason: Some(FinishReason::Stop), usage: None };
        let delta = |text: &str| ChatEvent::Delta(text.to_owned());
        assert_eq!(
            events(said(Some("Pay me now"))).await,
            [delta("Pay "), delta("me "), delta("now"), finish]
        );
        assert_eq!(started.elapsed().as_millis(), 80);
    }

    #[tokio::test(start_paused = true)]
    async fn without_words_it_finishes_at_once() {
        let finish = ChatEvent::Finish { reason: Some(FinishReason::Stop), usage: None };
        assert_eq!(events(said(None)).await, [finish]);
    }
}
