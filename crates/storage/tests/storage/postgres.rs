//! What Postgres alone has: many servers at once, connections that break, databases that others set up.

use std::thread;

use crate::world::{SILENCE, World};
use raconteur_domain::{EmailAddress, Status};
use raconteur_storage::testing::{TestDatabase, TestSchema};
use raconteur_storage::{DatabaseUrl, Db, OpenError, Pool, StorageError, WriteTx};
use tokio::runtime::Handle;

const POOL: Pool = Pool { connections: 2 };

#[tokio::test]
async fn servers_that_start_at_once_migrate_once() {
    let Some(schema) = TestSchema::create() else { return };
    let url: DatabaseUrl = schema.url().parse().unwrap();
    let start = || {
        let (url, runtime) = (url.clone(), Handle::current());
        thread::spawn(move || {
            let _inside = runtime.enter();
            Db::open(&url, POOL)
        })
    };
    let servers: Vec<_> = (0..8).map(|_| start()).collect();
    for server in servers {
        let db = server.join().unwrap().unwrap();
        assert!(db.is_ready().await.unwrap());
    }
}

#[tokio::test]
async fn a_database_that_a_newer_version_has_migrated_is_refused() {
    let Some(schema) = TestSchema::create() else { return };
    let url: DatabaseUrl = schema.url().parse().unwrap();
    drop(Db::open(&url, POOL).unwrap());
    schema.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    let refused = Db::open(&url, POOL).err().unwrap();
    assert!(matches!(&refused, OpenError::Newer(version) if version == "9999"), "{refused}");
}

#[tokio::test]
async fn a_server_that_shows_itself_is_not_buried() {
    let Some(world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    let (server, other) = (world.server, world.another_server().await);
    world.only_seen(other);
    assert!(world.db.write(move |tx| tx.show_alive(server, SILENCE)).await.unwrap());
    assert_eq!(world.bury_dead(other).await, 0);
    world.append(generation, 0, &["Aye"]).await;
}

#[tokio::test]
async fn a_server_that_has_not_been_seen_itself_buries_nobody() {
    let Some(world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    world.begin_reply(ada, thread).await;
    let other = world.another_server().await;
    // The database was away for everybody; the first one that is back has to let the others come back, too.
    world.schema().execute("UPDATE servers SET seen_since = 0, seen_at = 0");
    assert_eq!(world.bury_dead(other).await, 0);
    assert!(world.db.write(move |tx| tx.show_alive(other, SILENCE)).await.unwrap());
    assert_eq!(world.bury_dead(other).await, 0);
}

#[tokio::test]
async fn a_server_that_was_buried_alive_can_add_nothing() {
    let Some(world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, reply) = world.begin_reply(ada, thread).await;
    world.append(generation, 0, &["Aye"]).await;
    let other = world.another_server().await;
    world.only_seen(other);
    assert_eq!(world.bury_dead(other).await, 1);

    let late = world.try_append(generation, 1, &[", coin"]).await;
    assert!(matches!(late, Err(StorageError::TakenOver)), "{late:?}");
    let server = world.server;
    let held = world.db.write(move |tx| tx.hold_on(server)).await;
    assert!(matches!(held, Err(StorageError::TakenOver)), "{held:?}");
    assert!(!world.db.write(move |tx| tx.show_alive(server, SILENCE)).await.unwrap());
    assert!(!world.end(generation, Status::Complete, "Aye, coin").await);
    let message = world.db.read(move |tx| tx.message(reply)).await.unwrap().unwrap();
    assert_eq!((message.content.as_str(), message.status), ("Aye", Status::Interrupted));
}

#[tokio::test]
async fn whoever_is_writing_is_not_buried() {
    let Some(world) = World::on_postgres().await else { return };
    let other = world.another_server().await;
    world.only_seen(other);
    let writing =
        world.schema().begin(&format!("SELECT FROM servers WHERE id = '{}' FOR KEY SHARE", world.server));
    world.bury_dead(other).await;
    drop(writing);
    let server = world.server;
    world.db.write(move |tx| tx.hold_on(server)).await.unwrap();
    world.bury_dead(other).await;
    let held = world.db.write(move |tx| tx.hold_on(server)).await;
    assert!(matches!(held, Err(StorageError::TakenOver)), "{held:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_being_buried_waits_and_then_can_write_nothing() {
    let Some(world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    let burial = world.schema().begin(&format!("DELETE FROM servers WHERE id = '{}'", world.server));
    let append = world.try_append(generation, 0, &["Aye"]);
    let burial = async {
        let waits = "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = current_setting('application_name') \
                     AND wait_event_type = 'Lock')";
        while !world.schema().holds(waits) {
            tokio::task::yield_now().await;
        }
        burial.commit();
    };
    let (appended, ()) = tokio::join!(append, burial);
    assert!(matches!(appended, Err(StorageError::TakenOver)), "{appended:?}");
}

#[tokio::test]
async fn a_server_that_can_only_be_read_is_not_used() {
    let Some(database) = TestDatabase::create("ENCODING 'UTF8'") else { return };
    let db = Db::open(&database.url().parse().unwrap(), POOL).unwrap();
    let world = World::with_database(db).await;
    // As a primary whose place another has taken. A connection that is just being made escapes the first time.
    let refused = loop {
        database.read_only(true);
        if let Err(error) = world.db.is_ready().await {
            break error;
        }
    };
    assert!(refused.is_transient(), "{refused:?}");
    database.read_only(false);
    assert!(world.db.is_ready().await.unwrap());
    assert!(world.try_user("ada@example.org").await);
}

#[tokio::test]
async fn the_replies_of_the_living_go_on_when_a_dead_server_is_buried() {
    let Some(mut world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (of_the_dead, _) = world.begin_reply(ada, thread).await;
    let dead = world.server;
    world.server = world.another_server().await;
    let (of_the_living, _) = world.begin_reply(ada, thread).await;
    world.only_seen(world.server);
    assert_eq!(world.bury_dead(world.server).await, 1);

    let status = |generation| world.db.read(move |tx| tx.generation(ada, generation));
    assert_eq!(status(of_the_dead).await.unwrap().unwrap().status, Status::Interrupted);
    assert_eq!(status(of_the_living).await.unwrap().unwrap().status, Status::Running);
    let server = world.server;
    let running = world.db.read(move |tx| tx.running_on(server)).await.unwrap();
    assert_eq!(running.iter().map(|ours| ours.generation).collect::<Vec<_>>(), [of_the_living]);
    assert_eq!(world.db.read(move |tx| tx.running_on(dead)).await.unwrap(), []);
}

#[tokio::test]
async fn broken_connections_are_replaced() {
    let Some(world) = World::on_postgres().await else { return };
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    world.schema().cut_connections();

    // The writer finds out by trying; then nothing was written, and trying again is right.
    let broken = world.try_append(generation, 0, &["Aye"]).await.unwrap_err();
    assert!(broken.is_transient(), "{broken:?}");
    world.append(generation, 0, &["Aye"]).await;
    world.say(ada, thread, "the pool notices by itself").await;
    assert!(world.db.is_ready().await.unwrap());
}

#[tokio::test]
async fn text_is_compared_byte_by_byte_whatever_the_locale() {
    let Some(schema) = TestSchema::create() else { return };
    drop(Db::open(&schema.url().parse().unwrap(), POOL).unwrap());
    schema.execute(
        "DO $$ DECLARE found text; BEGIN \
         SELECT string_agg(table_name || '.' || column_name, ', ') INTO found FROM information_schema.columns \
         WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'; \
         IF found IS NOT NULL THEN RAISE EXCEPTION 'columns in the locale of the database: %', found; END IF; \
         END $$",
    );
}

#[tokio::test]
async fn folding_is_the_same_in_a_database_of_the_c_locale() {
    let Some(database) = TestDatabase::create("ENCODING 'UTF8' LOCALE 'C'") else { return };
    let db = Db::open(&database.url().parse().unwrap(), POOL).unwrap();
    let world = World::with_database(db).await;
    assert!(world.try_user("\u{c9}clair@example.org").await);
    assert!(!world.try_user("\u{e9}CLAIR@EXAMPLE.org").await, "the same address in another spelling");
    let key = EmailAddress::lookup_key("\u{c9}CLAIR@example.org");
    let found = world.db.read(move |tx| tx.credentials(&key)).await.unwrap().unwrap();
    assert_eq!(found.user.email, "\u{c9}clair@example.org");
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let Some(database) = TestDatabase::create("ENCODING 'SQL_ASCII' LOCALE 'C'") else { return };
    let refused = Db::open(&database.url().parse().unwrap(), POOL).err().unwrap();
    assert!(refused.to_string().contains("ENCODING 'UTF8'"), "{refused}");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_said_so_without_the_password() {
    let url: DatabaseUrl = "postgres://me:secret@127.0.0.1:1/none".parse().unwrap();
    let refused = Db::open(&url, POOL).err().unwrap();
    assert!(matches!(refused, OpenError::Connection(_)), "{refused}");
    assert!(!refused.to_string().contains("secret"), "{refused}");
}

#[tokio::test]
async fn servers_on_one_database_hear_each_other() {
    let Some(schema) = TestSchema::create() else { return };
    let open = || Db::open(&schema.url().parse().unwrap(), POOL).unwrap();
    let (speaker, listener) = (open(), open());
    // It is woken once when it begins to listen.
    listener.nudged().await;
    for _ in 0..3 {
        speaker.write(|tx: &mut WriteTx<'_>| tx.nudge()).await.unwrap();
        listener.nudged().await;
    }
}

#[tokio::test]
async fn a_listener_that_was_cut_off_is_woken_when_it_hears_again() {
    let Some(schema) = TestSchema::create() else { return };
    let db = Db::open(&schema.url().parse().unwrap(), POOL).unwrap();
    db.nudged().await;
    schema.cut_connections();
    db.nudged().await;
}
