//! JSON bodies, read with care: any bytes get a clear answer.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::error::ApiError;
use super::error_code::ErrorCode;
use super::fields::Fields;

/// The largest body, in bytes: more than the longest message takes in its widest escapes.
pub const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The largest file that is taken in, in bytes: what a character card may have.
pub const FILE_MAX_BYTES: usize = raconteur_persona::limits::MAX_CARD_BYTES;

/// How long a client may take to send its body. The largest one arrives in time over half a megabit a second.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The same for a file.
const FILE_TIME: Duration = Duration::from_secs(240);

/// A body that has not been read yet. Extracting it cannot fail, so that whether somebody may ask at all is
/// decided before anybody looks at what they ask.
pub struct JsonBody {
    content_type: Option<String>,
    payload: dev::Payload,
}

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        ready(Ok(Self { content_type, payload: payload.take() }))
    }
}

impl JsonBody {
    /// The fields of the object that the body is; none where there is no body.
    ///
    /// # Errors
    ///
    /// 413 for a body beyond [`BODY_MAX_BYTES`], 415 for another media type, 400 for what is no JSON object.
    pub async fn fields(mut self) -> Result<Fields, ApiError> {
        let bytes = in_time(&mut self.payload, BODY_MAX_BYTES, BODY_TIME).await?;
        if !bytes.is_empty() && !self.is_json() {
            return Err(ApiError::UnsupportedMediaType(self.content_type.unwrap_or_default()));
        }
        parse(&bytes).map(Fields::new)
    }

    /// As [`JsonBody::fields`], whatever the media type says.
    ///
    /// # Errors
    ///
    /// 413 and 400.
    pub async fn fields_of_any_type(mut self) -> Result<Fields, ApiError> {
        parse(&in_time(&mut self.payload, BODY_MAX_BYTES, BODY_TIME).await?).map(Fields::new)
    }

    /// Whether the body says that it is JSON, or says nothing.
    fn is_json(&self) -> bool {
        self.content_type.as_deref().is_none_or(|content_type| {
            let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            essence == "application/json"
                || (essence.starts_with("application/") && essence.ends_with("+json"))
        })
    }
}

/// A file as a body, whatever its media type, that has not been read yet.
pub struct FileBody(dev::Payload);

impl FromRequest for FileBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self(payload.take())))
    }
}

impl FileBody {
    /// The file.
    ///
    /// # Errors
    ///
    /// 413 for one beyond [`FILE_MAX_BYTES`], 400 for one that breaks off or is not there at all.
    pub async fn bytes(mut self) -> Result<Vec<u8>, ApiError> {
        let bytes = in_time(&mut self.0, FILE_MAX_BYTES, FILE_TIME).await?;
        if bytes.is_empty() {
            return Err(no_file());
        }
        Ok(bytes.to_vec())
    }
}

/// What is said where there is no file.
pub fn no_file() -> ApiError {
    ApiError::refused(ErrorCode::Invalid, "The request has no body: send the file itself.")
}

async fn in_time(payload: &mut dev::Payload, max: usize, time: Duration) -> Result<Bytes, ApiError> {
    timeout(time, whole(payload, max)).await.unwrap_or_else(|_| {
        Err(ApiError::refused(ErrorCode::IncompleteBody, "The request body took too long to arrive."))
    })
}

async fn whole(payload: &mut dev::Payload, max: usize) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(bytes) = payload.next().await {
        let bytes =
            bytes.map_err(|_| ApiError::refused(ErrorCode::IncompleteBody, "The request body broke off."))?;
        if body.len() + bytes.len() > max {
            return Err(ApiError::TooLarge(max));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body.freeze())
}

fn parse(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => Err(ApiError::refused(
            ErrorCode::Invalid,
            format!("Invalid data. Expected a JSON object, but got {}.", kind(&other)),
        )),
        Err(error) => Err(ApiError::refused(ErrorCode::ParseError, format!("JSON parse error - {error}"))),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let payload = dev::Payload::Stream { payload: Box::pin(stream::pending()) as _ };
        let error = JsonBody { content_type: None, payload }.fields().await.unwrap_err();
        assert!(error.to_string().contains("took too long"), "{error}");
    }
}
