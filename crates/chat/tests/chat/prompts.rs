//! What the model is shown.

use raconteur_chat::Send;
use raconteur_fake_upstream::{Gate, Script};

use crate::world::{SETTINGS, World};

#[tokio::test]
async fn the_model_is_asked_with_the_settings() {
    let world = World::new().await;
    world.send("What is your price?").await.read_to_end().await;
    let body = &world.upstream.requests()[0].body;
    assert_eq!(body["model"], "test-model");
    assert_eq!(body["max_tokens"], SETTINGS.max_tokens);
    assert_eq!(body["temperature"], SETTINGS.temperature);
}

#[tokio::test]
async fn one_system_message_comes_first_and_then_what_was_said() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]));
    world.send("What is your price?").await.read_to_end().await;
    world.send("What of the bell?").await.read_to_end().await;
    let system = world.system(1).await;
    assert_eq!(system.len(), 1);
    assert!(system[0].starts_with("You are Wren.") && system[0].contains("The drowned bell rings"));
    assert_eq!(
        world.shown(1).await,
        ["user: What is your price?", "assistant: Two coppers.", "user: What of the bell?"]
    );
}

#[tokio::test]
async fn an_unknown_character_speaks_for_itself() {
    let world = World::new().await;
    let conversation = world.begin_conversation("Sherlock Holmes").await;
    let send = Send { conversation, ..world.prompt("What of the bell?") };
    world.try_send(send).await.unwrap().read_to_end().await;
    let system = world.system(0).await.concat();
    assert!(system.starts_with("You are Sherlock Holmes.") && !system.contains("drowned"), "{system}");
}

#[tokio::test]
async fn the_narrator_answers_for_one_turn() {
    let world = World::new().await;
    world.send(" [[OOC]] What of the bell?").await.read_to_end().await;
    world.send("And you?").await.read_to_end().await;
    assert!(world.system(0).await.concat().starts_with("You tell of Wren."));
    assert_eq!(world.shown(0).await, ["user: What of the bell?"]);
    assert!(world.system(1).await.concat().starts_with("You are Wren."));
    // Kept letter for letter, toggle included.
    assert_eq!(world.messages().await[0].content, " [[OOC]] What of the bell?");
}

/// By the estimate each of these costs 5 tokens: 1 for four letters, 4 for the message around them.
#[tokio::test]
async fn the_newest_messages_that_fit_are_shown() {
    let world = World::remembering(10).await;
    for word in ["aaaa", "bbbb", "cccc"] {
        world.say(word).await;
    }
    world.send("dddd").await.read_to_end().await;
    assert_eq!(world.shown(0).await, ["user: bbbb", "user: cccc", "user: dddd"]);
}

#[tokio::test]
async fn the_prompt_is_no_part_of_the_historys_budget() {
    let long = "dddd ".repeat(50);
    for create_user_message in [true, false] {
        let world = World::remembering(10).await;
        for word in ["aaaa", "bbbb", "cccc"] {
            world.say(word).await;
        }
        let send = Send { create_user_message, ..world.prompt(&long) };
        world.try_send(send).await.unwrap().read_to_end().await;
        assert_eq!(
            world.shown(0).await,
            ["user: bbbb".to_owned(), "user: cccc".to_owned(), format!("user: {long}")]
        );
    }
}

#[tokio::test]
async fn a_long_conversation_is_shown_whole_where_it_fits() {
    let world = World::new().await;
    for number in 0..200 {
        world.say(&format!("word{number}")).await;
    }
    world.send("Did you hear all that?").await.read_to_end().await;
    let shown = world.shown(0).await;
    assert_eq!(shown.len(), 201);
    assert_eq!((shown[0].as_str(), shown[199].as_str()), ("user: word0", "user: word199"));
}

#[tokio::test]
async fn a_running_reply_is_not_shown() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hold_after(1, &gate));
    let mut running = world.send("What is your price?").await;
    running.hear("Two ").await;
    world.send("Well?").await.read_to_end().await;
    assert_eq!(world.shown(1).await, ["user: What is your price?", "user: Well?"]);

    gate.open();
    running.read_to_end().await;
    world.send("I see.").await.read_to_end().await;
    assert_eq!(
        world.shown(2).await,
        [
            "user: What is your price?",
            "assistant: Two coppers.",
            "user: Well?",
            "assistant: Aye.",
            "user: I see."
        ]
    );
}

#[tokio::test]
async fn blank_messages_are_not_shown() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply([""; 0]));
    world.upstream.enqueue(&Script::reply([" ", "\n"]));
    world.send("Are you asleep?").await.read_to_end().await;
    world.say(" \t").await;
    world.send("Hello?").await.read_to_end().await;
    world.send("Wren?").await.read_to_end().await;
    assert_eq!(world.shown(2).await, ["user: Are you asleep?", "user: Hello?", "user: Wren?"]);
}

#[tokio::test]
async fn another_conversation_is_not_shown() {
    let world = World::new().await;
    world.say("A secret.").await;
    let conversation = world.begin_conversation("Wren").await;
    let send = Send { conversation, ..world.prompt("What do you know?") };
    world.try_send(send).await.unwrap().read_to_end().await;
    assert_eq!(world.shown(0).await, ["user: What do you know?"]);
}
