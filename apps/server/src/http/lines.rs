//! A body that is read line by line, of any length.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::body::FILE_MAX_BYTES;
use super::error::ApiError;
use super::error_code::ErrorCode;

/// The longest line, in bytes: a character as large as there are, in Base64, and what stands beside it.
pub const LINE_MAX_BYTES: usize = FILE_MAX_BYTES / 3 * 4 + 64 * 1024;

/// The largest body, in bytes: two million messages of an ordinary length.
pub const LINES_MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// A body of lines that have not been read yet.
pub struct Lines {
    payload: dev::Payload,
    buffer: BytesMut,
    /// Up to where the buffer has been searched for the end of a line.
    searched: usize,
    read: u64,
    ended: bool,
}

impl FromRequest for Lines {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let payload = payload.take();
        ready(Ok(Self { payload, buffer: BytesMut::new(), searched: 0, read: 0, ended: false }))
    }
}

impl Lines {
    /// The next line, without its end; none after the last one.
    ///
    /// # Errors
    ///
    /// 413 where it, or the whole, is too long; 400 where the body breaks off.
    pub async fn next(&mut self) -> Result<Option<BytesMut>, ApiError> {
        loop {
            let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
            if let Some(at) = unsearched.iter().position(|byte| *byte == b'\n') {
                let mut line = self.buffer.split_to(self.searched + at + 1);
                line.truncate(line.len() - 1);
                self.searched = 0;
                return Ok(Some(line));
            }
            self.searched = self.buffer.len();
            if self.searched > LINE_MAX_BYTES {
                return Err(ApiError::TooLarge(LINE_MAX_BYTES));
            }
            if self.ended {
                let last = self.buffer.split();
                self.searched = 0;
                return Ok(Some(last).filter(|line| !line.is_empty()));
            }
            self.read_on().await?;
        }
    }

    async fn read_on(&mut self) -> Result<(), ApiError> {
        let broken = |why| ApiError::refused(ErrorCode::IncompleteBody, why);
        let next = timeout(SILENCE, self.payload.next()).await;
        match next.map_err(|_| broken("The request body took too long to arrive."))? {
            None => self.ended = true,
            Some(bytes) => {
                let bytes = bytes.map_err(|_| broken("The request body broke off."))?;
                self.read += bytes.len() as u64;
                if self.read > LINES_MAX_BYTES {
                    return Err(ApiError::TooLarge(usize::try_from(LINES_MAX_BYTES).unwrap_or(usize::MAX)));
                }
                self.buffer.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }
}
