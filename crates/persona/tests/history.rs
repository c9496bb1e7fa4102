//! The budget of the history: never exceeded, the newest turns kept whole, the prompt sent once.

#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

use proptest::prelude::*;
use raconteur_persona::{
    Budget, MESSAGE_OVERHEAD, Persona, PromptRequest, Role, Speaker, Turn, estimate_tokens,
};

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let speaker = prop_oneof![Just(Speaker::User), Just(Speaker::Assistant)];
    let turn = (speaker, r"[ a-z\n君é]{0,40}").prop_map(|(speaker, text)| Turn { speaker, text });
    prop::collection::vec(turn, 0..20)
}

fn cost(text: &str) -> usize {
    estimate_tokens(text) + MESSAGE_OVERHEAD
}

proptest! {
    #[test]
    fn the_newest_turns_that_fit_are_kept_whole(history in turns(), history_tokens in 0..200_usize) {
        let persona = Persona::stranger("Wren");
        let budget = Budget { history: history_tokens, ..Budget::default() };
        let request =
            PromptRequest { query: "THE PROMPT", history: &history, budget, ..PromptRequest::default() };
        let prompt = persona.prompt(&request).unwrap();

        let (system, rest) = prompt.messages.split_first().unwrap();
        let (last, kept) = rest.split_last().unwrap();
        prop_assert_eq!(system.role, Role::System);
        prop_assert_eq!((last.role, last.content.as_str()), (Role::User, "THE PROMPT"));
        prop_assert_eq!(prompt.messages.iter().filter(|message| message.role == Role::System).count(), 1);
        prop_assert_eq!(prompt.messages.iter().filter(|message| message.content == "THE PROMPT").count(), 1);

        let spoken: Vec<&Turn> = history.iter().filter(|turn| !turn.text.trim().is_empty()).collect();
        let (dropped, newest) = spoken.split_at(spoken.len() - kept.len());
        for (turn, message) in newest.iter().zip(kept) {
            prop_assert_eq!(&turn.text, &message.content);
            prop_assert_eq!(Role::from(turn.speaker), message.role);
        }

        let spent: usize = kept.iter().map(|message| cost(&message.content)).sum();
        prop_assert!(spent <= history_tokens);
        if let Some(next) = dropped.last() {
            prop_assert!(spent + cost(&next.text) > history_tokens, "a turn that fits was dropped");
        }
        prop_assert_eq!(prompt.explanation.tokens.history, spent);
        prop_assert_eq!(prompt.explanation.history_dropped, dropped.len());
    }

    #[test]
    fn the_turn_that_is_answered_is_sent_whatever_the_budget(history in turns()) {
        let mut history = history;
        history.push(Turn { speaker: Speaker::User, text: "THE PROMPT".to_owned() });
        let persona = Persona::stranger("Wren");
        let budget = Budget { history: 0, ..Budget::default() };
        let prompt =
            persona.prompt(&PromptRequest { history: &history, budget, ..PromptRequest::default() }).unwrap();
        let contents: Vec<_> = prompt.messages.iter().skip(1).map(|message| message.content.as_str()).collect();
        prop_assert_eq!(contents, ["THE PROMPT"]);
    }
}
