//! What the servers of this process log.

use std::io::{self, Write};
use std::sync::{LazyLock, Mutex};

/// Everything that was logged.
pub struct Log(Mutex<Vec<u8>>);

static LOG: LazyLock<Log> = LazyLock::new(|| Log(Mutex::default()));

/// Begins to write once, for the whole process.
static CAPTURE: LazyLock<()> = LazyLock::new(|| {
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Pen).finish();
    tracing::subscriber::set_global_default(log).expect("nobody else captures the log");
});

struct Pen;

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn captured() -> &'static Self {
        LazyLock::force(&CAPTURE);
        &LOG
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// What was logged of a generation.
    pub fn of(&self, generation: &str) -> String {
        let text = self.text();
        text.lines().filter(|line| line.contains(generation)).collect::<Vec<_>>().join("\n")
    }
}
