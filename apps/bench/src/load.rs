//! Many streams at once through the server, beside the same streams straight from the model, so that the difference is
//! what the server adds; and what becomes of it while something else goes on.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use raconteur_storage::testing::execute_on_file;
use tokio::task::spawn_blocking;

use crate::client::{self, Person};
use crate::clock::Stopwatch;
use crate::figures::{finished, report};
use crate::server::{Server, Spent, back_up};
use crate::{Cli, Database, Failure, Place, upstream};

/// How long the streams have run before something else is done beside them.
const SETTLED: Duration = Duration::from_secs(2);

/// How long there is between two checkpoints of somebody else's.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_millis(100);

/// What goes on beside the streams.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Beside {
    Nothing,
    /// Somebody deletes all their messages.
    Delete,
    /// `raconteur backup` copies the database. On SQLite alone.
    Backup,
    /// Another process makes the database take in its log, again and again. On SQLite alone.
    Checkpoints,
}

pub async fn measure(cli: &Cli) -> Result<(), Failure> {
    for streams in &cli.streams {
        run(cli, *streams).await?;
    }
    Ok(())
}

async fn run(cli: &Cli, streams: usize) -> Result<(), Failure> {
    let clock = Stopwatch::start();
    let model = upstream::start(clock, cli.pace()).await?.address;
    let (client, url) = (client::new(), format!("http://{model}/v1"));
    let ask = |_| tokio::spawn(client::ask_directly(client.clone(), url.clone(), clock));
    report(&format!("{streams} streams, direct"), &finished(join_all((0..streams).map(ask)).await));
    for on in &cli.on {
        for beside in &cli.beside {
            let Some(place) = Place::new(*on) else { continue };
            through_the_server(cli, streams, (clock, model), (*on, &place), *beside).await?;
        }
    }
    Ok(())
}

async fn through_the_server(
    cli: &Cli,
    streams: usize,
    (clock, model): (Stopwatch, SocketAddr),
    (on, place): (Database, &Place),
    beside: Beside,
) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(&cli.folder)?;
    let server = Server::start(cli, model, folder.path(), &place.url()).await?;
    let person = Person::register(&server.base, "load").await?;
    let other = Person::register(&server.base, "other").await?;
    other.write(cli.messages).await?;
    let mut conversations = Vec::new();
    for _ in 0..streams {
        conversations.push(person.open_conversation().await?);
    }

    let (before, commits_before, streaming) = (server.spent(), server.commits(), Stopwatch::start());
    let asking = join_all(conversations.into_iter().map(|id| tokio::spawn(person.clone().ask(id, clock))));
    let memory = async {
        // In the middle of the run, when all of them are open.
        tokio::time::sleep(Duration::from_secs_f64(f64::from(cli.tokens) / cli.rate / 2.0)).await;
        server.spent()
    };
    let over = AtomicBool::new(false);
    let streams_run = async {
        let (through, open) = tokio::join!(asking, memory);
        over.store(true, Ordering::Relaxed);
        (through, open, streaming.elapsed().as_secs_f64(), server.commits() - commits_before, server.spent())
    };
    let ((through, open, seconds, commits, after), went_on) =
        tokio::join!(streams_run, go_on_beside(cli, beside, &other, folder.path(), &over));
    went_on?;

    let through = finished(through);
    let what = match beside {
        Beside::Nothing => String::new(),
        Beside::Delete => format!(", beside the deletion of {} messages", cli.messages),
        Beside::Backup => ", beside backups".to_owned(),
        Beside::Checkpoints => ", beside checkpoints".to_owned(),
    };
    report(&format!("{streams} streams, through the server on {on:?}{what}"), &through);
    if let (Some(before), Some(open), Some(after)) = (before, open, after) {
        let tokens = through.iter().map(|read| read.delays.len()).sum();
        report_costs((before, open, after), streams, tokens, commits, seconds);
    }
    Ok(())
}

/// Does it until the streams are over.
async fn go_on_beside(
    cli: &Cli,
    beside: Beside,
    other: &Person,
    folder: &Path,
    over: &AtomicBool,
) -> Result<(), Failure> {
    let (database, copy) = (folder.join("data/raconteur.db"), folder.join("backup.db"));
    tokio::time::sleep(SETTLED).await;
    while !over.load(Ordering::Relaxed) {
        match beside {
            Beside::Nothing => break,
            Beside::Delete => {
                other.delete_all().await?;
                break;
            }
            Beside::Backup => {
                back_up(cli, folder, &copy).await?;
                std::fs::remove_file(&copy)?;
            }
            Beside::Checkpoints => {
                let database = database.clone();
                spawn_blocking(move || execute_on_file(&database, "PRAGMA wal_checkpoint(TRUNCATE)")).await?;
                tokio::time::sleep(BETWEEN_CHECKPOINTS).await;
            }
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of tokens and commits are far below 2^52")]
fn report_costs(
    (before, open, after): (Spent, Spent, Spent),
    streams: usize,
    tokens: usize,
    commits: u64,
    seconds: f64,
) {
    let cpu = after.cpu - before.cpu;
    let per_token = |seconds: f64| seconds * 1e6 / tokens as f64;
    println!(
        "    server: {:.1} µs of processor time a token, {:.1} of them to write it to the database, {:.0} % of one core, \
         {} KiB of memory, {} KiB more for each open stream, {:.0} commits a second",
        per_token(cpu),
        per_token(after.writing - before.writing),
        cpu * 100.0 / seconds,
        after.memory,
        open.memory.saturating_sub(before.memory) / streams.max(1) as u64,
        commits as f64 / seconds,
    );
}
