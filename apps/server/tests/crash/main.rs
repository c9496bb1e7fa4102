//! The program is killed in the middle of fifty replies, or its machine loses power, again and again on the same database.
//! What anybody had seen is there afterwards: `just crash-test COUNT`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests and helpers of tests")]
#![allow(clippy::print_stdout, reason = "what a run did is worth reading")]

#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there the disk is left alone"))]
mod disk;
mod luck;
#[allow(dead_code, reason = "shared with the tests of the program")]
#[path = "../program/mod.rs"]
mod program;
mod reply;
#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the API tests, which use all of it")]
#[path = "../api/support/mod.rs"]
mod support;

use std::time::Duration;

use futures_util::future::join_all;
use raconteur_fake_upstream::{FakeUpstream, Script};

use disk::Disk;
use luck::Luck;
use program::{Program, Running};
use reply::{Part, Received};
use support::Client;

/// How many replies run when it happens.
const STREAMS: u64 = 50;

/// When it happens at the latest, in milliseconds after the prompts were sent.
const LATEST: u64 = 1_200;

/// How fast the model speaks.
const PACE: Duration = Duration::from_millis(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute: just crash-test"]
async fn killed_at_any_moment_it_has_kept_everything_that_anybody_received() {
    let mut world = World::new("kill -9", None).await;
    world.crash_often().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute: just crash-test"]
async fn after_a_power_cut_at_any_moment_it_has_kept_everything_that_anybody_received() {
    let mut world = World::new("power cut", Some(Disk::honest())).await;
    world.crash_often().await;
}

/// The harness sees what is lost where something is.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute: just crash-test"]
async fn on_a_disk_that_lies_about_its_syncs_something_is_lost_and_that_is_noticed() {
    let mut world = World::new("power cut on a disk that lies", Some(Disk::lying())).await;
    let server = world.program.serve().await;
    let ada = server.register().await;
    let (_, _, lost) = world.crash(&ada, server, 1).await;
    assert_ne!(lost, Vec::<String>::new());
    println!("    {}, as it should be", lost[0]);
}

/// A database that lives through crashes, and a model.
struct World {
    what: &'static str,
    program: Program,
    model: FakeUpstream,
    luck: Luck,
    /// What loses what was not synced, where a kill alone is not all that happens.
    disk: Option<Disk>,
    /// Every reply so far, and what there was of it after its own crash.
    kept: Vec<(Part, Vec<String>)>,
}

impl World {
    async fn new(what: &'static str, disk: Option<Disk>) -> Self {
        let model = FakeUpstream::start().await;
        model.always_with(|request| {
            let messages = request.body["messages"].as_array().unwrap();
            Script::reply(Part::answer(messages).unwrap_or_else(|| vec!["Aye.".to_owned()])).pace(PACE)
        });
        let mut program = Program::with_model(&model).set("SECRET_KEY", "a secret that outlives every crash");
        if let Some(disk) = &disk {
            program = disk.under(program);
        }
        let luck = Luck::new();
        println!("{what}: CRASH_SEED={}", luck.seed());
        Self { what, program, model, luck, disk, kept: Vec::new() }
    }

    /// So many times as CRASHES says.
    async fn crash_often(&mut self) {
        let count = std::env::var("CRASHES").map_or(20, |count| count.parse().expect("CRASHES is a number"));
        let mut server = self.program.serve().await;
        let mut ada = server.register().await;
        let mut received = 0;
        for round in 1..=count {
            let (tokens, lost);
            (server, tokens, lost) = self.crash(&ada, server, round).await;
            assert_eq!(lost, Vec::<String>::new(), "CRASH_SEED={}, round {round}", self.luck.seed());
            received += tokens;
            ada = ada.at(&server.base());
            self.talk_on(&ada).await;
        }
        let said = join_all(self.kept.iter().map(|(part, _)| ada.said(&part.thread))).await;
        for ((part, kept), said) in self.kept.iter().zip(said) {
            assert_eq!(said, *kept, "part {}: what an earlier crash left stays", part.number);
        }
        let replies = self.kept.len();
        println!("{}: {count} times, {replies} replies, {received} tokens received, none lost", self.what);
    }

    /// Lets it happen in the middle of replies, starts the server again, looks what is left and lets half of the
    /// interrupted ones go on. Returns how many tokens had been received, and what of that is gone.
    async fn crash(&mut self, ada: &Client, server: Running, round: u64) -> (Running, usize, Vec<String>) {
        let threads = join_all((0..STREAMS).map(|_| ada.conversation("Bronn"))).await;
        let parts = (round * STREAMS..).zip(threads).map(|(number, thread)| {
            let words = self.luck.up_to(120);
            Part { thread, number, words }
        });
        let parts: Vec<Part> = parts.collect();
        let readers: Vec<_> = parts.iter().map(|part| tokio::spawn(part.clone().read(ada.clone()))).collect();
        let moment = self.luck.up_to(LATEST);
        if let Some(disk) = &self.disk {
            disk.begin_to_lie();
        }
        tokio::time::sleep(Duration::from_millis(moment)).await;
        server.kill().await;
        // What had reached the client's side of the connection counts as received too.
        let received: Vec<Received> = join_all(readers).await.into_iter().map(Result::unwrap).collect();
        let gone = self.disk.as_ref().map(|disk| disk.lose_what_was_not_synced(&mut self.luck));

        let server = self.program.serve().await;
        let ada = ada.at(&server.base());
        let mut lost =
            join_all(parts.iter().zip(&received).map(|(part, received)| part.missing(&ada, received))).await;
        // The others stay as they are, for what a later crash may do to them.
        let going_on = parts.iter().filter(|part| part.number % 2 == 0);
        let went_on: Vec<_> =
            join_all(going_on.map(|part| part.go_on(&ada))).await.into_iter().flatten().collect();
        let continued = went_on.len();
        lost.extend(went_on);
        let said = join_all(parts.iter().map(|part| ada.said(&part.thread))).await;
        self.kept.extend(parts.into_iter().zip(said));

        let tokens = received.iter().map(|received| received.tokens).sum();
        let count = |is_so: fn(&Received) -> bool| received.iter().filter(|received| is_so(received)).count();
        let (begun, ended) =
            (count(|received| received.begun.is_some()), count(|received| received.end.is_some()));
        let gone = gone.map_or_else(String::new, |gone| format!("; {gone}"));
        println!(
            "  {round}: after {moment} ms, {begun} begun, {ended} ended, {tokens} tokens received{gone}, {continued} continued"
        );
        (server, tokens, lost.concat())
    }

    /// The conversation goes on where it was left.
    async fn talk_on(&mut self, ada: &Client) {
        let chosen = self.luck.up_to(STREAMS) - 1;
        let mut latest = self.kept.iter_mut().rev();
        let (part, kept) = latest.nth(usize::try_from(chosen).unwrap()).unwrap();
        let reply = ada.send(&part.thread, "Where were we?").await;
        assert_eq!((reply.status(), reply.text().as_str()), ("complete", "Aye."));
        kept.extend(["user: Where were we?".to_owned(), "assistant: Aye.".to_owned()]);
        assert_eq!(ada.said(&part.thread).await, *kept);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!(
                "the server's log:\n{}the model was asked {} times",
                self.program.log(),
                self.model.requests().len()
            );
        }
    }
}
