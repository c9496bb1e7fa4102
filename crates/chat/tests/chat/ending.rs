//! A reply is ended from outside: its conversation is deleted, or the server ends, gently or not.

use std::time::Duration;

use futures_util::FutureExt as _;
use raconteur_chat::{ChatError, Send};
use raconteur_domain::Status;
use raconteur_fake_upstream::{Gate, PATIENCE, Script};
use tokio::runtime::{Builder, Runtime};

use crate::reader::Reader;
use crate::world::{Ground, World, within};

/// A reply that has said `Two ` and will never say more.
async fn a_reply_that_hangs(world: &World) -> Reader {
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(1));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    reader
}

/// Deletes the conversation so that the chat does not notice: the reply runs on, and the rows stay.
async fn delete_past_the_chat(world: &World, reader: &Reader) {
    let (owner, thread, now) = (world.ground.owner, world.ground.thread, reader.begun().at);
    let deletion = world.db.write(move |tx| tx.delete_conversation(owner, thread, now));
    assert!(deletion.await.unwrap());
}

async fn until_its_rows_are_gone(world: &World, reader: &Reader) {
    let begun = reader.begun().clone();
    world
        .until("the rows of the conversation to be gone", async |world| {
            world.message(begun.message_id).await.is_none()
                && world.message(begun.user_message_id.unwrap()).await.is_none()
                && world.generation(begun.generation_id).await.is_none()
        })
        .await;
}

#[tokio::test]
async fn deleting_the_conversation_stops_its_reply_on_both_sides() {
    let world = World::new().await;
    let mut reader = a_reply_that_hangs(&world).await;
    world.delete_conversation().await;

    while reader.listen().await {}
    world.upstream.wait_for_disconnect(0).await;
    until_its_rows_are_gone(&world, &reader).await;
    let heard = reader.read_to_end().await;
    assert_eq!((heard.text().as_str(), heard.end.status, heard.end.trouble), ("Two ", Status::Stopped, None));

    assert!(world.conversation().await.is_none());
    assert!(matches!(world.try_send(world.prompt("Hello?")).await, Err(ChatError::NotFound)));
}

#[tokio::test]
async fn deleting_the_conversation_ends_the_wait_for_the_model() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::hang());
    let reader = world.send("What is your price?").await;
    world.upstream.wait_for_requests(1).await;
    world.delete_conversation().await;
    world.upstream.wait_for_disconnect(0).await;
    let heard = reader.read_to_end().await;
    assert_eq!((heard.deltas.len(), heard.end.status), (0, Status::Stopped));
}

#[tokio::test]
async fn a_finished_conversation_goes_too() {
    let world = World::new().await;
    let mut reader = world.send("What is your price?").await;
    while reader.listen().await {}
    world.delete_conversation().await;
    until_its_rows_are_gone(&world, &reader).await;
}

/// As where the end of the reply comes after the first attempt to remove the rows.
#[tokio::test]
async fn what_could_not_go_while_its_reply_ran_goes_when_that_has_ended() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two coppers."]).hold_before_headers(&gate));
    let mut reader = world.send("What is your price?").await;
    delete_past_the_chat(&world, &reader).await;
    gate.open();
    while reader.listen().await {}
    until_its_rows_are_gone(&world, &reader).await;
}

/// A client may go away while its deletion is still being written down.
#[tokio::test]
async fn a_deletion_that_is_abandoned_stops_the_reply_too() {
    let world = World::new().await;
    let reader = a_reply_that_hangs(&world).await;
    let deletion = world.chat.delete_conversation(world.ground.owner, world.ground.thread);
    assert!(deletion.now_or_never().is_none());
    assert_eq!(reader.read_to_end().await.end.status, Status::Stopped);
}

#[tokio::test]
async fn deleting_the_conversations_with_one_character_leaves_the_others_running() {
    let world = World::new().await;
    let gate = Gate::new();
    let conversation = world.begin_conversation("Bronn").await;
    world.upstream.enqueue(&Script::reply(["Pay ", "me."]).hold_after(1, &gate));
    let send = Send { conversation, ..world.prompt("What is your price?") };
    let mut kept = world.try_send(send).await.unwrap();
    kept.hear("Pay ").await;
    let stopped = a_reply_that_hangs(&world).await;

    let deleted = world.chat.delete_conversations(world.ground.owner, Some("Wren".to_owned())).await;
    assert_eq!(deleted.unwrap(), 1);
    assert_eq!(stopped.read_to_end().await.end.status, Status::Stopped);
    gate.open();
    let kept = kept.read_to_end().await;
    assert_eq!((kept.text().as_str(), kept.end.status), ("Pay me.", Status::Complete));
}

/// Whichever is first: a send finds the conversation gone, or the deletion finds the reply.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_and_a_deletion_at_once_leave_nothing_running() {
    send_and_delete_at_once(World::new().await).await;
}

#[tokio::test]
async fn sends_and_a_deletion_at_once_leave_nothing_running_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        send_and_delete_at_once(world).await;
    }
}

async fn send_and_delete_at_once(world: World) {
    world.upstream.always(&Script::hang());
    for _ in 0..20 {
        let conversation = world.begin_conversation("Wren").await;
        let send = async || match world.try_send(Send { conversation, ..world.prompt("Quick!") }).await {
            Ok(reader) => assert_eq!(reader.read_to_end().await.end.status, Status::Stopped),
            Err(error) => assert!(matches!(error, ChatError::NotFound), "{error}"),
        };
        let delete = world.chat.delete_conversation(world.ground.owner, conversation);
        let (.., deleted) = tokio::join!(send(), send(), send(), delete);
        deleted.unwrap();
    }
}

#[tokio::test]
async fn a_shutdown_lets_replies_finish_and_begins_none() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hold_after(1, &gate));
    let reader = world.send("What is your price?").await;
    gate.reached(1).await;
    tokio::join!(world.chat.shut_down(PATIENCE), async {
        let refused = world.try_send(world.prompt("Are you leaving?")).await;
        assert!(matches!(refused, Err(ChatError::Closing)));
        gate.open();
    });
    // By now its end has been written, whether it has been read or not.
    let reply = world.message(reader.begun().message_id).await.unwrap();
    assert_eq!((reply.content.as_str(), reply.status), ("Two coppers.", Status::Complete));
    assert_eq!(reader.read_to_end().await.end.status, Status::Complete);
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Two coppers."]);
}

#[tokio::test]
async fn a_shutdown_interrupts_what_does_not_finish() {
    let world = World::new().await;
    let reader = a_reply_that_hangs(&world).await;
    within("the shutdown", world.chat.shut_down(Duration::ZERO)).await;
    world.upstream.wait_for_disconnect(0).await;

    let reply = world.message(reader.begun().message_id).await.unwrap();
    assert_eq!((reply.content.as_str(), reply.status), ("Two ", Status::Interrupted));
    let heard = reader.read_to_end().await;
    assert_eq!((heard.text().as_str(), heard.end.status), ("Two ", Status::Interrupted));
    let trouble = heard.end.trouble.unwrap();
    assert_eq!((trouble.code.as_str(), trouble.retryable), ("interrupted", true));
}

/// What the shutdown did not refuse it has to wait for, even where the reply did not exist yet when it began.
#[tokio::test]
async fn a_shutdown_ends_a_send_that_was_on_its_way() {
    let world = World::new().await;
    world.upstream.always(&Script::hang());
    let held = world.hold_the_writer().await;
    let (sent, ()) = tokio::join!(world.try_send(world.prompt("What is your price?")), async {
        // Lets the send come as far as the database.
        tokio::task::yield_now().await;
        tokio::join!(world.chat.shut_down(Duration::ZERO), async { drop(held) });
        let running = world.messages().await.iter().any(|message| message.status == Status::Running);
        assert!(!running, "a reply was left running");
    });
    let heard = sent.expect("it was no longer refused").read_to_end().await;
    assert_eq!(heard.end.status, Status::Interrupted);
}

/// The provider counts tokens; it is left at once, whatever else is slow.
#[tokio::test]
async fn the_provider_is_left_before_the_database_has_answered() {
    let world = World::new().await;
    let (more, said) = (Gate::new(), Gate::new());
    let script = Script::reply(["Two ", "coppers."]).hold_after(1, &more).hold_after(2, &said);
    world.upstream.enqueue(&script);
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    let held = world.hold_the_writer().await;
    more.open();
    said.reached(1).await;
    tokio::join!(world.chat.shut_down(Duration::ZERO), async {
        world.upstream.wait_for_disconnect(0).await;
        drop(held);
    });
    assert_eq!(reader.read_to_end().await.end.status, Status::Interrupted);
}

/// Drops everything of a server where it stands, as if its process had been killed.
fn kill(server: Runtime, world: World) -> Ground {
    // Tasks first: none of them runs once more.
    drop(server);
    world.ground
}

/// A server of one thread, whose tasks run only while the test waits.
fn server() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn what_a_dead_server_left_running_is_interrupted_and_keeps_its_words() {
    let first = server();
    let (world, begun) = first.block_on(async {
        let world = World::new().await;
        let begun = a_reply_that_hangs(&world).await.begun().clone();
        (world, begun)
    });
    let ground = kill(first, world);

    server().block_on(async {
        let world = World::upon(ground).await;
        let reply = world.message(begun.message_id).await.unwrap();
        assert_eq!((reply.content.as_str(), reply.status), ("Two ", Status::Interrupted));
        let generation = world.generation(begun.generation_id).await.unwrap();
        assert_eq!(generation.outcome.error_code.as_deref(), Some("interrupted"));

        world.send("Go on.").await.read_to_end().await;
        assert_eq!(world.shown(0).await, ["user: What is your price?", "assistant: Two ", "user: Go on."]);
    });
}

#[test]
fn what_a_dead_server_had_not_yet_removed_goes_at_the_next_start() {
    let first = server();
    let (world, reader) = first.block_on(async {
        let world = World::new().await;
        let reader = a_reply_that_hangs(&world).await;
        delete_past_the_chat(&world, &reader).await;
        (world, reader)
    });
    let ground = kill(first, world);

    server().block_on(async {
        let world = World::upon(ground).await;
        until_its_rows_are_gone(&world, &reader).await;
    });
}
