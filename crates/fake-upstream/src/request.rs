//! What a client asked, and how it is read from the socket.

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST`.
    pub method: String,
    /// With its query, as the client wrote it: `/v1/chat/completions`.
    pub path: String,
    /// In the order sent; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The JSON body; null where the body is empty or no JSON.
    pub body: Value,
}

impl Request {
    /// The first header of that name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn parse_head(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self { method, path, headers, body: Value::Null }
    }

    fn content_length(&self) -> usize {
        self.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
    }
}

/// The client's side of a connection.
pub(crate) struct Inbox {
    reader: OwnedReadHalf,
    /// Read, and not yet taken as a request.
    buffer: Vec<u8>,
}

impl Inbox {
    pub(crate) const fn new(reader: OwnedReadHalf) -> Self {
        Self { reader, buffer: Vec::new() }
    }

    /// The next request; `None` when the client has gone or speaks something else, such as TLS.
    pub(crate) async fn request(&mut self) -> Option<Request> {
        const BLANK_LINE: &[u8] = b"\r\n\r\n";
        let head_end = loop {
            if !self.speaks_http() {
                return None;
            }
            match self.buffer.windows(BLANK_LINE.len()).position(|window| window == BLANK_LINE) {
                Some(at) => break at + BLANK_LINE.len(),
                None => self.read_more().await?,
            }
        };
        let mut request = Request::parse_head(&self.buffer[..head_end - BLANK_LINE.len()]);
        let end = head_end + request.content_length();
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        request.body = serde_json::from_slice(&self.buffer[head_end..end]).unwrap_or_default();
        self.buffer.drain(..end);
        Some(request)
    }

    /// Whether what the client has sent may be the beginning of a request.
    pub(crate) fn speaks_http(&self) -> bool {
        self.buffer.first().is_none_or(u8::is_ascii_uppercase)
    }

    /// Resolves when the client has closed its side.
    pub(crate) async fn closed(&mut self) {
        while self.read_more().await.is_some() {}
    }

    async fn read_more(&mut self) -> Option<()> {
        match self.reader.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}
