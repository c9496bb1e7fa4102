//! All of a person's data in one file: taken along, and brought to an account.

use raconteur_fake_upstream::Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::operations::pixel;
use crate::support::{Answer, Client, Database, TestApp, on_every_database, shape};

on_every_database! {
    an_archive_has_everything_of_ones_own_and_nothing_of_anybody_elses
    what_was_brought_is_what_was_taken_along
    an_archive_is_brought_to_the_account_that_it_is_of
    an_archive_comes_beside_what_there_is
    an_archive_that_is_refused_leaves_nothing_behind
    what_is_refused_is_named_by_its_line
    a_long_conversation_is_taken_along_and_brought
}

impl Client {
    async fn export(&self) -> String {
        let answer = self.get("/api/me/export").await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/jsonl"));
        answer.text
    }

    async fn import(&self, archive: impl Into<reqwest::Body>) -> Answer {
        self.answer(self.ask(Method::POST, "/api/me/import").body(archive)).await
    }

    /// Two conversations, one of them with branches, a reply that failed and a character of one's own.
    async fn live_a_little(&self, app: &TestApp) {
        self.put("/api/me", &json!({ "display_name": "Ada", "description": "A clockmaker." }))
            .await
            .expect(200);
        let wren = json!({ "name": "Wren", "knowledge": [], "visibility": "public" });
        self.post("/api/personas", &wren).await.expect(201);
        let picture = self.ask(Method::PUT, "/api/personas/wren/avatar").body(pixel());
        self.answer(picture).await.expect(200);
        let thread = self.conversation("wren").await;
        for reply in ["Gold.", "Silver.", "Copper."] {
            app.model.enqueue(&Script::reply([reply]));
        }
        let first = self.send(&thread, "Price?").await;
        let message = format!("/api/messages/{}", first.start()["message_id"].as_str().unwrap());
        self.read_stream(&format!("{message}/regenerate"), &json!({})).await;
        self.send(&thread, "Less?\n\"é\"").await;
        // Not the branch that is the newest.
        self.post(&format!("{message}/activate"), &json!({})).await.expect(200);
        let settings =
            json!({ "title": "At the inn", "note": "It rains.", "temperature": 0.7, "summary": "They met." });
        self.patch(&format!("/api/conversations/{thread}"), &settings).await.expect(200);

        let other = self.conversation("Nobody known").await;
        app.model.enqueue(&Script::reply(["Well"]).cut_after(1));
        self.send(&other, "Hello?").await;
    }

    /// All that is seen of their conversations.
    async fn seen(&self) -> Vec<Value> {
        let page = self.get("/api/conversations?page_size=100").await.expect(200).json();
        let mut seen = Vec::new();
        for conversation in page["results"].as_array().unwrap() {
            let thread = conversation["id"].as_str().unwrap();
            let mut tree = self.tree(thread).await;
            for message in &mut tree {
                // Which run made it is not told.
                message["generation_id"] = Value::Null;
            }
            let mut shown = self.show(thread).await;
            for message in shown["messages"].as_array_mut().unwrap() {
                message["generation_id"] = Value::Null;
            }
            seen.push(json!([shape(&shown), shape(&json!(tree))]));
        }
        seen
    }
}

fn lines(archive: &str) -> Vec<Value> {
    archive.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An archive without its ids and the times of it that are new wherever it is brought.
fn without_ids(archive: &str) -> Vec<Value> {
    let mut lines = lines(archive);
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        if line["type"] == "account" {
            line.remove("email");
            line.remove("created_at");
        }
        for name in ["id", "parent_id", "last_shown", "summary_through"] {
            if line.get(name).is_some_and(|id| !id.is_null()) {
                line.insert(name.to_owned(), "[uuid]".into());
            }
        }
    }
    lines
}

fn count(archive: &str, kind: &str) -> usize {
    lines(archive).iter().filter(|line| line["type"] == kind).count()
}

async fn an_archive_has_everything_of_ones_own_and_nothing_of_anybody_elses(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    ada.live_a_little(&app).await;
    let of_ben = ben.conversation("Bronn").await;
    ben.say(&of_ben, "only mine").await;
    let archive = ada.export().await;
    let counts = ["account", "persona", "conversation", "message", "end"].map(|kind| count(&archive, kind));
    assert_eq!(counts, [1, 1, 2, 7, 1], "{archive}");
    let lines = lines(&archive);
    assert_eq!((&lines[0]["type"], &lines[0]["email"]), (&json!("account"), &json!("ada@example.org")));
    assert_eq!(*lines.last().unwrap(), json!({ "type": "end", "conversations": 2, "messages": 7 }));
    assert!(!archive.contains("only mine") && !archive.contains("ben@"), "{archive}");
    assert!(!archive.contains("password") && !archive.contains("$2"), "{archive}");
}

async fn what_was_brought_is_what_was_taken_along(on: Database) {
    let (here, there) = (TestApp::start(on).await, TestApp::start(on).await);
    let ada = here.register("ada@example.org").await;
    ada.live_a_little(&here).await;
    let archive = ada.export().await;
    let again = there.register("lovelace@example.org").await;
    let taken = again.import(archive.clone()).await.expect(200).json();
    assert_eq!(taken, json!({ "personas": 1, "conversations": 2, "messages": 7, "ignored": [] }));
    assert_eq!(without_ids(&again.export().await), without_ids(&archive));
    assert_eq!(again.seen().await, ada.seen().await);
    let found = again.get("/api/search?q=gold").await.expect(200).json();
    assert_eq!(found["messages"].as_array().unwrap().len(), 1);
    // And it goes on.
    let thread = again.get("/api/conversations").await.expect(200).json()["results"][0]["id"].clone();
    assert_eq!(again.send(thread.as_str().unwrap(), "And now?").await.status(), "complete");
}

async fn an_archive_is_brought_to_the_account_that_it_is_of(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.live_a_little(&app).await;
    let archive = ada.export().await;
    ada.import(archive.clone()).await.expect(200);
    let twice = ada.export().await;
    assert_eq!(count(&twice, "message"), 2 * count(&archive, "message"));
    let slugs: Vec<Value> = lines(&twice)
        .iter()
        .filter(|line| line["type"] == "persona")
        .map(|line| line["slug"].clone())
        .collect();
    assert_eq!(slugs, ["wren", "wren-2"]);
}

async fn an_archive_comes_beside_what_there_is(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    ada.live_a_little(&app).await;
    ben.put("/api/me", &json!({ "display_name": "Ben" })).await.expect(200);
    let thread = ben.conversation("Bronn").await;
    ben.say(&thread, "gold").await;
    ben.import(ada.export().await).await.expect(200);
    assert_eq!(ben.get("/api/me").await.expect(200).json()["display_name"], "Ben");
    assert_eq!(ben.said(&thread).await, ["user: gold"]);
    assert_eq!(ben.get("/api/conversations").await.expect(200).json()["count"], 3);
}

async fn an_archive_that_is_refused_leaves_nothing_behind(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    ada.live_a_little(&app).await;
    let archive = ada.export().await;
    let whole: Vec<&str> = archive.lines().collect();
    let mut broken = whole.clone();
    broken[6] = "{";
    let detail = "The archive is cut off: its last line, of type end, is missing.";
    for (lines, detail) in
        [(&whole[..whole.len() - 1], detail), (&broken[..], "Line 7: This is no JSON object.")]
    {
        ben.import(lines.join("\n")).await.refused(400, "bad_archive", detail);
        assert_eq!(ben.get("/api/conversations").await.expect(200).json()["count"], 0);
        let own = ben.get("/api/personas?mine=true").await.expect(200).json();
        assert_eq!(own["count"], 0);
    }
    ben.import(archive).await.expect(200);
}

async fn what_is_refused_is_named_by_its_line(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let time = "2026-01-31T18:30:00.000000Z";
    let id = |number: u8| format!("018f4e6a-1c2d-7a3b-8c4d-5e6f708192{number:02}");
    let conversation =
        json!({ "type": "conversation", "character": "Bronn", "created_at": time, "updated_at": time });
    let message =
        json!({ "type": "message", "id": id(1), "role": "user", "content": "x", "created_at": time });
    let with = |line: &Value, changes: Value| {
        let mut line = line.clone();
        line.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        line
    };
    for (lines, why) in [
        (vec![json!([])], "Line 1: This is no JSON object."),
        (
            vec![json!({ "type": "spell" })],
            "Line 1: type: Expected account, persona, conversation, message or end.",
        ),
        (
            vec![json!({ "type": "account", "format": 9 })],
            "Line 1: format: Expected 1: this archive is of another version.",
        ),
        (vec![message.clone()], "Line 1: A message stands before any conversation."),
        (
            vec![conversation.clone(), with(&conversation, json!({ "title": "x".repeat(201) }))],
            "Line 2: title: Ensure this field has no more than 200 characters.",
        ),
        (
            vec![conversation.clone(), with(&message, json!({ "role": "system" }))],
            "Line 2: role: Expected user or assistant.",
        ),
        (
            vec![conversation.clone(), with(&message, json!({ "created_at": "yesterday" }))],
            "Line 2: created_at: Expected a time such as 2026-01-31T18:30:00.000000Z.",
        ),
        (
            vec![conversation.clone(), with(&message, json!({ "content": "\u{0}" }))],
            "Line 2: content: Null characters are not allowed.",
        ),
        (
            vec![conversation.clone(), message.clone(), message.clone(), json!({ "type": "end" })],
            "Line 4: A message has the id of an earlier one.",
        ),
        (
            vec![
                conversation.clone(),
                with(&message, json!({ "parent_id": id(2) })),
                json!({ "type": "end" }),
            ],
            "Line 3: A message follows one that did not come before it in its conversation.",
        ),
        (
            vec![json!({ "type": "persona", "slug": "wren", "package": "bm8gemlw" })],
            "Line 1: this file is not a character card",
        ),
    ] {
        let archive: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let answer = ada.import(archive.join("\n")).await.expect(400).json();
        assert_eq!(answer["code"], "bad_archive", "{answer}");
        assert!(answer["detail"].as_str().unwrap().starts_with(why), "{answer}");
    }
    assert_eq!(ada.get("/api/conversations").await.expect(200).json()["count"], 0);
}

async fn a_long_conversation_is_taken_along_and_brought(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let time = "2026-01-31T18:30:00.000000Z";
    let id = |number: usize| format!("018f4e6a-1c2d-7a3b-8c4d-{number:012}");
    let mut archive = vec![
        json!({ "type": "conversation", "character": "Bronn", "title": "Long", "created_at": time, "updated_at": time }),
    ];
    archive.extend((0..1_000_usize).map(|number| {
        let parent = number.checked_sub(1).map(id);
        json!({
            "type": "message", "id": id(number), "parent_id": parent, "role": "user", "created_at": time,
            "content": format!("number {number} {}", "é".repeat(2_000)),
        })
    }));
    archive.push(json!({ "type": "end" }));
    let archive: Vec<String> = archive.iter().map(ToString::to_string).collect();
    ada.import(archive.join("\n")).await.expect(200);
    let taken_along = ada.export().await;
    assert_eq!(ben.import(taken_along.clone()).await.expect(200).json()["messages"], 1_000);
    let thread = ben.get("/api/conversations").await.expect(200).json()["results"][0]["id"].clone();
    assert_eq!(ben.show(thread.as_str().unwrap()).await["message_count"], 1_000);
    let sans_account = |archive: &str| without_ids(archive).split_off(1);
    assert_eq!(sans_account(&ben.export().await), sans_account(&taken_along));
}
