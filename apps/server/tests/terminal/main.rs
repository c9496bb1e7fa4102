//! `raconteur chat`: in a terminal, in a pipe, and beside a server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

mod home;
#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "../api/support/mod.rs"]
mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::process::Stdio;

use raconteur_fake_upstream::{FakeUpstream, Script};
use rexpect::process::{Signal, WaitStatus};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use home::{Home, text, visitor};
use support::PASSWORD;
use support::sse::PATIENCE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_talks_stops_an_answer_asks_why_and_comes_back_to_it() {
    let model = FakeUpstream::start().await;
    model.enqueue(&Script::reply(["Gold", " first."]).usage(41, 2));
    model.enqueue(&Script::reply(["Once upon", " a time"]).hang_after(1));
    model.enqueue(&Script::reply(["As you like."]));
    let home = Home::with_model(&model);

    let mut terminal = home.sit_down(&["--persona", "ser bronn"]);
    terminal.sees("You are talking to Bronn.");
    let id = terminal.conversation();
    terminal.sees("/help shows what you can do.");
    terminal.sees("Sit where I can see your hands.");
    terminal.is_asked();
    terminal.types("What is your price?");
    terminal.sees("Gold first.");
    terminal.is_asked();

    terminal.types("Tell me everything");
    terminal.sees("Once upon");
    terminal.presses_control('c');
    terminal.sees("[stopped]");
    model.wait_for_disconnect(1).await;
    terminal.is_asked();

    terminal.types("/why");
    terminal.sees("status      stopped");
    terminal.sees("looked for  Tell me everything");
    terminal.sees("tokens      system ");
    terminal.is_asked();
    terminal.types("Enough, then");
    terminal.sees("As you like.");
    terminal.is_asked();
    let farewell = terminal.quits();
    assert!(farewell.contains(&format!("raconteur chat --conversation {id}")), "{farewell:?}");

    let mut terminal = home.sit_down(&["--conversation", &id]);
    for said in [
        "title         Bronn — What is your price?",
        "You: What is your price?",
        "Bronn: Gold first.",
        "You: Tell me everything",
        "Bronn: Once upon [stopped]",
        "You: Enough, then",
        "Bronn: As you like.",
    ] {
        terminal.sees(said);
    }
    terminal.is_asked();
    terminal.types("/why");
    terminal.sees("looked for  Enough, then");
    terminal.is_asked();
    terminal.quits();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_at_the_prompt_clears_the_line_and_ctrl_d_ends_the_program() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    let mut terminal = home.sit_down(&[]);
    terminal.is_asked();
    terminal.pty.send("never said").unwrap();
    terminal.pty.flush().unwrap();
    terminal.sees("never said");
    terminal.presses_control('c');
    terminal.is_asked();
    terminal.presses_control('c');
    terminal.sees("/quit ends the program.");
    terminal.is_asked();
    terminal.types("  ");
    terminal.is_asked();
    terminal.types("Well?");
    terminal.sees("Aye.");
    terminal.is_asked();
    terminal.presses_control('d');
    assert!(matches!(terminal.ended().0, WaitStatus::Exited(_, 0)));
    let requests = model.requests();
    assert_eq!((requests.len(), &requests[0].body["messages"][1]["content"]), (1, &json!("Well?")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_is_remembered_for_its_owner_alone() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    let mut terminal = home.sit_down(&[]);
    terminal.is_asked();
    terminal.types("What is your price?");
    terminal.sees("Aye.");
    terminal.is_asked();
    terminal.quits();
    let mode = std::fs::metadata(home.path("data/chat_history")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let mut terminal = home.sit_down(&[]);
    terminal.is_asked();
    // Twice up: before it stands `/quit`.
    terminal.types("\x1b[A\x1b[A");
    terminal.sees("Aye.");
    terminal.is_asked();
    terminal.quits();
    assert_eq!(model.requests()[1].body["messages"][1]["content"], "What is your price?");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_end_it_stops_the_answer_and_keeps_what_was_said() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    model.enqueue(&Script::reply(["Once upon", " a time"]).hang_after(1));
    let mut terminal = home.sit_down(&[]);
    let id = terminal.conversation();
    terminal.is_asked();
    terminal.types("Tell me everything");
    terminal.sees("Once upon");
    terminal.pty.process_mut().signal(Signal::SIGTERM).unwrap();
    assert!(matches!(terminal.ended().0, WaitStatus::Exited(_, 143)));

    let mut terminal = home.sit_down(&["--conversation", &id]);
    terminal.sees("Bronn: Once upon [stopped]");
    terminal.is_asked();
    // And while nothing runs, the line editor's terminal is given back as it was.
    terminal.pty.process_mut().signal(Signal::SIGTERM).unwrap();
    let (status, rest) = terminal.ended();
    assert!(matches!(status, WaitStatus::Exited(_, 143)), "{status:?}");
    assert!(rest.contains("\x1b[?2004l"), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_say_what_they_are_and_two_slashes_say_one() {
    let model = FakeUpstream::start().await;
    model.always_with(Script::echo);
    let home = Home::with_model(&model);
    let mut terminal = home.sit_down(&[]);
    terminal.is_asked();
    terminal.types("/why");
    terminal.sees("There has been no answer yet.");
    terminal.is_asked();
    terminal.types("/help");
    terminal.sees("/ooc TEXT");
    terminal.is_asked();
    terminal.types("/ooc");
    terminal.sees("asks the narrator");
    terminal.is_asked();
    terminal.types("/etc/passwd");
    terminal.sees("There is no command /etc/passwd");
    terminal.sees("type //etc/passwd");
    terminal.is_asked();
    terminal.types("//etc/passwd");
    terminal.sees(": /etc/passwd");
    terminal.is_asked();
    terminal.types("/ooc who is he?");
    terminal.sees(": who is he?");
    terminal.is_asked();
    terminal.types("/why");
    terminal.sees("out of character: the narrator");
    terminal.is_asked();
    terminal.quits();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_terminal_obeys_comes_from_the_model_or_from_the_database() {
    let model = FakeUpstream::start().await;
    model.enqueue(&Script::reply(["Look\x1b]0;", "owned\x07 here\u{9b}2J."]));
    let home = Home::with_model(&model);
    let mut terminal = home.sit_down(&[]);
    let id = terminal.conversation();
    terminal.is_asked();
    terminal.types("Where?");
    terminal.sees("Look␛]0;owned␇ here\u{fffd}2J.");
    terminal.is_asked();
    terminal.quits();
    let mut terminal = home.sit_down(&["--conversation", &id]);
    terminal.sees("Look␛]0;owned␇ here\u{fffd}2J.");
    terminal.is_asked();
    terminal.quits();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_lines_are_not_edited_ctrl_c_at_the_prompt_ends_the_program() {
    let home = Home::offline().set("TERM", "dumb");
    let mut terminal = home.sit_down(&["--forget"]);
    terminal.is_asked();
    terminal.presses_control('c');
    let (status, _) = terminal.ended();
    assert!(matches!(status, WaitStatus::Exited(_, 130)), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn colour_is_for_terminals_whose_owners_want_it() {
    for (colour, home) in [(true, Home::offline()), (false, Home::offline().set("NO_COLOR", "1"))] {
        let mut terminal = home.sit_down(&["--forget"]);
        let shown = terminal.is_asked();
        assert_eq!(shown.contains("\x1b[2m"), colour, "{shown:?}");
        terminal.quits();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_model_thinks_is_shown_apart_from_what_it_says_and_not_in_a_pipe() {
    let model = FakeUpstream::start().await;
    model.always(&Script::reply(["Gold", " first."]).reasoning(["A fool, or a friend?"]));
    let home = Home::with_model(&model);
    let mut terminal = home.sit_down(&["--forget"]);
    terminal.is_asked();
    terminal.types("What is your price?");
    terminal.sees("A fool, or a friend?");
    terminal.sees("\r\n\r\nGold first.");
    terminal.is_asked();
    terminal.quits();

    let output = home.pipe(&["--forget"], b"What is your price?\n").await;
    assert_eq!(text(&output.stdout), "Gold first.\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_told_with_what_may_help() {
    let model = FakeUpstream::start().await;
    model.enqueue(&Script::error(401, "x", "y", "Incorrect API key provided"));
    let home = Home::with_model(&model);
    let mut terminal = home.sit_down(&["--forget"]);
    terminal.is_asked();
    terminal.types("Well?");
    terminal.sees("[failed] The model refused the request.");
    terminal.sees("Trying again will not help by itself.");
    terminal.is_asked();
    terminal.types("And now?");
    terminal.sees("Aye.");
    terminal.is_asked();
    terminal.quits();
}

#[tokio::test]
async fn in_a_pipe_each_line_is_said_and_the_answers_alone_are_printed() {
    let model = FakeUpstream::start().await;
    model.enqueue(&Script::reply(["Gold", " first."]));
    model.enqueue(&Script::reply(["A dragon.\n"]));
    let home = Home::with_model(&model);
    let output = home.pipe(&[], b"What is your price?\r\n\n  \nAnd your fear?").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        ("Gold first.\nA dragon.\n".to_owned(), String::new())
    );
    let requests = model.requests();
    assert_eq!(requests[1].body["messages"].as_array().unwrap().len(), 4, "one conversation");
    assert!(!home.path("data/chat_history").exists(), "nothing was typed");
}

#[tokio::test]
async fn without_a_model_the_knowledge_base_answers() {
    let output = Home::offline().pipe(&[], b"What is your price?\n").await;
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{output:?}");
    assert!(text(&output.stdout).contains("Coin"), "{output:?}");
}

#[tokio::test]
async fn a_script_learns_from_the_code_whether_the_last_line_was_answered() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    let refusal = Script::error(401, "x", "y", "Incorrect API key provided: sk-secret");
    model.enqueue(&refusal);
    let output = home.pipe(&[], b"Well?\n").await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text(&output.stderr).contains("raconteur: [failed] The model refused the request."),
        "{output:?}"
    );
    assert!(!text(&output.stdout).is_empty(), "the character says something all the same");

    model.enqueue(&refusal);
    let output = home.pipe(&[], b"Well?\nAnd now?\n").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let long = [vec![b'x'; 100_001], b"\n".to_vec()].concat();
    for (line, complaint) in [
        (b"/nonsense\n".as_slice(), "raconteur: There is no command /nonsense"),
        (b"\xff\n", "raconteur: The line is not UTF-8 text"),
        (b"Aye\0\n", "raconteur: A message cannot have null characters"),
        (&long, "raconteur: The message is longer than 100000 characters"),
    ] {
        let output = home.pipe(&["--forget"], line).await;
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{complaint}");
        assert!(text(&output.stderr).contains(complaint), "{output:?}");
    }
}

#[tokio::test]
async fn in_a_pipe_ctrl_c_stops_the_answer_and_ends_the_program() {
    let model = FakeUpstream::start().await;
    model.enqueue(&Script::reply(["Once upon", " a time"]).hang_after(1));
    let home = Home::with_model(&model);
    let mut command = tokio::process::Command::from(home.command(&[]));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"Tell me everything\n").await.unwrap();
    model.wait_for_requests(1).await;
    let id = child.id().unwrap().to_string();
    let sent = Command::new("sh").args(["-c", r#"kill -s INT "$0""#, &id]).status().unwrap();
    assert!(sent.success());
    model.wait_for_disconnect(0).await;
    let output = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
}

#[tokio::test]
async fn whoever_reads_no_further_ends_it_without_a_complaint() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    let mut command = tokio::process::Command::from(home.command(&[]));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.as_mut().unwrap().write_all(b"Well?\n").await.unwrap();
    let output = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(141), String::new()));
}

#[tokio::test]
async fn what_was_asked_for_and_is_not_there_is_named_with_what_is() {
    let home = Home::offline();
    let refusal = home.refusal(&["--persona", "Gandalf"], 1).await;
    let begins =
        "raconteur: --persona: there is nobody called \"Gandalf\"; choose from: Bronn, Captain Nemo, ";
    assert!(refusal.starts_with(begins), "{refusal}");
    let refusal = home.refusal(&["--conversation", "1234"], 1).await;
    assert!(refusal.contains("--conversation: \"1234\" is not an id: a UUID such as"), "{refusal}");
    assert!(!home.path("data").exists(), "nothing was made");

    let missing = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203";
    let refusal = home.refusal(&["--conversation", missing], 1).await;
    assert!(refusal.contains(&format!("there is no conversation {missing} in this database")), "{refusal}");
    let refusal = home.refusal(&["--account", "ada@example.org"], 1).await;
    assert!(refusal.contains("nobody has the address \"ada@example.org\" in this database"), "{refusal}");

    for arguments in [
        ["--conversation", missing, "--persona", "bronn"].as_slice(),
        &["--conversation", missing, "--account", "ada@example.org"],
        &["--conversation", missing, "--forget"],
        &["--account", "ada@example.org", "--forget"],
    ] {
        let refusal = home.refusal(arguments, 2).await;
        assert!(refusal.contains("cannot be used with"), "{refusal}");
    }
}

#[tokio::test]
async fn a_name_finds_a_persona_in_any_of_its_forms_and_bronn_is_not_needed() {
    let home = Home::offline().set("PERSONAS_DIR", "mine");
    std::fs::create_dir_all(home.path("mine/wren")).unwrap();
    std::fs::write(home.path("mine/wren/persona.yml"), "name: Wren of the Ford\ngreeting: Evening.").unwrap();
    for arguments in [[].as_slice(), &["--persona", "WREN"], &["--persona", "wren of the ford"]] {
        let output = home.pipe(arguments, b"Hello\n").await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(!text(&output.stdout).contains("Evening."), "a greeting is for terminals");
    }
    std::fs::remove_dir_all(home.path("mine/wren")).unwrap();
    let refusal = home.refusal(&[], 1).await;
    assert!(refusal.contains("there is nobody to talk to: PERSONAS_DIR has no persona in it"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_a_server_has_is_refused_with_what_to_do_and_forgetting_needs_none() {
    let home = Home::offline();
    let server = home.serve().await;
    let refusal = home.refusal(&[], 1).await;
    assert!(
        refusal.contains("data/raconteur.db is in use by a running server or another chat."),
        "{refusal}"
    );
    for advice in ["stop that one", "its web app or over its API", "--forget", "DATABASE_URL=", "Postgres"] {
        assert!(refusal.contains(advice), "{refusal}");
    }
    assert_eq!(home.pipe(&["--forget"], b"Well?\n").await.status.code(), Some(0));
    server.stop().await;
    assert_eq!(home.pipe(&[], b"Well?\n").await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_an_account_the_conversation_shows_up_in_its_web_app() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    let server = home.serve().await;
    let ada = visitor(&server).register("ada@example.org").await;
    server.stop().await;
    let output = home.pipe(&["--account", "ADA@example.org"], b"What is your price?\n").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let server = home.serve().await;
    let ada = ada.at(&format!("http://{}", server.address()));
    let listed = ada.get("/api/conversations").await.expect(200).json();
    assert_eq!(
        (&listed["count"], &listed["results"][0]["title"]),
        (&json!(1), &json!("Bronn — What is your price?"))
    );
    let thread = listed["results"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ada.said(&thread).await, ["user: What is your price?", "assistant: Aye."]);
    server.stop().await;

    let output = home.pipe(&["--conversation", &thread], b"Sure?\n").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(model.requests()[1].body["messages"].as_array().unwrap().len(), 4, "the same conversation");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_signs_in_as_the_terminal_nor_registers_its_address() {
    let home = Home::offline();
    assert_eq!(home.pipe(&[], b"Well?\n").await.status.code(), Some(0));
    let server = home.serve().await;
    let visitor = visitor(&server);
    let credentials = json!({ "email": "terminal@localhost", "password": PASSWORD });
    let answer = visitor.post("/api/auth/login", &credentials).await;
    answer.refused(400, "invalid_credentials", "invalid credentials");
    let answer = visitor.post("/api/auth/register", &credentials).await;
    answer.refused_fields(&[("email", "Enter a valid email address.")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_forgotten_touches_no_disk() {
    let model = FakeUpstream::start().await;
    let home = Home::with_model(&model);
    assert_eq!(home.pipe(&["--forget"], b"Well?\nAnd then?\n").await.status.code(), Some(0));
    assert_eq!(
        model.requests()[1].body["messages"].as_array().unwrap().len(),
        4,
        "while it lasts it is remembered"
    );

    let mut terminal = home.sit_down(&["--forget"]);
    terminal.sees("not kept: it is gone when you quit");
    terminal.is_asked();
    terminal.types("Well?");
    terminal.sees("Aye.");
    terminal.is_asked();
    terminal.types("/why");
    terminal.sees("status      complete");
    terminal.is_asked();
    let farewell = terminal.quits();
    assert!(!farewell.contains("--conversation"), "{farewell:?}");
    let left: Vec<_> = std::fs::read_dir(home.path("")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_talk_in_which_nothing_was_said_leaves_no_conversation() {
    let home = Home::offline();
    let mut terminal = home.sit_down(&[]);
    let id = terminal.conversation();
    terminal.is_asked();
    let farewell = terminal.quits();
    assert!(!farewell.contains("--conversation"), "{farewell:?}");
    let refusal = home.refusal(&["--conversation", &id], 1).await;
    assert!(refusal.contains("there is no conversation"), "{refusal}");
}
