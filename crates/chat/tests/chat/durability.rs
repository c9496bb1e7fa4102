//! Whether what is shown has to be durable first.

use raconteur_chat::{ChatSettings, Durability};
use raconteur_domain::Status;
use raconteur_fake_upstream::{Gate, Script};

use crate::world::{SETTINGS, World};

const RELAXED: ChatSettings = ChatSettings { durability: Durability::Relaxed, ..SETTINGS };

#[tokio::test]
async fn who_does_not_wait_for_the_disk_hears_what_is_not_on_it_yet() {
    let world = World::with_settings(RELAXED).await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers", ", now."]).hold_after(1, &gate));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    let held = world.hold_the_writer().await;
    gate.open();
    reader.hear("Two coppers, now.").await;
    drop(held);
    let heard = reader.read_to_end().await;
    assert_eq!((heard.end.status, heard.text().as_str()), (Status::Complete, "Two coppers, now."));
    assert_eq!(heard.deltas, ["Two ", "coppers", ", now."]);
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Two coppers, now."]);
}

#[tokio::test]
async fn what_was_shown_before_it_was_durable_is_durable_soon() {
    let world = World::with_settings(RELAXED).await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(2));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two coppers.").await;
    let durable = async |world: &World| world.listed().await.contains(&"assistant: Two coppers.".to_owned());
    world.until("the text is in the database", durable).await;
}
