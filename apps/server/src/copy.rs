//! `raconteur copy`: one database into another, in front of whoever waits for it.

use std::error::Error;
use std::fmt::Write;
use std::io::Write as _;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use raconteur::settings::Settings;
use raconteur::{DEAD_AFTER, secret_key};
use raconteur_storage::DatabaseUrl;
use raconteur_storage::copy::{Beginning, Checked, Copy, Extent, Step, Work};

use crate::say;

/// Which database, and where to.
#[derive(clap::Args)]
pub struct Options {
    /// The database to copy. But for tables being brought up to date it stays as it is; no server may run on it.
    #[arg(long, value_name = "URL")]
    from: String,
    /// Where to copy it: an empty database, or one that holds an unfinished copy of the same.
    #[arg(long, value_name = "URL")]
    to: String,
}

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Copies, compares, and tells what is to be done next. It blocks.
pub fn run(options: &Options, settings: &Settings) -> Result<()> {
    let (from, to) = (parse("--from", &options.from)?, parse("--to", &options.to)?);
    let mut copy = Copy::begin(&from, &to, DEAD_AFTER)?;
    let (beginning, extents) = (copy.beginning(), copy.extents());
    let rows: u64 = extents.iter().map(|extent| extent.source).sum();
    let there: u64 = extents.iter().map(|extent| extent.target).sum();
    say(&format!("From {} to {}: {rows} rows.", from.describe(), to.describe()));
    match beginning {
        Beginning::Empty => {}
        Beginning::Unfinished => say(&format!("Going on with an earlier copy: {there} rows are there.")),
        Beginning::Finished => say("The target is not empty; nothing is written there, only compared."),
    }
    let mut progress = Progress::new(&extents);
    while let Some(step) = copy
        .step()
        .map_err(|error| format!("{error}\nWhat is copied stays: the same command goes on from there."))?
    {
        progress.show(step);
    }
    progress.end();
    let checked = copy.finish()?;
    show(&checked);
    if let Some(wrong) = checked.iter().find(|checked| !checked.is_same()) {
        return Err(complaint(wrong, beginning, &to).into());
    }
    say("Everything is there, and the same on both sides.");
    say_what_next(&from, settings);
    Ok(())
}

/// The address may hold a password, so that it is not repeated where it is wrong.
fn parse(option: &str, url: &str) -> Result<DatabaseUrl> {
    Ok(url.parse().map_err(|error| format!("{option}: {error}"))?)
}

/// How far it has come: a bar for a person, a line for each table where nobody watches.
struct Progress {
    work: Work,
    table: &'static str,
    /// Of the current table.
    rows: u64,
    /// How many rows there are to be compared, and how many to be prepared for search.
    to_check: u64,
    to_index: u64,
    bar: ProgressBar,
}

impl Progress {
    fn new(extents: &[Extent]) -> Self {
        let (to_copy, there) = extents.iter().fold((0, 0), |(rows, there), extent| {
            (rows + extent.source, there + extent.target.min(extent.source))
        });
        let bar = bar(to_copy).with_position(there);
        // What was there before says nothing about how fast this goes.
        bar.reset_eta();
        let to_check = extents.iter().map(|extent| extent.source.max(extent.target)).sum();
        let found = extents.iter().filter(|extent| matches!(extent.table, "conversations" | "messages"));
        let to_index = found.map(|extent| extent.source).sum();
        Self { work: Work::Copying, table: "", rows: 0, to_check, to_index, bar }
    }

    fn show(&mut self, step: Step) {
        if (step.work, step.table) != (self.work, self.table) {
            self.end_table();
            if step.work != self.work {
                self.bar.finish_and_clear();
                self.bar = bar(if step.work == Work::Indexing { self.to_index } else { self.to_check });
            }
            (self.work, self.table, self.rows) = (step.work, step.table, 0);
            self.bar.set_message(format!("{} {}", verb(step.work).0, step.table));
        }
        self.rows += step.rows;
        self.bar.inc(step.rows);
    }

    fn end_table(&self) {
        if self.bar.is_hidden() && !self.table.is_empty() {
            let line = format!("{} {}: {} rows", verb(self.work).1, self.table, self.rows);
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    fn end(&self) {
        self.end_table();
        self.bar.finish_and_clear();
    }
}

fn verb(work: Work) -> (&'static str, &'static str) {
    match work {
        Work::Copying => ("copying", "copied"),
        Work::Checking => ("comparing", "compared"),
        Work::Indexing => ("preparing", "prepared"),
    }
}

/// A bar on a terminal; it stays hidden where there is none.
fn bar(rows: u64) -> ProgressBar {
    let template = "{msg:<24} {wide_bar} {human_pos} of {human_len} rows, {rate} a second, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
        // What cannot be written is not shown.
        let _ = write!(text, "{:.0}", state.per_sec());
    });
    ProgressBar::new(rows).with_style(style)
}

/// How much of a checksum is shown: enough to see by eye what the comparison has found.
const DIGITS_SHOWN: usize = 16;

fn show(checked: &[Checked]) {
    say(&format!(
        "\n{:<16} {:>12} {:>12}   {:<DIGITS_SHOWN$}   {}",
        "table", "rows from", "rows to", "SHA-256 from", "SHA-256 to"
    ));
    for table in checked {
        let shown = |checksum: &str| checksum.get(..DIGITS_SHOWN).unwrap_or_default().to_owned();
        let (from, to) = (shown(&table.checksums.0), shown(&table.checksums.1));
        let verdict = if table.is_same() { "same" } else { "DIFFERENT" };
        let (name, (rows_from, rows_to)) = (table.table, table.rows);
        say(&format!("{name:<16} {rows_from:>12} {rows_to:>12}   {from}   {to}   {verdict}"));
    }
    say("");
}

fn complaint(wrong: &Checked, beginning: Beginning, to: &DatabaseUrl) -> String {
    let row = wrong.difference.as_deref().unwrap_or("unknown");
    let what = format!("the two differ: in {}, from the row with {row} on", wrong.table);
    let place = to.describe();
    match beginning {
        Beginning::Finished => {
            format!("{what}. Nothing was written to {place}; give an empty database to copy into")
        }
        Beginning::Empty | Beginning::Unfinished => {
            format!("{what}. No server starts on {place} as it is: empty it, and copy again")
        }
    }
}

fn say_what_next(from: &DatabaseUrl, settings: &Settings) {
    let kept = secret_key::beside(from).filter(|path| path.is_file());
    say("\nWhat to do next:");
    say("  1. Set DATABASE_URL to the address that you gave as --to.");
    say(&format!("  2. {}: with another one, everybody is signed out.", secret(settings, kept)));
    say("  3. Start the server. The source is as it was: keep it until you are content.");
}

fn secret(settings: &Settings, kept: Option<PathBuf>) -> String {
    match kept {
        _ if settings.auth.secret.is_some() => "Leave SECRET_KEY as it is set here".to_owned(),
        Some(path) => format!("Set SECRET_KEY to what stands in {}", path.display()),
        None => "Set SECRET_KEY to what the servers on the source had".to_owned(),
    }
}
