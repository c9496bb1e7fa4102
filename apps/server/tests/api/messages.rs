//! Messages that people write, and the order of those that are there.

use serde_json::{Value, json};

use crate::support::{Database, TestApp, on_every_database, shape};

on_every_database! {
    a_written_message_is_the_persons_and_has_no_meta
    content_is_kept_letter_for_letter
    each_message_follows_the_one_before_it
    messages_are_listed_in_either_order
    what_is_written_into_one_conversation_stands_in_no_other
}

async fn a_written_message_is_the_persons_and_has_no_meta(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let message = ada.say(&thread, "Who pays you?").await;
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(shape(&message), @r#"
    {
      "active": true,
      "content": "Who pays you?",
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
    }
    "#);
    }
    assert_eq!(ada.messages(&thread).await, [message]);
    assert!(app.model.requests().is_empty(), "nobody was asked for an answer");
}

async fn content_is_kept_letter_for_letter(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let texts = [
        "",
        "  \t\n ",
        " blanks around it \r\n",
        "e\u{301} and é are not made one",
        "🗡\u{fe0f} 漢字 \u{202e}right to left",
        "\u{1}\u{7f}\u{85}\u{2028}\u{feff}\u{fffd}\u{10ffff}",
        r#"<b>"quoted" \u0041 \\ %_ '; DROP TABLE messages; --</b>"#,
    ];
    for text in texts {
        assert_eq!(ada.say(&thread, text).await["content"], text);
    }
    let kept: Vec<Value> = ada.messages(&thread).await.into_iter().map(|m| m["content"].clone()).collect();
    assert_eq!(kept, texts);
}

async fn each_message_follows_the_one_before_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let first = ada.say(&thread, "one").await;
    let reply = ada.send(&thread, "two").await;
    let last = ada.say(&thread, "three").await;
    let parents: Vec<Value> =
        ada.messages(&thread).await.into_iter().map(|m| m["parent_id"].clone()).collect();
    let expected = [
        json!(null),
        first["id"].clone(),
        reply.start()["user_message_id"].clone(),
        json!(reply.message_id()),
    ];
    assert_eq!(parents, expected);
    assert_eq!(last["parent_id"], reply.message_id());
}

async fn messages_are_listed_in_either_order(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for content in ["one", "two", "three"] {
        ada.say(&thread, content).await;
    }
    let path = format!("/api/conversations/{thread}/messages");
    let listed = async |query: &str| -> Vec<String> {
        let page = ada.get(&format!("{path}{query}")).await.expect(200).json();
        page["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["content"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(listed("").await, ["one", "two", "three"]);
    assert_eq!(listed("?order=asc").await, ["one", "two", "three"]);
    assert_eq!(listed("?order=desc").await, ["three", "two", "one"]);
    assert_eq!(listed("?order=desc&page_size=2").await, ["three", "two"]);
    assert_eq!(listed("?order=desc&page_size=2&page=2").await, ["one"]);
    for order in ["up", "", "DESC", "asc,desc"] {
        let answer = ada.get(&format!("{path}?order={order}")).await;
        answer.refused_fields(&[("order", "asc or desc was expected.")]);
    }
}

async fn what_is_written_into_one_conversation_stands_in_no_other(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let (one, two, eves) =
        (ada.conversation("Bronn").await, ada.conversation("Bronn").await, eve.conversation("Bronn").await);
    ada.say(&one, "one").await;
    ada.say(&two, "two").await;
    eve.say(&eves, "three").await;
    assert_eq!(ada.said(&one).await, ["user: one"]);
    assert_eq!(ada.said(&two).await, ["user: two"]);
    assert_eq!(eve.said(&eves).await, ["user: three"]);
}
