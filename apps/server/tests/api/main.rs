//! The HTTP contract, over real sockets: a server in this process, a fake model behind it, clients in front of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]

mod account;
mod archive;
mod auth;
mod bodies;
mod branches;
mod conversations;
mod cors;
mod described;
mod errors;
mod failures;
mod fleet;
mod google;
mod idempotency;
mod limits;
mod lists;
mod load;
mod messages;
mod old_client;
mod outage;
mod own_personas;
mod personas;
mod rates;
mod readers;
mod reasoning;
mod reload;
mod replies;
mod resuming;
mod search;
mod sessions;
mod shutdown;
mod stopping;
mod streaming;
mod support;
mod titles;
mod whole;
