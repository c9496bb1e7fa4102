//! The real server, in a process of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use crate::{Cli, Failure};

/// A running server.
pub struct Server {
    pub base: String,
    child: Child,
    commits: Arc<AtomicU64>,
}

/// What a server has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Seconds of processor time of all its threads.
    pub cpu: f64,
    /// How much of that went into writing to the database.
    pub writing: f64,
    /// Its memory, in KiB.
    pub memory: u64,
}

/// The thread that writes to the database, as the kernel calls it.
const WRITER: &str = "db-writer";

/// What the writer logs after each commit, and only it logs that.
const COMMITTED: &str = " committed chunks=";

impl Server {
    /// Starts the program in front of the model at `upstream`, in `folder`, on this database.
    pub async fn start(
        cli: &Cli,
        upstream: SocketAddr,
        folder: &Path,
        database: &str,
    ) -> Result<Self, Failure> {
        let mut child = Command::new(cli.server.canonicalize()?)
            .arg("serve")
            .current_dir(folder)
            .env("PORT", "0")
            .env("BCRYPT_COST", "4")
            .env("RATE_LIMIT", "off")
            .env("LOG", "warn,raconteur_storage::writer=trace")
            .env("DATABASE_URL", database)
            .env("DURABILITY", &cli.durability)
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

    /// What it has used so far. Linux alone tells.
    pub fn spent(&self) -> Option<Spent> {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()?));
        let stat = std::fs::read_to_string(process.join("stat")).ok()?;
        let mut after_name = stat.rsplit(") ").next()?.split(' ').skip(11);
        let mut ticks = || after_name.next()?.parse::<f64>().ok();
        // The kernel counts in hundredths of a second on every platform that Linux has had for years.
        let cpu = (ticks()? + ticks()?) / 100.0;
        let status = std::fs::read_to_string(process.join("status")).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(Spent {
            cpu,
            writing: writing_seconds(&process)?,
            memory: resident.split_whitespace().next()?.parse().ok()?,
        })
    }
}

/// How long the writer's thread has run: the first number in its `schedstat`, in nanoseconds.
fn writing_seconds(process: &Path) -> Option<f64> {
    let mut threads = std::fs::read_dir(process.join("task")).ok()?.flatten().map(|thread| thread.path());
    let is_writer = |thread: &PathBuf| {
        std::fs::read_to_string(thread.join("comm")).is_ok_and(|name| name.trim() == WRITER)
    };
    let times = std::fs::read_to_string(threads.find(is_writer)?.join("schedstat")).ok()?;
    Some(times.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// Has the program make a backup of the database in `folder`, as an operator does.
pub async fn back_up(cli: &Cli, folder: &Path, file: &Path) -> Result<(), Failure> {
    let mut command = Command::new(cli.server.canonicalize()?);
    command.arg("backup").arg(file).current_dir(folder).stdout(Stdio::null()).kill_on_drop(true);
    let ended = command.status().await?;
    if ended.success() { Ok(()) } else { Err(format!("the backup failed: {ended}").into()) }
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
