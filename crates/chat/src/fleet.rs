//! This server among those that share its database.
//!
//! Each shows every now and then that it lives, looks whether what it runs is still wanted, and buries those that have
//! been silent for too long. On SQLite a server is alone, and does so once, when it starts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use raconteur_domain::{GenerationId, ServerId, Timestamp};
use raconteur_storage::{Db, StorageError};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::chat::Inner;

/// How many signs of life fit into the time after which a server is taken for dead.
const SIGNS_OF_LIFE: u32 = 5;

/// How long the last word to the others may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// How many replies that nobody runs any more are looked up at a time.
const ORPHANS: u32 = 100;

/// Who this server is to the others.
pub(crate) struct Fleet {
    /// Its name changes when it has been buried alive: nothing that it does under the old one counts any more.
    us: Mutex<ServerId>,
    left: CancellationToken,
}

impl Fleet {
    pub(crate) fn new(us: ServerId) -> Self {
        Self { us: Mutex::new(us), left: CancellationToken::new() }
    }

    pub(crate) fn us(&self) -> ServerId {
        *self.us.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rename(&self, us: ServerId) {
        *self.us.lock().unwrap_or_else(PoisonError::into_inner) = us;
    }
}

/// Joins the others. On a database of its own, what another server left running there is ended.
pub(crate) async fn join(db: &Db, us: ServerId, now: Timestamp) -> Result<(), StorageError> {
    db.write(move |tx| tx.join(us, now)).await?;
    if !db.is_shared() {
        db.write(move |tx| tx.bury_dead(us, Duration::ZERO)).await?;
        interrupt_orphans(db, now).await?;
    }
    Ok(())
}

/// Ends what nobody runs any more. Whether there was anything.
async fn interrupt_orphans(db: &Db, now: Timestamp) -> Result<bool, StorageError> {
    let mut interrupted = 0;
    loop {
        let orphans = db.read(|tx| tx.orphans(ORPHANS)).await?;
        if orphans.is_empty() {
            break;
        }
        for orphan in orphans {
            interrupted += u64::from(db.write(move |tx| tx.interrupt(orphan, now)).await?);
        }
    }
    if interrupted > 0 {
        tracing::warn!(interrupted, "replies were running on a server that is dead; what they said is kept");
    }
    Ok(interrupted > 0)
}

/// Lives among the others until this server leaves them: shows itself, and looks around. Looking around may take a
/// while, and showing itself does not wait for it.
pub(crate) async fn live(chat: Arc<Inner>) {
    tokio::select! {
        () = chat.fleet.left.cancelled() => {}
        () = repeat(&chat, show_alive) => {}
        () = repeat(&chat, look_around) => {}
        () = look_when_told(&chat) => {}
    }
}

/// Another server may have deleted a conversation or been asked to stop a reply that runs here.
async fn look_when_told(chat: &Inner) {
    loop {
        chat.db.nudged().await;
        if let Err(error) = stop_the_unwanted(chat, chat.fleet.us()).await {
            tracing::debug!(%error, "this server looks around again by itself");
        }
    }
}

async fn repeat(chat: &Inner, work: impl AsyncFn(&Inner) -> Result<(), StorageError>) {
    let pause = chat.settings.dead_after / SIGNS_OF_LIFE;
    loop {
        sleep(pause).await;
        if let Err(error) = work(chat).await {
            tracing::warn!(%error, "this server and the others do not see each other");
        }
    }
}

/// Leaves the others. What could not be ended in time they will interrupt.
pub(crate) async fn leave(chat: &Inner) {
    chat.fleet.left.cancel();
    let us = chat.fleet.us();
    match timeout(FAREWELL, chat.db.write(move |tx| tx.leave(us))).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the other servers could not be told that this one ends"),
        Err(_) => tracing::warn!("the other servers could not be told in time that this one ends"),
    }
}

async fn show_alive(chat: &Inner) -> Result<(), StorageError> {
    let (us, dead_after) = (chat.fleet.us(), chat.settings.dead_after);
    if chat.db.write_at_once(move |tx| tx.show_alive(us, dead_after)).await? {
        return Ok(());
    }
    begin_anew(chat, us).await
}

async fn look_around(chat: &Inner) -> Result<(), StorageError> {
    let (us, dead_after) = (chat.fleet.us(), chat.settings.dead_after);
    stop_the_unwanted(chat, us).await?;
    chat.db.write(move |tx| tx.bury_dead(us, dead_after)).await?;
    if interrupt_orphans(&chat.db, chat.clock.now()).await? {
        // Their conversations may have been deleted, and the rows may have waited for this.
        chat.deleted.notify_one();
    }
    Ok(())
}

/// The others have taken this server for dead. What it ran they have ended; it goes on under another name.
async fn begin_anew(chat: &Inner, buried: ServerId) -> Result<(), StorageError> {
    tracing::error!("another server has taken this one for dead; what it was running is interrupted");
    let now = chat.clock.now();
    let us = ServerId::new(now, &*chat.entropy);
    chat.db.write(move |tx| tx.join(us, now)).await?;
    chat.fleet.rename(us);
    chat.running.stop_of(buried);
    Ok(())
}

/// Stops what other servers were asked to stop or have deleted the conversation of, and ends what the database says is
/// run here and is not: its acceptance was committed, and the answer was lost on the way.
async fn stop_the_unwanted(chat: &Inner, us: ServerId) -> Result<(), StorageError> {
    for ours in chat.db.read(move |tx| tx.running_on(us)).await? {
        match chat.running.get(ours.generation) {
            Some(live) if ours.unwanted => live.stop(),
            Some(_) => {}
            None => interrupt(chat, ours.generation).await?,
        }
    }
    Ok(())
}

async fn interrupt(chat: &Inner, generation: GenerationId) -> Result<(), StorageError> {
    let now = chat.clock.now();
    if chat.db.write(move |tx| tx.interrupt(generation, now)).await? {
        tracing::warn!(%generation, "a reply was accepted and never begun, for the database was lost meanwhile");
    }
    Ok(())
}
