#![doc = include_str!("../README.md")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its figures are its product")]

mod client;
mod clock;
mod server;
mod upstream;

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use client::{Person, Read};
use clock::Stopwatch;
use futures_util::future::join_all;
use raconteur_storage::testing::TestSchema;
use reqwest::Client;
use server::Server;
use upstream::Pace;

/// How long a server has been left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(1);

/// How long the streams have run before something else is done beside them.
const SETTLED: Duration = Duration::from_secs(2);

#[derive(Parser)]
struct Cli {
    /// The server's program, built with `--release`.
    #[arg(long, default_value = "target/release/raconteur")]
    server: PathBuf,
    /// How many streams at once; several runs with commas between.
    #[arg(long, value_delimiter = ',', default_value = "1,50,1000")]
    streams: Vec<usize>,
    /// How many tokens each stream has.
    #[arg(long, default_value_t = 200)]
    tokens: u32,
    /// How many tokens a second the model says in each.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Measure so many starts on an existing database, and the memory of an idle server, instead of streams.
    #[arg(long)]
    starts: Option<usize>,
    /// On which databases. Postgres is the server that TEST_POSTGRES_URL names, in a schema that is dropped again.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    on: Vec<Database>,
    /// Whether the readers wait for the disk: strict or relaxed.
    #[arg(long, default_value = "strict")]
    durability: String,
    /// Delete so many messages of somebody else's while the streams run.
    #[arg(long, default_value_t = 0)]
    delete: usize,
    /// Measure one stream with so many readers that stop reading, instead of many streams.
    #[arg(long)]
    stalled: Option<usize>,
    /// Where the SQLite databases are made: a folder on the disk to be measured.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
}

/// A kind of database.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// A database for one run.
enum Place {
    File,
    Schema(TestSchema),
}

impl Place {
    /// `None` where there is no Postgres server to use, which is said by then.
    fn new(on: Database) -> Option<Self> {
        match on {
            Database::Sqlite => Some(Self::File),
            Database::Postgres => Some(Self::Schema(TestSchema::create()?)),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::File => FILE.to_owned(),
            Self::Schema(schema) => schema.url(),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    if let Some(starts) = cli.starts {
        return measure_starts(&cli, starts).await;
    }
    if let Some(stalled) = cli.stalled {
        return measure_stalled(&cli, stalled).await;
    }
    let pace = Pace { tokens: cli.tokens, per_second: cli.rate };
    println!("sync of 4 KiB to this disk: {}", sync_times(&cli.folder)?);
    println!("{} tokens a stream at {} a second", pace.tokens, pace.per_second);
    for streams in &cli.streams {
        run(&cli, pace, *streams).await?;
    }
    Ok(())
}

const FILE: &str = "sqlite://data/raconteur.db";

async fn measure_starts(cli: &Cli, starts: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(&cli.folder)?;
    let nobody = ([127, 0, 0, 1], 9).into();
    // The first one makes the database.
    Server::start(&cli.server, nobody, folder.path(), FILE, &cli.durability).await?.stop().await?;
    for _ in 0..starts {
        let watch = Stopwatch::start();
        let server = Server::start(&cli.server, nobody, folder.path(), FILE, &cli.durability).await?;
        let millis = watch.elapsed().as_secs_f64() * 1e3;
        tokio::time::sleep(IDLE).await;
        let kib = server.spent().map_or(0, |(_, kib)| kib);
        server.stop().await?;
        println!("listening after {millis:.1} ms; idle with {kib} KiB of memory");
    }
    Ok(())
}

/// What readers cost that stop reading, and whether the one who goes on notices.
async fn measure_stalled(cli: &Cli, readers: usize) -> Result<(), Box<dyn Error>> {
    let (clock, pace) = (Stopwatch::start(), Pace { tokens: cli.tokens, per_second: cli.rate });
    let model = upstream::start(clock, pace).await?;
    let folder = tempfile::tempdir_in(&cli.folder)?;
    let server = Server::start(&cli.server, model, folder.path(), FILE, &cli.durability).await?;
    #[expect(clippy::disallowed_methods, reason = "a client of the server under load, not of a model")]
    let client = Client::new();
    let person = Person::register(client, &server.base, "load").await.map_err(|error| error.to_string())?;
    for count in [0, readers] {
        let conversation = person.open_conversation().await.map_err(|error| error.to_string())?;
        let reply = tokio::spawn(person.clone().ask(conversation.clone(), clock));
        let generation = person.running_reply(&conversation).await.map_err(|error| error.to_string())?;
        let before = server.spent().map_or(0, |(_, kib)| kib);
        let mut stalled = Vec::new();
        for _ in 0..count {
            stalled.push(person.stall(&generation).await.map_err(|error| error.to_string())?);
        }
        report(&format!("one stream, {count} readers that stall"), &finished(vec![reply.await]));
        let after = server.spent().map_or(0, |(_, kib)| kib);
        println!("    server: {before} KiB of memory before they came, {after} KiB at the end of the reply");
    }
    server.stop().await?;
    Ok(())
}

async fn run(cli: &Cli, pace: Pace, streams: usize) -> Result<(), Box<dyn Error>> {
    let clock = Stopwatch::start();
    let model = upstream::start(clock, pace).await?;
    #[expect(clippy::disallowed_methods, reason = "a client of the server under load, not of a model")]
    let client = Client::new();

    let url = format!("http://{model}/v1");
    let direct = join_all(
        (0..streams).map(|_| tokio::spawn(client::ask_directly(client.clone(), url.clone(), clock))),
    )
    .await;
    report(&format!("{streams} streams, direct"), &finished(direct));
    for on in &cli.on {
        let Some(place) = Place::new(*on) else { continue };
        through_the_server(cli, &client, clock, model, (*on, &place), streams).await?;
    }
    Ok(())
}

async fn through_the_server(
    cli: &Cli,
    client: &Client,
    clock: Stopwatch,
    model: SocketAddr,
    (on, place): (Database, &Place),
    streams: usize,
) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(&cli.folder)?;
    let server = Server::start(&cli.server, model, folder.path(), &place.url(), &cli.durability).await?;
    let register = async |name| Person::register(client.clone(), &server.base, name).await;
    let person = register("load").await.map_err(|error| error.to_string())?;
    let other = register("other").await.map_err(|error| error.to_string())?;
    if cli.delete > 0 {
        other.write(cli.delete).await.map_err(|error| error.to_string())?;
    }
    let mut conversations = Vec::new();
    for _ in 0..streams {
        conversations.push(person.open_conversation().await.map_err(|error| error.to_string())?);
    }
    let (before, commits_before) = (server.spent(), server.commits());
    let memory = async {
        // In the middle of the run, when all of them are open.
        tokio::time::sleep(Duration::from_secs_f64(f64::from(cli.tokens) / cli.rate / 2.0)).await;
        server.spent().map(|(_, kib)| kib)
    };
    let streaming = Stopwatch::start();
    let asking = join_all(conversations.into_iter().map(|id| tokio::spawn(person.clone().ask(id, clock))));
    let deleting = async {
        if cli.delete > 0 {
            tokio::time::sleep(SETTLED).await;
            other.delete_all().await.map_err(|error| error.to_string())?;
        }
        Ok::<_, String>(())
    };
    let (through, deleted, open) = tokio::join!(asking, deleting, memory);
    deleted?;
    let through = finished(through);
    let seconds = streaming.elapsed().as_secs_f64();
    report(&format!("{streams} streams, through the server on {on:?}"), &through);
    if let (Some((cpu_before, kib_before)), Some((cpu, kib)), Some(open)) = (before, server.spent(), open) {
        let tokens: usize = through.iter().map(|read| read.delays.len()).sum();
        #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
        let per_token = (cpu - cpu_before) * 1e6 / tokens as f64;
        #[expect(clippy::cast_precision_loss, reason = "a count of commits is far below 2^52")]
        let commits = (server.commits() - commits_before) as f64 / seconds;
        println!(
            "    server: {per_token:.1} µs of processor time a token, {:.0} % of one core, {kib} KiB of memory, \
             {} KiB more for each open stream, {commits:.0} commits a second",
            (cpu - cpu_before) * 100.0 / seconds,
            open.saturating_sub(kib_before) / streams.max(1) as u64,
        );
    }
    Ok(())
}

type Outcome = Result<Result<Read, Box<dyn Error + Send + Sync>>, tokio::task::JoinError>;

fn finished(outcomes: Vec<Outcome>) -> Vec<Read> {
    let mut reads = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(Ok(read)) if read.complete => reads.push(read),
            Ok(Ok(_)) => println!("    a stream ended early"),
            Ok(Err(error)) => println!("    a stream failed: {error}"),
            Err(error) => println!("    a stream panicked: {error}"),
        }
    }
    reads
}

fn report(what: &str, reads: &[Read]) {
    let mut delays: Vec<u64> = reads.iter().flat_map(|read| read.delays.iter().copied()).collect();
    delays.sort_unstable();
    println!("{what}: {} complete and in order, {}", reads.len(), percentiles(&delays));
}

/// The middle, the slowest hundredth and the slowest of sorted microseconds, in milliseconds.
fn percentiles(sorted: &[u64]) -> String {
    let at = |hundredths: usize| {
        let micros = sorted.get((sorted.len() * hundredths / 100).min(sorted.len().saturating_sub(1)));
        #[expect(clippy::cast_precision_loss, reason = "a delay is far below 2^52 µs")]
        let millis = micros.copied().unwrap_or_default() as f64 / 1e3;
        format!("{millis:.2}")
    };
    format!("p50 {} ms, p99 {} ms, max {} ms", at(50), at(99), at(100))
}

/// How long the disk takes to make 4 KiB durable.
fn sync_times(folder: &std::path::Path) -> Result<String, Box<dyn Error>> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let watch = Stopwatch::start();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(watch.micros());
    }
    times.sort_unstable();
    Ok(percentiles(&times))
}
