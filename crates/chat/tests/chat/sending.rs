//! A prompt goes in; a reply comes out, live and kept.

use std::time::Duration;

use futures_util::FutureExt as _;
use raconteur_chat::{ChatError, Send};
use raconteur_domain::{Role, Status, Usage};
use raconteur_fake_upstream::{Gate, Script};
use raconteur_storage::ConversationChange;

use crate::world::World;

#[tokio::test]
async fn a_prompt_and_its_reply_are_kept() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]));
    let heard = world.send("What is your price?").await.read_to_end().await;

    let messages = world.messages().await;
    let [question, reply] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(
        (question.role, question.status, question.content.as_str()),
        (Role::User, Status::Complete, "What is your price?")
    );
    assert_eq!(
        (reply.role, reply.status, reply.content.as_str()),
        (Role::Assistant, Status::Complete, "Two coppers.")
    );
    assert_eq!((reply.parent_id, reply.spoken_bytes), (Some(question.id), None));

    let begun = &heard.begun;
    assert_eq!((begun.message_id, begun.user_message_id), (reply.id, Some(question.id)));
    assert_eq!(Some(begun.generation_id), reply.generation_id);
    assert_eq!((begun.character.as_str(), begun.model.as_str()), ("Wren", "test-model"));
}

#[tokio::test]
async fn the_end_tells_how_the_model_ended_and_is_kept_with_the_generation() {
    let world = World::new().await;
    let gate = Gate::new();
    let script = Script::reply(["Two ", "coppers"]).finish_reason("length").usage(40, 2);
    world.upstream.enqueue(&script.hold_before_headers(&gate));
    let reader = world.send("What is your price?").await;
    gate.reached(1).await;
    world.ground.clock.pass(Duration::from_millis(250));
    gate.open();
    let heard = reader.read_to_end().await;

    let usage = Some(Usage { prompt_tokens: 40, completion_tokens: 2 });
    assert_eq!((heard.end.status, heard.end.trouble), (Status::Complete, None));
    assert_eq!(
        (heard.end.finish_reason.as_deref(), heard.end.usage, heard.end.ttft_ms),
        (Some("length"), usage, Some(250))
    );
    assert_eq!(heard.end.at, heard.begun.at + Duration::from_millis(250));

    let generation = world.generation(heard.begun.generation_id).await.unwrap();
    assert_eq!((generation.status, generation.model.as_str()), (Status::Complete, "test-model"));
    let outcome = generation.outcome;
    assert_eq!(
        (outcome.finish_reason, outcome.usage, outcome.ttft_ms, outcome.error_code),
        (heard.end.finish_reason, usage, Some(250), None)
    );
}

/// However odd the cuts are: inside what a reader takes for one character, at blanks, at what means something in SSE.
#[tokio::test]
async fn deltas_arrive_exactly_as_the_model_cut_them() {
    let world = World::new().await;
    let long = "君临城 ".repeat(4_000);
    let pieces = [
        "Né",
        "e\u{301}",
        "\u{301}",
        "👩",
        "\u{200d}",
        "👧",
        "🏴\u{e0067}",
        "\u{e007f}",
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "data: x",
        "\n\ndata: [DONE]\n\n",
        "\u{feff}",
        "\u{2028}",
        "\"}]}",
        "\\n",
        &long,
        "ש",
        "\u{5c1}",
        "ก",
        "\u{e33}",
        "x",
        "x",
        "x",
    ];
    for script in [Script::reply(pieces), Script::reply(pieces).byte_by_byte().crlf().comments()] {
        world.upstream.enqueue(&script);
        let heard = world.send("Speak in tongues.").await.read_to_end().await;
        assert_eq!(heard.deltas, pieces);
        let stored = world.message(heard.begun.message_id).await.unwrap();
        assert_eq!(stored.content, pieces.concat());
    }
}

#[tokio::test]
async fn the_reply_exists_before_the_model_answers() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two coppers."]).hold_before_headers(&gate));
    let mut reader = world.send("What is your price?").await;
    gate.reached(1).await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: "]);
    let reply = world.message(reader.begun().message_id).await.unwrap();
    assert_eq!(reply.status, Status::Running);
    assert!(reader.listen().now_or_never().is_none(), "nothing has been said yet");
    gate.open();
    assert_eq!(reader.read_to_end().await.text(), "Two coppers.");
}

#[tokio::test]
async fn nothing_is_shown_before_it_is_durable() {
    let world = World::new().await;
    let pieces: Vec<String> = (0..500).map(|number| format!("{number} ")).collect();
    world.upstream.enqueue(&Script::reply(&pieces));
    let mut reader = world.send("Count.").await;
    while reader.listen().await {
        let stored = world.message(reader.begun().message_id).await.unwrap().content;
        assert!(stored.starts_with(reader.heard()), "shown {:?}, stored {stored:?}", reader.heard());
    }
    assert_eq!(reader.heard(), pieces.concat());
}

/// The model goes on, and ends, while what it said first is still on its way to the disk.
#[tokio::test]
async fn a_database_that_lags_behind_the_model_loses_nothing() {
    let world = World::new().await;
    let (slow, fast) = (Gate::new(), Gate::new());
    let script = Script::reply(["one ", "two ", "three ", "four"]);
    world.upstream.enqueue(&script.hold_after(1, &slow).hold_after(2, &fast));
    let mut reader = world.send("Count.").await;
    reader.hear("one ").await;
    let held = world.hold_the_writer().await;
    slow.open();
    fast.reached(1).await;
    assert!(reader.listen().now_or_never().is_none(), "nothing more is durable");
    fast.open();
    drop(held);
    assert_eq!(reader.read_to_end().await.deltas, ["one ", "two ", "three ", "four"]);
    assert_eq!(world.listed().await, ["user: Count.", "assistant: one two three four"]);
}

#[tokio::test]
async fn a_running_reply_is_listed_with_its_text_so_far() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hold_after(1, &gate));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Two "]);
    gate.open();
    reader.read_to_end().await;
}

#[tokio::test]
async fn a_reply_goes_on_when_its_reader_leaves() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hold_after(1, &gate));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    let reply = reader.begun().message_id;
    drop(reader);
    gate.open();
    world
        .until("the reply to be complete", async |world| {
            world.message(reply).await.unwrap().status == Status::Complete
        })
        .await;
    assert_eq!(world.message(reply).await.unwrap().content, "Two coppers.");
}

/// A client may go away while its prompt is still being written down.
#[tokio::test]
async fn a_send_that_is_abandoned_ends_like_any_other() {
    let world = World::new().await;
    assert!(world.chat.send(world.prompt("What is your price?")).now_or_never().is_none());
    world
        .until("the reply to be complete", async |world| {
            world.listed().await == ["user: What is your price?", "assistant: Aye."]
                && world.messages().await[1].status == Status::Complete
        })
        .await;
}

#[tokio::test]
async fn a_reader_that_stalls_delays_nobody() {
    let world = World::new().await;
    let pieces: Vec<String> = (0..5_000).map(|number| format!("{number} ")).collect();
    world.upstream.always(&Script::reply(&pieces));
    let stalled = world.send("Count.").await;
    let reply = stalled.begun().message_id;
    assert_eq!(world.send("Count, too.").await.read_to_end().await.deltas, pieces);
    world
        .until("the reply to be complete", async |world| {
            world.message(reply).await.unwrap().status == Status::Complete
        })
        .await;
    // It has missed nothing by that.
    assert_eq!(stalled.read_to_end().await.deltas, pieces);
}

#[tokio::test]
async fn the_first_message_names_a_conversation_without_a_title() {
    let world = World::new().await;
    world.send("  What is your price?\nTell me.").await.read_to_end().await;
    world.send("And the ferry's?").await.read_to_end().await;
    assert_eq!(world.conversation().await.unwrap().title, "Wren — What is your price?");
}

#[tokio::test]
async fn a_message_without_an_answer_names_it_too() {
    let world = World::new().await;
    world.say(" ").await;
    assert_eq!(world.conversation().await.unwrap().title, "");
    world.say("What is your price?").await;
    assert_eq!(world.conversation().await.unwrap().title, "Wren — What is your price?");
}

#[tokio::test]
async fn a_title_that_a_person_gave_stays() {
    let world = World::new().await;
    let (owner, thread, now) =
        (world.ground.owner, world.ground.thread, world.conversation().await.unwrap().created_at);
    let change = ConversationChange { title: Some("Prices".to_owned()), ..ConversationChange::default() };
    world.db.write(move |tx| tx.change_conversation(owner, thread, &change, now)).await.unwrap();
    world.send("What is your price?").await.read_to_end().await;
    assert_eq!(world.conversation().await.unwrap().title, "Prices");
}

#[tokio::test]
async fn acceptance_and_end_move_the_conversation_to_the_top() {
    let world = World::new().await;
    let moved = async || world.conversation().await.unwrap().updated_at;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two coppers."]).hold_before_headers(&gate));

    world.ground.clock.pass(Duration::from_secs(60));
    // No message of its own: the reply alone moves it.
    let reader = world.ask_for_answer("What is your price?").await;
    let accepted = moved().await;
    assert_eq!(accepted, reader.begun().at);

    world.ground.clock.pass(Duration::from_secs(60));
    gate.open();
    let heard = reader.read_to_end().await;
    assert_eq!(moved().await, heard.end.at);
    assert!(heard.end.at > accepted);

    world.ground.clock.pass(Duration::from_secs(60));
    assert_eq!(world.say("Too much.").await.created_at, moved().await);
    assert!(moved().await > heard.end.at);
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_there() {
    let world = World::new().await;
    let nobody = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203";
    let (owner, conversation) = (nobody.parse().unwrap(), nobody.parse().unwrap());
    for send in
        [Send { owner, ..world.prompt("Let me in.") }, Send { conversation, ..world.prompt("Let me in.") }]
    {
        assert!(matches!(world.try_send(send).await, Err(ChatError::NotFound)));
    }
    let said = world.chat.add_message(owner, world.ground.thread, "Hello?".to_owned(), None).await;
    assert!(matches!(said, Err(ChatError::NotFound)));
    assert!(matches!(
        world.chat.delete_conversation(owner, world.ground.thread).await,
        Err(ChatError::NotFound)
    ));
    assert!(world.conversation().await.is_some());
    assert_eq!(world.listed().await, [""; 0]);
    assert_eq!(world.upstream.requests().len(), 0);
}
