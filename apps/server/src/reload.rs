//! Characters whose files change while the server runs: they are read anew, and take the place of the old ones in one go.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use raconteur_chat::Cast;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use crate::personas::{self, Assets};
use crate::settings::PersonaFiles;

/// How often it is looked whether anything has changed: soon enough for whoever has just saved a file.
const EVERY: Duration = Duration::from_secs(1);

/// Watches the folder of characters, where there is one, until the task is aborted. What is built in does not change.
pub fn watch(files: &PersonaFiles, cast: Cast, assets: Arc<ArcSwap<Assets>>) -> Option<JoinHandle<()>> {
    let folder = files.folder.clone()?;
    let files = files.clone();
    Some(tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut used, mut before) = (look(&folder).await, None);
        loop {
            ticks.tick().await;
            let now = look(&folder).await;
            // Only once it has stood still: a file that is being written is half a file.
            if now != used && Some(&now) == before.as_ref() {
                reload(&files, &cast, &assets).await;
                used.clone_from(&now);
            }
            before = Some(now);
        }
    }))
}

/// What the files of a folder look like from outside: when each was changed, and how large it is.
type Look = HashMap<PathBuf, (Option<SystemTime>, u64)>;

async fn look(folder: &Path) -> Look {
    let folder = folder.to_owned();
    spawn_blocking(move || {
        let mut seen = Look::new();
        for entry in entries(&folder).unwrap_or_default() {
            if entry.is_dir() {
                seen.extend(entries(&entry).unwrap_or_default().into_iter().filter_map(seen_file));
            }
        }
        seen
    })
    .await
    .unwrap_or_default()
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn seen_file(path: PathBuf) -> Option<(PathBuf, (Option<SystemTime>, u64))> {
    let about = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
    Some((path, (about.modified().ok(), about.len())))
}

/// Reads the folder anew. A character whose files are broken stays as it was.
async fn reload(files: &PersonaFiles, cast: &Cast, assets: &ArcSwap<Assets>) {
    let files = files.clone();
    let (fresh, warnings) = match spawn_blocking(move || personas::load(&files)).await {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(error)) => return tracing::error!(%error, "the characters stay as they were"),
        Err(error) => return tracing::error!(%error, "the characters stay as they were"),
    };
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    let (merged, changed) = fresh.instead_of(&assets.load(), &warnings);
    if changed.is_empty() {
        return;
    }
    cast.replace_built_in(Arc::clone(&merged.personas));
    assets.store(Arc::new(merged));
    tracing::info!(changed = changed.join(", "), "characters were read anew");
}
