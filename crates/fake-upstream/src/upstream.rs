//! The server: a listening socket, the scripts it will follow, and what was asked of it.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::connection;
use crate::prepare::Prepared;
use crate::{Request, Script};

/// How long the waiting methods of [`FakeUpstream`] wait before they panic: a test that waits in vain shall say for what.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A model server on this machine that follows scripts.
///
/// Dropping it closes the port and all connections. See the crate's front page for an example.
#[derive(Debug)]
pub struct FakeUpstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

/// What the server and its connections both know.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Notify,
    keeps_requests: bool,
}

/// A refusal, where a request calls for one.
type Refusal = Arc<dyn Fn(&Request) -> Option<Script> + Send + Sync>;

struct State {
    refusals: Vec<Refusal>,
    next: VecDeque<Arc<Prepared>>,
    otherwise: Otherwise,
    asked: usize,
    requests: Vec<Request>,
    left: HashSet<usize>,
    open: usize,
    accepted: usize,
}

/// The answer when no script waits in line.
#[derive(Clone)]
enum Otherwise {
    Same(Arc<Prepared>),
    Made(Arc<dyn Fn(&Request) -> Script + Send + Sync>),
}

impl FakeUpstream {
    /// A server on a free port of the loopback interface. Until told otherwise it answers `Aye.`, cleanly.
    ///
    /// # Panics
    ///
    /// If no port is free: a test can do nothing about it.
    #[allow(clippy::panic, reason = "for tests alone, which end here anyway")]
    pub async fn start() -> Self {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.and_then(|listener| Self::on(listener, true))
        {
            Ok(upstream) => upstream,
            Err(error) => panic!("the fake upstream found no port: {error}"),
        }
    }

    /// A server for load runs on this port of the loopback interface, which gives every request the same answer and remembers none.
    ///
    /// # Errors
    ///
    /// The port is taken.
    pub async fn start_for_load(port: u16, answer: &Script) -> io::Result<Self> {
        let upstream = Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?, false)?;
        upstream.always(answer);
        Ok(upstream)
    }

    fn on(listener: TcpListener, keeps_requests: bool) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let aye = Arc::new(Prepared::new(&Script::reply(["Aye", "."])));
        let state = State {
            refusals: Vec::new(),
            next: VecDeque::new(),
            otherwise: Otherwise::Same(aye),
            asked: 0,
            requests: Vec::new(),
            left: HashSet::new(),
            open: 0,
            accepted: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Notify::new(), keeps_requests });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, listening })
    }

    /// What a client is told as its base address: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The next request that no earlier script waits for gets this one.
    pub fn enqueue(&self, script: &Script) {
        let prepared = Arc::new(Prepared::new(script));
        self.shared.state().next.push_back(prepared);
    }

    /// All requests that no enqueued script waits for get this one.
    pub fn always(&self, script: &Script) {
        let prepared = Arc::new(Prepared::new(script));
        self.shared.state().otherwise = Otherwise::Same(prepared);
    }

    /// All requests that no enqueued script waits for get one made for them.
    pub fn always_with(&self, script: impl Fn(&Request) -> Script + Send + Sync + 'static) {
        self.shared.state().otherwise = Otherwise::Made(Arc::new(script));
    }

    /// From now on a request that this has a refusal for gets it, and no script that waits is used up. Of several such
    /// rules the one that was made first wins. [`picky`](crate::picky) has some.
    pub fn refuse_if(&self, refusal: impl Fn(&Request) -> Option<Script> + Send + Sync + 'static) {
        self.shared.state().refusals.push(Arc::new(refusal));
    }

    /// The requests so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// Waits until there have been `count` requests, and gives them.
    ///
    /// # Panics
    ///
    /// When they have not come within [`PATIENCE`].
    pub async fn wait_for_requests(&self, count: usize) -> Vec<Request> {
        self.shared.until(&format!("{count} requests"), |state| state.asked >= count).await;
        self.requests()
    }

    /// Waits until the client has closed the connection of this request (counted from 0) before the script was at its end.
    ///
    /// # Panics
    ///
    /// When it has not within [`PATIENCE`].
    pub async fn wait_for_disconnect(&self, request: usize) {
        let what = format!("the client of request {request} to leave");
        self.shared.until(&what, |state| state.left.contains(&request)).await;
    }

    /// Waits until so many connections are open.
    ///
    /// # Panics
    ///
    /// When it is another number after [`PATIENCE`].
    pub async fn wait_for_open_connections(&self, count: usize) {
        self.shared.until(&format!("{count} open connections"), |state| state.open == count).await;
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.state().open
    }

    /// How many connections there have been.
    #[must_use]
    pub fn accepted_connections(&self) -> usize {
        self.shared.state().accepted
    }
}

impl Drop for FakeUpstream {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A base address at which nobody listens: connections to it are refused.
///
/// # Errors
///
/// No port is free.
pub async fn nobody_listens() -> io::Result<String> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?;
    Ok(format!("http://{address}/v1"))
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Owned by this task, so that they end with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((socket, _)) = accepted {
                shared.opened();
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    connection::serve(socket, &shared).await;
                    shared.closed();
                });
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Shared {
    /// Remembers the request and gives its number and the script it gets.
    pub(crate) fn take(&self, request: &Request) -> (usize, Arc<Prepared>) {
        let refusals = self.state().refusals.clone();
        let refusal = refusals.iter().find_map(|refusal| refusal(request));
        let mut state = self.state();
        let index = state.asked;
        state.asked += 1;
        let script = match refusal {
            Some(refusal) => Otherwise::Same(Arc::new(Prepared::new(&refusal))),
            None => state.next.pop_front().map_or_else(|| state.otherwise.clone(), Otherwise::Same),
        };
        if self.keeps_requests {
            state.requests.push(request.clone());
        }
        drop(state);
        self.changed.notify_waiters();
        let prepared = match script {
            Otherwise::Same(prepared) => prepared,
            Otherwise::Made(make) => Arc::new(Prepared::new(&make(request))),
        };
        (index, prepared)
    }

    pub(crate) fn client_left(&self, request: usize) {
        self.change(|state| {
            state.left.insert(request);
        });
    }

    fn opened(&self) {
        self.change(|state| {
            state.open += 1;
            state.accepted += 1;
        });
    }

    fn closed(&self) {
        self.change(|state| state.open -= 1);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_waiters();
    }

    #[allow(clippy::panic, reason = "for tests alone: a test that waits in vain shall say for what")]
    async fn until(&self, what: &str, is_so: impl Fn(&State) -> bool) {
        if tokio::time::timeout(PATIENCE, self.until_changed(is_so)).await.is_err() {
            panic!("waited {PATIENCE:?} in vain for {what}");
        }
    }

    async fn until_changed(&self, is_so: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Before looking, so that a change between looking and waiting is not missed.
            changed.as_mut().enable();
            if is_so(&self.state()) {
                return;
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("asked", &self.state().asked).finish_non_exhaustive()
    }
}
