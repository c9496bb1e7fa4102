//! A way to a server on which streams break.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What marks the answer that is a stream.
const MARK: &[u8] = b"text/event-stream";

/// Passes connections on to a server. One on which a stream comes back is closed in the midst of it, over and over, until
/// so little is left that it comes through.
pub struct Scissors {
    address: SocketAddr,
    cuts: Arc<AtomicUsize>,
}

impl Scissors {
    /// On the way to this `HOST:PORT`. So many bytes of a stream come through, its head included.
    pub async fn before(place: &str, length: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (cuts, place) = (Arc::<AtomicUsize>::default(), place.to_owned());
        let counter = Arc::clone(&cuts);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (place, cuts) = (place.clone(), Arc::clone(&counter));
                tokio::spawn(async move { pass_on(near, &place, length, &cuts).await });
            }
        });
        Self { address, cuts }
    }

    /// Where the way begins, as `HOST:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// How many streams were cut so far.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// Both ends are closed when this is over.
async fn pass_on(near: TcpStream, place: &str, length: usize, cuts: &AtomicUsize) -> io::Result<()> {
    let far = TcpStream::connect(place).await?;
    let ((mut near_in, near_out), (far_in, mut far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        asked = copy(&mut near_in, &mut far_out) => asked.map(|_| ()),
        answered = pass_back(far_in, near_out, length, cuts) => answered,
    }
}

async fn pass_back(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    length: usize,
    cuts: &AtomicUsize,
) -> io::Result<()> {
    let (mut bytes, mut left) = (vec![0; 16 * 1024], None);
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        if bytes[..read].windows(MARK.len()).any(|window| window == MARK) {
            left = Some(length);
        }
        let passed = left.map_or(read, |left: usize| left.min(read));
        to.write_all(&bytes[..passed]).await?;
        left = left.map(|left| left - passed);
        if passed < read {
            cuts.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
    }
}
