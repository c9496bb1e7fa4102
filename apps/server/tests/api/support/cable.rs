//! A connection to a database that a test may cut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes bytes on to another address until it is cut, and again once it is mended. While it is cut, what is connected
/// is closed, and so is everything that tries to connect.
pub struct Cable {
    address: SocketAddr,
    whole: watch::Sender<bool>,
}

impl Cable {
    /// A whole one, to this `HOST:PORT`.
    pub async fn to(place: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let whole = watch::Sender::new(true);
        tokio::spawn(pass_on(listener, place.to_owned(), whole.subscribe()));
        Self { address, whole }
    }

    /// Where it begins.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn pass_on(listener: TcpListener, place: String, whole: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (place, mut whole) = (place.clone(), whole.clone());
        tokio::spawn(async move {
            let connect = async {
                let mut far = TcpStream::connect(&place).await?;
                copy_bidirectional(&mut near, &mut far).await
            };
            // Both ends are closed when this is over.
            tokio::select! {
                _ = whole.wait_for(|whole| !whole) => {}
                _ = connect => {}
            }
        });
    }
}
