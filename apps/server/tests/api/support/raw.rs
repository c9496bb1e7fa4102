//! A client that speaks HTTP/1.1 over a bare socket, for what no HTTP library would send.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::sse::PATIENCE;

/// A connection.
pub struct Raw {
    socket: TcpStream,
    unread: Vec<u8>,
}

/// An answer as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl RawAnswer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON: {error}: {self:?}"))
    }
}

impl Raw {
    pub async fn connect(host: &str) -> Self {
        Self { socket: TcpStream::connect(host).await.expect("the server listens"), unread: Vec::new() }
    }

    /// A connection on which little fits that has not been read.
    pub async fn connect_narrow(host: &str) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let socket = socket.connect(host.parse().expect("an address")).await.expect("the server listens");
        Self { socket, unread: Vec::new() }
    }

    /// Writes; whether the server still takes it.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        timeout(PATIENCE, self.socket.write_all(bytes.as_ref())).await.expect("the server reads").is_ok()
    }

    /// Reads one answer: its head, and as much of a body as its `Content-Length` says.
    pub async fn read(&mut self) -> RawAnswer {
        let head_end = loop {
            match self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.read_more().await,
            }
        };
        let head = String::from_utf8(self.unread.drain(..head_end).collect()).expect("a head is text");
        let length = header(&head, "content-length").map_or(0, |length| length.parse().expect("a number"));
        while self.unread.len() < length {
            self.read_more().await;
        }
        let body = String::from_utf8(self.unread.drain(..length).collect()).expect("a body is text");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        RawAnswer { status, head, body }
    }

    /// Reads on until this has come.
    pub async fn read_until(&mut self, text: &str) {
        let mut looked_at = 0;
        while !self.unread[looked_at..].windows(text.len()).any(|window| window == text.as_bytes()) {
            looked_at = self.unread.len().saturating_sub(text.len());
            self.read_more().await;
        }
    }

    async fn read_more(&mut self) {
        let read =
            timeout(PATIENCE, self.socket.read_buf(&mut self.unread)).await.expect("an answer in time");
        let count = read.expect("the connection is not reset before the answer was read");
        assert_ne!(count, 0, "the connection is not closed before the answer was read: {:?}", self.unread);
    }
}

/// The value of a header in the head of an answer.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
