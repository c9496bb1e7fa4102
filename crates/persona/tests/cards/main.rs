//! Cards: what is read, what is written, and what strangers may try.

#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

mod files;
mod hostile;
mod lenient;
mod round_trip;
