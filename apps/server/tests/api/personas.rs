//! The characters that can be spoken to.

use reqwest::Method;
use serde_json::json;

use crate::support::{Database, TestApp, on_every_database};

on_every_database! {
    characters_are_listed_by_pages_for_anybody
    a_character_is_shown_by_any_of_its_names_but_not_how_it_is_told_to_speak
    a_picture_is_safe_to_open_and_sent_once
    a_preview_is_the_prompt_and_the_reason_for_it
    a_preview_that_cannot_be_made_says_why
    a_conversation_may_begin_with_the_greeting
    a_greeting_is_answered_like_anything_that_was_said
}

async fn characters_are_listed_by_pages_for_anybody(on: Database) {
    let app = TestApp::start(on).await;
    let visitor = app.visitor();
    let first = visitor.get("/api/personas?page_size=4").await.expect(200).json();
    let names: Vec<&str> =
        first["results"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap()).collect();
    assert_eq!(names, ["bronn", "captain-nemo", "cheshire-cat", "elizabeth-bennet"]);
    assert_eq!((&first["count"], &first["previous"]), (&json!(6), &json!(null)));
    assert!(first["next"].as_str().unwrap().ends_with("?page_size=4&page=2"), "{first}");
    assert_eq!(visitor.get("/api/personas?page=3").await.expect(404).json()["detail"], "Invalid page.");
}

async fn a_character_is_shown_by_any_of_its_names_but_not_how_it_is_told_to_speak(on: Database) {
    let app = TestApp::start(on).await;
    let visitor = app.visitor();
    for name in ["bronn", "BRONN", "Ser%20Bronn"] {
        let bronn = visitor.get(&format!("/api/personas/{name}")).await.expect(200).json();
        assert_eq!(
            (&bronn["slug"], &bronn["full_name"]),
            (&json!("bronn"), &json!("Ser Bronn of the Blackwater"))
        );
        assert!(
            bronn["greetings"][0].as_str().unwrap().starts_with("Sit where I can see your hands."),
            "{bronn}"
        );
        assert!(bronn["notice"].as_str().unwrap().contains("George R. R. Martin"), "{bronn}");
        assert!(!bronn.to_string().contains("How you turn things down"), "{bronn}");
    }
    assert_eq!(visitor.get("/api/personas/gandalf").await.expect(404).json()["code"], "not_found");
}

async fn a_picture_is_safe_to_open_and_sent_once(on: Database) {
    let app = TestApp::start(on).await;
    let visitor = app.visitor();
    let bronn = visitor.get("/api/personas/bronn").await.expect(200).json();
    let address = bronn["avatar"].as_str().unwrap();
    let picture = visitor.ask(Method::GET, address).send().await.unwrap();
    let header = |name: &str| picture.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((picture.status().as_u16(), header("content-type").as_str()), (200, "image/svg+xml"));
    assert!(header("content-security-policy").contains("sandbox"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    let tag = header("etag");
    assert!(picture.text().await.unwrap().contains("<svg"));
    let again = visitor.ask(Method::GET, address).header("if-none-match", tag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0));
}

async fn a_preview_is_the_prompt_and_the_reason_for_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let history =
        json!([{"role": "user", "content": "Do you know Tyrion?"}, {"role": "assistant", "content": "Aye."}]);
    let body = json!({"query": "What is your price?", "history": history});
    let preview = ada.post("/api/personas/bronn/preview", &body).await.expect(200).json();
    let roles: Vec<&str> =
        preview["messages"].as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(preview["explanation"]["used"], json!(["coin"]));
    assert!(preview["scripted"].as_str().unwrap().starts_with("Coin's the only oath"), "{preview}");
    assert_eq!(app.model.requests().len(), 0, "no model is asked");
}

async fn a_preview_that_cannot_be_made_says_why(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for history in
        [json!("x"), json!([1]), json!([{"role": "system", "content": "x"}]), json!([{"role": "user"}])]
    {
        let refused =
            ada.post("/api/personas/bronn/preview", &json!({"query": "x", "history": history})).await;
        let refused = refused.expect(400).json();
        assert_eq!(refused["code"], "invalid", "{refused}");
        assert!(refused["history"][0].as_str().unwrap().starts_with("Expected a list of at most 200 turns"));
    }
    assert_eq!(
        ada.post("/api/personas/bronn/preview", &json!({})).await.expect(400).json()["query"],
        json!(["This field is required."])
    );
    assert_eq!(
        ada.post("/api/personas/gandalf/preview", &json!({"query": "x"})).await.expect(404).json()["code"],
        "not_found"
    );
    let visitor = app.visitor();
    assert_eq!(
        visitor.post("/api/personas/bronn/preview", &json!({"query": "x"})).await.expect(401).json()["code"],
        "not_authenticated"
    );
}

async fn a_conversation_may_begin_with_the_greeting(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let open = async |body| {
        let thread =
            ada.post("/api/conversations", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        ada.messages(&thread).await
    };
    let messages = open(json!({"greeting": true})).await;
    assert_eq!(
        (messages.len(), &messages[0]["role"], &messages[0]["status"]),
        (1, &json!("assistant"), &json!("complete"))
    );
    assert!(messages[0]["content"].as_str().unwrap().starts_with("Sit where I can see your hands."));
    assert_eq!(messages[0]["siblings"], json!({"index": 0, "count": 1}));
    assert_eq!(open(json!({"greeting": false})).await.len(), 0);
    assert_eq!(open(json!({})).await.len(), 0);
    assert_eq!(
        open(json!({"greeting": true, "character": "Nobody at all"})).await.len(),
        0,
        "they have none"
    );
    let refused = ada.post("/api/conversations", &json!({"greeting": "yes"})).await.expect(400).json();
    assert_eq!(refused["greeting"], json!(["Must be a valid boolean."]));
}

async fn a_greeting_is_answered_like_anything_that_was_said(on: Database) {
    let app = TestApp::offline(on).await;
    let ada = app.register("ada@example.org").await;
    let opened = ada.post("/api/conversations", &json!({"greeting": true})).await.expect(201).json();
    let thread = opened["id"].as_str().unwrap();
    assert_eq!(ada.send(thread, "Then I'll buy the wine.").await.status(), "complete");
    let said = ada.said(thread).await;
    assert_eq!(said.len(), 3);
    assert!(
        said[0].starts_with("assistant: Sit where") && said[1] == "user: Then I'll buy the wine.",
        "{said:?}"
    );
    let found = ada.get("/api/search?q=see%20your%20hands").await.expect(200).json();
    assert_eq!(found["messages"].as_array().unwrap().len(), 1, "and it is found");
}
