//! A person wants no more of a reply.

use raconteur_chat::ChatError;
use raconteur_domain::{Entropy, GenerationId, Status, UserId};
use raconteur_fake_upstream::Script;

use crate::world::World;

#[tokio::test]
async fn a_stopped_reply_ends_the_request_and_keeps_what_was_said() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(1));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    let (owner, id) = (world.ground.owner, reader.begun().generation_id);
    // Twice: the second time it may still run or have ended, which makes no difference.
    world.chat.stop(owner, id).await.unwrap();
    world.chat.stop(owner, id).await.unwrap();

    let heard = reader.read_to_end().await;
    assert_eq!((heard.text().as_str(), heard.end.status, heard.end.trouble), ("Two ", Status::Stopped, None));
    world.upstream.wait_for_disconnect(0).await;
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Two "]);
    assert_eq!(world.generation(id).await.unwrap().status, Status::Stopped);
    world.chat.stop(owner, id).await.unwrap();
}

#[tokio::test]
async fn the_next_prompt_shows_the_model_what_a_stopped_reply_had_said() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(1));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    world.chat.stop(world.ground.owner, reader.begun().generation_id).await.unwrap();
    reader.read_to_end().await;
    world.send("Two what?").await.read_to_end().await;
    assert_eq!(world.shown(1).await, ["user: What is your price?", "assistant: Two ", "user: Two what?"]);
}

#[tokio::test]
async fn a_reply_that_has_ended_stays_as_it_is() {
    let world = World::new().await;
    let reader = world.send("What is your price?").await;
    let id = reader.begun().generation_id;
    reader.read_to_end().await;
    world.chat.stop(world.ground.owner, id).await.unwrap();
    assert_eq!(world.generation(id).await.unwrap().status, Status::Complete);
}

#[tokio::test]
async fn what_is_somebody_elses_or_nobodys_is_not_found() {
    struct Nines;
    impl Entropy for Nines {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(9);
        }
    }
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(1));
    let mut reader = world.send("What is your price?").await;
    reader.hear("Two ").await;
    let (owner, begun) = (world.ground.owner, reader.begun().clone());
    let (stranger, nothing) = (UserId::new(begun.at, &Nines), GenerationId::new(begun.at, &Nines));
    assert!(matches!(world.chat.stop(stranger, begun.generation_id).await, Err(ChatError::NotFound)));
    assert!(matches!(world.chat.stop(owner, nothing).await, Err(ChatError::NotFound)));
    assert_eq!(world.generation(begun.generation_id).await.unwrap().status, Status::Running);
}
