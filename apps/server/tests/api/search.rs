//! Searching messages and titles.

use serde_json::{Value, json};

use raconteur_fake_upstream::Script;

use crate::support::{Client, Database, TestApp, on_every_database, shape};

on_every_database! {
    messages_and_titles_are_found_with_the_place_where_they_match
    results_have_the_contracts_fields
    what_was_written_is_found_at_once_and_what_was_deleted_no_more
    a_regenerated_reply_hides_the_one_before_it
    nothing_of_others_is_found
    a_blank_question_finds_nothing
    as_much_is_found_as_was_asked_for_the_newest_first
    bad_questions_are_refused
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn search(person: &Client, text: &str) -> Value {
    person.get(&format!("/api/search?q={}", encoded(text))).await.expect(200).json()
}

/// The snippets of the messages that are found, matches in brackets.
async fn snippets(person: &Client, text: &str) -> Vec<String> {
    let results = search(person, text).await;
    results["messages"].as_array().unwrap().iter().map(|message| marked(&message["snippet"])).collect()
}

fn marked(snippet: &Value) -> String {
    let pieces = snippet.as_array().expect("a snippet is a list of pieces");
    let show = |piece: &Value| {
        let text = piece["text"].as_str().unwrap();
        if piece["match"].as_bool().unwrap() { format!("[{text}]") } else { text.to_owned() }
    };
    pieces.iter().map(show).collect()
}

async fn messages_and_titles_are_found_with_the_place_where_they_match(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.say(&thread, "Un ÉCLAIR, 100% au chocolat, s'il vous plaît").await;
    assert_eq!(snippets(&ada, "éclair").await, ["Un [ÉCLAIR], 100% au chocolat, s'il vous plaît"]);
    assert_eq!(snippets(&ada, "  0% AU ").await, ["Un ÉCLAIR, 10[0% au] chocolat, s'il vous plaît"]);
    for absent in ["eclair", "100_", "%%", "chocolats"] {
        assert_eq!(snippets(&ada, absent).await, [""; 0], "{absent}");
    }
    let found = search(&ada, "BRONN — un éc").await;
    assert_eq!(
        marked(&found["conversations"][0]["snippet"]),
        "[Bronn — Un ÉC]LAIR, 100% au chocolat, s'il vous plaît"
    );
    assert_eq!(found["messages"], json!([]));
}

async fn results_have_the_contracts_fields(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let message = ada.say(&thread, "gold").await;
    let found = search(&ada, "gold").await;
    assert_eq!(
        shape(&found),
        json!({
            "conversations": [{
                "id": "[uuid]",
                "title": "Bronn — gold",
                "character": "Bronn",
                "updated_at": "[time]",
                "snippet": [{ "text": "Bronn — ", "match": false }, { "text": "gold", "match": true }],
            }],
            "messages": [{
                "id": "[uuid]",
                "conversation_id": "[uuid]",
                "role": "user",
                "content": "gold",
                "created_at": "[time]",
                "snippet": [{ "text": "gold", "match": true }],
            }],
        })
    );
    assert_eq!(
        (&found["messages"][0]["id"], &found["messages"][0]["conversation_id"]),
        (&message["id"], &json!(thread))
    );
}

async fn what_was_written_is_found_at_once_and_what_was_deleted_no_more(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let (thread, other) = (ada.conversation("Bronn").await, ada.conversation("Nemo").await);
    app.model.enqueue(&Script::reply(["Silver", " first."]));
    ada.send(&thread, "Gold?").await;
    ada.say(&other, "gold and silver").await;
    assert_eq!(snippets(&ada, "silver").await, ["gold and [silver]", "[Silver] first."]);
    ada.patch(&format!("/api/conversations/{thread}"), &json!({ "title": "Coin" })).await.expect(200);
    assert_eq!(search(&ada, "coin").await["conversations"].as_array().unwrap().len(), 1);
    ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    assert_eq!(snippets(&ada, "silver").await, ["gold and [silver]"]);
    assert_eq!(search(&ada, "coin").await, json!({ "conversations": [], "messages": [] }));
    ada.delete("/api/conversations/bulk-delete").await.expect(200);
    assert_eq!(search(&ada, "gold").await, json!({ "conversations": [], "messages": [] }));
}

async fn a_regenerated_reply_hides_the_one_before_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["copper, then"]));
    ada.send(&thread, "Price?").await;
    app.model.enqueue(&Script::reply(["copper, again"]));
    ada.send_unsaved(&thread, "Price?").await;
    assert_eq!(snippets(&ada, "copper").await, ["[copper], again"]);
}

async fn nothing_of_others_is_found(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let thread = ada.conversation("Bronn").await;
    ada.say(&thread, "a secret").await;
    assert_eq!(search(&eve, "secret").await, json!({ "conversations": [], "messages": [] }));
    let detail = "Authentication credentials were not provided.";
    app.visitor().get("/api/search?q=secret").await.refused(401, "not_authenticated", detail);
}

async fn a_blank_question_finds_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.say(&thread, "two  blanks").await;
    for query in ["", "?q=", "?q=%20%20", "?q=%E3%80%80", "?limit=5", "?q=blanks&limit=0"] {
        let found = ada.get(&format!("/api/search/{query}")).await.expect(200).json();
        assert_eq!(found, json!({ "conversations": [], "messages": [] }), "{query}");
    }
}

async fn as_much_is_found_as_was_asked_for_the_newest_first(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let threads = [ada.conversation("Bronn").await, ada.conversation("Bronn").await];
    for number in 0..25 {
        ada.say(&threads[number % 2], &format!("gold {number}")).await;
    }
    let contents = async |query: &str| {
        let found = ada.get(&format!("/api/search?q=gold{query}")).await.expect(200).json();
        found["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["content"].as_str().unwrap().to_owned())
            .collect()
    };
    let newest = |count| (0..25).rev().take(count).map(|number| format!("gold {number}")).collect::<Vec<_>>();
    let by_default: Vec<String> = contents("").await;
    assert_eq!(by_default, newest(20));
    assert_eq!(contents("&limit=3").await, newest(3));
    assert_eq!(contents("&limit=100").await, newest(25));
    let found = search(&ada, "GOLD").await;
    let titles: Vec<&str> =
        found["conversations"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(titles, [&threads[0], &threads[1]], "the one that changed last comes first");
}

async fn bad_questions_are_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let limit = ("limit", "A whole number from 0 to 100 was expected.");
    let long = ("q", "Ensure this field has no more than 500 characters.");
    let nul = ("q", "Null characters are not allowed.");
    let (just_too_long, far_too_long) = (encoded(&"é".repeat(501)), "x".repeat(50_000));
    for (query, (field, problem)) in [
        ("q=gold&limit=-1", limit),
        ("q=gold&limit=101", limit),
        ("q=gold&limit=", limit),
        ("q=gold&limit=abc", limit),
        ("q=gold&limit=1.5", limit),
        ("q=gold&limit=%2B1", limit),
        ("q=gold&limit=null", limit),
        ("q=gold&limit=1e1", limit),
        ("q=gold&limit=99999999999999999999999", limit),
        ("q=gold&limit=%00", limit),
        ("limit=-1", limit),
        (&format!("q={just_too_long}"), long),
        (&format!("q={far_too_long}"), long),
        ("q=%00", nul),
        ("q=go%00ld", nul),
    ] {
        ada.get(&format!("/api/search?{query}")).await.refused_fields(&[(field, problem)]);
    }
    // At the edge, and odd but harmless.
    for query in [
        &format!("q={}", encoded(&"é".repeat(500))),
        &format!("q=%20{}%20", encoded(&"é".repeat(500))),
        "q=%FF%FE",
        "q=%ED%A0%80",
        "q=%F0%9F%92%80",
        "q=\u{301}",
        "q=%22%27%5C%25_*%28%29",
        "q=AND+OR+NOT+NEAR",
        "q=a&q=b",
        "limit=100&q=x",
    ] {
        ada.get(&format!("/api/search?{query}")).await.expect(200);
    }
}
