//! A database that is kept in memory alone.

use futures_util::future::join_all;
use raconteur_storage::{DatabaseUrl, Db, StorageError};

use crate::world::World;

async fn world() -> World {
    World::with_database(Db::in_memory().unwrap()).await
}

/// There is no write-ahead log in memory, so readers and the writer keep each other waiting; none may be refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_beside_the_writer_only_wait() {
    let world = world().await;
    let ada = world.user("ada@example.org").await;
    let thread = world.conversation(ada, "Bronn").await;
    let (generation, _) = world.begin_reply(ada, thread).await;
    let writes = join_all((0..200).map(|seq| world.try_append(generation, seq, &["word "])));
    let renames = join_all((0..200).map(|_| {
        let now = world.now();
        world.db.write(move |tx| tx.touch_conversation(thread, now))
    }));
    let reads = join_all((0..200).map(|_| {
        world.db.read(move |tx| {
            Ok::<_, StorageError>((tx.newest_messages(thread, 9)?, tx.anybodys_conversation(thread)?))
        })
    }));
    let (writes, renames, reads) = tokio::join!(writes, renames, reads);
    for result in writes.into_iter().chain(renames) {
        result.unwrap();
    }
    for read in reads {
        assert_eq!(read.unwrap().0.len(), 1);
    }
    let listed = world.db.read(move |tx| tx.newest_messages(thread, 9)).await.unwrap();
    assert_eq!(listed[0].content, "word ".repeat(200));
}

#[tokio::test]
async fn each_is_a_database_of_its_own_and_ready() {
    let (one, other) = (world().await, world().await);
    let ada = one.user("ada@example.org").await;
    let thread = one.conversation(ada, "Bronn").await;
    assert!(one.db.is_ready().await.unwrap());
    assert!(one.db.read(move |tx| tx.anybodys_conversation(thread)).await.unwrap().is_some());
    assert_eq!(other.db.read(move |tx| tx.anybodys_conversation(thread)).await.unwrap(), None);
}

#[test]
fn no_setting_can_name_one() {
    for url in
        ["sqlite://file:/raconteur-0?vfs=memdb", "sqlite:///raconteur-0?vfs=memdb", "sqlite://:memory:"]
    {
        assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
    }
}
