//! Bodies that nobody wants, or nobody wants more of.
//!
//! A client that sends all of its body before it reads would never see a refusal that came earlier: the connection
//! would be closed while it still writes, and the answer lost with it (RFC 9112, 9.6). So what a handler left unread
//! is read and thrown away before its answer goes out.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage as _};
use futures_util::{Stream, StreamExt as _};
use tokio::time::timeout;

/// How much is thrown away at most, in bytes. Past it the client is not to be helped.
const DRAIN_MAX_BYTES: usize = 64 * 1024 * 1024;

/// How long it may take to arrive.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// The middleware.
pub async fn drain(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // A connection that is to become something else (CONNECT, WebSocket) looks like a body without an end.
    let headers = request.headers();
    if !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING) {
        return next.call(request).await;
    }
    let mut body = SharedBody(Rc::new(RefCell::new(request.take_payload())));
    request.set_payload(Payload::Stream { payload: Box::pin(body.clone()) });
    let response = next.call(request).await?;

    let throw_away = async {
        let mut drained = 0_usize;
        while let Some(Ok(bytes)) = body.next().await {
            drained = drained.saturating_add(bytes.len());
            if drained > DRAIN_MAX_BYTES {
                break;
            }
        }
    };
    // Past it the client is not to be helped.
    let _ = timeout(DRAIN_TIME, throw_away).await;
    Ok(response)
}

/// A body that can still be read after the handler has dropped it.
#[derive(Clone)]
struct SharedBody(Rc<RefCell<Payload>>);

impl Stream for SharedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}
