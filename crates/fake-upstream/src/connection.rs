//! One connection, request after request.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::prepare::Ending;
use crate::request::Inbox;
use crate::upstream::Shared;

/// Answers the requests of one connection until the client goes or a script closes it.
pub(crate) async fn serve(socket: TcpStream, shared: &Shared) {
    // Each write of a script shall be a packet of its own; where the system refuses, tests still hold.
    let _ = socket.set_nodelay(true);
    let (reader, mut writer) = socket.into_split();
    let mut inbox = Inbox::new(reader);
    while let Some(request) = inbox.request().await {
        let (index, script) = shared.take(&request);
        // Reading while writing is how a client's leaving is noticed, even while the script waits.
        let ending = tokio::select! {
            ending = script.run(&mut writer) => ending.ok(),
            () = inbox.closed() => None,
        };
        match ending {
            Some(Ending::Whole) => {}
            Some(Ending::Cut) => return,
            None => return shared.client_left(index),
        }
    }
    if !inbox.speaks_http() {
        // As real servers answer a client that greets them with TLS: in plain text, which it cannot read.
        let _ = writer.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
    }
}
