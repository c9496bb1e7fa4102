//! Programs in other languages: whether their packages are installed, and what they print.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs, thread};

use tokio::process::Command;
use tokio::time::timeout;

use crate::support::sse::PATIENCE;

/// Node.js in a folder of ours with a `package.json`; none where its packages are not installed.
pub fn node(folder: &str) -> Option<Command> {
    let folder = root().join(folder);
    is_installed(&folder.join("package-lock.json"), &folder.join("node_modules/installed")).then(|| {
        let mut node = Command::new("node");
        node.current_dir(folder);
        node
    })
}

/// Python in the virtual environment of the clients; none where it is not installed.
pub fn python() -> Option<Command> {
    let folder = root().join("apps/server/tests/clients/python");
    let venv = root().join("target/clients-venv");
    is_installed(&folder.join("requirements.txt"), &venv.join("installed")).then(|| {
        let mut python = Command::new(venv.join("bin/python"));
        python.current_dir(folder);
        python
    })
}

/// Whether what was installed last is what is wanted now; otherwise the test says that it is skipped.
fn is_installed(wanted: &Path, stamp: &Path) -> bool {
    let installed = fs::read_to_string(stamp).is_ok_and(|stamp| stamp == fs::read_to_string(wanted).unwrap());
    if !installed {
        let wanted = wanted.strip_prefix(root()).unwrap_or(wanted).display();
        let missing = format!("the packages of {wanted} are not installed: just client-packages");
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "nothing may be skipped where CI=true, and {missing}"
        );
        let line = format!("{} skipped: {missing}\n", thread::current().name().unwrap_or("a test"));
        // Not a macro that prints: what those print is shown for failed tests alone.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    }
    installed
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Runs a program to its end, which has to be a good one, and returns what it printed.
pub async fn run(command: &mut Command) -> String {
    let command =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let output =
        timeout(PATIENCE, command.output()).await.expect("it ends in time").expect("it can be started");
    let printed = String::from_utf8(output.stdout).expect("it prints text");
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed
}
