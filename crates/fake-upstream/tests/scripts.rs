//! What a client sees on the wire when the fake upstream follows a script.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use raconteur_fake_upstream::{FakeUpstream, Gate, Script, chunk, nobody_listens, picky};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const QUESTION: &str = r#"{"messages":[{"role":"user","content":"How much?"}],"stream":true}"#;

/// A connection on which a question has been asked.
async fn ask(upstream: &FakeUpstream) -> TcpStream {
    let mut socket = connect(&upstream.base_url()).await.unwrap();
    send_question(&mut socket).await;
    socket
}

async fn connect(base_url: &str) -> std::io::Result<TcpStream> {
    let address = base_url.trim_start_matches("http://").trim_end_matches("/v1");
    TcpStream::connect(address).await
}

async fn send_question(socket: &mut TcpStream) {
    let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: fake\r\nX-Test: yes\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{QUESTION}", QUESTION.len());
    socket.write_all(request.as_bytes()).await.unwrap();
}

/// Everything until the server closes.
async fn rest(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Everything until these words have come.
async fn until(socket: &mut TcpStream, words: &str) -> String {
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains(words) {
        assert_ne!(socket.read_buf(&mut answer).await.unwrap(), 0, "closed before {words:?}");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The body of a chunked answer that the server has closed or ended.
fn unchunked(answer: &str) -> String {
    let (_, mut rest) = answer.split_once("\r\n\r\n").unwrap();
    let mut body = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        body.push_str(&after[..length]);
        rest = &after[length + 2..];
    }
    body
}

#[tokio::test]
async fn a_clean_reply_has_role_pieces_finish_usage_and_done() {
    let upstream = FakeUpstream::start().await;
    upstream.enqueue(&Script::reply(["Aye", "!"]));
    let answer = until(&mut ask(&upstream).await, "\r\n0\r\n\r\n").await;
    let expected = [
        chunk::role(),
        chunk::content("Aye"),
        chunk::content("!"),
        chunk::finish("stop"),
        chunk::usage(9, 2),
        "[DONE]".to_owned(),
    ];
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(unchunked(&answer), expected.map(|data| format!("data: {data}\n\n")).concat());
}

#[tokio::test]
async fn requests_are_remembered_as_they_came() {
    let upstream = FakeUpstream::start().await;
    let _socket = ask(&upstream).await;
    let requests = upstream.wait_for_requests(1).await;
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(requests[0].header("x-test"), Some("yes"));
    assert_eq!(requests[0].body["messages"][0]["content"], "How much?");
}

#[tokio::test]
async fn enqueued_scripts_come_in_order_and_then_the_standing_one() {
    let upstream = FakeUpstream::start().await;
    upstream.enqueue(&Script::status(429).header("Retry-After", "7"));
    upstream.enqueue(&Script::redirect("http://elsewhere/"));
    upstream.always_with(Script::echo);
    let first = until(&mut ask(&upstream).await, "\r\n\r\n").await;
    assert!(first.starts_with("HTTP/1.1 429 ") && first.contains("Retry-After: 7\r\n"), "{first}");
    assert!(until(&mut ask(&upstream).await, "\r\n\r\n").await.contains("Location: http://elsewhere/\r\n"));
    assert!(until(&mut ask(&upstream).await, "[DONE]").await.contains("How much?"));
}

#[tokio::test]
async fn reasoning_comes_before_the_first_piece() {
    let upstream = FakeUpstream::start().await;
    upstream.enqueue(&Script::reply(["Aye"]).reasoning(["So ", "gold."]).usage_with_reasoning(9, 8, 7));
    let answer = until(&mut ask(&upstream).await, "\r\n0\r\n\r\n").await;
    let expected = [
        chunk::role(),
        chunk::reasoning("So "),
        chunk::reasoning("gold."),
        chunk::content("Aye"),
        chunk::finish("stop"),
        chunk::usage_with_reasoning(9, 8, 7),
        "[DONE]".to_owned(),
    ];
    assert_eq!(unchunked(&answer), expected.map(|data| format!("data: {data}\n\n")).concat());
}

#[tokio::test]
async fn a_request_that_is_refused_uses_no_script_up() {
    let upstream = FakeUpstream::start().await;
    upstream.enqueue(&Script::reply(["Two coppers."]));
    let untouched = AtomicBool::new(true);
    upstream.refuse_if(picky::temperature); // which the question does not have
    upstream.refuse_if(move |_| untouched.swap(false, Ordering::Relaxed).then(|| Script::status(418)));
    assert!(until(&mut ask(&upstream).await, "\r\n\r\n").await.starts_with("HTTP/1.1 418 "));
    assert!(until(&mut ask(&upstream).await, "[DONE]").await.contains("Two coppers."));
}

#[tokio::test]
async fn a_connection_carries_one_request_after_another() {
    let upstream = FakeUpstream::start().await;
    let mut socket = ask(&upstream).await;
    until(&mut socket, "\r\n0\r\n\r\n").await;
    send_question(&mut socket).await;
    until(&mut socket, "\r\n0\r\n\r\n").await;
    assert_eq!((upstream.requests().len(), upstream.accepted_connections()), (2, 1));
}

#[tokio::test]
async fn a_gate_holds_the_script_until_it_is_opened() {
    let upstream = FakeUpstream::start().await;
    let gate = Gate::new();
    upstream.enqueue(&Script::reply(["before", "after"]).hold_after(1, &gate));
    let mut socket = ask(&upstream).await;
    gate.reached(1).await;
    assert!(!until(&mut socket, "before").await.contains("after"));
    gate.open();
    until(&mut socket, "after").await;
}

#[tokio::test]
async fn a_cut_reply_ends_where_the_script_says() {
    let upstream = FakeUpstream::start().await;
    upstream.enqueue(&Script::reply(["one", "two"]).cut_after(1));
    let cut = rest(&mut ask(&upstream).await).await;
    assert!(cut.contains("one") && !cut.contains("two") && !cut.ends_with("0\r\n\r\n"), "{cut}");

    upstream.enqueue(&Script::packets(["data: caf\u{e9}\n\n"]).cut_after_bytes(10));
    assert!(rest(&mut ask(&upstream).await).await.ends_with("a\r\ndata: caf\u{fffd}\r\n"));

    upstream.enqueue(&Script::status(200).body("text/html", "<html>").cut_after_bytes(3));
    assert!(rest(&mut ask(&upstream).await).await.ends_with("Content-Length: 6\r\n\r\n<ht"));

    upstream.enqueue(&Script::hang_up());
    assert_eq!(rest(&mut ask(&upstream).await).await, "");
}

#[tokio::test]
async fn framing_can_be_odd() {
    let upstream = FakeUpstream::start().await;
    let odd = Script::events(["{}"]).raw_after(1, "data: x\n\n").bom().crlf().comments();
    upstream.enqueue(&odd.clone().cut_at_the_end());
    let expected = "\u{feff}: keep-alive\r\n\r\ndata: {}\r\n\r\ndata: x\r\n\r\n";
    assert_eq!(unchunked(&rest(&mut ask(&upstream).await).await), expected);

    upstream.enqueue(&Script::events(["{}"]).byte_by_byte());
    let bytes = until(&mut ask(&upstream).await, "\r\n0\r\n\r\n").await;
    assert!(bytes.contains("\r\n1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n"), "{bytes}");
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_even_in_silence() {
    let upstream = FakeUpstream::start().await;
    for script in [Script::hang(), Script::reply(["x"]).hang_after_headers(), Script::endless("x ")] {
        upstream.enqueue(&script);
    }
    for request in 0..3 {
        let socket = ask(&upstream).await;
        upstream.wait_for_requests(request + 1).await;
        drop(socket);
        upstream.wait_for_disconnect(request).await;
    }
    upstream.wait_for_open_connections(0).await;
}

#[tokio::test]
async fn dropping_the_server_closes_everything() {
    let upstream = FakeUpstream::start().await;
    upstream.enqueue(&Script::hang());
    let base_url = upstream.base_url();
    let mut socket = ask(&upstream).await;
    upstream.wait_for_requests(1).await;
    drop(upstream);
    assert_eq!(rest(&mut socket).await, "");
    assert!(connect(&base_url).await.is_err());
}

#[tokio::test]
async fn nobody_listens_where_nobody_listens() {
    assert!(connect(&nobody_listens().await.unwrap()).await.is_err());
}
