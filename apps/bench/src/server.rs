//! The real server, in a process of its own.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};

/// A running server.
pub struct Server {
    pub base: String,
    child: Child,
    commits: Arc<AtomicU64>,
}

/// What the writer logs after each commit, and only it logs that.
const COMMITTED: &str = " committed chunks=";

impl Server {
    /// Starts the program at `binary` in front of the model at `upstream`, in `folder`, on this database.
    pub async fn start(
        binary: &Path,
        upstream: SocketAddr,
        folder: &Path,
        database: &str,
        durability: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(binary.canonicalize()?)
            .arg("serve")
            .current_dir(folder)
            .env("PORT", "0")
            .env("BCRYPT_COST", "4")
            .env("LOG", "warn,raconteur_storage::writer=trace")
            .env("DATABASE_URL", database)
            .env("DURABILITY", durability)
            .env("SECRET_KEY", "a secret for the time of a load run")
            .env("OPENAI_BASE_URL", format!("http://{upstream}/v1"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let commits = Arc::new(AtomicU64::new(0));
        tokio::spawn(count(child.stderr.take().ok_or("no log")?, Arc::clone(&commits)));
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(base) = line.trim().strip_prefix("listening  ") {
                let base = base.to_owned();
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { base, child, commits });
            }
        }
        Err("the server ended before it listened".into())
    }

    /// How often its writer has committed so far.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
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

/// Counts the commits in the log, and passes on everything else.
async fn count(log: ChildStderr, commits: Arc<AtomicU64>) {
    let mut lines = BufReader::new(log).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.contains(COMMITTED) {
            commits.fetch_add(1, Ordering::Relaxed);
        } else {
            eprintln!("{line}");
        }
    }
}
