//! The one clock that the paced model and the client share: they run in one process.

use std::time::{Duration, Instant};

/// Counts microseconds since it was made.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "measuring real time is what this program is for")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn micros(self) -> u64 {
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
