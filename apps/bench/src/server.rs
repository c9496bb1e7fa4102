//! The real server, in a process of its own.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running server.
pub struct Server {
    pub base: String,
    child: Child,
}

impl Server {
    /// Starts the program at `binary` in front of the model at `upstream`, with its database in `folder`.
    pub async fn start(binary: &Path, upstream: SocketAddr, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(binary.canonicalize()?)
            .arg("serve")
            .current_dir(folder)
            .env("PORT", "0")
            .env("BCRYPT_COST", "4")
            .env("LOG", "warn")
            .env("OPENAI_BASE_URL", format!("http://{upstream}/v1"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(base) = line.trim().strip_prefix("listening  ") {
                let base = base.to_owned();
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { base, child });
            }
        }
        Err("the server ended before it listened".into())
    }

    /// Ends it, and returns when it has ended.
    pub async fn stop(mut self) -> std::io::Result<()> {
        self.child.kill().await
    }

    /// Seconds of processor time, and memory in KiB, so far. Linux alone tells.
    pub fn spent(&self) -> Option<(f64, u64)> {
        let pid = self.child.id()?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut after_name = stat.rsplit(") ").next()?.split(' ').skip(11);
        let mut ticks = || after_name.next()?.parse::<f64>().ok();
        // The kernel counts in hundredths of a second on every platform that Linux has had for years.
        let seconds = (ticks()? + ticks()?) / 100.0;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?
            .split_whitespace()
            .next()?
            .parse()
            .ok()?;
        Some((seconds, kib))
    }
}
