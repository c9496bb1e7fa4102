#![doc = include_str!("../README.md")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its figures are its product")]

mod client;
mod clock;
mod figures;
mod load;
mod server;
mod stalled;
mod starts;
mod stops;
mod upstream;

use std::path::PathBuf;

use clap::Parser;
use load::Beside;
use raconteur_storage::testing::TestSchema;
use upstream::Pace;

type Failure = Box<dyn std::error::Error + Send + Sync>;

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
    /// On which databases. Postgres is the server that TEST_POSTGRES_URL names, in a schema that is dropped again.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    on: Vec<Database>,
    /// Whether the readers wait for the disk: strict or relaxed.
    #[arg(long, default_value = "strict")]
    durability: String,
    /// How many messages of somebody else's there are before the streams begin.
    #[arg(long, default_value_t = 0)]
    messages: usize,
    /// What goes on beside the streams; several runs with commas between.
    #[arg(long, value_delimiter = ',', default_value = "nothing")]
    beside: Vec<Beside>,
    /// Where the SQLite databases are made: a folder on the disk to be measured.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Instead of many streams, measure so many starts on an existing database, and the memory of an idle server.
    #[arg(long)]
    starts: Option<usize>,
    /// Instead of many streams, measure one with so many readers that stop reading.
    #[arg(long)]
    stalled: Option<usize>,
    /// Instead of the tokens of streams, measure how long after a stop the model is left alone, so many times.
    #[arg(long)]
    stops: Option<usize>,
}

impl Cli {
    const fn pace(&self) -> Pace {
        Pace { tokens: self.tokens, per_second: self.rate }
    }
}

/// A kind of database.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// The database of a run on SQLite, in the run's own folder.
const FILE: &str = "sqlite://data/raconteur.db";

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
async fn main() -> Result<(), Failure> {
    let cli = Cli::parse();
    if let Some(starts) = cli.starts {
        return starts::measure(&cli, starts).await;
    }
    println!("sync of 4 KiB to this disk: {}", figures::sync_times(&cli.folder)?);
    println!("{} tokens a stream at {} a second", cli.tokens, cli.rate);
    match (cli.stalled, cli.stops) {
        (Some(stalled), _) => stalled::measure(&cli, stalled).await,
        (None, Some(stops)) => stops::measure(&cli, stops).await,
        (None, None) => load::measure(&cli).await,
    }
}
