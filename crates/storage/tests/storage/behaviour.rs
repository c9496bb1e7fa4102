//! What holds on every database.

use crate::world::{World, on_every_database};
use raconteur_domain::{Message, Outcome, PageNumber, PageRequest, Role, Status, Usage};
use raconteur_storage::{ConversationChange, GenerationEnd, Order, Purge, Side, StorageError};

fn page(number: u64, size: u32) -> PageRequest {
    PageRequest { number: PageNumber::Number(number), size }
}

fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.content.as_str()).collect()
}

on_every_database! {
    one_address_makes_one_account
    a_person_sees_only_their_own_conversations
    conversations_are_listed_with_the_last_changed_first
    changes_of_different_fields_both_stay
    an_automatic_title_never_replaces_a_persons
    the_active_path_is_paged_from_either_end
    the_active_path_is_read_beside_any_message_of_the_conversation
    two_active_messages_cannot_stand_side_by_side
    history_follows_the_parents_whichever_path_is_active
    a_long_history_is_walked_whole_and_no_further_than_asked
    a_running_reply_shows_what_is_durable_of_it
    a_generation_ends_once
    what_is_known_of_a_generation_is_kept_for_its_owner
    a_generation_that_runs_has_nothing_to_explain_yet
    what_ran_when_the_server_died_is_interrupted_with_its_text
    a_chunk_that_is_appended_again_counts_once
    the_chunks_of_others_are_not_mixed_in
    the_log_is_trimmed_up_to_what_still_runs
    deleted_conversations_are_gone_at_once_and_purged_by_and_by
    a_deleted_conversation_with_a_running_reply_waits_for_its_end
    work_that_panics_is_undone_and_the_next_goes_on
    a_crowd_of_writers_all_succeed
    what_was_written_is_there_after_opening_again
    whoever_has_the_database_finds_a_conversation_without_its_owner
}

async fn one_address_makes_one_account(world: World) {
    let attempts = ["ada@example.org", "ADA@example.org", "Ada@Example.ORG"].repeat(4);
    let inserted = futures_util::future::join_all(attempts.iter().map(|email| world.try_user(email))).await;
    assert_eq!(inserted.iter().filter(|inserted| **inserted).count(), 1);
    let found = world.db.read(|tx| tx.credentials("ada@example.org")).await.unwrap().unwrap();
    assert_eq!(found.user.email.to_lowercase(), "ada@example.org");
}

async fn a_person_sees_only_their_own_conversations(world: World) {
    let (ada, bob) = (world.user("ada@example.org").await, world.user("bob@example.org").await);
    let thread = world.conversation(ada, "Bronn").await;
    let (of_ada, of_bob) = world
        .db
        .read(move |tx| Ok::<_, StorageError>((tx.conversation(ada, thread)?, tx.conversation(bob, thread)?)))
        .await
        .unwrap();
    assert_eq!(of_ada.unwrap().id, thread);
    assert_eq!(of_bob, None);
    let listed = world.db.read(move |tx| tx.conversations(bob, None, page(1, 20))).await.unwrap().unwrap();
    assert_eq!((listed.items, listed.count), (vec![], 0));
}

async fn conversations_are_listed_with_the_last_changed_first(world: World) {
    let ada = world.user("ada@example.org").await;
    let first = world.conversation(ada, "Bronn").await;
    let second = world.conversation(ada, "Nemo").await;
    let third = world.conversation(ada, "Bronn").await;
    let now = world.now();
    world.db.write(move |tx| tx.touch_conversation(first, now)).await.unwrap();

    let all = world.db.read(move |tx| tx.conversations(ada, None, page(1, 2))).await.unwrap().unwrap();
    assert_eq!(all.items.iter().map(|c| c.id).collect::<Vec<_>>(), [first, third]);
    assert_eq!((all.count, all.span.pages), (3, 2));
    let rest = world.db.read(move |tx| tx.conversations(ada, None, page(2, 2))).await.unwrap().unwrap();
    assert_eq!(rest.items[0].id, second);
    let none = world.db.read(move |tx| tx.conversations(ada, None, page(3, 2))).await.unwrap();
    assert_eq!(none, None);
    let nemo =
        world.db.read(move |tx| tx.conversations(ada, Some("Nemo"), page(1, 20))).await.unwrap().unwrap();
    assert_eq!((nemo.items[0].id, nemo.count), (second, 1));
}

async fn changes_of_different_fields_both_stay(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let now = world.now();
    let title = ConversationChange { title: Some("Coin".to_owned()), ..ConversationChange::default() };
    let character =
        ConversationChange { character: Some(("Nemo".to_owned(), None)), ..ConversationChange::default() };
    let (one, other) = tokio::join!(
        world.db.write(move |tx| tx.change_conversation(ada, thread, &title, now)),
        world.db.write(move |tx| tx.change_conversation(ada, thread, &character, now)),
    );
    assert!(one.unwrap() && other.unwrap());
    let changed = world.db.read(move |tx| tx.conversation(ada, thread)).await.unwrap().unwrap();
    assert_eq!((changed.title.as_str(), changed.character.as_str()), ("Coin", "Nemo"));
}

async fn an_automatic_title_never_replaces_a_persons(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let now = world.now();
    let mine = ConversationChange { title: Some("Mine".to_owned()), ..ConversationChange::default() };
    world.db.write(move |tx| tx.change_conversation(ada, thread, &mine, now)).await.unwrap();
    world.db.write(move |tx| tx.name_unnamed_conversation(thread, "Bronn — hello")).await.unwrap();
    let kept = world.db.read(move |tx| tx.conversation(ada, thread)).await.unwrap().unwrap();
    assert_eq!(kept.title, "Mine");
}

async fn the_active_path_is_paged_from_either_end(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    for number in 0..7 {
        world.say(ada, thread, &number.to_string()).await;
    }
    let read = |order, request| world.db.read(move |tx| tx.messages(thread, order, request));
    let last = PageRequest { number: PageNumber::Last, size: 3 };
    let ascending = read(Order::Ascending, page(2, 3)).await.unwrap().unwrap();
    assert_eq!(contents(&ascending.items), ["3", "4", "5"]);
    assert_eq!((ascending.count, ascending.span.pages), (7, 3));
    assert_eq!(contents(&read(Order::Ascending, last).await.unwrap().unwrap().items), ["6"]);
    assert_eq!(contents(&read(Order::Descending, page(1, 3)).await.unwrap().unwrap().items), ["6", "5", "4"]);
    assert_eq!(contents(&read(Order::Descending, last).await.unwrap().unwrap().items), ["0"]);
    assert_eq!(read(Order::Ascending, page(4, 3)).await.unwrap(), None);
    let newest = world.db.read(move |tx| tx.newest_messages(thread, 2)).await.unwrap();
    assert_eq!(contents(&newest), ["5", "6"]);
}

async fn the_active_path_is_read_beside_any_message_of_the_conversation(world: World) {
    let ada = world.user("ada@example.org").await;
    let (thread, other) = (world.conversation(ada, "Bronn").await, world.conversation(ada, "Bronn").await);
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(world.say(ada, thread, &number.to_string()).await.id);
    }
    let elsewhere = world.say(ada, other, "elsewhere").await.id;
    let beside = async |side, id, limit| {
        let stretch = world.db.read(move |tx| tx.messages_beside(thread, side, id, limit)).await.unwrap()?;
        let said: String = stretch.messages.iter().map(|message| message.content.as_str()).collect();
        Some((said, stretch.count, stretch.more_before, stretch.more_after))
    };
    let expected = |said: &str, before, after| Some((said.to_owned(), 7, before, after));
    assert_eq!(beside(Side::Before, ids[4], 2).await, expected("23", true, true));
    assert_eq!(beside(Side::Before, ids[2], 9).await, expected("01", false, true));
    assert_eq!(beside(Side::Before, ids[0], 9).await, expected("", false, true));
    assert_eq!(beside(Side::After, ids[4], 1).await, expected("5", true, true));
    assert_eq!(beside(Side::After, ids[4], 2).await, expected("56", true, false));
    assert_eq!(beside(Side::After, ids[6], 2).await, expected("", true, false));
    assert_eq!(beside(Side::Before, elsewhere, 2).await, None);

    // What was cut off still has a place.
    world.db.write(move |tx| tx.cut_active_path(thread, 3)).await.unwrap();
    let expected = |said: &str, before| Some((said.to_owned(), 3, before, false));
    assert_eq!(beside(Side::Before, ids[3], 2).await, expected("12", true));
    assert_eq!(beside(Side::Before, ids[6], 2).await, expected("12", true));
    assert_eq!(beside(Side::After, ids[5], 2).await, expected("", true));
}

async fn two_active_messages_cannot_stand_side_by_side(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let first = world.say(ada, thread, "first").await;
    let rival = Message { content: "rival".to_owned(), ..world.message(ada, thread, None) };
    let refused = world
        .db
        .write(move |tx| {
            tx.name_unnamed_conversation(thread, "written before the refusal")?;
            tx.insert_message(&rival)
        })
        .await;
    assert!(matches!(refused, Err(StorageError::Database(_))), "{refused:?}");
    let (listed, conversation) = world
        .db
        .read(move |tx| {
            Ok::<_, StorageError>((tx.newest_messages(thread, 9)?, tx.conversation(ada, thread)?))
        })
        .await
        .unwrap();
    assert_eq!(listed, [first]);
    assert_eq!(conversation.unwrap().title, "", "the whole transaction was undone");
}

async fn history_follows_the_parents_whichever_path_is_active(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let question = world.say(ada, thread, "question").await;
    let old = world.say(ada, thread, "old branch").await;
    let old_leaf = world.say(ada, thread, "old leaf").await;
    let sibling = Message { content: "new branch".to_owned(), ..world.message(ada, thread, Some(&question)) };
    let new_leaf = sibling.clone();
    world
        .db
        .write(move |tx| {
            tx.cut_active_path(thread, sibling.depth)?;
            tx.insert_message(&sibling)
        })
        .await
        .unwrap();
    assert_eq!(
        world.history(thread, old_leaf.id).await,
        [old_leaf.content, old.content, question.content.clone()]
    );
    assert_eq!(world.history(thread, new_leaf.id).await, [new_leaf.content, question.content]);
}

async fn a_long_history_is_walked_whole_and_no_further_than_asked(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let mut leaf = world.say(ada, thread, "0").await;
    for number in 1..150 {
        leaf = world.say(ada, thread, &number.to_string()).await;
    }
    let expected: Vec<String> = (0..150).rev().map(|number| number.to_string()).collect();
    assert_eq!(world.history(thread, leaf.id).await, expected);
    let mut visited = 0;
    world
        .db
        .read(move |tx| {
            tx.walk_up(thread, leaf.id, |_| {
                visited += 1;
                visited < 3
            })?;
            assert_eq!(visited, 3);
            Ok::<_, StorageError>(())
        })
        .await
        .unwrap();
}

async fn a_running_reply_shows_what_is_durable_of_it(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, reply) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["Aye", ", coin"]).await;
    world.append(generation, 1, &[" first — é."]).await;
    let listed = world.db.read(move |tx| tx.newest_messages(thread, 1)).await.unwrap();
    assert_eq!(listed[0].id, reply);
    assert_eq!((listed[0].content.as_str(), listed[0].status), ("Aye, coin first — é.", Status::Running));
}

async fn a_generation_ends_once(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, reply) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["Aye."]).await;
    assert!(world.end(generation, Status::Complete, "Aye.").await);
    assert!(!world.end(generation, Status::Stopped, "something else").await);
    let (message, kept) = world
        .db
        .read(move |tx| Ok::<_, StorageError>((tx.message(reply)?, tx.generation(ada, generation)?)))
        .await
        .unwrap();
    let message = message.unwrap();
    assert_eq!((message.content.as_str(), message.status), ("Aye.", Status::Complete));
    assert_eq!(kept.unwrap().status, Status::Complete);
}

async fn what_is_known_of_a_generation_is_kept_for_its_owner(world: World) {
    let (ada, bob) = (world.user("ada@example.org").await, world.user("bob@example.org").await);
    let thread = world.conversation(ada, "Bronn").await;
    let (id, _) = world.begin_reply(ada, thread).await;
    let end = GenerationEnd {
        id,
        status: Status::Complete,
        text: "Aye.".to_owned(),
        spoken_bytes: None,
        outcome: Outcome {
            finish_reason: Some("stop".to_owned()),
            error_code: None,
            usage: Some(Usage { prompt_tokens: 9, completion_tokens: 8 }),
            reasoning_tokens: Some(7),
            ttft_ms: Some(250),
        },
        explanation: Some(r#"{"why": "é"}"#.to_owned()),
        reasoning: Some("So gold — é.".to_owned()),
        prompt: Some(r#"[{"é": 1}]"#.to_owned()),
    };
    let (ended, now) = (end.clone(), world.now());
    assert!(world.db.write(move |tx| tx.end_generation(&ended, now)).await.unwrap());

    let kept = |owner| {
        world.db.read(move |tx| {
            Ok::<_, StorageError>((
                tx.generation(owner, id)?,
                tx.explanation(owner, id)?,
                tx.reasoning(owner, id)?,
                tx.prompt(owner, id)?,
            ))
        })
    };
    let (generation, explanation, reasoning, prompt) = kept(ada).await.unwrap();
    assert_eq!(generation.unwrap().outcome, end.outcome);
    assert_eq!((explanation, reasoning, prompt), (end.explanation, end.reasoning, end.prompt));
    assert_eq!(kept(bob).await.unwrap(), (None, None, None, None));
}

async fn a_generation_that_runs_has_nothing_to_explain_yet(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (id, _) = world.begin_reply(ada, thread).await;
    let kept =
        world.db.read(move |tx| Ok::<_, StorageError>((tx.explanation(ada, id)?, tx.reasoning(ada, id)?)));
    assert_eq!(kept.await.unwrap(), (None, None));
}

async fn what_ran_when_the_server_died_is_interrupted_with_its_text(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, reply) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["So far"]).await;
    let successor = world.another_server().await;
    world.only_seen(successor);
    assert_eq!(world.bury_dead(successor).await, 1);
    assert_eq!(world.bury_dead(successor).await, 0);
    let message = world.db.read(move |tx| tx.message(reply)).await.unwrap().unwrap();
    assert_eq!((message.content.as_str(), message.status), ("So far", Status::Interrupted));
}

async fn a_chunk_that_is_appended_again_counts_once(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["Aye"]).await;
    world.append(generation, 0, &["Aye"]).await;
    world.append(generation, 1, &[", gold."]).await;
    let listed = world.db.read(move |tx| tx.newest_messages(thread, 1)).await.unwrap();
    assert_eq!(listed[0].content, "Aye, gold.");
}

async fn the_chunks_of_others_are_not_mixed_in(world: World) {
    let ada = world.user("ada@example.org").await;
    let (one, other) = (world.conversation(ada, "Bronn").await, world.conversation(ada, "Nemo").await);
    let (of_one, of_other) = (world.begin_reply(ada, one).await.0, world.begin_reply(ada, other).await.0);
    for seq in 0..3 {
        world.append(of_one, seq, &["a"]).await;
        world.append(of_other, seq, &["b"]).await;
    }
    for (thread, text) in [(one, "aaa"), (other, "bbb")] {
        let listed = world.db.read(move |tx| tx.newest_messages(thread, 1)).await.unwrap();
        assert_eq!(listed[0].content, text);
    }
}

async fn the_log_is_trimmed_up_to_what_still_runs(world: World) {
    let ada = world.user("ada@example.org").await;
    let (one, other) = (world.conversation(ada, "Bronn").await, world.conversation(ada, "Nemo").await);
    let (ended, _) = world.begin_reply(ada, one).await;
    world.append(ended, 0, &["gone"]).await;
    let (running, _) = world.begin_reply(ada, other).await;
    world.append(running, 0, &["still ", "here"]).await;
    assert!(world.end(ended, Status::Complete, "gone").await);

    assert_eq!(world.db.write(|tx| tx.purge(100)).await.unwrap(), Purge::More);
    assert_eq!(world.db.write(|tx| tx.purge(100)).await.unwrap(), Purge::Done);
    let listed = world.db.read(move |tx| tx.newest_messages(other, 1)).await.unwrap();
    assert_eq!(listed[0].content, "still here");
    let listed = world.db.read(move |tx| tx.newest_messages(one, 1)).await.unwrap();
    assert_eq!(listed[0].content, "gone");
}

async fn deleted_conversations_are_gone_at_once_and_purged_by_and_by(world: World) {
    let ada = world.user("ada@example.org").await;
    let (thread, kept) = (world.conversation(ada, "Bronn").await, world.conversation(ada, "Nemo").await);
    for number in 0..5 {
        world.say(ada, thread, &number.to_string()).await;
    }
    let message = world.say(ada, kept, "kept").await;
    let now = world.now();
    let deleted = world.db.write(move |tx| tx.delete_conversations(ada, Some("Bronn"), now)).await.unwrap();
    assert_eq!(deleted, [thread]);
    assert_eq!(world.db.read(move |tx| tx.conversation(ada, thread)).await.unwrap(), None);
    assert!(!world.db.write(move |tx| tx.delete_conversation(ada, thread, now)).await.unwrap());

    let mut rounds = 0;
    while world.db.write(|tx| tx.purge(2)).await.unwrap() == Purge::More {
        rounds += 1;
    }
    assert_eq!(rounds, 4, "three rounds for five messages, one for the conversation");
    assert_eq!(world.db.read(move |tx| tx.message_count(thread)).await.unwrap(), 0);
    assert_eq!(world.db.read(move |tx| tx.newest_messages(kept, 9)).await.unwrap(), [message]);
}

async fn a_deleted_conversation_with_a_running_reply_waits_for_its_end(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    let now = world.now();
    assert!(world.db.write(move |tx| tx.delete_conversation(ada, thread, now)).await.unwrap());
    assert_eq!(world.db.write(|tx| tx.purge(100)).await.unwrap(), Purge::Done);
    world.append(generation, 0, &["still"]).await;
    assert!(world.end(generation, Status::Stopped, "still").await);
    assert_eq!(world.db.write(|tx| tx.purge(100)).await.unwrap(), Purge::More);
}

async fn work_that_panics_is_undone_and_the_next_goes_on(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let panicked: Result<(), StorageError> = world
        .db
        .write(move |tx| {
            tx.name_unnamed_conversation(thread, "half")?;
            panic!("a defect in the work");
        })
        .await;
    assert!(matches!(panicked, Err(StorageError::Panicked)));
    let conversation = world.db.read(move |tx| tx.conversation(ada, thread)).await.unwrap().unwrap();
    assert_eq!(conversation.title, "");
    world.say(ada, thread, "still works").await;
}

async fn a_crowd_of_writers_all_succeed(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    futures_util::future::join_all((0..200).map(|number| world.say_text(ada, thread, number.to_string())))
        .await;
    let listed = world.db.read(move |tx| tx.newest_messages(thread, 500)).await.unwrap();
    assert_eq!(listed.len(), 200);
    assert!(listed.windows(2).all(|pair| pair[1].parent_id == Some(pair[0].id)), "one unbroken path");
    assert!(listed.iter().all(|message| message.role == Role::User));
}

async fn what_was_written_is_there_after_opening_again(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    world.say(ada, thread, "remember me").await;
    let world = world.reopen().await;
    let listed = world.db.read(move |tx| tx.newest_messages(thread, 9)).await.unwrap();
    assert_eq!(contents(&listed), ["remember me"]);
    assert!(world.db.is_ready().await.unwrap());
}

async fn whoever_has_the_database_finds_a_conversation_without_its_owner(world: World) {
    let ada = world.user("ada@example.org").await;
    let (thread, deleted) = (world.conversation(ada, "Bronn").await, world.conversation(ada, "Nemo").await);
    let now = world.now();
    assert!(world.db.write(move |tx| tx.delete_conversation(ada, deleted, now)).await.unwrap());
    let find = |thread| world.db.read(move |tx| tx.anybodys_conversation(thread));
    let found = find(thread).await.unwrap().unwrap();
    assert_eq!((found.id, found.owner_id), (thread, ada));
    assert_eq!(find(deleted).await.unwrap(), None);
}
