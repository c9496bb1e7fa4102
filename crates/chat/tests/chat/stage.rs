//! Who speaks to whom, and how the model is asked.

use raconteur_chat::{Open, Send};
use raconteur_domain::{OwnPersona, PersonaId, Role, Temperature, UserId};
use raconteur_fake_upstream::Script;
use raconteur_persona::cards::Card;
use raconteur_persona::package::{Format, Package};
use raconteur_storage::{ConversationChange, Kept, PersonaFiles, ProfileChange};
use serde_json::json;

use crate::world::{SETTINGS, World};

/// A character that somebody has made, which draws a model and a temperature of its own.
async fn marsh(world: &World, owner: UserId, public: bool) -> OwnPersona {
    let mut card = Card::new("Marsh");
    card.set_description("{{char}} digs peat. {{user}} owes money.")
        .set_first_mes("You again, {{user}}?")
        .set_extension("raconteur", json!({"model": "another-model", "temperature": 1.5, "max_tokens": 7}));
    let package = Package::new(card).write("marsh", Format::Zip).unwrap();
    let now = raconteur_domain::Clock::now(&*world.ground.clock);
    let marsh = OwnPersona {
        id: PersonaId::new(now, &*world.ground.entropy),
        owner_id: owner,
        slug: "marsh".to_owned(),
        name: "Marsh".to_owned(),
        description: None,
        tags: Vec::new(),
        public,
        version: "1".to_owned(),
        picture_type: None,
        created_at: now,
        updated_at: now,
    };
    let (row, files) = (marsh.clone(), PersonaFiles { package, picture: None });
    assert_eq!(world.db.write(move |tx| tx.insert_persona(&row, &files)).await.unwrap(), Kept::Yes);
    marsh
}

async fn change(world: &World, change: ConversationChange) {
    let (owner, thread) = (world.ground.owner, world.ground.thread);
    let now = raconteur_domain::Clock::now(&*world.ground.clock);
    let changed = world.db.write(move |tx| tx.change_conversation(owner, thread, &change, now));
    assert!(changed.await.unwrap());
}

async fn with_marsh(world: &World) -> Send {
    let open = Open {
        owner: world.ground.owner,
        character: "marsh".to_owned(),
        persona: None,
        title: String::new(),
        greeting: true,
    };
    let conversation = world.chat.open(open).await.unwrap().id;
    Send { conversation, ..world.prompt("What do you want?") }
}

#[tokio::test]
async fn a_character_that_somebody_has_made_answers_with_its_own_settings_and_knows_who_speaks() {
    let world = World::new().await;
    let owner = world.ground.owner;
    marsh(&world, owner, false).await;
    let profile = ProfileChange {
        display_name: Some("Ada".to_owned()),
        description: Some("A clockmaker with cold hands.".to_owned()),
    };
    world.db.write(move |tx| tx.change_profile(owner, &profile)).await.unwrap();
    let send = with_marsh(&world).await;
    let heard = world.try_send(send).await.unwrap().read_to_end().await;

    let body = &world.upstream.requests()[0].body;
    assert_eq!(
        (&body["model"], &body["temperature"], &body["max_tokens"]),
        (&json!("another-model"), &json!(1.5), &json!(7))
    );
    assert_eq!((heard.begun.model.as_str(), heard.begun.character.as_str()), ("another-model", "marsh"));
    let system = world.system(0).await.concat();
    assert!(system.contains("Marsh digs peat. Ada owes money."), "{system}");
    assert!(system.contains("A clockmaker with cold hands."), "{system}");
    assert_eq!(world.shown(0).await, ["assistant: You again, Ada?", "user: What do you want?"]);
}

#[tokio::test]
async fn what_the_conversation_says_goes_before_the_character_and_the_server_has_the_last_word() {
    let world = World::new().await;
    change(
        &world,
        ConversationChange {
            model: Some(Some("another-model".to_owned())),
            temperature: Some(Temperature::new(0.0)),
            max_tokens: Some(Some(SETTINGS.max_tokens + 1)),
            ..ConversationChange::default()
        },
    )
    .await;
    world.send("Hello").await.read_to_end().await;
    let dear =
        ConversationChange { model: Some(Some("dear-model".to_owned())), ..ConversationChange::default() };
    change(&world, dear).await;
    world.send("Hello").await.read_to_end().await;
    let requests = world.upstream.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.body["model"].clone()).collect();
    assert_eq!(asked, ["another-model", "test-model"]);
    assert_eq!(requests[0].body["temperature"], json!(0.0));
    assert_eq!(requests[0].body["max_tokens"], json!(SETTINGS.max_tokens));
}

#[tokio::test]
async fn the_authors_note_stands_where_it_is_wanted() {
    let world = World::new().await;
    for text in ["first", "second"] {
        world.say(text).await;
    }
    let note = ConversationChange {
        note: Some("It has begun to rain.".to_owned()),
        note_depth: Some(1),
        ..ConversationChange::default()
    };
    change(&world, note).await;
    world.send("third").await.read_to_end().await;
    let shown = world.shown(0).await;
    let place = shown.iter().position(|line| line.contains("It has begun to rain.")).unwrap();
    assert_eq!(place, shown.len() - 2, "{shown:?}");
}

#[tokio::test]
async fn a_private_character_of_somebody_else_is_a_stranger() {
    let world = World::new().await;
    let now = raconteur_domain::Clock::now(&*world.ground.clock);
    let ben = raconteur_domain::User {
        id: UserId::new(now, &*world.ground.entropy),
        email: "ben@example.org".to_owned(),
        created_at: now,
    };
    let (row, email) = (ben.clone(), raconteur_domain::EmailAddress::parse(&ben.email).unwrap());
    world.db.write(move |tx| tx.insert_user(&row, &email, None)).await.unwrap();
    let his = marsh(&world, ben.id, true).await;
    let send = with_marsh(&world).await;
    world.try_send(send.clone()).await.unwrap().read_to_end().await;
    assert!(world.system(0).await.concat().contains("digs peat"));

    // He takes it back.
    let hidden = OwnPersona { public: false, version: "2".to_owned(), ..his };
    world.db.write(move |tx| tx.replace_persona("1", &hidden, &PersonaFiles::default())).await.unwrap();
    world.try_send(send).await.unwrap().read_to_end().await;
    assert!(!world.system(1).await.concat().contains("digs peat"));
    assert_eq!(world.upstream.requests()[1].body["model"], json!("test-model"));
}

/// By the estimate each of these costs 5 tokens: 1 for four letters, 4 for the message around them.
#[tokio::test]
async fn what_falls_out_of_the_prompts_is_summed_up_once_enough_has() {
    let world = World::with_settings(raconteur_chat::ChatSettings {
        summaries: true,
        history_tokens: 10,
        ..SETTINGS
    })
    .await;
    for word in ["aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg", "hhhh"] {
        world.say(word).await;
    }
    world.upstream.enqueue(&Script::reply(["Aye."]));
    world.upstream.enqueue(&Script::reply(["They spoke of ", "letters."]));
    world.send("iiii").await.read_to_end().await;
    let (thread, _) = (world.ground.thread, ());
    let summary = async |world: &World| {
        world.db.read(move |tx| tx.conversation_settings(thread)).await.unwrap().unwrap()
    };
    world.until("the summary to be kept", async |world| !summary(world).await.summary.is_empty()).await;
    let kept = summary(&world).await;
    assert_eq!(kept.summary, "They spoke of letters.");
    let through = world.message(kept.summary_through.unwrap()).await.unwrap();
    assert_eq!((through.role, through.content.as_str()), (Role::User, "bbbb"), "as much as fits at once");
    let asked = world.shown(1).await.concat();
    assert!(
        asked.contains("The person: aaaa") && asked.contains("bbbb") && !asked.contains("cccc"),
        "{asked}"
    );

    world.upstream.enqueue(&Script::reply(["Aye."]));
    world.send("jjjj").await.read_to_end().await;
    assert!(world.system(2).await.concat().contains("They spoke of letters."));
}

#[tokio::test]
async fn a_summary_of_another_branch_is_not_shown_to_the_model() {
    let world = World::new().await;
    let first = world.say("first").await;
    let (thread, through) = (world.ground.thread, first.id);
    world.db.write(move |tx| tx.summarize(thread, "", "They quarrelled.", through)).await.unwrap();
    world.send("second").await.read_to_end().await;
    assert!(world.system(0).await.concat().contains("They quarrelled."));
    world.edit(first.id, "another beginning").await;
    world.send("second").await.read_to_end().await;
    assert!(!world.system(1).await.concat().contains("They quarrelled."));
}
