//! What was measured, in words.

use std::io::Write as _;
use std::path::Path;

use tokio::task::JoinError;

use crate::Failure;
use crate::client::Read;
use crate::clock::Stopwatch;

/// How a stream went that was read in a task of its own.
pub type Outcome = Result<Result<Read, Failure>, JoinError>;

/// Those that came whole. Of the others is said what happened.
pub fn finished(outcomes: Vec<Outcome>) -> Vec<Read> {
    let mut reads = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(Ok(read)) if read.complete => reads.push(read),
            Ok(Ok(_)) => println!("    a stream ended early"),
            Ok(Err(error)) => println!("    a stream failed: {error}"),
            Err(error) => println!("    a stream panicked: {error}"),
        }
    }
    reads
}

pub fn report(what: &str, reads: &[Read]) {
    let delays = reads.iter().flat_map(|read| read.delays.iter().copied()).collect();
    println!("{what}: {} complete and in order, {}", reads.len(), percentiles(delays));
}

/// The middle, the slowest hundredth and the slowest of some microseconds, in milliseconds.
pub fn percentiles(mut micros: Vec<u64>) -> String {
    micros.sort_unstable();
    let at = |hundredths: usize| {
        let micros = micros.get((micros.len() * hundredths / 100).min(micros.len().saturating_sub(1)));
        #[expect(clippy::cast_precision_loss, reason = "a delay is far below 2^52 µs")]
        let millis = micros.copied().unwrap_or_default() as f64 / 1e3;
        format!("{millis:.2}")
    };
    format!("p50 {} ms, p99 {} ms, max {} ms", at(50), at(99), at(100))
}

/// How long the disk takes to make 4 KiB durable.
pub fn sync_times(folder: &Path) -> Result<String, Failure> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let watch = Stopwatch::start();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(watch.micros());
    }
    Ok(percentiles(times))
}
