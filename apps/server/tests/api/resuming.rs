//! Coming back to a reply, at any byte of it: nothing is missing, and nothing comes twice.

use raconteur_fake_upstream::{Gate, Script, chunk};
use raconteur_storage::testing::TestSchema;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::sse::{Event, Parser, Reply, text_of};
use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    a_running_reply_goes_on_from_any_byte
    a_reply_that_has_ended_goes_on_from_any_byte_and_so_it_does_after_a_restart
    wherever_the_connection_breaks_the_pieces_join
    a_failed_reply_ends_again_as_it_ended
    an_interrupted_reply_ends_again_as_it_ended
    without_a_place_it_is_the_whole_stream
    whoever_has_read_to_the_end_is_told_that_there_is_nothing_left
    a_place_that_nobody_has_read_up_to_is_refused
    an_id_that_is_none_of_ours_is_refused
    a_send_that_names_an_event_goes_on_and_starts_nothing
    a_reply_is_its_owners_alone_and_is_gone_with_its_conversation
    head_says_the_same_and_streams_nothing
    the_reasoning_since_that_place_comes_live_to_those_who_ask
    two_read_at_once_and_neither_holds_up_the_other
}

/// Characters of one, two, three and four bytes, and some that are made of several.
const PIECES: [&str; 7] = ["Go", "ld — ", "é漢", "字🗡\u{fe0f}", "👩‍👩‍👧‍👦", "e\u{301}\n\n", "."];

/// How many of the pieces come before the gate.
const AT_FIRST: usize = 5;

fn text() -> String {
    PIECES.concat()
}

fn place(generation: &str, place: usize) -> String {
    format!("{generation}:{place}")
}

fn generation_of(start: &Value) -> String {
    start["generation_id"].as_str().expect("start names its generation").to_owned()
}

/// What is left of this text behind a byte, and the end of it as it was. The ids tell the places on the way.
fn check_rest(rest: &[Event], text: &str, from: usize, end: &Event) {
    let (last, tokens) = rest.split_last().expect("there is an end");
    assert_eq!(text_of(rest), text[from..], "from byte {from}");
    assert_eq!(last, end);
    let generation = end.id.as_deref().and_then(|id| id.strip_suffix(":end")).expect("an end has an id");
    let mut offset = from;
    for token in tokens.iter().filter(|event| event.name != "error") {
        assert_eq!(token.name, "token", "there is no second start");
        offset += token.data["delta"].as_str().expect("a token has a delta").len();
        assert_eq!(token.id, Some(place(generation, offset)));
    }
}

/// Comes back at every byte, in each way to say which.
async fn check_every_byte(person: &Client, reply: &Reply) {
    let (text, end) = (reply.text(), reply.events().last().expect("an end"));
    let generation = generation_of(reply.start());
    let path = format!("/api/chat/stream/{generation}");
    for from in 0..=text.len() {
        let header = person.ask_again(&generation, Some(&place(&generation, from)));
        let query = person.ask(Method::GET, &format!("{path}?after={from}"));
        if !text.is_char_boundary(from) {
            let problem =
                "This is in the middle of a character. Give the id of the last event that was read.";
            person.answer(header).await.refused_fields(&[("Last-Event-ID", problem)]);
            person.answer(query).await.refused_fields(&[("after", problem)]);
            continue;
        }
        check_rest(&Client::open(header).await.rest().await, &text, from, end);
        let mut rest = Client::open(query).await.rest().await;
        if from == 0 {
            assert_eq!(rest.remove(0), reply.events()[0], "the whole stream begins with its start");
        }
        check_rest(&rest, &text, from, end);
    }
}

async fn a_running_reply_goes_on_from_any_byte(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(PIECES).hold_after(AT_FIRST, &gate));
    let mut first = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&first.take(1 + AT_FIRST).await[0].data);
    check_running(&ada, &generation, &gate, async { first.finish().await }).await;
}

/// Comes back at every byte while the gate is closed, and reads on when it is open.
async fn check_running(person: &Client, generation: &str, gate: &Gate, first: impl Future<Output = Reply>) {
    let durable = PIECES[..AT_FIRST].concat();
    let mut readers = Vec::new();
    for (from, _) in durable.char_indices().chain([(durable.len(), ' ')]) {
        let mut reader = person.resume(generation, Some(&place(generation, from))).await;
        // Some have read what there is before there is more, and some have not.
        if from % 2 == 0 && from < durable.len() {
            reader.take(1).await;
        }
        readers.push((from, reader));
    }
    gate.open();
    let first = first.await;
    assert_eq!((first.text(), first.status()), (text(), "complete"));
    for (from, reader) in readers {
        check_rest(&reader.rest().await, &text(), from, first.events().last().expect("an end"));
    }
}

async fn a_reply_that_has_ended_goes_on_from_any_byte_and_so_it_does_after_a_restart(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(PIECES).usage(41, 3));
    let reply = ada.send(&thread, "What is your price?").await;
    assert_eq!(reply.text(), text());
    check_every_byte(&ada, &reply).await;

    let (_model, place) = app.stop().await;
    let again = TestApp::at(&place.url()).await;
    check_every_byte(&ada.at(&again.base()), &reply).await;
}

async fn wherever_the_connection_breaks_the_pieces_join(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(PIECES));
    let request = json!({ "conversation_id": thread, "prompt": "What is your price?" });
    let response = ada.ask(Method::POST, "/api/chat/stream").json(&request).send().await.unwrap();
    let bytes = response.bytes().await.unwrap();
    let whole = Parser::default().push(&bytes);
    let generation = generation_of(&whole[0].data);
    for cut in 0..=bytes.len() {
        let mut seen = Parser::default().push(&bytes[..cut]);
        let last = seen.iter().filter_map(|event| event.id.clone()).next_back();
        let again = ada.ask_again(&generation, last.as_deref());
        if last.as_deref().is_some_and(|id| id.ends_with(":end")) {
            ada.answer(again).await.expect(204);
        } else {
            seen.extend(Client::open(again).await.rest().await);
        }
        assert_eq!(text_of(&seen), text(), "cut at {cut}");
        assert_eq!((seen.first(), seen.last()), (whole.first(), whole.last()), "cut at {cut}");
    }
}

async fn a_failed_reply_ends_again_as_it_ended(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for script in [Script::reply(["Go", "ld"]).cut_after(2), Script::status(401)] {
        let thread = ada.conversation("Bronn").await;
        app.model.enqueue(&script);
        let reply = ada.send(&thread, "What is your price?").await;
        assert_eq!(reply.status(), "failed");
        let generation = generation_of(reply.start());
        let again = ada.resume(&generation, None).await.finish().await;
        assert_eq!((again.text(), again.start()), (reply.text(), reply.start()));
        assert_eq!((again.error(), again.end()), (reply.error(), reply.end()));
        // A client that was cut off just before the end still gets it, with what comes before it.
        let rest = ada.resume(&generation, Some(&place(&generation, reply.text().len()))).await.rest().await;
        let names: Vec<&str> = rest.iter().map(|event| event.name.as_str()).collect();
        assert_eq!(names, ["error", "end"]);
    }
}

async fn an_interrupted_reply_ends_again_as_it_ended(on: Database) {
    let app = TestApp::with(on, &[("SHUTDOWN_GRACE", "0s")]).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&reply.take(2).await[0].data);
    let (stopped, reply) = tokio::join!(app.stop(), reply.finish());
    assert_eq!(reply.status(), "interrupted");

    let again = TestApp::at(&stopped.1.url()).await;
    let ada = ada.at(&again.base());
    let read = ada.resume(&generation, None).await.finish().await;
    assert_eq!((read.text().as_str(), read.error(), read.end()), ("Gold", reply.error(), reply.end()));
    check_every_byte(&ada, &reply).await;
}

async fn without_a_place_it_is_the_whole_stream(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(PIECES).hold_after(1, &gate).usage(41, 3));
    let mut first = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&first.take(2).await[0].data);
    let second = ada.resume(&generation, None).await;
    // An empty one, as some clients send it at first, is none.
    let third = ada.resume(&generation.to_uppercase(), Some("")).await;
    gate.open();
    let first = first.finish().await;
    for again in [second.finish().await, third.finish().await] {
        assert_eq!(again.events(), first.events(), "live, it comes in the same pieces");
        for header in ["content-type", "cache-control", "x-accel-buffering"] {
            assert_eq!(again.headers.get(header), first.headers.get(header));
        }
    }
    let late = ada.resume(&generation, None).await.finish().await;
    assert_eq!((late.start(), late.text(), late.end()), (first.start(), first.text(), first.end()));
}

async fn whoever_has_read_to_the_end_is_told_that_there_is_nothing_left(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let reply = ada.send(&thread, "What is your price?").await;
    let generation = generation_of(reply.start());
    let end = reply.events().last().unwrap().id.clone().unwrap();
    let answer = ada.answer(ada.ask_again(&generation, Some(&end))).await.expect(204);
    assert_eq!(answer.text, "");
    let send = ada.ask(Method::POST, "/api/chat/stream").header("Last-Event-ID", &end);
    ada.answer(send).await.expect(204);
    let bob = app.register("bob@example.org").await;
    bob.answer(bob.ask_again(&generation, Some(&end))).await.refused(404, "not_found", "Not found.");
}

async fn a_place_that_nobody_has_read_up_to_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gé", "ld"]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&reply.take(2).await[0].data);
    for ended in [false, true] {
        if ended {
            ada.post("/api/chat/stop", &json!({ "generation_id": generation })).await.expect(202);
            ada.until_ended(&thread).await;
        }
        let past = "There are 3 bytes of this reply. Give the id of the last event that was read.";
        let inside = "This is in the middle of a character. Give the id of the last event that was read.";
        for (byte, problem) in [("4", past), ("99999999999999999999999", past), ("2", inside)] {
            let header = ada.ask_again(&generation, Some(&format!("{generation}:{byte}")));
            ada.answer(header).await.refused_fields(&[("Last-Event-ID", problem)]);
            let path = format!("/api/chat/stream/{generation}?after={byte}");
            ada.get(&path).await.refused_fields(&[("after", problem)]);
            let send = ada.ask(Method::POST, "/api/chat/stream");
            let send = send.header("Last-Event-ID", format!("{generation}:{byte}"));
            ada.answer(send).await.refused_fields(&[("Last-Event-ID", problem)]);
        }
    }
    for wrong in ["", "-1", "1.5", "x", "%2B1", "end", "0x1"] {
        let answer = ada.get(&format!("/api/chat/stream/{generation}?after={wrong}")).await;
        answer.refused_fields(&[("after", "A whole number of bytes was expected.")]);
    }
}

async fn an_id_that_is_none_of_ours_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let one = generation_of(ada.send(&thread, "one").await.start());
    let other = generation_of(ada.send(&thread, "two").await.start());
    let problem = "The id of an event was expected, as the stream had it: the generation, a colon, and a number or `end`.";
    let send = json!({ "conversation_id": thread, "prompt": "three" });
    for id in ["7", "x", &one, &format!("{one}:"), &format!("{one}:x"), "x:7"] {
        let again = ada.answer(ada.ask_again(&one, Some(id))).await;
        again.refused_fields(&[("Last-Event-ID", problem)]);
        let post = ada.ask(Method::POST, "/api/chat/stream").header("Last-Event-ID", id).json(&send);
        ada.answer(post).await.refused_fields(&[("Last-Event-ID", problem)]);
    }
    assert_eq!(ada.messages(&thread).await.len(), 4, "nothing was sent by mistake");
    let answer = ada.answer(ada.ask_again(&one, Some(&place(&other, 0)))).await;
    let problem = "This is an event of another reply than the one that is asked for.";
    answer.refused_fields(&[("Last-Event-ID", problem)]);
}

async fn a_send_that_names_an_event_goes_on_and_starts_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    app.model.enqueue(&Script::reply(PIECES).hold_after(2, &gate));
    let mut first = ada.begin(&thread, "What is your price?").await;
    let last = first.take(2).await.pop().unwrap().id.unwrap();
    let send = json!({ "conversation_id": thread, "prompt": "What is your price?" });
    let again = || ada.ask(Method::POST, "/api/chat/stream").header("Last-Event-ID", &last);
    let with_body = Client::open(again().json(&send)).await;
    let without = Client::open(again()).await;
    gate.open();
    let first = first.finish().await;
    for rest in [with_body.rest().await, without.rest().await] {
        check_rest(&rest, &text(), PIECES[0].len(), first.events().last().unwrap());
    }
    check_rest(
        &Client::open(again()).await.rest().await,
        &text(),
        PIECES[0].len(),
        first.events().last().unwrap(),
    );
    assert_eq!(app.model.requests().len(), 1, "the model was asked once");
    assert_eq!(ada.messages(&thread).await.len(), 2);
    let bob = app.register("bob@example.org").await;
    let theft = bob.ask(Method::POST, "/api/chat/stream").header("Last-Event-ID", &last).json(&send);
    bob.answer(theft).await.refused(404, "not_found", "Not found.");
}

async fn a_reply_is_its_owners_alone_and_is_gone_with_its_conversation(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.register("ada@example.org").await, app.register("bob@example.org").await);
    let thread = ada.conversation("Bronn").await;
    let ended = generation_of(ada.send(&thread, "one").await.start());
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "two").await;
    let running = generation_of(&reply.take(2).await[0].data);
    let nobodys = ["018f4e6a-1c2d-7a3b-8c4d-5e6f70819203", "not-an-id", "%F0%9F%97%A1"];
    for id in [ended.as_str(), &running].into_iter().chain(nobodys) {
        bob.get(&format!("/api/chat/stream/{id}")).await.refused(404, "not_found", "Not found.");
        bob.get(&format!("/api/chat/stream/{id}?after=9999")).await.refused(404, "not_found", "Not found.");
        let answer = app.visitor().get(&format!("/api/chat/stream/{id}")).await;
        answer.refused(401, "not_authenticated", "Authentication credentials were not provided.");
    }
    let follower = ada.resume(&running, None).await;
    ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    assert_eq!(follower.finish().await.status(), "stopped");
    for id in [&ended, &running] {
        ada.get(&format!("/api/chat/stream/{id}")).await.refused(404, "not_found", "Not found.");
    }
}

async fn head_says_the_same_and_streams_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    app.model.enqueue(&Script::reply(["Gold", " first."]).hang_after(1));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&reply.take(2).await[0].data);
    let head = async |last: Option<&str>| {
        let path = format!("/api/chat/stream/{generation}");
        let request = ada.ask(Method::HEAD, &path);
        let request = match last {
            Some(id) => request.header("Last-Event-ID", id),
            None => request,
        };
        let response = request.send().await.unwrap();
        let content_type =
            response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        // It is over although the reply is not.
        (response.status().as_u16(), content_type, response.bytes().await.unwrap().len())
    };
    let stream = (200, Some("text/event-stream".to_owned()), 0);
    assert_eq!(head(None).await, stream);
    assert_eq!(head(Some(&place(&generation, 4))).await, stream);
    assert_eq!(head(Some(&format!("{generation}:end"))).await, (204, None, 0));
    assert_eq!(head(Some("x")).await.0, 400);
    let answer = ada.answer(ada.ask(Method::OPTIONS, &format!("/api/chat/stream/{generation}"))).await;
    assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
}

async fn the_reasoning_since_that_place_comes_live_to_those_who_ask(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    let script = Script::reply(["Gold", " first."])
        .reasoning(["A fool?"])
        .event_after(1, &chunk::reasoning("Silver?"));
    app.model.enqueue(&script.hold_after(1, &gate));
    let mut reply = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&reply.take(2).await[0].data);
    let path = format!("/api/chat/stream/{generation}");
    let (mut readers, mut seen) = (Vec::new(), Vec::new());
    for query in ["?reasoning=true", "?reasoning=true&after=4", "?after=4&reasoning=false"] {
        readers.push(Client::open(ada.ask(Method::GET, &format!("{path}{query}"))).await);
    }
    let send = ada.ask(Method::POST, "/api/chat/stream").header("Last-Event-ID", place(&generation, 4));
    readers.push(Client::open(send.json(&json!({ "reasoning": true }))).await);
    gate.open();
    for reader in readers {
        let rest = reader.rest().await;
        seen.push(
            rest.iter()
                .filter_map(|event| event.data["delta"].as_str().map(ToOwned::to_owned))
                .collect::<Vec<_>>(),
        );
    }
    let expected: [&[&str]; 4] = [
        &["A fool?", "Gold", "Silver?", " first."],
        &["Silver?", " first."],
        &[" first."],
        &["Silver?", " first."],
    ];
    assert_eq!(seen, expected);
    ada.get(&format!("{path}?reasoning=1"))
        .await
        .refused_fields(&[("reasoning", "Must be `true` or `false`.")]);
}

async fn two_read_at_once_and_neither_holds_up_the_other(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let long = "漢🗡".repeat(50_000);
    app.model.enqueue(&Script::reply([long.as_str(), "."]));
    let reply = ada.send(&thread, "At length?").await;
    let generation = generation_of(reply.start());
    let stalled = ada.resume(&generation, None).await;
    for reader in [ada.resume(&generation, None).await, stalled] {
        let again = reader.finish().await;
        assert!(again.text() == format!("{long}."), "all of it");
        assert!(again.deltas().iter().all(|delta| delta.len() <= 1024), "in pieces");
    }
}

/// Two servers on one database, or nothing where the test is skipped.
async fn two() -> Option<(TestApp, TestApp, TestSchema)> {
    let schema = TestSchema::create()?;
    let url = schema.url();
    let (one, other) = tokio::join!(TestApp::at(&url), TestApp::at(&url));
    Some((one, other, schema))
}

/// A reply that has come as far as the gate.
async fn begun_on(
    server: &TestApp,
    gate: &Gate,
) -> (Client, String, crate::support::sse::EventStream, String) {
    let ada = server.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    server.model.enqueue(&Script::reply(PIECES).hold_after(AT_FIRST, gate).usage(41, 3));
    let mut first = ada.begin(&thread, "What is your price?").await;
    let generation = generation_of(&first.take(1 + AT_FIRST).await[0].data);
    (ada, thread, first, generation)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_another_server_a_running_reply_goes_on_from_any_byte() {
    let Some((one, other, _schema)) = two().await else { return };
    let gate = Gate::new();
    let (ada, _, first, generation) = begun_on(&one, &gate).await;
    let elsewhere = ada.at(&other.base());
    let whole = elsewhere.resume(&generation, None).await;
    let past = elsewhere.get(&format!("/api/chat/stream/{generation}?after=9999")).await;
    let problem = format!(
        "There are {} bytes of this reply. Give the id of the last event that was read.",
        PIECES[..AT_FIRST].concat().len()
    );
    past.refused_fields(&[("after", &problem)]);
    check_running(&elsewhere, &generation, &gate, async { first.finish().await }).await;
    let whole = whole.finish().await;
    check_every_byte(&elsewhere, &whole).await;
    let at_home = ada.resume(&generation, None).await.finish().await;
    assert_eq!((at_home.start(), at_home.end()), (whole.start(), whole.end()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_another_server_a_reply_whose_conversation_is_deleted_is_stopped() {
    let Some((one, other, _schema)) = two().await else { return };
    let (ada, thread, first, generation) = begun_on(&one, &Gate::new()).await;
    let follower = ada.at(&other.base()).resume(&generation, None).await;
    ada.delete(&format!("/api/conversations/{thread}")).await.expect(204);
    assert_eq!(first.finish().await.status(), "stopped");
    assert_eq!(follower.finish().await.status(), "stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_lets_go_of_those_who_follow_another_ones_reply() {
    let Some((one, other, _schema)) = two().await else { return };
    let gate = Gate::new();
    let (ada, _, first, generation) = begun_on(&one, &gate).await;
    let follower = ada.at(&other.base()).resume(&generation, None).await;
    let (_stopped, seen) = tokio::join!(other.stop(), follower.rest());
    assert_eq!(seen.iter().filter(|event| event.name == "end").count(), 0);

    let last = seen.last().and_then(|event| event.id.clone()).unwrap();
    let rest = ada.resume(&generation, Some(&last)).await;
    gate.open();
    assert_eq!(format!("{}{}", text_of(&seen), text_of(&rest.rest().await)), text());
    assert_eq!(first.finish().await.text(), text());
}
