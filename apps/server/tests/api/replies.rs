//! Where a reply goes in the conversation, and what the model is asked for it.

use raconteur_fake_upstream::{Gate, Request, Script};
use serde_json::{Value, json};

use crate::support::{Database, TestApp, on_every_database};

on_every_database! {
    the_model_is_asked_as_the_contract_says
    history_comes_before_the_prompt_and_nothing_empty_is_sent
    no_prompt_at_all_answers_what_is_there
    a_prompt_that_is_stored_already_is_answered_and_not_stored_again
    the_same_prompt_again_makes_a_sibling_of_its_reply
    any_other_prompt_becomes_no_message_and_its_reply_hangs_on_the_last_one
    a_running_reply_is_listed_and_left_out_of_other_prompts
    a_character_is_found_by_any_of_its_names_and_nobody_else_is
    ooc_asks_the_narrator_for_that_one_turn
}

/// What the model was sent, as `role: content`; of the system message only the role.
fn asked(request: &Request) -> Vec<String> {
    let messages = request.body["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| match (message["role"].as_str().unwrap(), message["content"].as_str().unwrap()) {
            ("system", _) => "system".to_owned(),
            (role, content) => format!("{role}: {content}"),
        })
        .collect()
}

async fn the_model_is_asked_as_the_contract_says(on: Database) {
    let app = TestApp::with(on, &[("OPENAI_API_KEY", "sk-test"), ("OPENAI_TEMPERATURE", "0.5")]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "What is your price?").await;
    let request = &app.model.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(request.header("authorization"), Some("Bearer sk-test"));
    let mut body = request.body.clone();
    body["messages"].take();
    assert_eq!(body["model"], "gpt-4o-mini");
    assert_eq!(
        (&body["temperature"], &body["max_tokens"], &body["stream"]),
        (&json!(0.5), &json!(1024), &json!(true))
    );
    assert_eq!(asked(request), ["system", "user: What is your price?"]);
}

async fn history_comes_before_the_prompt_and_nothing_empty_is_sent(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for content in ["one", "", " \n ", "two"] {
        ada.say(&thread, content).await;
    }
    app.model.enqueue(&Script::reply([""; 0]));
    app.model.enqueue(&Script::reply(["Aye."]));
    ada.send(&thread, "three").await;
    ada.send(&thread, "four").await;
    ada.send(&thread, "five").await;
    let requests = app.model.requests();
    assert_eq!(asked(&requests[0]), ["system", "user: one", "user: two", "user: three"]);
    assert_eq!(asked(&requests[1]), ["system", "user: one", "user: two", "user: three", "user: four"]);
    assert_eq!(asked(&requests[2])[4..], ["user: four", "assistant: Aye.", "user: five"]);
}

async fn no_prompt_at_all_answers_what_is_there(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for body in [json!({}), json!({ "prompt": null }), json!({ "prompt": "" }), json!({ "prompt": " \n" })] {
        for saved in
            [json!({}), json!({ "create_user_message": true }), json!({ "create_user_message": false })]
        {
            let thread = ada.conversation("Bronn").await;
            let question = ada.say(&thread, "Well?").await;
            let mut send = json!({ "conversation_id": thread });
            for part in [&body, &saved] {
                send.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
            }
            let reply = ada.stream(&send).await.finish().await;
            assert_eq!(reply.start()["user_message_id"], question["id"], "{send}");
            assert_eq!(ada.said(&thread).await, ["user: Well?", "assistant: Aye."], "{send}");
        }
    }
    for request in app.model.requests() {
        assert_eq!(asked(&request), ["system", "user: Well?"]);
    }
}

async fn a_prompt_that_is_stored_already_is_answered_and_not_stored_again(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let question = ada.say(&thread, " Well? ").await;
    let reply = ada.send_unsaved(&thread, " Well? ").await;
    assert_eq!(reply.start()["user_message_id"], question["id"]);
    assert_eq!(ada.said(&thread).await, ["user:  Well? ", "assistant: Aye."]);
    assert_eq!(asked(&app.model.requests()[0]), ["system", "user:  Well? "]);
}

async fn the_same_prompt_again_makes_a_sibling_of_its_reply(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["First."]));
    app.model.enqueue(&Script::reply(["Second."]));
    let first = ada.send(&thread, "Well?").await;
    let second = ada.send_unsaved(&thread, "Well?").await;
    assert_eq!(second.start()["user_message_id"], first.start()["user_message_id"]);
    assert_ne!(second.message_id(), first.message_id());
    assert_eq!(ada.said(&thread).await, ["user: Well?", "assistant: Second."]);
    assert_eq!(ada.show(&thread).await["message_count"], 2);
    assert_eq!(
        asked(&app.model.requests()[1]),
        ["system", "user: Well?"],
        "the reply it replaces is not shown"
    );
}

async fn any_other_prompt_becomes_no_message_and_its_reply_hangs_on_the_last_one(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "one").await;
    app.model.enqueue(&Script::reply(["Indeed."]));
    let reply = ada.send_unsaved(&thread, "two").await;
    assert_eq!(reply.start()["user_message_id"], Value::Null);
    assert_eq!(ada.said(&thread).await, ["user: one", "assistant: Aye.", "assistant: Indeed."]);
    assert_eq!(asked(&app.model.requests()[1]), ["system", "user: one", "assistant: Aye.", "user: two"]);
}

async fn a_running_reply_is_listed_and_left_out_of_other_prompts(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(["Slow", "ly."]).hold_after(1, &gate));
    let mut slow = ada.begin(&thread, "one").await;
    slow.take(2).await;

    let quick = ada.send(&thread, "two").await;
    assert_eq!(asked(&app.model.requests()[1]), ["system", "user: one", "user: two"]);
    let said = ["user: one", "assistant: Slow", "user: two", "assistant: Aye."];
    assert_eq!(ada.said(&thread).await, said);
    assert_eq!(ada.messages(&thread).await[2]["parent_id"], ada.messages(&thread).await[1]["id"]);
    gate.open();
    assert_eq!((slow.finish().await.status(), quick.status()), ("complete", "complete"));
    assert_eq!(ada.said(&thread).await[1], "assistant: Slowly.");
}

async fn a_character_is_found_by_any_of_its_names_and_nobody_else_is(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for character in ["bronn", "BRONN", "Bronn of the Blackwater", "A Stranger", "bron"] {
        let thread = ada.conversation(character).await;
        let reply = ada.send(&thread, "Who are you?").await;
        assert_eq!(reply.start()["character"], character);
    }
    let systems: Vec<String> = app
        .model
        .requests()
        .iter()
        .map(|request| request.body["messages"][0]["content"].as_str().unwrap().to_owned())
        .collect();
    let blunt = "dry, blunt and unhurried";
    assert!(systems[..3].iter().all(|system| system.contains(blunt)), "{systems:?}");
    assert!(systems[3].contains("A Stranger") && !systems[3].contains(blunt), "{}", systems[3]);
    assert!(!systems[3].contains("Bronn") && !systems[4].contains(blunt), "{systems:?}");
}

async fn ooc_asks_the_narrator_for_that_one_turn(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "Well?").await;
    ada.send(&thread, "  [[OOC]]  Who wrote you?").await;
    ada.send(&thread, "[[ooc]] Well?").await;
    let requests = app.model.requests();
    let system = |n: usize| requests[n].body["messages"][0]["content"].as_str().unwrap();
    let last = |n: usize| requests[n].body["messages"].as_array().unwrap().last().unwrap()["content"].clone();
    assert_ne!(system(1), system(0), "the narrator is asked");
    assert!(!last(1).as_str().unwrap().contains("[[OOC]]"), "{}", last(1));
    assert!(last(1).as_str().unwrap().contains("Who wrote you?"), "{}", last(1));
    assert_eq!(last(2), "[[ooc]] Well?", "the case is exact");
    assert_eq!(
        ada.said(&thread).await[2],
        "user:   [[OOC]]  Who wrote you?",
        "what was said is kept as it was"
    );
}
