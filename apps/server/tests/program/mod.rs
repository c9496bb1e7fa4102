//! The program in a process of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use raconteur_fake_upstream::FakeUpstream;
use raconteur_storage::testing::TestSchema;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::Client;
use crate::support::sse::PATIENCE;

/// The program in a folder of its own, with nothing in its environment but what a test puts there.
pub struct Program {
    folder: TempDir,
    environment: BTreeMap<&'static str, String>,
}

impl Program {
    /// With a port of its own, quick passwords, and the offline model.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, environment: BTreeMap::new() }
            .set("PORT", "0")
            .set("BCRYPT_COST", "4")
            .set("RATE_LIMIT", "off")
    }

    pub fn with_model(model: &FakeUpstream) -> Self {
        Self::new().set("OPENAI_BASE_URL", model.base_url())
    }

    /// On Postgres.
    pub fn on(self, schema: &TestSchema) -> Self {
        self.set("DATABASE_URL", schema.url()).set("SECRET_KEY", "a secret that every server has")
    }

    pub fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.insert(name, value.into());
        self
    }

    /// Puts a file into the working directory.
    pub fn file(self, name: &str, content: &str) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_raconteur"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        timeout(PATIENCE, command.stderr(Stdio::piped()).output()).await.expect("it ends by itself").unwrap()
    }

    /// Runs a command that has to fail, and returns what it complains of.
    pub async fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Starts the server and waits until it listens.
    pub async fn serve(&self) -> Running {
        let log = File::create(self.path("log")).unwrap();
        let mut child = self.command(&["serve"]).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("personas") {
            let read =
                timeout(PATIENCE, output.read_line(&mut said)).await.expect("it starts in time").unwrap();
            assert_ne!(read, 0, "the server did not start: {said}{}", self.log());
        }
        Running { child, output, said }
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap()
    }
}

/// A server that runs. It is killed when the test lets go of it.
pub struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    /// What it said when it started.
    pub said: String,
}

impl Running {
    pub fn base(&self) -> String {
        let address = self.said.split_whitespace().find(|word| word.starts_with("http://"));
        address.expect("it says where it listens").to_owned()
    }

    pub async fn register(&self) -> Client {
        Client::visitor(&self.base()).register("ada@example.org").await
    }

    /// Sends a signal by its name.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, name, &id]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended by itself, and returns its exit code and what it said at last.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").unwrap();
        let mut said = String::new();
        self.output.read_to_string(&mut said).await.unwrap();
        (status.code(), said)
    }

    /// Kills it as a power cut would.
    pub async fn kill(mut self) {
        self.child.start_kill().unwrap();
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it dies in time").unwrap();
        assert_eq!(status.signal(), Some(9));
    }
}
