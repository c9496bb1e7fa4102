//! Where a message goes: the tree, and the path through it that is shown.

use futures_util::future::join_all;
use raconteur_chat::Send;
use raconteur_domain::{Message, Status};
use raconteur_fake_upstream::{Gate, Script};

use crate::world::World;

/// Each message follows the one before it, and nothing is missing.
fn assert_is_a_chain(messages: &[Message]) {
    for (depth, message) in messages.iter().enumerate() {
        let before = depth.checked_sub(1).map(|before| messages[before].id);
        assert_eq!((message.parent_id, message.depth, message.active), (before, depth as u64, true));
    }
}

#[tokio::test]
async fn a_conversation_is_a_chain() {
    let world = World::new().await;
    world.upstream.always_with(Script::echo);
    world.say("Ahoy!").await;
    world.send("Anyone there?").await.read_to_end().await;
    world.send("Good.").await.read_to_end().await;
    assert_eq!(
        world.listed().await,
        ["user: Ahoy!", "user: Anyone there?", "assistant: Anyone there?", "user: Good.", "assistant: Good."]
    );
    assert_is_a_chain(&world.messages().await);
}

#[tokio::test]
async fn a_prompt_that_is_the_last_message_is_answered() {
    let world = World::new().await;
    let question = world.say("What is your price?").await;
    let heard = world.ask_for_answer("What is your price?").await.read_to_end().await;
    assert_eq!(heard.begun.user_message_id, Some(question.id));
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye."]);
    assert_eq!(world.shown(0).await, ["user: What is your price?"]);
}

#[tokio::test]
async fn a_prompt_that_was_answered_last_gets_another_answer() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two coppers."]));
    world.upstream.enqueue(&Script::reply(["Three."]));
    let first = world.send("What is your price?").await.read_to_end().await;
    let second = world.ask_for_answer("What is your price?").await.read_to_end().await;

    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Three."]);
    let old = world.message(first.begun.message_id).await.unwrap();
    let new = world.message(second.begun.message_id).await.unwrap();
    assert_eq!((old.active, old.content.as_str(), old.status), (false, "Two coppers.", Status::Complete));
    assert_eq!((old.parent_id, old.depth), (new.parent_id, new.depth));
    assert_eq!(new.parent_id, first.begun.user_message_id);
    // The first answer is no part of the second one's prompt.
    assert_eq!(world.shown(1).await, ["user: What is your price?"]);
}

#[tokio::test]
async fn a_reply_that_still_runs_can_be_replaced_and_both_end_well() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hold_after(1, &gate));
    let mut first = world.send("What is your price?").await;
    first.hear("Two ").await;
    world.ask_for_answer("What is your price?").await.read_to_end().await;
    gate.open();
    let first = first.read_to_end().await;
    assert_eq!((first.text().as_str(), first.end.status), ("Two coppers.", Status::Complete));
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye."]);
}

#[tokio::test]
async fn any_other_prompt_is_answered_below_the_last_message_without_being_kept() {
    let world = World::new().await;
    world.say("What is your price?").await;
    let heard = world.ask_for_answer("Whisper it.").await.read_to_end().await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye."]);
    assert_eq!(world.shown(0).await, ["user: What is your price?", "user: Whisper it."]);
    assert_eq!(heard.begun.user_message_id, None, "it answers no message");

    world.ask_for_answer("Louder.").await.read_to_end().await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye.", "assistant: Aye."]);
    assert_eq!(world.shown(1).await, ["user: What is your price?", "assistant: Aye.", "user: Louder."]);
    assert_is_a_chain(&world.messages().await);
}

/// Only the prompt that was answered last can be answered anew.
#[tokio::test]
async fn an_earlier_prompt_is_any_other_prompt() {
    let world = World::new().await;
    world.send("Ahoy!").await.read_to_end().await;
    world.send("What is your price?").await.read_to_end().await;
    world.ask_for_answer("Ahoy!").await.read_to_end().await;
    assert_eq!(world.messages().await.len(), 5);
    assert_eq!(world.shown(2).await.last().unwrap(), "user: Ahoy!");
}

#[tokio::test]
async fn a_prompt_is_compared_letter_for_letter() {
    let world = World::new().await;
    world.say("Ahoy!").await;
    world.ask_for_answer("ahoy! ").await.read_to_end().await;
    assert_eq!(world.shown(0).await, ["user: Ahoy!", "user: ahoy! "]);
}

#[tokio::test]
async fn a_prompt_in_an_empty_conversation_need_not_be_kept() {
    let world = World::new().await;
    let heard = world.ask_for_answer("Ahoy!").await.read_to_end().await;
    assert_eq!(heard.begun.user_message_id, None);
    assert_eq!(world.listed().await, ["assistant: Aye."]);
    assert_eq!(world.shown(0).await, ["user: Ahoy!"]);
    assert_eq!(world.conversation().await.unwrap().title, "");
}

#[tokio::test]
async fn a_blank_prompt_answers_what_is_there() {
    for create_user_message in [true, false] {
        let world = World::new().await;
        let question = world.say("What is your price?").await;
        let send = Send { create_user_message, ..world.prompt(" \n\u{3000}") };
        let heard = world.try_send(send).await.unwrap().read_to_end().await;
        assert_eq!(heard.begun.user_message_id, Some(question.id));
        assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye."]);
        assert_eq!(world.shown(0).await, ["user: What is your price?"]);
    }
}

#[tokio::test]
async fn a_blank_prompt_after_a_reply_asks_for_another_one_below_it() {
    let world = World::new().await;
    world.send("What is your price?").await.read_to_end().await;
    world.send("").await.read_to_end().await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Aye.", "assistant: Aye."]);
    assert_eq!(world.shown(1).await, ["user: What is your price?", "assistant: Aye."]);
}

#[tokio::test]
async fn a_blank_prompt_in_an_empty_conversation_is_answered() {
    let world = World::new().await;
    world.send("").await.read_to_end().await;
    assert_eq!(world.listed().await, ["assistant: Aye."]);
    assert_eq!(world.shown(0).await, [""; 0]);
}

#[tokio::test]
async fn two_sends_at_once_chain_and_both_are_answered() {
    let world = World::new().await;
    world.upstream.always_with(Script::echo);
    let (first, second) = tokio::join!(world.send("one"), world.send("two"));
    let (first, second) = tokio::join!(first.read_to_end(), second.read_to_end());
    assert_eq!((first.text().as_str(), second.text().as_str()), ("one", "two"));
    assert_eq!(world.listed().await, ["user: one", "assistant: one", "user: two", "assistant: two"]);
    assert_is_a_chain(&world.messages().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_sends_at_once_all_complete_and_are_kept() {
    let world = World::new().await;
    world.upstream.always_with(Script::echo);
    let prompts: Vec<String> = (0..60).map(|number| format!("number {number}")).collect();
    let replies = prompts.iter().map(async |prompt| world.send(prompt).await.read_to_end().await);
    for (prompt, heard) in prompts.iter().zip(join_all(replies).await) {
        assert_eq!((heard.end.status, &heard.text()), (Status::Complete, prompt));
    }

    let messages = world.messages().await;
    assert_eq!(messages.len(), 120);
    assert_is_a_chain(&messages);
    for pair in messages.chunks(2) {
        assert_eq!(pair[0].content, pair[1].content, "a reply stands below its prompt");
        assert_eq!(pair[1].status, Status::Complete);
    }
}
