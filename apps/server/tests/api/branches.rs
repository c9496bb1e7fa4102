//! The tree of messages: other replies, more of one, other words, and which branch is shown.

use raconteur_fake_upstream::{Gate, Script};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    a_reply_is_given_anew_and_the_old_one_kept
    a_reply_goes_on
    the_persons_words_are_edited_beside_and_the_characters_in_place
    a_branch_is_shown_again
    a_message_is_deleted_with_what_follows
    the_whole_tree_is_listed_by_pages
    siblings_are_counted_wherever_messages_are_shown
    each_of_these_moves_the_conversation_to_the_front
    a_reply_on_a_branch_that_is_left_ends_well_and_one_that_is_deleted_is_stopped
    what_is_not_the_callers_is_not_found
    other_words_are_checked_as_new_ones_are
    what_a_stream_is_asked_with_is_checked
    only_the_last_reply_that_has_ended_goes_on
    what_is_no_choice_of_messages_is_refused
    the_offline_model_goes_on_with_something_else
}

const PRICE: &str = "What is your price?";

fn at(message: &Value) -> String {
    format!("/api/messages/{}", message["id"].as_str().expect("a message has an id"))
}

fn siblings(messages: &[Value]) -> Vec<(u64, u64)> {
    let number = |message: &Value, field: &str| message["siblings"][field].as_u64().unwrap();
    messages.iter().map(|message| (number(message, "index"), number(message, "count"))).collect()
}

/// Somebody with a conversation that has one answer in it: a person, the conversation, the question and the answer.
async fn asked(app: &TestApp) -> (Client, String, Value, Value) {
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Two ", "coppers."]));
    ada.send(&thread, PRICE).await;
    let [question, answer] = ada.messages(&thread).await.try_into().unwrap();
    (ada, thread, question, answer)
}

async fn a_reply_is_given_anew_and_the_old_one_kept(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, old) = asked(&app).await;
    ada.send(&thread, "Too much.").await;
    app.model.enqueue(&Script::reply(["Three", "."]));
    let reply = ada.read_stream(&format!("{}/regenerate/", at(&old)), &json!({})).await;
    assert_eq!((reply.text().as_str(), reply.status()), ("Three.", "complete"));
    assert_eq!(reply.start()["user_message_id"], question["id"]);
    assert_ne!(reply.message_id(), old["id"]);

    let shown = ada.messages(&thread).await;
    assert_eq!(ada.said(&thread).await, [format!("user: {PRICE}").as_str(), "assistant: Three."]);
    assert_eq!(siblings(&shown), [(0, 1), (1, 2)]);
    let tree = ada.tree(&thread).await;
    assert_eq!(siblings(&tree), [(0, 1), (0, 2), (0, 1), (0, 1), (1, 2)]);
    let active: Vec<&Value> = tree.iter().map(|message| &message["active"]).collect();
    assert_eq!(active, [true, false, false, false, true]);
    assert_eq!(tree[1]["content"], "Two coppers.");
}

async fn a_reply_goes_on(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, _, answer) = asked(&app).await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply([" Ünd ", "ale."]).hold_after(1, &gate));
    let mut stream = ada.begin_stream(&format!("{}/continue", at(&answer)), &json!({})).await;
    let events = [stream.next().await.unwrap(), stream.next().await.unwrap()];
    let generation = events[0].data["generation_id"].as_str().unwrap().to_owned();
    assert_eq!(events[0].data["message_id"], answer["id"]);
    assert_ne!(answer["generation_id"], generation);
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_deref().unwrap()).collect();
    assert_eq!(ids, [format!("{generation}:0"), format!("{generation}:6")]);

    let running = ada.messages(&thread).await.pop().unwrap();
    assert_eq!((&running["content"], &running["status"]), (&json!("Two coppers. Ünd "), &json!("running")));
    gate.open();
    assert_eq!(stream.finish().await.text(), " Ünd ale.");
    let ended = ada.messages(&thread).await.pop().unwrap();
    assert_eq!((&ended["id"], &ended["content"]), (&answer["id"], &json!("Two coppers. Ünd ale.")));
    assert_eq!((&ended["generation_id"], &ended["status"]), (&json!(generation), &json!("complete")));
    let sent = &app.model.requests()[1].body["messages"];
    let last = sent.as_array().unwrap().last().unwrap();
    assert_eq!(last, &json!({ "role": "assistant", "content": "Two coppers." }));
    let found = ada.get("/api/search?q=COPPERS. ü").await.expect(200).json();
    assert_eq!(found["messages"][0]["content"], "Two coppers. Ünd ale.");
}

async fn the_persons_words_are_edited_beside_and_the_characters_in_place(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let edited = ada.patch(&at(&answer), &json!({ "content": "One stag." })).await.expect(200).json();
    assert_eq!((&edited["id"], &edited["content"]), (&answer["id"], &json!("One stag.")));
    assert_eq!(ada.said(&thread).await, [&format!("user: {PRICE}"), "assistant: One stag."]);

    let edited = ada.patch(&at(&question), &json!({ "content": "And for Tyrion?" })).await.expect(200).json();
    assert_ne!(edited["id"], question["id"]);
    assert_eq!(edited["siblings"], json!({ "index": 1, "count": 2 }));
    assert_eq!((&edited["parent_id"], &edited["active"]), (&Value::Null, &json!(true)));
    assert_eq!(ada.messages(&thread).await, std::slice::from_ref(&edited));
    app.model.enqueue(&Script::reply(["Double."]));
    let reply = ada.send_unsaved(&thread, "And for Tyrion?").await;
    assert_eq!(reply.start()["user_message_id"], edited["id"]);
    assert_eq!(ada.said(&thread).await, ["user: And for Tyrion?", "assistant: Double."]);
}

async fn a_branch_is_shown_again(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    ada.say(&thread, "Too much.").await;
    ada.patch(&at(&question), &json!({ "content": "Ahoy!" })).await.expect(200);
    for path in [at(&answer), at(&question)] {
        let shown = ada.post(&format!("{path}/activate"), &json!({})).await.expect(200).json();
        assert_eq!(shown, ada.show(&thread).await);
        let contents: Vec<&Value> =
            shown["messages"].as_array().unwrap().iter().map(|message| &message["content"]).collect();
        assert_eq!(contents, [PRICE, "Two coppers.", "Too much."]);
    }
}

async fn a_message_is_deleted_with_what_follows(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let more = ada.say(&thread, "Too much.").await;
    app.model.enqueue(&Script::reply(["Three."]));
    ada.read_stream(&format!("{}/regenerate", at(&answer)), &json!({})).await;
    let new = ada.messages(&thread).await.pop().unwrap();
    let answered = ada.delete(&at(&new)).await.expect(204);
    assert_eq!(answered.text, "");
    assert_eq!(
        ada.said(&thread).await,
        [&format!("user: {PRICE}"), "assistant: Two coppers.", "user: Too much."]
    );
    assert_eq!(siblings(&ada.messages(&thread).await), [(0, 1), (0, 1), (0, 1)]);
    ada.delete(&at(&question)).await.expect(204);
    for gone in [&question, &answer, &more, &new] {
        ada.delete(&at(gone)).await.refused(404, "not_found", "Not found.");
    }
    let generation = answer["generation_id"].as_str().unwrap();
    ada.get(&format!("/api/generations/{generation}")).await.expect(404);
    assert_eq!(
        (ada.tree(&thread).await, ada.show(&thread).await["message_count"].clone()),
        (vec![], json!(0))
    );
    let found = ada.get("/api/search?q=coppers").await.expect(200).json();
    assert_eq!(found["messages"], json!([]));
    assert_eq!(ada.get("/api/conversations").await.expect(200).json()["count"], 1);
}

async fn the_whole_tree_is_listed_by_pages(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, _) = asked(&app).await;
    for content in ["one", "two", "three"] {
        ada.patch(&at(&question), &json!({ "content": content })).await.expect(200);
    }
    let path = format!("/api/conversations/{thread}/messages");
    let list = async |query: &str| {
        let page = ada.get(&format!("{path}?{query}")).await.expect(200).json();
        let contents: Vec<String> = page["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["content"].as_str().unwrap().to_owned())
            .collect();
        (contents, page)
    };
    let (first, page) = list("all=true&page_size=2").await;
    assert_eq!((first, &page["count"]), (vec![PRICE.to_owned(), "Two coppers.".to_owned()], &json!(5)));
    let next = page["next"].as_str().unwrap();
    assert!(next.contains("all=true") && next.ends_with("page=2"), "{next}");
    assert_eq!(list("all=true&page_size=2&page=last").await.0, ["three"]);
    assert_eq!(list("all=true&order=desc&page_size=2").await.0, ["three", "two"]);
    assert_eq!(list("all=true&order=desc&page_size=2&page=3").await.0, [PRICE]);
    assert_eq!(list("all=false").await.0, ["three"]);
    ada.get(&format!("{path}?all=true&page=2")).await.refused(404, "not_found", "Invalid page.");
}

async fn siblings_are_counted_wherever_messages_are_shown(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    ada.read_stream(&format!("{}/regenerate", at(&answer)), &json!({})).await;
    ada.patch(&at(&question), &json!({ "content": "one" })).await.expect(200);
    ada.post(&format!("{}/activate", at(&answer)), &json!({})).await.expect(200);
    let said = ada.say(&thread, "two").await;
    assert_eq!(said["siblings"], json!({ "index": 0, "count": 1 }));
    // Those of another conversation have no part in it.
    let other = ada.conversation("Bronn").await;
    ada.say(&other, "three").await;

    let expected = [(0, 2), (0, 2), (0, 1)];
    assert_eq!(siblings(&ada.messages(&thread).await), expected);
    assert_eq!(siblings(ada.show(&thread).await["messages"].as_array().unwrap()), expected);
    let path = format!("/api/conversations/{thread}/messages?after={}", question["id"].as_str().unwrap());
    let beside = ada.get(&path).await.expect(200).json();
    assert_eq!(siblings(beside["results"].as_array().unwrap()), expected[1..]);
}

async fn each_of_these_moves_the_conversation_to_the_front(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let mut before = ada.show(&thread).await["updated_at"].as_str().unwrap().to_owned();
    let mut moved = async |what: &str| {
        let now = ada.show(&thread).await["updated_at"].as_str().unwrap().to_owned();
        assert!(now > before, "{what}: {now} {before}");
        before = now;
    };
    ada.read_stream(&format!("{}/continue", at(&answer)), &json!({})).await;
    moved("continue").await;
    ada.read_stream(&format!("{}/regenerate", at(&answer)), &json!({})).await;
    moved("regenerate").await;
    ada.patch(&at(&answer), &json!({ "content": "x" })).await.expect(200);
    moved("an edit in place").await;
    ada.patch(&at(&question), &json!({ "content": "x" })).await.expect(200);
    moved("an edit beside").await;
    ada.post(&format!("{}/activate", at(&answer)), &json!({})).await.expect(200);
    moved("activate").await;
    ada.delete(&at(&answer)).await.expect(204);
    moved("delete").await;
}

async fn a_reply_on_a_branch_that_is_left_ends_well_and_one_that_is_deleted_is_stopped(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, ..) = asked(&app).await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Well, ", "no."]).hold_after(1, &gate));
    let mut left = ada.begin(&thread, "In coppers?").await;
    let start = left.next().await.unwrap().data;
    let running = json!({ "id": start["message_id"] });
    app.model.enqueue(&Script::reply(["Never", "."]).hang_after(1));
    let mut deleted = ada.begin_stream(&format!("{}/regenerate", at(&running)), &json!({})).await;
    let start = deleted.next().await.unwrap().data;
    deleted.next().await.unwrap();
    ada.delete(&at(&json!({ "id": start["message_id"] }))).await.expect(204);
    let deleted = deleted.finish().await;
    assert_eq!((deleted.text().as_str(), deleted.status()), ("Never", "stopped"));
    gate.open();
    let left = left.finish().await;
    assert_eq!((left.text().as_str(), left.status()), ("Well, no.", "complete"));
    assert_eq!(ada.said(&thread).await.last().unwrap(), "assistant: Well, no.");
}

/// Every endpoint about a message, with a body that is good.
fn requests(id: &str) -> [(Method, String, Value); 5] {
    [
        (Method::PATCH, format!("/api/messages/{id}"), json!({ "content": "x" })),
        (Method::DELETE, format!("/api/messages/{id}"), json!({})),
        (Method::POST, format!("/api/messages/{id}/regenerate"), json!({})),
        (Method::POST, format!("/api/messages/{id}/continue"), json!({})),
        (Method::POST, format!("/api/messages/{id}/activate"), json!({})),
    ]
}

async fn what_is_not_the_callers_is_not_found(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let eve = app.register("eve@example.org").await;
    let gone = ada.conversation("Bronn").await;
    let in_gone = ada.say(&gone, "x").await;
    ada.delete(&format!("/api/conversations/{gone}")).await.expect(204);
    let before = ada.tree(&thread).await;

    let (id, of_gone) = (answer["id"].as_str().unwrap(), in_gone["id"].as_str().unwrap());
    let (cut, long) = (&id[..35], format!("{id}0"));
    let generation = answer["generation_id"].as_str().unwrap();
    let nothings = [
        "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203",
        "00000000-0000-0000-0000-000000000000",
        of_gone,
        &thread,
        generation,
        cut,
        &long,
        "1",
        "-1",
        "null",
        "undefined",
        "%00",
        "..%2f..",
        "%27%20OR%201=1--",
        "{018f4e6a-1c2d-7a3b-8c4d-5e6f70819203}",
        "018f4e6a1c2d7a3b8c4d5e6f70819203",
        "%F0%9F%97%A1",
    ];
    for nothing in nothings {
        for (method, path, body) in requests(nothing) {
            let answer = ada.answer(ada.ask(method, &path).json(&body)).await;
            answer.refused(404, "not_found", "Not found.");
        }
    }
    for message in [&question, &answer] {
        for (method, path, body) in requests(message["id"].as_str().unwrap()) {
            // What is there at all is looked at before the body is.
            for body in [body.clone(), json!({ "content": 7, "reasoning": 7 })] {
                let answer = eve.answer(eve.ask(method.clone(), &path).json(&body)).await;
                answer.refused(404, "not_found", "Not found.");
            }
            let visitor = app.visitor();
            let answer = visitor.answer(visitor.ask(method, &path).json(&body)).await;
            answer.refused(401, "not_authenticated", "Authentication credentials were not provided.");
        }
    }
    assert_eq!(ada.tree(&thread).await, before);
    assert_eq!(app.model.requests().len(), 1);
    ada.post(&format!("/api/messages/{}/activate", id.to_uppercase()), &json!({})).await.expect(200);
}

async fn other_words_are_checked_as_new_ones_are(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let before = ada.show(&thread).await;
    let too_long = "é".repeat(100_001);
    for path in [at(&question), at(&answer)] {
        for (body, problem) in [
            (json!({}), "This field is required."),
            (json!({ "text": "x" }), "This field is required."),
            (json!({ "Content": "x" }), "This field is required."),
            (json!({ "content": null }), "This field may not be null."),
            (json!({ "content": 7 }), "Not a valid string."),
            (json!({ "content": true }), "Not a valid string."),
            (json!({ "content": [] }), "Not a valid string."),
            (json!({ "content": ["x"] }), "Not a valid string."),
            (json!({ "content": {} }), "Not a valid string."),
            (json!({ "content": "a\0b" }), "Null characters are not allowed."),
            (json!({ "content": too_long }), "Ensure this field has no more than 100000 characters."),
        ] {
            ada.patch(&path, &body).await.refused_fields(&[("content", problem)]);
        }
        ada.patch(&path, &json!(["x"])).await.refused(
            400,
            "invalid",
            "Invalid data. Expected a JSON object, but got an array.",
        );
        let request = ada.ask(Method::PATCH, &path).header("Content-Type", "text/plain").body("x");
        let detail = "Unsupported media type \"text/plain\" in request: send application/json.";
        ada.answer(request).await.refused(415, "unsupported_media_type", detail);
    }
    assert_eq!(ada.show(&thread).await, before);
    for content in ["", " \n", "é漢🗡", &"é".repeat(100_000)] {
        for path in [at(&question), at(&answer)] {
            let edited = ada.patch(&path, &json!({ "content": content, "role": "system" })).await;
            let edited = edited.expect(200).json();
            assert_eq!((&edited["content"], &edited["role"] == "system"), (&json!(content), false));
        }
    }
}

async fn what_a_stream_is_asked_with_is_checked(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let before = ada.show(&thread).await;
    for path in [format!("{}/regenerate", at(&answer)), format!("{}/continue", at(&answer))] {
        for (value, problem) in [
            (json!(null), "This field may not be null."),
            (json!(0), "Must be a valid boolean."),
            (json!(1.5), "Must be a valid boolean."),
            (json!("true"), "Must be a valid boolean."),
            (json!(""), "Must be a valid boolean."),
            (json!([]), "Must be a valid boolean."),
            (json!([true]), "Must be a valid boolean."),
            (json!({}), "Must be a valid boolean."),
        ] {
            ada.post(&path, &json!({ "reasoning": value })).await.refused_fields(&[("reasoning", problem)]);
        }
        for (body, kind) in [(json!([]), "an array"), (json!("x"), "a string"), (json!(null), "null")] {
            let detail = format!("Invalid data. Expected a JSON object, but got {kind}.");
            ada.post(&path, &body).await.refused(400, "invalid", &detail);
        }
        let request = ada.ask(Method::POST, &path).header("Content-Type", "application/json").body("{");
        let answer = ada.answer(request).await.expect(400);
        assert_eq!(answer.json()["code"], "parse_error");
    }
    for verb in ["regenerate", "continue"] {
        let detail = "Only a reply of the character's can be regenerated or continued.";
        let path = format!("{}/{verb}", at(&question));
        ada.post(&path, &json!({})).await.refused(400, "not_a_reply", detail);
    }
    assert_eq!(ada.show(&thread).await, before);
    assert_eq!(app.model.requests().len(), 1, "nothing was begun");
    // No body at all is good.
    let response = ada.ask(Method::POST, &format!("{}/regenerate", at(&answer))).send().await.unwrap();
    assert_eq!(response.status(), 200);
    ada.until_ended(&thread).await;
}

async fn only_the_last_reply_that_has_ended_goes_on(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, answer) = asked(&app).await;
    let said = ada.say(&thread, "Too much.").await;
    let not_the_last = "Only the last message that the conversation shows can be continued.";
    ada.post(&format!("{}/continue", at(&answer)), &json!({})).await.refused(
        400,
        "not_the_last",
        not_the_last,
    );
    ada.delete(&at(&said)).await.expect(204);
    ada.patch(&at(&question), &json!({ "content": "x" })).await.expect(200);
    ada.post(&format!("{}/continue", at(&answer)), &json!({})).await.refused(
        400,
        "not_the_last",
        not_the_last,
    );
    ada.post(&format!("{}/activate", at(&answer)), &json!({})).await.expect(200);

    app.model.enqueue(&Script::reply([" And ale."]).hang_after(1));
    let mut stream = ada.begin_stream(&format!("{}/continue", at(&answer)), &json!({})).await;
    let start = stream.next().await.unwrap().data;
    let running = "This reply is still running: wait for its end, or stop it.";
    ada.post(&format!("{}/continue", at(&answer)), &json!({})).await.refused(400, "still_running", running);
    ada.patch(&at(&answer), &json!({ "content": "x" })).await.refused(400, "still_running", running);
    ada.post("/api/chat/stop", &json!({ "generation_id": start["generation_id"] })).await.expect(202);
    assert_eq!(stream.finish().await.status(), "stopped");
    ada.patch(&at(&answer), &json!({ "content": "x" })).await.expect(200);
}

async fn what_is_no_choice_of_messages_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, thread, question, _) = asked(&app).await;
    let path = format!("/api/conversations/{thread}/messages");
    for all in ["", "1", "0", "yes", "TRUE", "True", "null", "true,false", "%00", "-1", "all"] {
        ada.get(&format!("{path}?all={all}")).await.refused_fields(&[("all", "Must be `true` or `false`.")]);
    }
    let id = question["id"].as_str().unwrap();
    for side in ["before", "after"] {
        let answer = ada.get(&format!("{path}?all=true&{side}={id}")).await;
        answer.refused(400, "invalid", "All messages are listed by page, not by before or after.");
        ada.get(&format!("{path}?all=false&{side}={id}")).await.expect(200);
    }
    for page in ["0", "-1", "abc", "1.5", "2", "99999999999999999999999"] {
        let answer = ada.get(&format!("{path}?all=true&page={page}")).await;
        answer.refused(404, "not_found", "Invalid page.");
    }
}

async fn the_offline_model_goes_on_with_something_else(on: Database) {
    let app = TestApp::offline(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let first = ada.send(&thread, "How did you win the duel at the Eyrie?").await.text();
    let answer = ada.messages(&thread).await.pop().unwrap();
    let more = ada.read_stream(&format!("{}/continue", at(&answer)), &json!({})).await;
    assert_eq!(more.status(), "complete");
    assert!(more.text().len() > 10 && !first.contains(more.text().trim()), "{}", more.text());
    assert_eq!(ada.said(&thread).await[1], format!("assistant: {first}{}", more.text()));
}
