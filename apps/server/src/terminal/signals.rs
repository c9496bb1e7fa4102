//! What the system tells the program.

use std::io;

/// The number of the signal for a pipe that nobody reads any more.
pub(super) const BROKEN_PIPE: u8 = 13;
/// The number of the signal that Ctrl-C sends.
pub(super) const INTERRUPT: u8 = 2;

/// Every Ctrl-C from now on. Once there was one of these, Ctrl-C does not end the program by itself.
pub(super) struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
    #[cfg(windows)]
    signal: tokio::signal::windows::CtrlC,
}

impl Interrupts {
    pub(super) fn new() -> io::Result<Self> {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        #[cfg(windows)]
        let signal = tokio::signal::windows::ctrl_c()?;
        Ok(Self { signal })
    }

    pub(super) async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            // There will be none any more.
            std::future::pending::<()>().await;
        }
    }
}

/// Resolves with the signal's number when the program is told to end, or its terminal is gone.
#[cfg(unix)]
pub(super) async fn told_to_end() -> io::Result<u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    Ok(tokio::select! {
        _ = terminate.recv() => 15,
        _ = hang_up.recv() => 1,
    })
}

#[cfg(not(unix))]
pub(super) async fn told_to_end() -> io::Result<u8> {
    std::future::pending().await
}
