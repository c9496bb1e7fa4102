//! Where a script waits for its test.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// A gate in the middle of a script: the script waits at it until the test opens it.
///
/// This is how a test looks at the world *between* two pieces of a reply without sleeping. Clones are the same gate.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    is_open: watch::Sender<bool>,
    arrivals: watch::Sender<usize>,
}

impl Gate {
    /// A gate, closed.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner { is_open: watch::Sender::new(false), arrivals: watch::Sender::new(0) }))
    }

    /// Lets through all scripts that wait and all that will come.
    pub fn open(&self) {
        self.0.is_open.send_replace(true);
    }

    /// Waits until `count` scripts have come to the gate, so that everything before it has been written.
    pub async fn reached(&self, count: usize) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.arrivals.subscribe().wait_for(|arrivals| *arrivals >= count).await;
    }

    pub(crate) async fn pass(&self) {
        self.0.arrivals.send_modify(|arrivals| *arrivals += 1);
        let _ = self.0.is_open.subscribe().wait_for(|is_open| *is_open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("is_open", &*self.0.is_open.borrow()).finish_non_exhaustive()
    }
}
