//! A client whose machine is gone without a word: its network goes down, and nothing more comes from it. That takes two
//! machines, here two network namespaces of Linux with a cable between them.

use std::env;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use raconteur_fake_upstream::{FakeUpstream, Gate, Script};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::program::Program;
use crate::support::sse::PATIENCE;

/// Set where the test runs in a network of its own already.
const INSIDE: &str = "IN_A_NETWORK_OF_ITS_OWN";

/// The client's address, as `/proc/net/tcp` spells it: a number of the machine's byte order.
fn far_address() -> String {
    format!("{:08X}", u32::from_ne_bytes([10, 0, 0, 2]))
}

#[tokio::test]
async fn a_client_that_is_gone_without_a_word_is_noticed_and_the_reply_goes_on() {
    if env::var_os(INSIDE).is_some() {
        cut_the_cable().await;
    } else if !succeeds("unshare --map-root-user --net ip link add near type veth peer name far").await {
        let line = "silence skipped: this machine lets nobody make a network namespace\n";
        // Not a macro that prints: what those print is shown for failed tests alone.
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    } else {
        let (test, name) = (env::current_exe().unwrap(), std::thread::current().name().unwrap().to_owned());
        let mut inside = Command::new("unshare");
        inside.args(["--map-root-user", "--net"]).arg(test).args([&name, "--exact", "--nocapture"]);
        assert!(inside.env(INSIDE, "yes").kill_on_drop(true).status().await.unwrap().success());
    }
}

async fn cut_the_cable() {
    run("ip link set lo up").await;
    let far = Far::connect().await;
    let model = FakeUpstream::start().await;
    let server = Program::with_model(&model).set("HOST", "10.0.0.1").serve().await;
    let ada = server.register().await;
    let thread = ada.conversation("Bronn").await;
    let gate = Gate::new();
    model.enqueue(&Script::reply(["Gold", " first."]).hold_after(1, &gate));
    let mut near_by = ada.begin(&thread, "Price?").await;
    let generation = near_by.next().await.unwrap().data["generation_id"].as_str().unwrap().to_owned();

    let url = format!("{}/api/chat/stream/{generation}", server.base());
    let authorization = format!("Authorization: Bearer {}", ada.account().access);
    let mut reader = far.command(&["curl", "--silent", "--no-buffer", "--header", &authorization, &url]);
    let mut reader = reader.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    until_it_says("event: token", reader.stdout.take().unwrap()).await;
    assert!(is_connected(), "the far client reads");

    far.run("ip link set far down").await;
    let noticed = async {
        while is_connected() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, noticed).await.expect("the server notices that the client is gone");
    gate.open();
    assert_eq!(near_by.finish().await.status(), "complete");
}

/// Whether the server has a connection to the far client that it takes for alive.
fn is_connected() -> bool {
    let (far, established) = (far_address(), "01");
    let connections = std::fs::read_to_string("/proc/net/tcp").unwrap();
    connections.lines().any(|line| {
        let mut columns = line.split_whitespace().skip(2);
        let (remote, state) = (columns.next().unwrap(), columns.next().unwrap());
        remote.starts_with(&far) && state == established
    })
}

/// Another machine, at the other end of a cable: 10.0.0.2, where this one is 10.0.0.1.
struct Far(Child);

impl Far {
    async fn connect() -> Self {
        let mut machine = Command::new("unshare");
        machine.args(["--net", "sh", "-c", "echo up; exec sleep infinity"]).stdout(Stdio::piped());
        let mut machine = machine.kill_on_drop(true).spawn().unwrap();
        until_it_says("up", machine.stdout.take().unwrap()).await;
        let far = Self(machine);
        run(&format!("ip link add near type veth peer name far netns {}", far.process())).await;
        run("ip address add 10.0.0.1/24 dev near").await;
        run("ip link set near up").await;
        far.run("ip address add 10.0.0.2/24 dev far").await;
        far.run("ip link set far up").await;
        far
    }

    fn process(&self) -> u32 {
        self.0.id().expect("it runs")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.process())).args(words);
        command
    }

    async fn run(&self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(self.command(&words).status().await.unwrap().success(), "{line}");
    }
}

async fn run(line: &str) {
    assert!(succeeds(line).await, "{line}");
}

async fn succeeds(line: &str) -> bool {
    let (program, arguments) = line.split_once(' ').unwrap();
    let status = Command::new(program).args(arguments.split(' ')).stderr(Stdio::null()).status().await;
    status.is_ok_and(|status| status.success())
}

async fn until_it_says(what: &str, output: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(output).lines();
    let said = async { while lines.next_line().await.unwrap().expect("it goes on") != what {} };
    timeout(PATIENCE, said).await.expect("it says so in time");
}
