//! Where people talk: a folder, and terminals in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use raconteur::Server;
use raconteur::settings::{Settings, Sources};
use raconteur_fake_upstream::FakeUpstream;
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::support::Client;
use crate::support::sse::PATIENCE;

/// A folder to talk in, with nothing in its environment but what a test puts there.
pub struct Home {
    folder: TempDir,
    environment: BTreeMap<&'static str, String>,
}

impl Home {
    /// With the offline model.
    pub fn offline() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, environment: BTreeMap::new() }.set("TERM", "xterm-256color")
    }

    pub fn with_model(model: &FakeUpstream) -> Self {
        Self::offline().set("OPENAI_BASE_URL", model.base_url())
    }

    pub fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.insert(name, value.into());
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_raconteur"));
        command.arg("chat").args(arguments).current_dir(self.folder.path());
        command.env_clear().envs(&self.environment);
        command
    }

    /// Says these lines through a pipe.
    pub async fn pipe(&self, arguments: &[&str], lines: &[u8]) -> Output {
        let mut command = tokio::process::Command::from(self.command(arguments));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let talk = async {
            // A program that refuses to start does not read.
            let _ = input.write_all(lines).await;
            drop(input);
            child.wait_with_output().await.unwrap()
        };
        timeout(PATIENCE, talk).await.expect("it ends by itself")
    }

    /// Asks for something that is refused, and returns what is complained of.
    pub async fn refusal(&self, arguments: &[&str], code: i32) -> String {
        let output = self.pipe(arguments, b"Hello\n").await;
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(code), String::new()), "{output:?}");
        text(&output.stderr)
    }

    /// Sits down at a terminal. It is left when the test lets go of it.
    pub fn sit_down(&self, arguments: &[&str]) -> Terminal {
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap();
        Terminal { pty: spawn_command(self.command(arguments), Some(patience)).unwrap() }
    }

    /// A server on the same database, in this process.
    pub async fn serve(&self) -> Server {
        let mut environment = self.environment.clone();
        environment.insert("DATABASE_URL", format!("sqlite://{}", self.path("data/raconteur.db").display()));
        environment.extend([
            ("PORT", "0".to_owned()),
            ("BCRYPT_COST", "4".to_owned()),
            ("RATE_LIMIT", "off".to_owned()),
        ]);
        let pairs = environment.into_iter().map(|(name, value)| (name.to_owned(), value));
        let sources = Sources::read(self.folder.path(), pairs).unwrap();
        Server::start(Settings::from_sources(&sources).unwrap()).await.unwrap()
    }
}

pub fn visitor(server: &Server) -> Client {
    Client::visitor(&format!("http://{}", server.address()))
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A pseudo-terminal with the program in it.
pub struct Terminal {
    pub pty: PtySession,
}

impl Terminal {
    /// Waits until this is shown, and returns what came before it, each byte as a character of its own.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> String {
        let bytes: String = text.bytes().map(char::from).collect();
        self.pty.exp_string(&bytes).unwrap_or_else(|error| panic!("waited for {text:?}: {error}"))
    }

    /// Waits for the line editor, to which keys go from then on.
    #[track_caller]
    pub fn is_asked(&mut self) -> String {
        self.sees("> ")
    }

    pub fn types(&mut self, line: &str) {
        self.pty.send_line(line).unwrap();
    }

    pub fn presses_control(&mut self, key: char) {
        self.pty.send_control(key).unwrap();
    }

    /// The id that the introduction shows.
    pub fn conversation(&mut self) -> String {
        self.sees("conversation  ");
        self.sees("kept in").chars().take(36).collect()
    }

    /// Waits for the end of the program, and returns how it ended and what it showed at last.
    #[track_caller]
    pub fn ended(mut self) -> (WaitStatus, String) {
        let rest = self.pty.exp_eof().unwrap();
        (self.pty.process().wait().unwrap(), rest)
    }

    #[track_caller]
    pub fn quits(mut self) -> String {
        self.types("/quit");
        let (status, rest) = self.ended();
        assert!(matches!(status, WaitStatus::Exited(_, 0)), "{status:?}");
        rest
    }
}
