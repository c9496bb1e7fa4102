//! The title that a conversation gets by itself.

use serde_json::json;

use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    it_is_the_character_and_the_first_line_of_the_first_message
    a_blank_message_leaves_it_empty_for_the_next_one
    a_prompt_names_its_conversation_too
    a_title_that_a_person_gave_stays
    a_title_that_a_person_gives_at_the_same_moment_wins
}

async fn title_after(person: &Client, character: &str, message: &str) -> String {
    let thread = person.conversation(character).await;
    person.say(&thread, message).await;
    person.show(&thread).await["title"].as_str().unwrap().to_owned()
}

async fn it_is_the_character_and_the_first_line_of_the_first_message(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for (message, title) in [
        ("Who pays you?", "Bronn — Who pays you?"),
        ("\n  Who pays you?  \nTell me.", "Bronn — Who pays you?"),
        (&"é".repeat(61), &format!("Bronn — {}", "é".repeat(60))),
        (&format!("{} tail", "x".repeat(59)), &format!("Bronn — {}", "x".repeat(59))),
    ] {
        assert_eq!(title_after(&ada, "Bronn", message).await, title);
    }
}

async fn a_blank_message_leaves_it_empty_for_the_next_one(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Tyrion").await;
    ada.say(&thread, " \n\t").await;
    assert_eq!(ada.show(&thread).await["title"], "");
    ada.say(&thread, "Wine?").await;
    assert_eq!(ada.show(&thread).await["title"], "Tyrion — Wine?");
    ada.say(&thread, "More wine?").await;
    assert_eq!(ada.show(&thread).await["title"], "Tyrion — Wine?");
}

async fn a_prompt_names_its_conversation_too(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "What is your price?").await;
    assert_eq!(ada.show(&thread).await["title"], "Bronn — What is your price?");
}

async fn a_title_that_a_person_gave_stays(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let body = json!({ "title": "Wages" });
    let thread = ada.post("/api/conversations", &body).await.expect(201).json();
    let thread = thread["id"].as_str().unwrap();
    ada.send(thread, "What is your price?").await;
    assert_eq!(ada.show(thread).await["title"], "Wages");
}

async fn a_title_that_a_person_gives_at_the_same_moment_wins(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for round in 0..10 {
        let thread = ada.conversation("Bronn").await;
        let (path, title) =
            (format!("/api/conversations/{thread}"), json!({ "title": format!("Wages {round}") }));
        tokio::join!(ada.say(&thread, "What is your price?"), ada.patch(&path, &title));
        assert_eq!(ada.show(&thread).await["title"], title["title"]);
    }
}
