//! `raconteur backup` and `raconteur restore`, in front of whoever waits for them.

use std::error::Error;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use raconteur::secret_key;
use raconteur::settings::Settings;
use raconteur_storage::backup::{self, Progress};

use crate::say;

/// Where to.
#[derive(clap::Args)]
pub struct Backup {
    /// The new file, such as backups/2026-11-26.db.
    file: PathBuf,
}

/// What from.
#[derive(clap::Args)]
pub struct Restore {
    /// A file that `raconteur backup` made.
    file: PathBuf,
}

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Makes a backup. It blocks.
pub fn back_up(options: &Backup, settings: &Settings) -> Result<()> {
    let (database, file) = (sqlite(settings)?, &options.file);
    let bar = ProgressBar::new(0).with_style(style());
    let shown = |Progress { copied, bytes }| {
        bar.set_length(bytes);
        bar.set_position(copied);
    };
    let made = backup::back_up(database, file, shown);
    bar.finish_and_clear();
    made?;
    let size = std::fs::metadata(file)?.len();
    say(&format!("{} has everything: {} bytes.", file.display(), size));
    if let Some(key) = kept_secret(settings) {
        say(&format!("Keep {} as well: with another key, everybody has to sign in again.", key.display()));
    }
    Ok(())
}

/// Goes back to one. It blocks.
pub fn restore(options: &Restore, settings: &Settings) -> Result<()> {
    let database = sqlite(settings)?;
    let restored = backup::restore(&options.file, database)?;
    say(&format!("{} is what {} holds.", database.display(), options.file.display()));
    if let Some(before) = restored.before {
        say(&format!("What was there before is in {}: delete it once you are content.", before.display()));
    }
    Ok(())
}

fn sqlite(settings: &Settings) -> Result<&Path> {
    settings.database.file().ok_or_else(|| {
        "DATABASE_URL names a Postgres: its own pg_dump and pg_restore make backups of that one, while servers run".into()
    })
}

/// The signing key that stands beside the database, where no other is set.
fn kept_secret(settings: &Settings) -> Option<PathBuf> {
    let kept = secret_key::beside(&settings.database)?;
    (settings.auth.secret.is_none() && kept.is_file()).then_some(kept)
}

fn style() -> ProgressStyle {
    let template = "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
