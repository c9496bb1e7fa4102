//! A backup is the database of one moment, and going back to it loses nothing of what came since.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use raconteur_domain::{ConversationId, UserId};
use raconteur_storage::backup::{BackupError, Progress, Restored, back_up, restore};
use raconteur_storage::{Db, OpenError, Pool};
use tempfile::TempDir;

use crate::copy::people::{fill, seen};
use crate::world::{Place, World};

/// A database in a folder that outlives whoever has it open.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> World {
        World::in_folder(self.0.path()).await
    }

    fn place(&self) -> Place {
        Place::Kept(self.0.path().to_owned())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.path("raconteur.db")
    }

    /// The names of all files, but for the lock.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.ends_with(".lock"));
        names.sort();
        names
    }
}

fn opened(place: &Place) -> Db {
    Db::open(&place.url().parse().unwrap(), Pool::default()).unwrap()
}

fn made(database: &Path, file: &Path) -> Vec<Progress> {
    let mut told = Vec::new();
    back_up(database, file, |progress| told.push(progress)).unwrap();
    told
}

async fn texts(world: &World, owner: UserId, thread: ConversationId) -> Vec<String> {
    let last = world.say(owner, thread, "the last").await;
    world.history(thread, last.id).await
}

/// On a database that holds one message.
async fn with_one_message(home: &Home) {
    let world = home.open().await;
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    world.say(ada, thread, "the first").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_everything() {
    let (home, other) = (Home::new(), Home::new());
    let world = home.open().await;
    let people = fill(&world).await;
    let told = made(&home.database(), &other.database());
    let size = fs::metadata(other.database()).unwrap().len();
    assert_eq!(told.last(), Some(&Progress { copied: size, bytes: size }));
    assert_eq!(other.files(), ["raconteur.db"]);
    assert_eq!(seen(&opened(&other.place()), &people).await, seen(&world.db, &people).await);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_its_owner_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let _world = home.open().await;
    made(&home.database(), &home.path("copy.db"));
    let mode = |name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("copy.db"), 0o600);
    fs::set_permissions(home.path("copy.db"), fs::Permissions::from_mode(0o644)).unwrap();
    restore(&home.path("copy.db"), &home.path("restored.db")).unwrap();
    assert_eq!(mode("restored.db"), 0o600, "nor what is made of one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_the_database_of_one_moment_whatever_is_written_meanwhile() {
    let (home, other) = (Home::new(), Home::new());
    let world = Arc::new(home.open().await);
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let long = |number: usize| format!("{number} {}", "blade ".repeat(2_000));
    world.say_all(ada, thread, &(0..100).map(long).collect::<Vec<_>>()).await;
    let (over, writing) = (Arc::new(AtomicBool::new(false)), Arc::clone(&world));
    let done = Arc::clone(&over);
    let writer = tokio::spawn(async move {
        for number in 100.. {
            if done.load(Ordering::Relaxed) {
                return number;
            }
            writing.say_all(ada, thread, &[long(number)]).await;
        }
        unreachable!()
    });
    let (from, to) = (home.database(), other.database());
    tokio::task::spawn_blocking(move || made(&from, &to)).await.unwrap();
    over.store(true, Ordering::Relaxed);
    let written = writer.await.unwrap();
    let count = usize::try_from(other.place().count(&["messages"])).unwrap();
    assert!((100..=written).contains(&count), "{count} of {written}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_already_is_left_alone() {
    let home = Home::new();
    let _world = home.open().await;
    fs::write(home.path("taken"), "mine").unwrap();
    let refused = back_up(&home.database(), &home.path("taken"), |_| {}).unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    assert_eq!(fs::read(home.path("taken")).unwrap(), b"mine");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_backup_left_is_in_nobodys_way() {
    let home = Home::new();
    with_one_message(&home).await;
    fs::write(home.path("copy.db.part"), vec![7; 1 << 20]).unwrap();
    made(&home.database(), &home.path("copy.db"));
    assert_eq!(home.files(), ["copy.db", "raconteur.db"]);
    restore(&home.path("copy.db"), &home.database()).unwrap();
}

#[test]
fn without_a_database_there_is_no_backup() {
    let home = Home::new();
    let refused = back_up(&home.database(), &home.path("copy.db"), |_| {}).unwrap_err();
    assert!(matches!(refused, BackupError::NoDatabase(_)), "{refused}");
    assert_eq!(home.files(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_back_finds_what_was_then_and_keeps_what_came_since() {
    let home = Home::new();
    let world = home.open().await;
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    world.say(ada, thread, "then").await;
    made(&home.database(), &home.path("copy.db"));
    world.say(ada, thread, "since").await;
    let (_, exile) = world.abandon();

    let kept = home.path("raconteur.db.before-restore-1");
    let restored = restore(&home.path("copy.db"), &home.database()).unwrap();
    assert_eq!(restored, Restored { before: Some(kept.clone()) });
    let world = exile.settle(home.place()).await;
    assert_eq!(texts(&world, ada, thread).await, ["the last", "then"]);
    let (_, exile) = world.abandon();
    let restored = restore(&kept, &home.database()).unwrap();
    assert_eq!(restored, Restored { before: Some(home.path("raconteur.db.before-restore-2")) });
    assert_eq!(texts(&exile.settle(home.place()).await, ada, thread).await, ["the last", "since", "then"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_can_be_gone_back_to_where_there_was_nothing() {
    let (home, empty) = (Home::new(), Home::new());
    let world = home.open().await;
    let people = fill(&world).await;
    made(&home.database(), &home.path("copy.db"));
    let database = empty.path("new/raconteur.db");
    assert_eq!(restore(&home.path("copy.db"), &database).unwrap(), Restored { before: None });
    let there = opened(&Place::Kept(empty.path("new")));
    assert_eq!(seen(&there, &people).await, seen(&world.db, &people).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_of_a_running_server_is_not_replaced() {
    let home = Home::new();
    let _world = home.open().await;
    made(&home.database(), &home.path("copy.db"));
    let refused = restore(&home.path("copy.db"), &home.database()).unwrap_err();
    assert!(matches!(refused, BackupError::Open(OpenError::InUse(_))), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_backup_is_refused_and_the_database_stays_as_it_is() {
    let home = Home::new();
    with_one_message(&home).await;
    made(&home.database(), &home.path("good.db"));
    let before = fs::read(home.database()).unwrap();
    let good = fs::read(home.path("good.db")).unwrap();
    let sqlite = |name: &str, statements: &str| {
        let path = home.path(name);
        SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statements).unwrap();
    };
    fs::write(home.path("text"), "Dear diary").unwrap();
    fs::write(home.path("empty"), "").unwrap();
    fs::write(home.path("half"), &good[..good.len() / 2]).unwrap();
    fs::write(home.path("newer"), &good).unwrap();
    sqlite("newer", "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    sqlite("other", "CREATE TABLE things (name TEXT)");
    for (name, why) in [
        ("text", "file is not a database"),
        ("empty", "it has other tables"),
        ("half", "malformed"),
        ("newer", "the database is newer than this program: it has the migration 9999"),
        ("other", "it has other tables"),
        ("missing", "not found"),
    ] {
        let refused = restore(&home.path(name), &home.database()).unwrap_err();
        assert!(refused.to_string().contains(why), "{name}: {refused}");
        assert_eq!(fs::read(home.database()).unwrap(), before, "{name}");
    }
    assert!(home.files().iter().all(|name| !name.contains("part")), "{:?}", home.files());
}
