//! The prompt is longer than the model's context.

use raconteur_chat::{ChatError, End};
use raconteur_domain::Status;
use raconteur_fake_upstream::{Script, chunk};
use raconteur_persona::PromptTooLong;
use serde_json::Value;

use crate::reader::Heard;
use crate::world::World;

/// A conversation of four messages, which cost 5 tokens each by the estimate: 1 for four letters, 4 for the message
/// around them.
async fn talkative() -> World {
    let world = World::new().await;
    for word in ["aaaa", "bbbb", "cccc", "dddd"] {
        world.say(word).await;
    }
    world
}

fn too_long() -> Script {
    Script::error(400, "exceed_context_size_error", "400", "the request exceeds the available context size")
}

async fn explanation(world: &World, heard: &Heard) -> Value {
    let (owner, id) = (world.ground.owner, heard.begun.generation_id);
    let kept = world.db.read(move |tx| tx.explanation(owner, id)).await.unwrap();
    serde_json::from_str(&kept.unwrap()).unwrap()
}

fn trouble(end: &End) -> Option<(&'static str, bool)> {
    end.trouble.map(|trouble| (trouble.code.as_str(), trouble.retryable))
}

#[tokio::test]
async fn the_model_is_asked_once_more_with_the_newest_half_of_the_history() {
    let in_the_stream = Script::events([chunk::error("too long", &"context_length_exceeded".into())]);
    for refusal in [too_long(), in_the_stream] {
        let world = talkative().await;
        world.upstream.enqueue(&refusal);
        let heard = world.send("eeee").await.read_to_end().await;
        assert_eq!(
            (heard.text().as_str(), heard.end.status, trouble(&heard.end)),
            ("Aye.", Status::Complete, None)
        );
        assert_eq!(world.shown(0).await.len(), 5);
        assert_eq!(world.shown(1).await, ["user: cccc", "user: dddd", "user: eeee"]);
        assert_eq!(world.upstream.requests().len(), 2);

        let explanation = explanation(&world, &heard).await;
        assert_eq!(explanation["budget"]["history"], 10, "it is that of the prompt that was answered");
        assert_eq!(
            (&explanation["history_dropped"], &explanation["tokens"]["history"]),
            (&2.into(), &10.into())
        );
    }
}

#[tokio::test]
async fn a_prompt_that_is_still_too_long_fails_the_reply() {
    let world = talkative().await;
    world.upstream.always(&too_long());
    let heard = world.send("eeee").await.read_to_end().await;
    assert_eq!(heard.end.status, Status::Failed);
    assert_eq!(trouble(&heard.end), Some(("model_context_exceeded", false)));
    assert_eq!(world.upstream.requests().len(), 2);
    assert_eq!(explanation(&world, &heard).await["budget"]["history"], 10, "it is that of the last prompt");
}

#[tokio::test]
async fn without_a_history_there_is_nothing_to_leave_out() {
    let world = World::new().await;
    world.upstream.always(&too_long());
    let heard = world.send("eeee").await.read_to_end().await;
    assert_eq!(trouble(&heard.end), Some(("model_context_exceeded", false)));
    assert_eq!(world.upstream.requests().len(), 1);
}

#[tokio::test]
async fn nothing_is_said_or_thought_twice() {
    let full = chunk::error("Context size has been exceeded.", &500.into());
    for script in [
        Script::reply(["Two "]).event_after(1, &full),
        Script::reply(["Two "]).reasoning(["Hm."]).event_after(0, &full),
    ] {
        let world = talkative().await;
        world.upstream.enqueue(&script);
        let heard = world.send("eeee").await.read_to_end().await;
        assert_eq!(trouble(&heard.end), Some(("model_context_exceeded", false)));
        assert_eq!(world.upstream.requests().len(), 1);
    }
}

/// What the reply says already is sent whole, so it is the turns before it that have to make room.
#[tokio::test]
async fn a_reply_that_goes_on_leaves_room_for_what_it_says_already() {
    let world = talkative().await;
    // 10 tokens, 14 with the message around them.
    let said = "z".repeat(40);
    world.upstream.enqueue(&Script::reply([said.as_str()]));
    let reply = world.send("eeee").await.read_to_end().await;
    let spoken = format!("assistant: {said}");

    world.upstream.enqueue(&too_long());
    let heard = world.go_on(reply.begun.message_id).await.read_to_end().await;
    assert_eq!(heard.end.status, Status::Complete);
    let all = ["user: aaaa", "user: bbbb", "user: cccc", "user: dddd", "user: eeee", &spoken];
    assert_eq!(world.shown(1).await, all);
    assert_eq!(world.shown(2).await, ["user: cccc", "user: dddd", "user: eeee", &spoken]);
    assert_eq!(world.upstream.requests().len(), 3);
}

#[tokio::test]
async fn a_reply_that_goes_on_is_not_asked_for_again_where_nothing_can_be_left_out() {
    let world = World::new().await;
    let reply = world.send("eeee").await.read_to_end().await;
    world.upstream.always(&too_long());
    let heard = world.go_on(reply.begun.message_id).await.read_to_end().await;
    assert_eq!(
        (heard.end.status, trouble(&heard.end)),
        (Status::Failed, Some(("model_context_exceeded", false)))
    );
    assert_eq!(world.upstream.requests().len(), 2, "once for the reply, once to go on");
}

#[tokio::test]
async fn a_prompt_that_no_context_has_room_for_is_refused_with_the_numbers_before_anything_is_kept() {
    let world = World::with_context(2_000).await;
    // A token for each, and 4 for the message around them.
    let refused = world.try_send(world.prompt(&"word ".repeat(1_500))).await.err().unwrap();
    let ChatError::PromptTooLong(PromptTooLong { tokens, available }) = refused else {
        panic!("{refused}");
    };
    assert_eq!(tokens, 1_504);
    // 1,024 are kept for the reply, and the guard rails take some.
    assert!((700..976).contains(&available), "{available}");
    assert_eq!(world.upstream.requests().len(), 0);
    assert_eq!(world.messages().await.len(), 0);
}

#[tokio::test]
async fn a_long_conversation_goes_on_in_a_short_context() {
    let world = World::with_context(2_000).await;
    for number in 0..12 {
        let heard = world.send(&format!("{number} {}", "word ".repeat(200))).await.read_to_end().await;
        assert_eq!(heard.end.status, Status::Complete, "{number}");
    }
    assert!(world.shown(11).await.len() < 20, "the oldest of 23 turns are left out");
}

#[tokio::test]
async fn the_estimate_learns_from_what_the_model_counts() {
    let world = World::with_context(3_000).await;
    let budget_taken = async |heard: &Heard| {
        let tokens = explanation(&world, heard).await["tokens"].clone();
        tokens.as_object().unwrap().values().map(|part| part.as_u64().unwrap()).sum::<u64>()
    };
    let text = "word ".repeat(300);
    world.upstream.always(&Script::reply(["Aye."]).usage(1_400, 2));
    let before = budget_taken(&world.send(&text).await.read_to_end().await).await;
    let after = budget_taken(&world.send(&text).await.read_to_end().await).await;
    assert!(after > 2 * before, "the same is reckoned to be more: {before}, {after}");
}
