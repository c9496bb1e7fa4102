//! A model that says its tokens on time, each with the moment at which it was sent: `SEQ:MICROS `.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Stopwatch;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// How the model speaks.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub tokens: u32,
    pub per_second: f64,
}

/// A model that listens.
pub struct Model {
    pub address: SocketAddr,
    /// The moment of each request that was given up before it was answered.
    pub abandoned: UnboundedReceiver<u64>,
}

/// Starts the model on a free port of the loopback.
pub async fn start(clock: Stopwatch, pace: Pace) -> io::Result<Model> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (abandon, abandoned) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let abandon = abandon.clone();
            tokio::spawn(async move {
                // A connection that breaks is the client's affair.
                if let Ok(Heard::Abandoned) = serve(socket, clock, pace).await {
                    let _ = abandon.send(clock.micros());
                }
            });
        }
    });
    Ok(Model { address, abandoned })
}

/// How a connection ended.
enum Heard {
    Everything,
    Abandoned,
}

async fn serve(mut socket: TcpStream, clock: Stopwatch, pace: Pace) -> io::Result<Heard> {
    socket.set_nodelay(true)?;
    let (mut requests, mut answers) = socket.split();
    let mut unread = Vec::new();
    while read_request(&mut requests, &mut unread).await? {
        tokio::select! {
            spoken = speak(&mut answers, clock, pace) => spoken?,
            // Nobody asks again before there is an answer.
            _ = requests.read_buf(&mut unread) => return Ok(Heard::Abandoned),
        }
    }
    Ok(Heard::Everything)
}

async fn speak(socket: &mut WriteHalf<'_>, clock: Stopwatch, pace: Pace) -> io::Result<()> {
    socket.write_all(HEAD.as_bytes()).await?;
    let mut ticks = interval(Duration::from_secs_f64(1.0 / pace.per_second));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for seq in 0..pace.tokens {
        ticks.tick().await;
        let content = format!("{seq}:{} ", clock.micros());
        send(socket, &json!({ "choices": [{ "index": 0, "delta": { "content": content } }] }).to_string())
            .await?;
    }
    let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    send(socket, &end.to_string()).await?;
    send(socket, "[DONE]").await?;
    socket.write_all(b"0\r\n\r\n").await
}

async fn send(socket: &mut WriteHalf<'_>, data: &str) -> io::Result<()> {
    let event = format!("data: {data}\n\n");
    socket.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await
}

/// Reads one request and throws it away; `false` where the connection was closed before another began.
async fn read_request(socket: &mut ReadHalf<'_>, unread: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        if let Some(end) = unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(unread.get(..end).unwrap_or_default()).to_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let whole = end + 4 + length.unwrap_or(0_usize);
            if unread.len() >= whole {
                unread.drain(..whole);
                return Ok(true);
            }
        }
        if socket.read_buf(unread).await? == 0 {
            return Ok(false);
        }
    }
}
