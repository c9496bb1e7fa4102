//! A copy has everything that its source has, or says what it lacks.

pub mod people;
mod speed;

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use raconteur_domain::{Message, MessageId, Status};
use raconteur_storage::copy::{Beginning, Checked, Copy, CopyError, Work};
use raconteur_storage::testing::TestSchema;
use raconteur_storage::{DatabaseUrl, Db, OpenError, Pool, StorageError};

use crate::world::{Place, World};
use people::{ODD, People, fill, seen};

/// A source with people in it, and an empty target.
struct Way {
    source: World,
    target: Place,
}

#[derive(Clone, Copy)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Way {
    /// `None` where the test is skipped, for want of a server.
    async fn new(from: Kind, to: Kind) -> Option<Self> {
        let source = match from {
            Kind::Sqlite => World::on_sqlite().await,
            Kind::Postgres => World::on_postgres().await?,
        };
        let target = match to {
            Kind::Sqlite => Place::folder(),
            Kind::Postgres => Place::Schema(TestSchema::create()?),
        };
        Some(Self { source, target })
    }
}

macro_rules! each_way {
    ($($way:ident from $from:ident to $to:ident: $($name:ident)*;)*) => {
        $(mod $way {
            use super::{Kind, Way};
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(way) = Way::new(Kind::$from, Kind::$to).await {
                        super::$name(way).await;
                    }
                }
            )*
        })*
    };
}

each_way! {
    sqlite_to_postgres from Sqlite to Postgres:
        everything_arrives_as_it_was
        whoever_starts_on_the_copy_goes_on_where_the_source_was
        a_reply_that_was_running_keeps_the_text_that_was_durable
        stopped_after_every_step_it_goes_on_where_it_was
        once_more_is_harmless
        no_server_starts_on_a_copy_that_is_not_finished
        what_differs_is_found
        a_target_with_data_of_its_own_is_refused
        a_target_of_another_program_is_refused
        an_unfinished_copy_of_something_else_is_refused
        a_source_that_has_gone_on_since_is_refused
        nothing_is_made_for_a_source_that_is_no_database_of_ours;
    postgres_to_sqlite from Postgres to Sqlite:
        everything_arrives_as_it_was
        whoever_starts_on_the_copy_goes_on_where_the_source_was
        a_reply_that_was_running_keeps_the_text_that_was_durable
        stopped_after_every_step_it_goes_on_where_it_was
        once_more_is_harmless
        no_server_starts_on_a_copy_that_is_not_finished
        what_differs_is_found
        a_target_with_data_of_its_own_is_refused
        a_target_of_another_program_is_refused
        an_unfinished_copy_of_something_else_is_refused
        a_source_that_has_gone_on_since_is_refused
        nothing_is_made_for_a_source_that_is_no_database_of_ours;
    sqlite_to_sqlite from Sqlite to Sqlite:
        everything_arrives_as_it_was
        whoever_starts_on_the_copy_goes_on_where_the_source_was;
    postgres_to_postgres from Postgres to Postgres:
        everything_arrives_as_it_was
        whoever_starts_on_the_copy_goes_on_where_the_source_was;
}

fn url(place: &Place) -> DatabaseUrl {
    place.url().parse().unwrap()
}

fn begin(from: &Place, to: &Place) -> Result<Copy, CopyError> {
    Copy::begin(&url(from), &url(to), Duration::ZERO)
}

fn copy(from: &Place, to: &Place) -> Vec<Checked> {
    begin(from, to).unwrap().finish().unwrap()
}

fn refusal(from: &Place, to: &Place) -> CopyError {
    begin(from, to).err().unwrap()
}

fn open(place: &Place) -> Result<Db, OpenError> {
    Db::open(&url(place), Pool { connections: 2 })
}

async fn everything_arrives_as_it_was(Way { source, target }: Way) {
    let people = fill(&source).await;
    // More text than is handled at a time.
    let long = "as long as a reply may become ".repeat(90_000);
    for _ in 0..2 {
        let (generation, _) = source.begin_reply(people.ada, people.thread).await;
        assert!(source.end(generation, Status::Complete, &long).await);
    }
    let before = seen(&source.db, &people).await;
    assert!(before.contains("password_hash: Some(") && before.contains("another way"), "{before}");
    let (from, _) = source.abandon();
    from.tamper("UPDATE users SET password_hash = NULL WHERE email_key = 'ben@example.org'");

    let copy = begin(&from, &target).unwrap();
    assert_eq!(copy.beginning(), Beginning::Empty);
    let checked = copy.finish().unwrap();
    let rows: Vec<_> = checked.iter().map(|checked| (checked.table, checked.rows)).collect();
    assert_eq!(
        rows,
        [
            ("users", (2, 2)),
            ("personas", (1, 1)),
            ("sessions", (2, 2)),
            ("conversations", (2, 2)),
            ("messages", (16, 16)),
            ("generations", (4, 4)),
            ("chunks", (2, 2)),
            ("idempotency_keys", (1, 1)),
        ]
    );
    for checked in &checked {
        assert!(checked.is_same() && checked.checksums.0.len() == 64, "{checked:?}");
    }
    let (here, there) =
        (seen(&open(&from).unwrap(), &people).await, seen(&open(&target).unwrap(), &people).await);
    assert!(here.contains("password_hash: None"), "{here}");
    assert_eq!(here, there);
}

async fn whoever_starts_on_the_copy_goes_on_where_the_source_was(Way { source, target }: Way) {
    let people = fill(&source).await;
    let (from, exile) = source.abandon();
    copy(&from, &target);

    let world = exile.settle(target).await;
    let (ada, quoted) = (people.ada, ODD[2]);
    let found = world.db.read(move |tx| tx.search_messages(ada, quoted, 9)).await.unwrap();
    assert_eq!(found.len(), 1, "what was copied can be searched");
    let said = world.say(people.ada, people.thread, "Where were we?").await;
    let (generation, _) = world.begin_reply(people.ada, people.thread).await;
    world.append(generation, 0, &["Here."]).await;
    assert!(world.end(generation, Status::Complete, "Here.").await);
    let history = world.history(people.thread, said.id).await;
    assert_eq!(history.len(), ODD.len() + 4);
    assert_eq!(&history[..2], ["Where were we?", "Aye, 🪙 Hells."]);
    world.conversation(people.ada, "Bronn").await;
}

async fn a_reply_that_was_running_keeps_the_text_that_was_durable(Way { source, target }: Way) {
    let people = fill(&source).await;
    let (first, reply) = source.begin_reply(people.ada, people.thread).await;
    let (second, empty) = source.begin_reply(people.ada, people.thread).await;
    for (seq, piece) in ["Gold", " first", ", then"].iter().enumerate() {
        source.append(first, seq as u64, &[piece]).await;
    }
    let (from, exile) = source.abandon();
    assert!(copy(&from, &target).iter().all(Checked::is_same));

    let world = exile.settle(target).await;
    let found = world.db.read(move |tx| Ok::<_, StorageError>((tx.message(reply)?, tx.message(empty)?)));
    let (reply, empty) = found.await.unwrap();
    let shown = |message: Option<Message>| message.map(|message| (message.content, message.status)).unwrap();
    assert_eq!(shown(reply), ("Gold first, then".to_owned(), Status::Interrupted));
    assert_eq!(shown(empty), (String::new(), Status::Interrupted));
    for generation in [first, second] {
        let run = world.db.read(move |tx| tx.generation(people.ada, generation)).await.unwrap().unwrap();
        assert_eq!(run.outcome.error_code.as_deref(), Some("interrupted"));
    }
    // The source is as it was: whoever starts there finds the reply still to be ended.
    let left = open(&from).unwrap();
    let run = left.read(move |tx| tx.generation(people.ada, first)).await.unwrap().unwrap();
    assert_eq!(run.status, Status::Running);
}

/// Enough messages for three steps.
async fn fill_for_many_steps(world: &World) -> People {
    let mut people = fill(world).await;
    let template = world.message(people.ada, people.thread, None);
    let more: Vec<Message> = (0..1_200)
        .map(|_| Message { active: false, ..world.message(people.ada, people.thread, Some(&template)) })
        .collect();
    people.messages.extend(more.iter().map(|message| message.id));
    world.db.write(move |tx| more.iter().try_for_each(|one| tx.insert_message(one))).await.unwrap();
    people
}

/// The tables of the steps that a copy takes, and which of them copied.
fn steps(mut copy: Copy) -> Vec<(Work, &'static str, u64)> {
    let mut steps = Vec::new();
    while let Some(step) = copy.step().unwrap() {
        steps.push((step.work, step.table, step.rows));
    }
    copy.finish().unwrap();
    steps
}

async fn stopped_after_every_step_it_goes_on_where_it_was(Way { source, target }: Way) {
    fill_for_many_steps(&source).await;
    let (from, _) = source.abandon();
    let mut taken = Vec::new();
    loop {
        let mut copy = begin(&from, &target).unwrap();
        assert_eq!(copy.beginning() == Beginning::Empty, taken.is_empty());
        match copy.step().unwrap() {
            Some(step) if step.work == Work::Copying => taken.push((step.table, step.rows)),
            _ => break,
        }
    }
    assert_eq!(
        taken,
        [
            ("users", 2),
            ("personas", 1),
            ("sessions", 2),
            ("conversations", 2),
            ("messages", 500),
            ("messages", 500),
            ("messages", 214),
            ("generations", 2),
            ("chunks", 2),
            ("idempotency_keys", 1),
        ]
    );
    let copy = begin(&from, &target).unwrap();
    assert_eq!(copy.beginning(), Beginning::Unfinished);
    assert!(copy.extents().iter().all(|extent| extent.source == extent.target));
    assert!(copy.finish().unwrap().iter().all(Checked::is_same));
    open(&target).unwrap();
}

async fn once_more_is_harmless(Way { source, target }: Way) {
    fill(&source).await;
    let (from, _) = source.abandon();
    let first = copy(&from, &target);
    let again = begin(&from, &target).unwrap();
    assert_eq!(again.beginning(), Beginning::Finished);
    assert!(steps(again).iter().all(|(work, ..)| *work == Work::Checking), "nothing is written");
    assert_eq!(copy(&from, &target), first);
    open(&target).unwrap();
}

async fn no_server_starts_on_a_copy_that_is_not_finished(Way { source, target }: Way) {
    fill(&source).await;
    let (from, _) = source.abandon();
    let mut copy = begin(&from, &target).unwrap();
    copy.step().unwrap();
    drop(copy);
    let refused = open(&target).err().unwrap();
    assert!(matches!(&refused, OpenError::UnfinishedCopy(of) if *of == url(&from).describe()), "{refused}");
    assert!(refused.to_string().contains("raconteur copy"), "{refused}");
    let refused = refusal(&target, &Place::folder());
    assert!(refused.to_string().starts_with("--from: a copy of "), "nor is it copied on: {refused}");
}

async fn what_differs_is_found(Way { source, target }: Way) {
    let people = fill_for_many_steps(&source).await;
    let (from, _) = source.abandon();
    let mut unfinished = begin(&from, &target).unwrap();
    while unfinished.step().unwrap().is_some_and(|step| step.work == Work::Copying) {}
    drop(unfinished);

    let all = people.messages.len() as u64;
    for (change, back, key) in [
        ("content = 'x' WHERE key = 700", "content = '' WHERE key = 700", 700),
        ("meta = '' WHERE key = 701", "meta = NULL WHERE key = 701", 701),
        ("depth = depth + 99 WHERE key IN (11, 900)", "depth = depth - 99 WHERE key IN (11, 900)", 11),
    ] {
        target.tamper(&format!("UPDATE messages SET {change}"));
        assert_wrong(&copy(&from, &target), people.messages[key - 1], (all, all));
        assert!(open(&target).is_err(), "nobody starts on what is not right");
        target.tamper(&format!("UPDATE messages SET {back}"));
    }
    target.tamper("DELETE FROM messages WHERE key = 601");
    assert_wrong(&copy(&from, &target), people.messages[600], (all, all - 1));
}

/// The messages differ from this one on, and nothing else does.
fn assert_wrong(checked: &[Checked], first: MessageId, rows: (u64, u64)) {
    let wrong: Vec<_> = checked.iter().filter(|checked| !checked.is_same()).collect();
    let [wrong] = wrong[..] else { panic!("one table differs, and not {wrong:?}") };
    assert_eq!((wrong.table, wrong.rows), ("messages", rows));
    assert_ne!(wrong.checksums.0, wrong.checksums.1);
    assert_eq!(wrong.difference, Some(format!("id {first}")));
}

async fn a_target_with_data_of_its_own_is_refused(Way { source, target }: Way) {
    fill(&source).await;
    let (from, exile) = source.abandon();
    let other = exile.settle(target).await;
    let eve = other.user("eve@example.org").await;
    let (target, _) = other.abandon();
    let refused = refusal(&from, &target);
    let row = format!("id {eve}");
    assert!(matches!(&refused, CopyError::Occupied { row: found, .. } if *found == row), "{refused}");
    assert!(refused.to_string().contains("give a database that is empty"), "{refused}");
    let db = open(&target).unwrap();
    assert!(db.read(|tx| tx.credentials("ben@example.org")).await.unwrap().is_none(), "nothing was written");
}

async fn a_target_of_another_program_is_refused(Way { source, target }: Way) {
    let (from, _) = source.abandon();
    target.tamper("CREATE TABLE users_of_theirs (name TEXT)");
    let refused = refusal(&from, &target);
    assert!(matches!(refused, CopyError::NotOurs(_)), "{refused}");
}

async fn an_unfinished_copy_of_something_else_is_refused(Way { source, target }: Way) {
    fill(&source).await;
    let (from, exile) = source.abandon();
    begin(&from, &target).unwrap().step().unwrap();
    let other = exile.settle(Place::folder()).await;
    other.user("eve@example.org").await;
    let (other, _) = other.abandon();
    let refused = refusal(&other, &target);
    let of = url(&from).describe();
    assert!(matches!(&refused, CopyError::Elsewhere { of: found, .. } if *found == of), "{refused}");
    assert!(copy(&from, &target).iter().all(Checked::is_same), "the first one may still go on");
}

async fn a_source_that_has_gone_on_since_is_refused(Way { source, target }: Way) {
    fill(&source).await;
    let (from, _) = source.abandon();
    let mut copy = begin(&from, &target).unwrap();
    while copy.step().unwrap().is_some_and(|step| step.table != "messages") {}
    drop(copy);
    from.tamper("UPDATE messages SET content = 'edited'");
    let refused = refusal(&from, &target);
    assert!(matches!(refused, CopyError::Elsewhere { table: "messages", .. }), "{refused}");
}

async fn nothing_is_made_for_a_source_that_is_no_database_of_ours(Way { source, target }: Way) {
    let (place, _) = source.abandon();
    match &place {
        Place::Schema(schema) => {
            schema.execute(
                "DROP TABLE chunks, generations, messages, conversations, personas, sessions, users, servers",
            );
        }
        Place::Folder(folder) => {
            let path = folder.path().join("somebody-elses.db");
            let mut theirs = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            theirs.batch_execute("CREATE TABLE users (name TEXT)").unwrap();
            std::fs::rename(path, folder.path().join("raconteur.db")).unwrap();
            std::fs::remove_file(folder.path().join("raconteur.db-wal")).ok();
        }
        Place::Kept(_) | Place::Elsewhere => {}
    }
    let refused = refusal(&place, &target);
    assert!(matches!(refused, CopyError::Foreign(_)), "{refused}");
    if let Place::Folder(folder) = &target {
        assert!(!folder.path().join("raconteur.db").exists());
    }
}

#[tokio::test]
async fn nothing_is_made_for_a_file_that_is_not_there() {
    let (from, to) = (Place::folder(), Place::folder());
    let refused = refusal(&from, &to);
    assert!(matches!(&refused, CopyError::Missing(_)), "{refused}");
    for place in [from, to] {
        let Place::Folder(folder) = place else { panic!("these are folders") };
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_file_is_not_copied_onto_itself_however_it_is_called() {
    let (place, _) = World::on_sqlite().await.abandon();
    let Place::Folder(folder) = &place else { panic!("it is a folder") };
    let another_name =
        folder.path().join("../").join(folder.path().file_name().unwrap()).join("raconteur.db");
    let to = format!("sqlite://{}", another_name.display()).parse().unwrap();
    let refused = Copy::begin(&url(&place), &to, Duration::ZERO).err().unwrap();
    assert!(matches!(refused, CopyError::Same), "{refused}");
    assert!(Path::new(&another_name).exists());
}

#[tokio::test]
async fn a_postgres_database_is_not_copied_onto_itself_however_it_is_called() {
    let Some(world) = World::on_postgres().await else { return };
    let (place, _) = world.abandon();
    let to = format!("{}&connect_timeout=9", place.url()).parse().unwrap();
    let refused = Copy::begin(&url(&place), &to, Duration::ZERO).err().unwrap();
    assert!(matches!(refused, CopyError::Same), "{refused}");
}

#[tokio::test]
async fn a_file_on_which_a_server_runs_is_refused_on_either_side() {
    let (place, _) = World::on_sqlite().await.abandon();
    let running = open(&place).unwrap();
    let (other, _) = World::on_sqlite().await.abandon();
    for (from, to, side) in [(&place, &other, "--from: "), (&other, &place, "--to: ")] {
        let refused = refusal(from, to);
        assert!(matches!(refused, CopyError::InUse { .. }), "{refused}");
        assert!(refused.to_string().starts_with(side) && refused.to_string().contains("stop"), "{refused}");
    }
    drop(running);
}

#[tokio::test]
async fn a_postgres_database_on_which_a_server_runs_is_refused_on_either_side() {
    let Some(world) = World::on_postgres().await else { return };
    let (place, _) = world.abandon();
    let (other, _) = World::on_sqlite().await.abandon();
    for (from, to, side) in [(&place, &other, "--from: "), (&other, &place, "--to: ")] {
        let refused = Copy::begin(&url(from), &url(to), Duration::from_secs(3_600)).err().unwrap();
        assert!(matches!(refused, CopyError::Served { patience: 3_600, .. }), "{refused}");
        assert!(refused.to_string().starts_with(side), "{refused}");
    }
}

#[tokio::test]
async fn no_server_joins_a_postgres_database_while_it_is_copied() {
    let Some(world) = World::on_postgres().await else { return };
    let (from, _) = world.abandon();
    let to = Place::folder();
    let copy = begin(&from, &to).unwrap();
    from.tamper(
        "DO $$ BEGIN SET LOCAL lock_timeout = '10ms'; INSERT INTO servers VALUES ('late', 0); \
         RAISE 'it could join'; EXCEPTION WHEN lock_not_available THEN NULL; END $$",
    );
    drop(copy);
}

#[tokio::test]
async fn two_copies_do_not_go_to_the_same_place() {
    let Some(schema) = TestSchema::create() else { return };
    let (from, _) = World::on_sqlite().await.abandon();
    let (other, _) = World::on_sqlite().await.abandon();
    let to = Place::Schema(schema);
    let first = begin(&from, &to).unwrap();
    let refused = refusal(&other, &to);
    assert!(matches!(refused, CopyError::Busy(_)), "{refused}");
    drop(first);
}

#[tokio::test]
async fn a_target_that_cannot_be_reached_is_said_so_without_the_password() {
    let (from, _) = World::on_sqlite().await.abandon();
    let to = "postgres://me:secret@127.0.0.1:1/none".parse().unwrap();
    let refused = Copy::begin(&url(&from), &to, Duration::ZERO).err().unwrap().to_string();
    assert!(refused.starts_with("--to: ") && !refused.contains("secret"), "{refused}");
}
