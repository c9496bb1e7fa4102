//! What a model thinks, and what is known of a reply besides its text.

use raconteur_fake_upstream::{Gate, Script, chunk, picky};
use serde_json::{Value, json};

use crate::support::sse::Reply;
use crate::support::{Client, Database, TestApp, on_every_database, shape};

on_every_database! {
    a_client_that_asks_sees_the_reasoning_before_and_between_the_tokens
    reasoning_is_shown_while_the_model_still_thinks
    a_client_that_does_not_ask_sees_none_of_it
    the_usage_of_a_reply_without_reasoning_is_what_it_was
    reasoning_is_part_of_no_message_and_no_prompt
    the_field_is_true_or_false
    a_generation_tells_what_is_known_of_a_reply
    a_generation_tells_what_was_sent_to_those_who_ask
    a_generation_keeps_its_reasoning_where_a_setting_says_so
    a_generation_that_failed_or_still_runs_says_what_is_known_so_far
    a_generation_is_its_owners_alone
    the_generations_of_deleted_conversations_are_gone_at_once
    a_model_that_refuses_parts_of_the_request_answers_all_the_same
}

/// Thinks, speaks, thinks again, ends its words.
fn thoughtful() -> Script {
    Script::reply(["Gold", " first."])
        .reasoning(["A fool, ", "or a friend — é?"])
        .event_after(1, &chunk::reasoning("Silver?"))
        .usage_with_reasoning(41, 9, 7)
}

async fn ask_with(ada: &Client, reasoning: &Value) -> Reply {
    let thread = ada.conversation("Bronn").await;
    let body = json!({ "conversation_id": thread, "prompt": "What is your price?", "reasoning": reasoning });
    ada.stream(&body).await.finish().await
}

async fn ask(ada: &Client) -> Reply {
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "What is your price?").await
}

/// The path of the generation that made a reply.
fn path_of(reply: &Reply) -> String {
    format!("/api/generations/{}", reply.start()["generation_id"].as_str().unwrap())
}

/// What comes between the start and the end, as `name delta`.
fn news(reply: &Reply) -> Vec<String> {
    let events = reply.events();
    let line = |event: &crate::support::sse::Event| {
        format!("{} {}", event.name, event.data["delta"].as_str().unwrap())
    };
    events[1..events.len() - 1].iter().map(line).collect()
}

async fn a_client_that_asks_sees_the_reasoning_before_and_between_the_tokens(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.model.enqueue(&thoughtful());
    let reply = ask_with(&ada, &json!(true)).await;
    assert_eq!(
        news(&reply),
        [
            "reasoning A fool, ",
            "reasoning or a friend — é?",
            "token Gold",
            "reasoning Silver?",
            "token  first."
        ]
    );
    let usage = json!({ "prompt_tokens": 41, "completion_tokens": 9, "reasoning_tokens": 7 });
    assert_eq!((reply.text().as_str(), &reply.end()["usage"]), ("Gold first.", &usage));
}

async fn reasoning_is_shown_while_the_model_still_thinks(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Aye."]).reasoning(["Well"]).hold_after(0, &gate));
    let body = json!({ "conversation_id": thread, "prompt": "Well?", "reasoning": true });
    let mut stream = ada.stream(&body).await;
    let events = stream.take(2).await;
    assert_eq!((events[1].name.as_str(), &events[1].data), ("reasoning", &json!({ "delta": "Well" })));
    gate.open();
    assert_eq!(stream.finish().await.text(), "Aye.");
}

async fn a_client_that_does_not_ask_sees_none_of_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.model.enqueue(&thoughtful());
    app.model.enqueue(&thoughtful());
    for reply in [ask(&ada).await, ask_with(&ada, &json!(false)).await] {
        assert_eq!(news(&reply), ["token Gold", "token  first."]);
    }
}

async fn the_usage_of_a_reply_without_reasoning_is_what_it_was(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.model.enqueue(&Script::reply(["Aye."]).usage_with_reasoning(41, 2, 0));
    let reply = ask_with(&ada, &json!(true)).await;
    assert_eq!(reply.end()["usage"], json!({ "prompt_tokens": 41, "completion_tokens": 2 }));
}

async fn reasoning_is_part_of_no_message_and_no_prompt(on: Database) {
    let app = TestApp::with(on, &[("KEEP_REASONING", "True")]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&thoughtful());
    app.model.enqueue(&Script::reply(["<think>Silver", "?</think>\n\n", "No."]));
    for prompt in ["one", "two", "three"] {
        ada.send(&thread, prompt).await;
    }
    let said = ["user: one", "assistant: Gold first.", "user: two", "assistant: No."];
    assert_eq!(ada.said(&thread).await[..4], said);
    for request in app.model.requests() {
        let sent = request.body.to_string();
        assert!(!sent.contains("A fool") && !sent.contains("Silver"), "{sent}");
    }
}

async fn the_field_is_true_or_false(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for (reasoning, problem) in [
        (json!("true"), "Must be a valid boolean."),
        (json!(1), "Must be a valid boolean."),
        (json!({}), "Must be a valid boolean."),
        (json!(null), "This field may not be null."),
    ] {
        let body = json!({ "conversation_id": thread, "prompt": "Well?", "reasoning": reasoning });
        ada.post("/api/chat/stream", &body).await.refused_fields(&[("reasoning", problem)]);
    }
    let both = json!({ "conversation_id": thread, "prompt": 7, "reasoning": 7 });
    let problems = [("prompt", "Not a valid string."), ("reasoning", "Must be a valid boolean.")];
    ada.post("/api/chat/stream", &both).await.refused_fields(&problems);
    assert_eq!(ada.said(&thread).await, [""; 0]);
}

async fn a_generation_tells_what_is_known_of_a_reply(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.model.enqueue(&thoughtful());
    let reply = ask(&ada).await;
    let mut generation = ada.get(&path_of(&reply)).await.expect(200).json();

    assert_eq!(generation["id"], reply.start()["generation_id"]);
    assert_eq!(generation["message_id"], reply.start()["message_id"]);
    assert_eq!(generation["conversation_id"], reply.start()["conversation_id"]);
    assert_eq!(generation["ttft_ms"].take(), reply.end()["ttft_ms"]);
    let explanation = generation["explanation"].take();
    assert!(explanation.as_object().is_some_and(|explained| !explained.is_empty()), "{explanation}");
    insta::allow_duplicates! {
    insta::assert_json_snapshot!(shape(&generation), @r#"
    {
      "conversation_id": "[uuid]",
      "created_at": "[time]",
      "error_code": null,
      "explanation": null,
      "finish_reason": "stop",
      "id": "[uuid]",
      "message_id": "[uuid]",
      "model": "gpt-4o-mini",
      "reasoning": null,
      "status": "complete",
      "ttft_ms": null,
      "usage": {
        "completion_tokens": 9,
        "prompt_tokens": 41,
        "reasoning_tokens": 7
      }
    }
    "#);
    }
}

async fn a_generation_tells_what_was_sent_to_those_who_ask(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "What is your price? — é").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "And hers?").await;
    let generation = reply.take(2).await[0].data["generation_id"].clone();
    let path = format!("/api/generations/{}", generation.as_str().unwrap());
    let prompt = async || ada.get(&format!("{path}?prompt=true")).await.expect(200).json()["prompt"].clone();
    assert_eq!(prompt().await, Value::Null, "it is kept at the end");
    ada.post("/api/chat/stop", &json!({ "generation_id": generation })).await.expect(202);
    reply.finish().await;

    let sent = app.model.requests().pop().unwrap();
    assert_eq!(prompt().await, sent.body["messages"]);
    assert_eq!(prompt().await.as_array().unwrap().last().unwrap()["role"], "user");
    for query in ["", "?prompt=false"] {
        assert_eq!(ada.get(&format!("{path}{query}")).await.expect(200).json().get("prompt"), None);
    }
    let answer = ada.get(&format!("{path}?prompt=yes")).await;
    answer.refused_fields(&[("prompt", "Must be `true` or `false`.")]);
    let bob = app.register("bob@example.org").await;
    bob.get(&format!("{path}?prompt=true")).await.refused(404, "not_found", "Not found.");
}

async fn a_generation_keeps_its_reasoning_where_a_setting_says_so(on: Database) {
    let app = TestApp::with(on, &[("KEEP_REASONING", "True")]).await;
    let ada = app.register("ada@example.org").await;
    app.model.enqueue(&thoughtful());
    let reply = ask(&ada).await;
    let generation = ada.get(&path_of(&reply)).await.expect(200).json();
    assert_eq!(generation["reasoning"], "A fool, or a friend — é?Silver?");
}

async fn a_generation_that_failed_or_still_runs_says_what_is_known_so_far(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.model.enqueue(&Script::status(401));
    let failed = ada.get(&path_of(&ask(&ada).await)).await.expect(200).json();
    assert_eq!((&failed["status"], &failed["error_code"]), (&json!("failed"), &json!("model_refused")));

    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold"]).reasoning(["Well"]).hang_after(1));
    let mut running = ada.begin(&thread, "Well?").await;
    let start = &running.take(2).await[0];
    let path = format!("/api/generations/{}", start.data["generation_id"].as_str().unwrap());
    let generation = ada.get(&path).await.expect(200).json();
    let nothing = json!({ "prompt_tokens": null, "completion_tokens": null, "reasoning_tokens": null });
    assert_eq!((&generation["status"], &generation["usage"]), (&json!("running"), &nothing));
    assert_eq!((&generation["explanation"], &generation["reasoning"]), (&Value::Null, &Value::Null));
}

async fn a_generation_is_its_owners_alone(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.register("ada@example.org").await, app.register("eve@example.org").await);
    let path = path_of(&ask(&ada).await);
    ada.get(&format!("{path}/")).await.expect(200);
    ada.get(&path.to_uppercase().replace("/API/GENERATIONS", "/api/generations")).await.expect(200);
    eve.get(&path).await.refused(404, "not_found", "Not found.");
    for id in [
        "00000000-0000-7000-8000-000000000000",
        "x",
        "0",
        "-1",
        "null",
        "%00",
        "%FF%FE",
        "..",
        "018f4e6a1c2d7a3b8c4d5e6f70819203",
        "%7B018f4e6a-1c2d-7a3b-8c4d-5e6f70819203%7D",
        "018f4e6a-1c2d-7a3b-8c4d-5e6f7081920g",
        "%F0%9F%91%BB",
        &"x".repeat(10_000),
    ] {
        ada.get(&format!("/api/generations/{id}")).await.refused(404, "not_found", "Not found.");
    }
    app.visitor().get(&path).await.expect(401);
    ada.post(&path, &json!({})).await.expect(405);
}

/// Of so many that their rows are not all removed yet when they are asked for.
async fn the_generations_of_deleted_conversations_are_gone_at_once(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let mut paths = Vec::new();
    for _ in 0..20 {
        paths.push(path_of(&ask(&ada).await));
    }
    ada.delete("/api/conversations/bulk-delete").await.expect(200);
    for path in paths {
        ada.get(&path).await.refused(404, "not_found", "Not found.");
    }
}

async fn a_model_that_refuses_parts_of_the_request_answers_all_the_same(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    app.model.refuse_if(picky::max_tokens);
    app.model.refuse_if(picky::temperature);
    for _ in 0..2 {
        let reply = ask(&ada).await;
        assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Aye."));
    }
    assert_eq!(app.model.requests().len(), 4, "refused twice, and then never again");
}
