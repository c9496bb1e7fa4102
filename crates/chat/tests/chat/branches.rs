//! Other replies, more of a reply, other words; and which branch is shown.

use futures_util::future::join_all;
use raconteur_chat::ChatError;
use raconteur_domain::{ConversationId, Entropy, Message, MessageId, Role, Status, UserId};
use raconteur_fake_upstream::{Gate, Script};
use raconteur_storage::StorageError;

use crate::world::{TROUBLE, World};

/// What of the person's messages contains a text.
async fn found(world: &World, text: &'static str) -> Vec<String> {
    let owner = world.ground.owner;
    let found = world.db.read(move |tx| tx.search_messages(owner, text, 20)).await.unwrap();
    found.into_iter().map(|message| message.content).collect()
}

async fn says(world: &World, pieces: &[&str]) {
    world.upstream.enqueue(&Script::reply(pieces.iter().copied()));
}

#[tokio::test]
async fn another_reply_takes_the_place_of_one_and_what_followed() {
    let world = World::new().await;
    says(&world, &["Two coppers."]).await;
    let first = world.send("What is your price?").await.read_to_end().await;
    world.send("Too much.").await.read_to_end().await;
    says(&world, &["Three."]).await;
    let second = world.regenerate(first.begun.message_id).await.read_to_end().await;

    assert_eq!(second.begun.user_message_id, first.begun.user_message_id);
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Three."]);
    assert_eq!(world.shown(2).await, ["user: What is your price?"]);
    let old = world.message(first.begun.message_id).await.unwrap();
    assert_eq!((old.active, old.content.as_str(), old.status), (false, "Two coppers.", Status::Complete));

    world.activate(old.id).await;
    assert_eq!(
        world.listed().await,
        ["user: What is your price?", "assistant: Two coppers.", "user: Too much.", "assistant: Aye."]
    );
}

#[tokio::test]
async fn another_reply_on_a_branch_that_is_not_shown_shows_it() {
    let world = World::new().await;
    let old = world.send("one").await.read_to_end().await;
    let deep = world.send("two").await.read_to_end().await;
    world.edit(old.begun.user_message_id.unwrap(), "other").await;
    assert_eq!(world.listed().await, ["user: other"]);
    world.regenerate(deep.begun.message_id).await.read_to_end().await;
    assert_eq!(world.listed().await, ["user: one", "assistant: Aye.", "user: two", "assistant: Aye."]);
    assert_eq!(world.shown(2).await, ["user: one", "assistant: Aye.", "user: two"]);
}

#[tokio::test]
async fn a_running_reply_that_is_left_goes_on_and_ends_well() {
    let world = World::new().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hold_after(1, &gate));
    let mut first = world.send("What is your price?").await;
    first.hear("Two ").await;
    let id = first.begun().message_id;
    world.regenerate(id).await.read_to_end().await;
    world.edit(first.begun().user_message_id.unwrap(), "And for a friend?").await;
    gate.open();
    let first = first.read_to_end().await;
    assert_eq!((first.text().as_str(), first.end.status), ("Two coppers.", Status::Complete));
    assert_eq!(world.message(id).await.unwrap().content, "Two coppers.");
    assert_eq!(world.listed().await, ["user: And for a friend?"]);
}

#[tokio::test]
async fn a_reply_goes_on_from_where_it_ended() {
    let world = World::new().await;
    says(&world, &["Two cop"]).await;
    let first = world.send("What is your price?").await.read_to_end().await;
    let gate = Gate::new();
    world.upstream.enqueue(&Script::reply(["pers", ", friend."]).hold_after(1, &gate));
    let mut more = world.go_on(first.begun.message_id).await;
    more.hear("pers").await;

    let running = world.message(first.begun.message_id).await.unwrap();
    let generation = more.begun().generation_id;
    assert_eq!((running.status, running.content.as_str()), (Status::Running, "Two coppers"));
    assert_eq!(running.generation_id, Some(generation));
    assert_ne!(first.begun.generation_id, generation);
    assert!(matches!(
        world.chat.continue_reply(world.ground.owner, running.id).await,
        Err(ChatError::StillRunning)
    ));
    gate.open();
    let more = more.read_to_end().await;
    assert_eq!((more.text().as_str(), more.begun.message_id), ("pers, friend.", first.begun.message_id));
    assert_eq!(more.begun.user_message_id, first.begun.user_message_id);
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: Two coppers, friend."]);
    assert_eq!(world.shown(1).await, ["user: What is your price?", "assistant: Two cop"]);
    assert_eq!(found(&world, "COPPERS, f").await, ["Two coppers, friend."]);

    let texts = world
        .db
        .read(move |tx| Ok::<_, StorageError>((tx.ended(first.begun.generation_id)?, tx.ended(generation)?)));
    let (old, new) = texts.await.unwrap();
    assert_eq!((old.unwrap().text.as_str(), new.unwrap().text.as_str()), ("Two cop", "pers, friend."));
}

#[tokio::test]
async fn only_the_last_reply_goes_on() {
    let world = World::new().await;
    let first = world.send("one").await.read_to_end().await;
    let last = world.send("two").await.read_to_end().await;
    let go_on = async |message: MessageId| {
        let error = world.chat.continue_reply(world.ground.owner, message).await.err();
        error.map(|error| error.to_string())
    };
    assert_eq!(go_on(first.begun.message_id).await.unwrap(), ChatError::NotTheLast.to_string());
    let question = last.begun.user_message_id.unwrap();
    assert_eq!(go_on(question).await.unwrap(), ChatError::NotAReply.to_string());
    world.edit(question, "other").await;
    assert_eq!(go_on(last.begun.message_id).await.unwrap(), ChatError::NotTheLast.to_string());
    assert_eq!(world.upstream.requests().len(), 2);
}

/// What the persona said about the trouble would stand in the middle, and be shown to the model.
#[tokio::test]
async fn a_reply_that_failed_goes_on_from_what_the_model_said() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).cut_after(1));
    let first = world.send("What is your price?").await.read_to_end().await;
    let id = first.begun.message_id;
    assert_eq!(world.message(id).await.unwrap().content, format!("Two \n\n{TROUBLE}"));
    world.upstream.enqueue(&Script::reply(["silver ", "stags."]).cut_after(1));
    world.go_on(id).await.read_to_end().await;
    let message = world.message(id).await.unwrap();
    assert_eq!(message.content, format!("Two silver \n\n{TROUBLE}"));
    assert_eq!((message.spoken(), message.status), ("Two silver ", Status::Failed));
    says(&world, &["coins."]).await;
    world.go_on(id).await.read_to_end().await;
    let message = world.message(id).await.unwrap();
    assert_eq!((message.content.as_str(), message.spoken_bytes), ("Two silver coins.", None));
    assert_eq!(world.shown(2).await, ["user: What is your price?", "assistant: Two silver "]);
}

#[tokio::test]
async fn a_reply_that_is_interrupted_while_it_goes_on_keeps_both_parts() {
    let world = World::new().await;
    says(&world, &["Two "]).await;
    let first = world.send("What is your price?").await.read_to_end().await;
    world.upstream.enqueue(&Script::reply(["coppers", "."]).hang_after(1));
    let mut more = world.go_on(first.begun.message_id).await;
    more.hear("coppers").await;
    let (generation, now) = (more.begun().generation_id, more.begun().at);
    assert!(world.db.write(move |tx| tx.interrupt(generation, now)).await.unwrap());
    let message = world.message(first.begun.message_id).await.unwrap();
    assert_eq!((message.content.as_str(), message.status), ("Two coppers", Status::Interrupted));
}

#[tokio::test]
async fn other_words_of_the_persons_are_a_message_of_their_own() {
    let world = World::new().await;
    let first = world.send("What is your price?").await.read_to_end().await;
    let question = first.begun.user_message_id.unwrap();
    let edited = world.edit(question, "What do you cost?").await;
    assert_ne!(edited.id, question);
    assert_eq!((edited.role, edited.active, edited.depth), (Role::User, true, 0));
    assert_eq!(world.listed().await, ["user: What do you cost?"]);
    let answer = world.ask_for_answer("What do you cost?").await.read_to_end().await;
    assert_eq!(answer.begun.user_message_id, Some(edited.id));
    assert_eq!(world.listed().await, ["user: What do you cost?", "assistant: Aye."]);
    assert_eq!(world.message(question).await.unwrap().content, "What is your price?");
    assert_eq!(found(&world, "price").await, [""; 0], "what is not shown is not found");
}

#[tokio::test]
async fn other_words_of_the_characters_replace_the_old_ones() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).cut_after(1));
    let first = world.send("What is your price?").await.read_to_end().await;
    let edited = world.edit(first.begun.message_id, "A silver stag.").await;
    assert_eq!((edited.id, edited.spoken_bytes), (first.begun.message_id, None));
    assert_eq!(world.listed().await, ["user: What is your price?", "assistant: A silver stag."]);
    assert_eq!(found(&world, "silver STAG").await, ["A silver stag."]);
    assert_eq!(found(&world, "Fog on").await, [""; 0]);
    world.send("Fine.").await.read_to_end().await;
    assert_eq!(
        world.shown(1).await,
        ["user: What is your price?", "assistant: A silver stag.", "user: Fine."]
    );
}

#[tokio::test]
async fn a_running_reply_keeps_its_words() {
    let world = World::new().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(1));
    let mut reply = world.send("What is your price?").await;
    reply.hear("Two ").await;
    let edit = world.chat.edit(world.ground.owner, reply.begun().message_id, "Three.".to_owned());
    assert!(matches!(edit.await, Err(ChatError::StillRunning)));
}

#[tokio::test]
async fn deleting_a_message_stops_what_runs_below_it_and_removes_every_trace() {
    let world = World::new().await;
    let first = world.send("What is your price?").await.read_to_end().await;
    world.upstream.enqueue(&Script::reply(["Two ", "coppers."]).hang_after(1));
    let mut reply = world.send("In coppers?").await;
    reply.hear("Two ").await;
    let (question, answer) = (reply.begun().user_message_id.unwrap(), reply.begun().message_id);
    world.delete_message(first.begun.message_id).await;
    assert_eq!(world.listed().await, ["user: What is your price?"]);
    world.upstream.wait_for_disconnect(1).await;
    let reply = reply.read_to_end().await;
    assert_eq!((reply.text().as_str(), reply.end.status), ("Two ", Status::Stopped));
    assert_eq!(found(&world, "coppers").await, [""; 0]);
    world
        .until("the rows to be gone", async |world| {
            world.message(first.begun.message_id).await.is_none()
                && world.message(question).await.is_none()
                && world.message(answer).await.is_none()
                && world.generation(first.begun.generation_id).await.is_none()
                && world.generation(reply.begun.generation_id).await.is_none()
        })
        .await;
    assert!(world.conversation().await.is_some());
}

#[tokio::test]
async fn the_newest_sibling_takes_the_place_of_what_was_deleted() {
    let world = World::new().await;
    let first = world.send("price?").await.read_to_end().await.begun.message_id;
    world.send("more").await.read_to_end().await;
    let second = world.regenerate(first).await.read_to_end().await.begun.message_id;
    let third = world.regenerate(first).await.read_to_end().await.begun.message_id;
    world.delete_message(second).await;
    assert_eq!(world.messages().await.last().unwrap().id, third, "it was not shown");
    world.delete_message(third).await;
    assert_eq!(world.listed().await, ["user: price?", "assistant: Aye.", "user: more", "assistant: Aye."]);
    world.delete_message(first).await;
    assert_eq!(world.listed().await, ["user: price?"]);
    let question = world.messages().await[0].id;
    world.delete_message(question).await;
    assert_eq!(world.messages().await, []);
    world.say("Anew.").await;
    assert_eq!(world.listed().await, ["user: Anew."]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let reply = world.send("price?").await.read_to_end().await.begun.message_id;
    world.delete_message(reply).await;
    struct Nines;
    impl Entropy for Nines {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(9);
        }
    }
    let now = world.messages().await[0].created_at;
    let (nobody, nothing) = (UserId::new(now, &Nines), MessageId::new(now, &Nines));
    let question = world.messages().await[0].id;
    for (owner, message) in
        [(world.ground.owner, reply), (world.ground.owner, nothing), (nobody, question), (nobody, nothing)]
    {
        let chat = &world.chat;
        let errors = [
            chat.regenerate(owner, message).await.err(),
            chat.continue_reply(owner, message).await.err(),
            chat.edit(owner, message, "x".to_owned()).await.err(),
            chat.activate(owner, message).await.err(),
            chat.delete_message(owner, message).await.err(),
        ];
        assert!(errors.iter().all(|error| matches!(error, Some(ChatError::NotFound))), "{errors:?}");
    }
    assert_eq!(world.listed().await, ["user: price?"]);
}

/// Many at once, each as it comes: some find their message gone, and nothing else goes wrong.
async fn everything_at_once(world: World) {
    world.upstream.always_with(Script::echo);
    let mut replies: Vec<MessageId> = Vec::new();
    for number in 0..4 {
        replies.push(world.send(&format!("number {number}")).await.read_to_end().await.begun.message_id);
    }
    let owner = world.ground.owner;
    let deeds = (0..40).map(|number: usize| {
        let (world, message) = (&world, replies[number % 4]);
        async move {
            let chat = &world.chat;
            let refused = match number % 5 {
                0 => chat.regenerate(owner, message).await.err(),
                1 => chat.activate(owner, message).await.err(),
                2 => chat.edit(owner, message, format!("edited {number}")).await.err(),
                3 => world.try_send(world.prompt(&format!("more {number}"))).await.err(),
                _ if number > 30 => chat.delete_message(owner, message).await.err(),
                _ => chat.continue_reply(owner, message).await.err(),
            };
            if let Some(ChatError::Storage(error)) = refused {
                panic!("{error}");
            }
        }
    });
    join_all(deeds).await;
    world
        .until("every reply to end", async |world| {
            world.messages().await.iter().all(|message| message.status != Status::Running)
        })
        .await;
    assert_is_a_path(&world, world.ground.thread).await;
}

async fn assert_is_a_path(world: &World, thread: ConversationId) {
    let messages: Vec<Message> = world.db.read(move |tx| tx.newest_messages(thread, 1_000)).await.unwrap();
    for (depth, message) in messages.iter().enumerate() {
        let before = depth.checked_sub(1).map(|before| messages[before].id);
        assert_eq!((message.parent_id, message.depth, message.active), (before, depth as u64, true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_at_once_leaves_one_path() {
    everything_at_once(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_at_once_leaves_one_path_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        everything_at_once(world).await;
    }
}
