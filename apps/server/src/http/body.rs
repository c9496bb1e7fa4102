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

/// How long a client may take to send its body. The largest one arrives in time over half a megabit a second.
const BODY_TIME: Duration = Duration::from_secs(30);

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
        let bytes = self.bytes_in_time().await?;
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
        parse(&self.bytes_in_time().await?).map(Fields::new)
    }

    async fn bytes_in_time(&mut self) -> Result<Bytes, ApiError> {
        timeout(BODY_TIME, self.bytes()).await.unwrap_or_else(|_| {
            Err(ApiError::refused(ErrorCode::IncompleteBody, "The request body took too long to arrive."))
        })
    }

    async fn bytes(&mut self) -> Result<Bytes, ApiError> {
        let mut body = BytesMut::new();
        while let Some(bytes) = self.payload.next().await {
            let bytes = bytes
                .map_err(|_| ApiError::refused(ErrorCode::IncompleteBody, "The request body broke off."))?;
            if body.len() + bytes.len() > BODY_MAX_BYTES {
                return Err(ApiError::TooLarge(BODY_MAX_BYTES));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(body.freeze())
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
