//! How often somebody may ask, and how much at once. This server counts for itself; what a fleet has to count together
//! is in the database.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use raconteur_domain::UserId;

use crate::settings::RateLimits;

/// Among how many cells those who ask are spread, by a hash that nobody else can foretell. So the memory that counting
/// takes is bounded, whoever asks; two share a cell once in so many.
const CELLS: u64 = 1 << 18;

/// How often those are forgotten who may ask as if they never had.
const FORGET_EVERY: u32 = 4_096;

/// Why somebody has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct LimitReached {
    /// What there was too much of, in words for whoever asked.
    pub what: &'static str,
    /// After how long to try again.
    pub retry_after: Duration,
}

/// What is counted. Clones share everything.
#[derive(Clone)]
pub struct Limits(Option<Arc<Inner>>);

struct Inner {
    sign_ins: Rate,
    registrations: Rate,
    chat: Rate,
    search: Rate,
    streams: Streams,
}

impl Limits {
    /// Counts by these limits, or not at all.
    #[must_use]
    pub fn new(limits: Option<&RateLimits>) -> Self {
        Self(limits.map(|limits| {
            let rate = |quota, what| Rate::new(quota, what);
            Arc::new(Inner {
                sign_ins: rate(
                    Quota::per_minute(limits.sign_ins),
                    "There were too many sign-ins from your network.",
                ),
                registrations: rate(
                    Quota::per_hour(limits.registrations),
                    "There were too many registrations from your network.",
                ),
                chat: rate(Quota::per_minute(limits.chat), "You have asked for too many replies."),
                search: rate(Quota::per_minute(limits.search), "You have searched too often."),
                streams: Streams { most: limits.streams.get(), open: Arc::default() },
            })
        }))
    }

    /// Counts a sign-in from this address.
    ///
    /// # Errors
    ///
    /// [`LimitReached`].
    pub fn sign_in(&self, from: Option<IpAddr>) -> Result<(), LimitReached> {
        self.count(|inner| inner.sign_ins.count(network(from)))
    }

    /// Counts a registration from this address.
    ///
    /// # Errors
    ///
    /// [`LimitReached`].
    pub fn registration(&self, from: Option<IpAddr>) -> Result<(), LimitReached> {
        self.count(|inner| inner.registrations.count(network(from)))
    }

    /// Counts a reply that this person asks for.
    ///
    /// # Errors
    ///
    /// [`LimitReached`].
    pub fn chat(&self, person: UserId) -> Result<(), LimitReached> {
        self.count(|inner| inner.chat.count(person))
    }

    /// Counts a search of this person's.
    ///
    /// # Errors
    ///
    /// [`LimitReached`].
    pub fn search(&self, person: UserId) -> Result<(), LimitReached> {
        self.count(|inner| inner.search.count(person))
    }

    /// Counts a stream that this person reads, for as long as what is returned is kept.
    ///
    /// # Errors
    ///
    /// [`LimitReached`].
    pub fn stream(&self, person: UserId) -> Result<OpenStream, LimitReached> {
        match &self.0 {
            Some(inner) => inner.streams.open(person),
            None => Ok(OpenStream(None)),
        }
    }

    fn count(&self, by: impl FnOnce(&Inner) -> Result<(), LimitReached>) -> Result<(), LimitReached> {
        self.0.as_deref().map_or(Ok(()), by)
    }
}

/// The network that an address is of. A household has 2^64 addresses of IPv6, and counts once.
fn network(address: Option<IpAddr>) -> Option<IpAddr> {
    address.map(|address| match address {
        IpAddr::V6(address) => {
            let household = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(household))
        }
        address @ IpAddr::V4(_) => address,
    })
}

/// So many in so long a time (the generic cell rate algorithm): after all of them at once, one by one as time goes by.
struct Rate {
    what: &'static str,
    limiter: DefaultKeyedRateLimiter<u64>,
    cells: RandomState,
    counted: AtomicU32,
}

impl Rate {
    fn new(quota: Quota, what: &'static str) -> Self {
        let (cells, counted) = (RandomState::new(), AtomicU32::new(0));
        Self { what, limiter: RateLimiter::keyed(quota), cells, counted }
    }

    fn count(&self, who: impl Hash) -> Result<(), LimitReached> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let cell = self.cells.hash_one(who) % CELLS;
        self.limiter.check_key(&cell).map_err(|until| {
            let retry_after = until.wait_time_from(DefaultClock::default().now());
            LimitReached { what: self.what, retry_after }
        })
    }
}

/// How many streams each person reads; nobody who reads none.
type Open = Arc<Mutex<HashMap<UserId, u32>>>;

/// How many streams each person reads, and may read.
struct Streams {
    most: u32,
    open: Open,
}

impl Streams {
    fn open(&self, person: UserId) -> Result<OpenStream, LimitReached> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = open.entry(person).or_insert(0);
        if *theirs >= self.most {
            let what = "You have too many streams open: let one of them end.";
            return Err(LimitReached { what, retry_after: Duration::from_secs(1) });
        }
        *theirs += 1;
        Ok(OpenStream(Some((Arc::clone(&self.open), person))))
    }
}

/// A stream that counts as open.
#[must_use]
pub struct OpenStream(Option<(Open, UserId)>);

#[cfg(test)]
impl OpenStream {
    /// One that nobody counts.
    pub const fn uncounted() -> Self {
        Self(None)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let Some((open, person)) = &self.0 else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(theirs) = open.get_mut(person) {
            *theirs -= 1;
            if *theirs == 0 {
                open.remove(person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn limits(sign_ins: u32, streams: u32) -> Limits {
        let count = |count| NonZeroU32::new(count).unwrap();
        Limits::new(Some(&RateLimits {
            sign_ins: count(sign_ins),
            failures: count(5),
            registrations: count(1),
            chat: count(2),
            search: count(2),
            streams: count(streams),
        }))
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    struct Chance(u8);
    impl raconteur_domain::Entropy for Chance {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn person(number: u8) -> UserId {
        UserId::new(raconteur_domain::Timestamp::from_micros(0), &Chance(number))
    }

    #[test]
    fn everybody_is_counted_for_themselves_and_told_when_to_come_back() {
        let limits = limits(2, 1);
        for _ in 0..2 {
            limits.sign_in(address("192.0.2.1")).unwrap();
        }
        let refused = limits.sign_in(address("192.0.2.1")).unwrap_err();
        assert!(refused.retry_after > Duration::ZERO && refused.retry_after <= Duration::from_secs(30));
        limits.sign_in(address("192.0.2.2")).unwrap();
        limits.registration(address("192.0.2.1")).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_counts_once() {
        let limits = limits(2, 1);
        limits.sign_in(address("2001:db8::1")).unwrap();
        limits.sign_in(address("2001:db8::ffff:1")).unwrap();
        assert!(limits.sign_in(address("2001:db8::2")).is_err());
        limits.sign_in(address("2001:db8:0:1::1")).unwrap();
    }

    #[test]
    fn a_stream_that_ends_makes_room_for_another() {
        let limits = limits(1, 2);
        let (first, _second) = (limits.stream(person(1)).unwrap(), limits.stream(person(1)).unwrap());
        assert!(limits.stream(person(1)).is_err());
        let _of_another = limits.stream(person(2)).unwrap();
        drop(first);
        let _third = limits.stream(person(1)).unwrap();
        assert!(limits.stream(person(1)).is_err());
    }

    #[test]
    fn without_limits_nobody_is_counted() {
        let limits = Limits::new(None);
        let open: Vec<OpenStream> = (0..1_000).map(|_| limits.stream(person(1)).unwrap()).collect();
        assert_eq!(open.len(), 1_000);
        for _ in 0..1_000 {
            limits.registration(address("192.0.2.1")).unwrap();
        }
    }
}
