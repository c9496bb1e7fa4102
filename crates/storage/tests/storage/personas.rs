//! Characters that people have made, and how conversations are led.

use raconteur_domain::{OwnPersona, Profile, Temperature, UserId};
use raconteur_storage::{ConversationChange, Kept, PersonaFiles, PersonaFilter, ProfileChange, Where, Whose};

use crate::world::{World, on_every_database};

on_every_database! {
    a_private_character_is_there_for_its_owner_alone
    a_short_name_is_ones_own_and_a_public_one_everybodys
    ones_own_goes_before_a_public_one_of_the_same_short_name
    a_name_finds_in_any_case_the_oldest_of_ones_own_and_then_a_public_one
    a_change_of_what_has_changed_meanwhile_is_refused
    a_list_has_what_the_viewer_may_see_and_what_the_filter_names
    what_a_person_has_is_counted_with_its_pictures
    a_scene_has_how_the_conversation_is_led_and_who_takes_part
    a_summary_is_written_over_the_one_it_was_made_from_alone
}

fn files(bytes: &[u8]) -> PersonaFiles {
    PersonaFiles { package: bytes.to_vec(), picture: None }
}

async fn insert(world: &World, persona: &OwnPersona) -> Kept {
    let persona = persona.clone();
    world.db.write(move |tx| tx.insert_persona(&persona, &files(b"all of it"))).await.unwrap()
}

async fn of_slug(world: &World, viewer: Option<UserId>, slug: &'static str) -> Option<OwnPersona> {
    world.db.read(move |tx| tx.persona_of_slug(viewer, slug)).await.unwrap()
}

async fn a_private_character_is_there_for_its_owner_alone(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let wren = world.persona(ada, "wren");
    assert_eq!(insert(&world, &wren).await, Kept::Yes);
    assert_eq!(of_slug(&world, Some(ada), "Wren").await, Some(wren.clone()));
    assert_eq!(of_slug(&world, Some(ben), "wren").await, None);
    assert_eq!(of_slug(&world, None, "wren").await, None);
    let id = wren.id;
    assert_eq!(world.db.read(move |tx| tx.persona_slugs(ben, &[id])).await.unwrap(), []);
    assert!(!world.db.write(move |tx| tx.delete_persona(ben, id)).await.unwrap());
    assert!(world.db.write(move |tx| tx.delete_persona(ada, id)).await.unwrap());
    assert_eq!(of_slug(&world, Some(ada), "wren").await, None);
}

async fn a_short_name_is_ones_own_and_a_public_one_everybodys(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let public = |persona| OwnPersona { public: true, ..persona };
    assert_eq!(insert(&world, &world.persona(ada, "wren")).await, Kept::Yes);
    assert_eq!(insert(&world, &world.persona(ada, "wren")).await, Kept::SlugTaken);
    assert_eq!(insert(&world, &public(world.persona(ben, "wren"))).await, Kept::Yes);
    let mine = of_slug(&world, Some(ada), "wren").await.unwrap();
    let published = public(OwnPersona { version: "2".to_owned(), ..mine });
    let replaced = world.db.write(move |tx| tx.replace_persona("1", &published, &files(b"")));
    assert_eq!(replaced.await.unwrap(), Kept::SlugTaken);
    assert!(!of_slug(&world, Some(ada), "wren").await.unwrap().public);
}

async fn ones_own_goes_before_a_public_one_of_the_same_short_name(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    insert(&world, &OwnPersona { public: true, ..world.persona(ben, "wren") }).await;
    insert(&world, &world.persona(ada, "wren")).await;
    let owner = |found: Option<OwnPersona>| found.map(|persona| persona.owner_id);
    assert_eq!(owner(of_slug(&world, Some(ada), "wren").await), Some(ada));
    assert_eq!(owner(of_slug(&world, Some(ben), "wren").await), Some(ben));
    assert_eq!(owner(of_slug(&world, None, "wren").await), Some(ben));
}

async fn a_name_finds_in_any_case_the_oldest_of_ones_own_and_then_a_public_one(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let named = |persona, name: &str| OwnPersona { name: name.to_owned(), ..persona };
    insert(&world, &OwnPersona { public: true, ..named(world.persona(ben, "b"), "Éowyn") }).await;
    insert(&world, &named(world.persona(ada, "first"), "Éowyn")).await;
    insert(&world, &named(world.persona(ada, "second"), "éowyn")).await;
    let slug = async |viewer| {
        let found = world.db.read(move |tx| tx.persona_of_name(viewer, " ÉOWYN ")).await.unwrap();
        found.map(|persona| persona.slug)
    };
    assert_eq!(slug(ada).await.as_deref(), Some("first"));
    assert_eq!(slug(world.user("cas@example.org").await).await.as_deref(), Some("b"));
}

async fn a_change_of_what_has_changed_meanwhile_is_refused(world: World) {
    let ada = world.user("ada@example.org").await;
    let first = world.persona(ada, "wren");
    insert(&world, &first).await;
    let change = async |from: &'static str, version: &str, bytes: &'static [u8]| {
        let changed = OwnPersona { version: version.to_owned(), ..first.clone() };
        world.db.write(move |tx| tx.replace_persona(from, &changed, &files(bytes))).await.unwrap()
    };
    assert_eq!(change("1", "2", b"second").await, Kept::Yes);
    assert_eq!(change("1", "3", b"third").await, Kept::Changed);
    let id = first.id;
    let package = world.db.read(move |tx| tx.persona_package(id)).await.unwrap();
    assert_eq!(package.as_deref(), Some(&b"second"[..]));
}

async fn a_list_has_what_the_viewer_may_see_and_what_the_filter_names(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let tagged = OwnPersona { tags: vec!["Été".to_owned()], ..world.persona(ada, "a") };
    let described = OwnPersona { description: Some("100 % true".to_owned()), ..world.persona(ada, "b") };
    let public = OwnPersona { public: true, ..world.persona(ben, "c") };
    for persona in [&tagged, &described, &public, &world.persona(ben, "hidden")] {
        insert(&world, persona).await;
    }
    let slugs = async |whose, text: Option<&str>| {
        let filter = PersonaFilter { whose, text: text.map(str::to_owned) };
        let (found, counted) = world
            .db
            .read(move |tx| {
                Ok::<_, raconteur_storage::StorageError>((
                    tx.personas(&filter, 0, 10)?,
                    tx.count_personas(&filter)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(found.len() as u64, counted);
        found.into_iter().map(|persona| persona.slug).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(slugs(Whose::Own(ada), None).await, "a b");
    assert_eq!(slugs(Whose::Public(Some(ada)), None).await, "c");
    assert_eq!(slugs(Whose::Public(Some(ben)), None).await, "");
    assert_eq!(slugs(Whose::Public(None), None).await, "c");
    assert_eq!(slugs(Whose::Own(ada), Some("ÉTÉ")).await, "a");
    assert_eq!(slugs(Whose::Own(ada), Some("% T")).await, "b");
    assert_eq!(slugs(Whose::Own(ada), Some("_")).await, "");
}

async fn what_a_person_has_is_counted_with_its_pictures(world: World) {
    let ada = world.user("ada@example.org").await;
    let usage = async || world.db.read(move |tx| tx.persona_usage(ada)).await.unwrap();
    assert_eq!(usage().await, (0, 0));
    insert(&world, &world.persona(ada, "a")).await;
    let pictured = OwnPersona { picture_type: Some("image/png".to_owned()), ..world.persona(ada, "b") };
    let id = pictured.id;
    let made_of = PersonaFiles { package: vec![0; 10], picture: Some(vec![255; 5]) };
    world.db.write(move |tx| tx.insert_persona(&pictured, &made_of)).await.unwrap();
    assert_eq!(usage().await, (2, 9 + 10 + 5));
    assert_eq!(world.db.read(move |tx| tx.persona_picture(id)).await.unwrap(), Some(vec![255; 5]));
}

async fn a_scene_has_how_the_conversation_is_led_and_who_takes_part(world: World) {
    let (ada, ben) = (world.user("ada@example.org").await, world.user("ben@example.org").await);
    let thread = world.conversation(ada, "Wren").await;
    let message = world.say(ada, thread, "Hello").await.id;
    let wren = OwnPersona { public: true, ..world.persona(ben, "wren") };
    insert(&world, &wren).await;
    let (id, now) = (wren.id, world.now());
    let change = ConversationChange {
        character: Some(("wren".to_owned(), Some(id))),
        note: Some("It rains.".to_owned()),
        temperature: Some(Temperature::new(0.7)),
        max_tokens: Some(Some(100)),
        ..ConversationChange::default()
    };
    let profile = ProfileChange { display_name: Some("Ada".to_owned()), description: None };
    let led = world.db.write(move |tx| {
        tx.change_profile(ada, &profile)?;
        tx.change_conversation(ada, thread, &change, now)
    });
    assert!(led.await.unwrap());

    let scene = async |owner, place| world.db.read(move |tx| tx.scene(owner, place)).await.unwrap();
    let found = scene(ada, Where::At(message)).await.unwrap();
    assert_eq!(found, scene(ada, Where::In(thread)).await.unwrap());
    assert_eq!((found.character.as_str(), found.persona.as_ref()), ("wren", Some(&wren)));
    assert_eq!(found.profile, Profile { display_name: "Ada".to_owned(), description: String::new() });
    let settings = &found.settings;
    assert_eq!(
        (settings.note.as_str(), settings.note_depth, settings.max_tokens),
        ("It rains.", 4, Some(100))
    );
    assert_eq!(settings.temperature.map(Temperature::value), Some(0.7));
    assert_eq!(scene(ben, Where::In(thread)).await, None);

    let hidden = OwnPersona { public: false, version: "2".to_owned(), ..wren };
    world.db.write(move |tx| tx.replace_persona("1", &hidden, &files(b""))).await.unwrap();
    assert_eq!(scene(ada, Where::In(thread)).await.unwrap().persona, None);
}

async fn a_summary_is_written_over_the_one_it_was_made_from_alone(world: World) {
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Wren").await;
    let through = world.say(ada, thread, "Hello").await.id;
    let summarize = async |before: &'static str, summary: &'static str| {
        world.db.write(move |tx| tx.summarize(thread, before, summary, through)).await.unwrap()
    };
    assert!(summarize("", "They met.").await);
    assert!(!summarize("", "They met again.").await);
    let settings = async || world.db.read(move |tx| tx.conversation_settings(thread)).await.unwrap().unwrap();
    assert_eq!(
        (settings().await.summary.as_str(), settings().await.summary_through),
        ("They met.", Some(through))
    );

    let now = world.now();
    let cleared = ConversationChange { summary: Some(String::new()), ..ConversationChange::default() };
    world.db.write(move |tx| tx.change_conversation(ada, thread, &cleared, now)).await.unwrap();
    assert_eq!((settings().await.summary.as_str(), settings().await.summary_through), ("", None));
}
