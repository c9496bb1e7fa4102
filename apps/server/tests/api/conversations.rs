//! Conversations: opened, shown, changed, deleted, and whose they are.

use serde_json::{Value, json};

use crate::support::{Client, Database, TestApp, on_every_database, shape};

on_every_database! {
    a_new_conversation_is_with_bronn_and_has_no_title
    no_body_at_all_is_an_empty_one
    character_and_title_are_trimmed
    fields_nobody_knows_and_fields_nobody_may_write_are_ignored
    a_conversation_is_shown_with_its_messages
    a_conversation_shows_its_newest_500_messages
    only_the_given_fields_change_whatever_the_method
    changes_of_title_and_character_at_once_both_stay
    a_deleted_conversation_is_gone
    bulk_delete_takes_one_character_or_all_and_only_the_callers
    the_list_begins_with_what_moved_last
    the_list_shows_one_character_alone
    ids_are_read_in_upper_case_too
    somebody_elses_a_missing_and_a_malformed_id_are_the_same_404
}

async fn a_new_conversation_is_with_bronn_and_has_no_title(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let conversation = ada.post("/api/conversations", &json!({})).await.expect(201).json();
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(shape(&conversation), @r#"
    {
      "character": "Bronn",
      "created_at": "[time]",
      "id": "[uuid]",
      "persona": "bronn",
      "title": "",
      "updated_at": "[time]"
    }
    "#);
    }
    assert_eq!(conversation["created_at"], conversation["updated_at"]);
}

async fn no_body_at_all_is_an_empty_one(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let request = ada.ask(reqwest::Method::POST, "/api/conversations");
    assert_eq!(ada.answer(request).await.expect(201).json()["character"], "Bronn");
}

async fn character_and_title_are_trimmed(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let body = json!({ "character": "\u{2003}Tyrion\n", "title": "\t Wine \u{a0}" });
    let conversation = ada.post("/api/conversations", &body).await.expect(201).json();
    assert_eq!((&conversation["character"], &conversation["title"]), (&json!("Tyrion"), &json!("Wine")));
}

async fn fields_nobody_knows_and_fields_nobody_may_write_are_ignored(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let body = json!({
        "id": "x", "created_at": "x", "updated_at": 1, "user": "eve", "owner_id": null, "messages": [1], "mood": "dry"
    });
    let made = ada.post("/api/conversations", &body).await.expect(201).json();
    let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());
    let shown = ada.patch(&path, &body).await.expect(200).json();
    assert_eq!(
        (&shown["id"], &shown["created_at"], &shown["messages"]),
        (&made["id"], &made["created_at"], &json!([]))
    );
}

async fn a_conversation_is_shown_with_its_messages(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "What is your price?").await;
    let shown = ada.show(&thread).await;
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(shape(&shown), @r#"
    {
      "character": "Bronn",
      "created_at": "[time]",
      "id": "[uuid]",
      "max_tokens": null,
      "message_count": 2,
      "messages": [
        {
          "active": true,
          "content": "What is your price?",
          "created_at": "[time]",
          "generation_id": null,
          "id": "[uuid]",
          "meta": null,
          "parent_id": null,
          "role": "user",
          "siblings": {
            "count": 1,
            "index": 0
          },
          "status": "complete"
        },
        {
          "active": true,
          "content": "Aye.",
          "created_at": "[time]",
          "generation_id": "[uuid]",
          "id": "[uuid]",
          "meta": null,
          "parent_id": "[uuid]",
          "role": "assistant",
          "siblings": {
            "count": 1,
            "index": 0
          },
          "status": "complete"
        }
      ],
      "model": null,
      "note": "",
      "note_depth": 4,
      "persona": "bronn",
      "summary": "",
      "temperature": null,
      "title": "Bronn — What is your price?",
      "updated_at": "[time]"
    }
    "#);
    }
}

async fn a_conversation_shows_its_newest_500_messages(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for n in 0..502 {
        ada.say(&thread, &format!("{n}")).await;
    }
    let shown = ada.show(&thread).await;
    let contents: Vec<&str> =
        shown["messages"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!((contents.len(), contents[0], contents[499]), (500, "2", "501"));
    assert_eq!(shown["message_count"], 502);
}

async fn only_the_given_fields_change_whatever_the_method(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}");
    let both = |shown: &Value| (shown["title"].clone(), shown["character"].clone());

    let shown = ada.patch(&path, &json!({ "title": "Wages" })).await.expect(200).json();
    assert_eq!(both(&shown), (json!("Wages"), json!("Bronn")));
    let shown = ada.put(&path, &json!({ "character": "Tyrion" })).await.expect(200).json();
    assert_eq!(both(&shown), (json!("Wages"), json!("Tyrion")));
    let shown = ada.put(&path, &json!({})).await.expect(200).json();
    assert_eq!(both(&shown), (json!("Wages"), json!("Tyrion")));
    let shown = ada.patch(&path, &json!({ "title": "  " })).await.expect(200).json();
    assert_eq!(both(&shown), (json!(""), json!("Tyrion")));
    assert_eq!(ada.show(&thread).await, shown, "a change answers as GET does");
}

async fn changes_of_title_and_character_at_once_both_stay(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for round in 0..10 {
        let thread = ada.conversation("Bronn").await;
        let path = format!("/api/conversations/{thread}");
        let (title, character) = (json!({ "title": format!("{round}") }), json!({ "character": "Tyrion" }));
        tokio::join!(ada.patch(&path, &title), ada.put(&path, &character));
        let shown = ada.show(&thread).await;
        assert_eq!((&shown["title"], &shown["character"]), (&title["title"], &character["character"]));
    }
}

async fn a_deleted_conversation_is_gone(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let (gone, kept) = (ada.conversation("Bronn").await, ada.conversation("Bronn").await);
    ada.say(&gone, "Farewell.").await;
    let answer = ada.delete(&format!("/api/conversations/{gone}")).await.expect(204);
    assert_eq!(answer.text, "");
    nothing_is_there(&ada, &gone).await;
    assert_eq!(listed(&ada, "/api/conversations").await, [kept]);
}

async fn bulk_delete_takes_one_character_or_all_and_only_the_callers(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let eves = eve.conversation("Bronn").await;
    let bulk = async |query: &str, body: Option<Value>| {
        let request = ada.ask(reqwest::Method::DELETE, &format!("/api/conversations/bulk-delete{query}"));
        let request = body.into_iter().fold(request, |request, body| request.json(&body));
        ada.answer(request).await.expect(200).json()["deleted"].clone()
    };
    let open = async || {
        for character in ["Bronn", "Bronn", "Tyrion", "bronn"] {
            ada.conversation(character).await;
        }
    };

    open().await;
    assert_eq!(bulk("?character=Bronn", None).await, 2, "exactly this character, in this case");
    assert_eq!(bulk("", Some(json!({ "character": "Tyrion" }))).await, 1);
    assert_eq!(bulk("?character=Nobody", None).await, 0);
    assert_eq!(bulk("?character=%20bronn%20", None).await, 1);
    for (query, body) in [
        ("", None),
        ("?character=", None),
        ("?character=%20%09", None),
        ("", Some(json!({}))),
        ("", Some(json!({ "character": null }))),
        ("", Some(json!({ "character": " " }))),
    ] {
        open().await;
        assert_eq!(bulk(query, body).await, 4, "no character means all");
    }
    assert_eq!(listed(&ada, "/api/conversations").await, [""; 0]);
    assert_eq!(listed(&eve, "/api/conversations").await, [eves]);
}

async fn the_list_begins_with_what_moved_last(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let first = ada.conversation("Bronn").await;
    let second = ada.conversation("Bronn").await;
    let third = ada.conversation("Bronn").await;
    let order = async || listed(&ada, "/api/conversations").await;
    assert_eq!(order().await, [third.as_str(), &second, &first]);

    ada.say(&first, "A message moves it.").await;
    assert_eq!(order().await, [first.as_str(), &third, &second]);
    ada.patch(&format!("/api/conversations/{second}"), &json!({ "title": "So does a name" }))
        .await
        .expect(200);
    assert_eq!(order().await, [second.as_str(), &first, &third]);
    ada.send(&third, "And a reply?").await;
    assert_eq!(order().await, [third.as_str(), &second, &first]);
}

async fn the_list_shows_one_character_alone(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let bronn = ada.conversation("Bronn").await;
    let jose = ada.conversation("José & Söhne").await;
    assert_eq!(listed(&ada, "/api/conversations?character=Bronn").await, [bronn.as_str()]);
    assert_eq!(listed(&ada, "/api/conversations?character=Jos%C3%A9+%26+S%C3%B6hne").await, [jose.as_str()]);
    assert_eq!(listed(&ada, "/api/conversations?character=%20").await, [jose.as_str(), &bronn]);
    assert_eq!(listed(&ada, "/api/conversations?character=Nobody").await, [""; 0]);
    let answer = ada.get("/api/conversations?character=a%00b").await;
    answer.refused_fields(&[("character", "Null characters are not allowed.")]);
}

async fn ids_are_read_in_upper_case_too(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let upper = thread.to_uppercase();
    assert_ne!(thread, upper);
    ada.say(&upper, "Aye?").await;
    assert_eq!(ada.show(&upper).await, ada.show(&thread).await);
    assert_eq!(ada.send(&upper, "And this?").await.start()["conversation_id"], thread);
    ada.delete(&format!("/api/conversations/{upper}")).await.expect(204);
    nothing_is_there(&ada, &thread).await;
}

async fn somebody_elses_a_missing_and_a_malformed_id_are_the_same_404(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let thread = ada.conversation("Bronn").await;
    for id in [
        thread.as_str(),
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "nonsense",
        "1",
        "%00",
        "%FF",
        "%F0%9F%97%A1",
        "{01890a5d-ac96-774b-bcce-b302099a8057}",
        "01890a5dac96774bbcceb302099a8057",
        &"9".repeat(5000),
    ] {
        nothing_is_there(&eve, id).await;
    }
    assert_eq!(ada.show(&thread).await["title"], "", "nothing of it was changed");
}

/// Nothing can be done with this conversation, whatever the body.
async fn nothing_is_there(person: &Client, id: &str) {
    let path = format!("/api/conversations/{id}");
    let (good, bad) = (json!({ "title": "x", "content": "x" }), json!({ "title": null, "content": 7 }));
    for answer in [
        person.get(&path).await,
        person.patch(&path, &good).await,
        person.patch(&path, &bad).await,
        person.put(&path, &good).await,
        person.delete(&path).await,
        person.get(&format!("{path}/messages")).await,
        person.post(&format!("{path}/messages/create"), &good).await,
        person.post(&format!("{path}/messages/create"), &bad).await,
    ] {
        answer.refused(404, "not_found", "Not found.");
    }
    if !id.contains('%') {
        let body = json!({ "conversation_id": id, "prompt": "x" });
        person.post("/api/chat/stream", &body).await.refused(404, "not_found", "Not found.");
    }
}

/// The ids on a list, in its order.
async fn listed(person: &Client, path: &str) -> Vec<String> {
    let page = person.get(path).await.expect(200).json();
    page["results"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}
