//! Search, on every database: what is found, what is not any more, and what was never meant to be.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use raconteur_domain::{ConversationId, Status, UserId, fold};
use raconteur_storage::{ConversationChange, Purge};

use crate::world::{World, on_every_database};

on_every_database! {
    any_part_of_a_message_finds_it_in_any_case_and_alphabet
    signs_are_ordinary_characters
    only_what_a_person_owns_is_found
    the_newest_messages_come_first_and_no_more_than_were_asked_for
    a_reply_is_found_once_it_has_ended
    an_interrupted_reply_is_found_by_what_was_kept_of_it
    what_is_off_the_active_path_is_not_found
    what_was_deleted_is_not_found_and_leaves_nothing_behind
    a_title_is_found_until_it_is_another
    titles_come_with_the_last_changed_first
    old_messages_are_found_however_many_came_after
    what_the_index_finds_is_what_reading_everything_finds
    what_an_older_version_wrote_can_be_found_once_the_database_is_opened
}

async fn found(world: &World, owner: UserId, text: &str) -> Vec<String> {
    some_found(world, owner, text, 100).await
}

async fn some_found(world: &World, owner: UserId, text: &str, limit: usize) -> Vec<String> {
    let text = text.to_owned();
    let messages = world.db.read(move |tx| tx.search_messages(owner, &text, limit)).await.unwrap();
    messages.into_iter().map(|message| message.content).collect()
}

async fn titles(world: &World, owner: UserId, text: &str, limit: usize) -> Vec<ConversationId> {
    let text = text.to_owned();
    let found = world.db.read(move |tx| tx.search_titles(owner, &text, limit)).await.unwrap();
    found.into_iter().map(|conversation| conversation.id).collect()
}

async fn rename(world: &World, owner: UserId, conversation: ConversationId, title: &str) {
    let (change, now) =
        (ConversationChange { title: Some(title.to_owned()), ..ConversationChange::default() }, world.now());
    assert!(
        world.db.write(move |tx| tx.change_conversation(owner, conversation, &change, now)).await.unwrap()
    );
}

async fn ada_with_a_thread(world: &World) -> (UserId, ConversationId) {
    let ada = world.user("ada@example.org").await;
    (ada, world.conversation(ada, "Bronn").await)
}

async fn any_part_of_a_message_finds_it_in_any_case_and_alphabet(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    for (text, parts) in [
        ("ÉCLAIR au chocolat", &["éclair", "É", "clair au", "T", "éclair AU chocolat"][..]),
        ("Die STRASSE ist lang", &["straße", "STRASSE", "ße", "aße ist lan"]),
        ("我喜欢喝茶，你呢？", &["喜", "喝茶", "喜欢喝", "，你", "我喜欢喝茶，你呢？", "？"]),
        ("Ｆｕｌｌ ｗｉｄｔｈ", &["full", "WIDTH", "Ｆ", "ll wid"]),
        ("ΣΊΣΥΦΟΣ", &["σίσυφος", "φος", "Σ"]),
        ("🗡️ and 👩‍👩‍👧", &["🗡️", "👩‍👧", "🗡️ AND 👩"]),
        ("İstanbul'da", &["i̇stanbul", "STANBUL'DA"]),
        ("x", &["x", "X", "ｘ"]),
    ] {
        world.say(ada, thread, text).await;
        for part in parts {
            assert!(found(&world, ada, part).await.contains(&text.to_owned()), "{part:?} in {text:?}");
        }
    }
    for absent in ["eclair", "strase", "喝喝", "fulll", "y", "xx", "an🗡️d"] {
        assert_eq!(found(&world, ada, absent).await, [""; 0], "{absent}");
    }
}

async fn signs_are_ordinary_characters(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let texts = ["100% gold", "snake_case", r"C:\keep", "a'b\"c", "NEAR AND (OR) *", "{x} -y ^z"];
    for text in texts {
        world.say(ada, thread, text).await;
    }
    for (part, holders) in [
        ("%", 1),
        ("_", 1),
        ("\\", 1),
        ("'", 1),
        ("\"", 1),
        ("OR", 1),
        ("*", 1),
        ("^", 1),
        ("%_", 0),
        ("1%0", 0),
    ] {
        assert_eq!(found(&world, ada, part).await.len(), holders, "{part}");
    }
    for text in texts {
        assert_eq!(found(&world, ada, text).await, [text]);
    }
}

async fn only_what_a_person_owns_is_found(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let bob = world.user("bob@example.org").await;
    let his = world.conversation(bob, "Bronn").await;
    world.say(ada, thread, "a secret of Ada's").await;
    world.say(bob, his, "a secret of Bob's").await;
    rename(&world, bob, his, "secret").await;
    assert_eq!(found(&world, ada, "secret").await, ["a secret of Ada's"]);
    assert_eq!(found(&world, bob, "secret").await, ["a secret of Bob's"]);
    assert_eq!(
        (titles(&world, ada, "secret", 9).await, titles(&world, bob, "secret", 9).await),
        (vec![], vec![his])
    );
    let nobody = world.user("eve@example.org").await;
    assert_eq!(found(&world, nobody, "secret").await, [""; 0]);
    assert_eq!(titles(&world, nobody, "secret", 9).await, []);
}

async fn the_newest_messages_come_first_and_no_more_than_were_asked_for(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let other = world.conversation(ada, "Nemo").await;
    for number in 0..6 {
        world.say(ada, if number % 2 == 0 { thread } else { other }, &format!("gold {number}")).await;
    }
    assert_eq!(some_found(&world, ada, "GOLD", 3).await, ["gold 5", "gold 4", "gold 3"]);
    assert_eq!(some_found(&world, ada, "gold", 0).await, [""; 0]);
    assert_eq!(found(&world, ada, "gold").await.len(), 6);
}

async fn a_reply_is_found_once_it_has_ended(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["Gold ", "first."]).await;
    assert_eq!(found(&world, ada, "gold").await, [""; 0]);
    assert!(world.end(generation, Status::Complete, "Gold first.").await);
    assert_eq!(found(&world, ada, "gold").await, ["Gold first."]);
}

async fn an_interrupted_reply_is_found_by_what_was_kept_of_it(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["Gold ", "fir"]).await;
    let survivor = world.another_server().await;
    world.only_seen(survivor);
    assert_eq!(world.bury_dead(survivor).await, 1);
    assert_eq!(found(&world, ada, "fir").await, ["Gold fir"]);
}

async fn what_is_off_the_active_path_is_not_found(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    world.say(ada, thread, "gold, kept").await;
    world.say(ada, thread, "gold, cut off").await;
    world.db.write(move |tx| tx.cut_active_path(thread, 1)).await.unwrap();
    assert_eq!(found(&world, ada, "gold").await, ["gold, kept"]);
}

async fn what_was_deleted_is_not_found_and_leaves_nothing_behind(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let other = world.conversation(ada, "Nemo").await;
    world.say(ada, thread, "gold in the first").await;
    world.say(ada, other, "gold in the other").await;
    rename(&world, ada, thread, "gold").await;
    let now = world.now();
    assert!(world.db.write(move |tx| tx.delete_conversation(ada, thread, now)).await.unwrap());
    assert_eq!(found(&world, ada, "gold").await, ["gold in the other"]);
    assert_eq!(titles(&world, ada, "gold", 9).await, []);
    while world.db.write(|tx| tx.purge(100)).await.unwrap() == Purge::More {}
    assert_eq!(found(&world, ada, "gold").await, ["gold in the other"]);
    assert_eq!(world.place().count(&["search_texts"]), 1, "the text of what is left");
    if !world.db.is_shared() {
        assert_eq!(world.place().count(&["search_grams_docsize"]), 1, "and its pieces");
    }
}

async fn a_title_is_found_until_it_is_another(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    world.db.write(move |tx| tx.name_unnamed_conversation(thread, "Bronn — Wer zahlt?")).await.unwrap();
    assert_eq!(titles(&world, ada, "wer ZAHLT", 9).await, [thread]);
    rename(&world, ada, thread, "Über Gold").await;
    assert_eq!(
        (titles(&world, ada, "zahlt", 9).await, titles(&world, ada, "über", 9).await),
        (vec![], vec![thread])
    );
    rename(&world, ada, thread, "").await;
    assert_eq!(titles(&world, ada, "gold", 9).await, []);
}

async fn titles_come_with_the_last_changed_first(world: World) {
    let ada = world.user("ada@example.org").await;
    let mut threads = Vec::new();
    for number in 0..5 {
        let thread = world.conversation(ada, "Bronn").await;
        rename(&world, ada, thread, &format!("gold {number}")).await;
        threads.push(thread);
    }
    let (first, now) = (threads[0], world.now());
    world.db.write(move |tx| tx.touch_conversation(first, now)).await.unwrap();
    assert_eq!(titles(&world, ada, "gold", 3).await, [threads[0], threads[4], threads[3]]);
    assert_eq!(titles(&world, ada, "gold", 0).await, []);
}

/// Past the newest messages, which are read, the index is asked.
async fn old_messages_are_found_however_many_came_after(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let bob = world.user("bob@example.org").await;
    let his = world.conversation(bob, "Bronn").await;
    let old = ["the throne of bronze", "漢字", "q", "gone", "a thronn o"];
    for text in old {
        world.say(ada, thread, text).await;
        world.say(bob, his, text).await;
    }
    let gone = found(&world, ada, "gone").await;
    assert_eq!(gone, ["gone"]);
    world.say_all(ada, thread, &vec!["then another one of those on the floor".to_owned(); 1_200]).await;
    for (part, text) in [
        ("RONE OF B", "the throne of bronze"),
        ("the throne of bronze", "the throne of bronze"),
        ("bronz", "the throne of bronze"),
        ("漢", "漢字"),
        ("漢字", "漢字"),
        ("q", "q"),
        ("one", "then another one of those on the floor"),
        ("nn ", "a thronn o"),
        ("THRONN O", "a thronn o"),
    ] {
        assert_eq!(found(&world, ada, part).await[0], text, "{part}");
    }
    assert_eq!(found(&world, ada, "another throne of").await, [""; 0]);
    assert_eq!(some_found(&world, ada, "o", 2000).await.len(), 1203);
    assert_eq!(found(&world, bob, "q").await, ["q"]);
}

/// Few words over a small alphabet, so that much is found and much nearly is.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&["gold", "Go", "OLD", "ß", "漢", "字", " ", "n", "é"][..]), 1..12)
        .prop_map(|words| words.concat())
}

async fn what_the_index_finds_is_what_reading_everything_finds(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut draw = |strategy: &BoxedStrategy<String>| strategy.new_tree(&mut runner).unwrap().current();
    let strategy = any_text().boxed();
    let texts: Vec<String> = (0..1_300).map(|_| draw(&strategy)).collect();
    world.say_all(ada, thread, &texts).await;
    for _ in 0..300 {
        let needle = draw(&strategy);
        let expected: Vec<&String> =
            texts.iter().rev().filter(|text| fold(text).contains(&fold(&needle))).take(40).collect();
        assert_eq!(
            some_found(&world, ada, &needle, 40).await.iter().collect::<Vec<_>>(),
            expected,
            "{needle}"
        );
    }
}

/// As older versions left a database: its texts stand under other ids, and migrations have them made anew.
const BEFORE_THE_NUMBERS_WERE_OTHERS: &str = "UPDATE search_texts SET id = -id; \
    DELETE FROM __diesel_schema_migrations WHERE version IN ('0009', '0010');";

async fn what_an_older_version_wrote_can_be_found_once_the_database_is_opened(world: World) {
    let (ada, thread) = ada_with_a_thread(&world).await;
    rename(&world, ada, thread, "Gold").await;
    world.say_all(ada, thread, &vec!["then another one".to_owned(); 1_200]).await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    world.say(ada, thread, "the last one").await;
    let world = world.reopen_after(BEFORE_THE_NUMBERS_WERE_OTHERS).await;
    assert_eq!(titles(&world, ada, "gold", 9).await, [thread]);
    assert_eq!(some_found(&world, ada, "ONE", 2000).await.len(), 1201);
    assert_eq!(some_found(&world, ada, "then another", 2000).await.len(), 1200);
    assert!(world.end(generation, Status::Complete, "no one").await);
    assert_eq!(found(&world, ada, "no one").await, ["no one"]);
}
