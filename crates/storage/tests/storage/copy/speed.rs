//! How fast a copy is.

use raconteur_domain::{Message, Outcome, Status, UserId};
use raconteur_storage::copy::{Checked, Work};
use raconteur_storage::{GenerationEnd, StorageError};

use super::{Kind, Way, begin};
use crate::world::World;

/// How much there is to be measured: a generation for every second message.
const MEASURED_MESSAGES: u64 = 100_000;

/// Not a test but a measurement (`just bench-copy`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures"]
#[allow(clippy::disallowed_methods, reason = "it measures")]
async fn how_fast_a_copy_is() {
    let Some(Way { source, target }) = Way::new(Kind::Sqlite, Kind::Postgres).await else { return };
    let ada = source.user("ada@example.org").await;
    let text = "About five hundred bytes of what people say. ".repeat(11);
    for _ in 0..MEASURED_MESSAGES / 1_000 {
        fill_conversation(&source, ada, &text).await;
    }
    let (from, _) = source.abandon();
    let mut copy = begin(&from, &target).unwrap();
    let rows: u64 = copy.extents().iter().map(|extent| extent.source).sum();
    // What is prepared for search are messages and conversations.
    let found: u64 = copy.extents().iter().take(3).skip(1).map(|extent| extent.source).sum();
    for (work, rows) in [(Work::Copying, rows), (Work::Checking, rows), (Work::Indexing, found)] {
        let begun = std::time::Instant::now();
        let mut done = 0;
        while done < rows {
            let step = copy.step().unwrap().expect("there is more");
            assert_eq!(step.work, work);
            done += step.rows;
        }
        let seconds = begun.elapsed().as_secs_f64();
        println!("{work:?}: {rows} rows in {seconds:.1} s, {:.0} rows a second", rows as f64 / seconds);
    }
    assert!(copy.finish().unwrap().iter().all(Checked::is_same));
}

/// A conversation of a thousand messages, every other one a reply.
async fn fill_conversation(world: &World, ada: UserId, text: &str) {
    let thread = world.conversation(ada, "Bronn").await;
    let mut messages = Vec::new();
    for depth in 0..1_000 {
        let message = world.message(ada, thread, None);
        messages.push(Message { depth, content: text.to_owned(), ..message });
    }
    let (server, text) = (world.server, text.to_owned());
    let runs: Vec<_> = messages.iter().skip(1).step_by(2).map(|message| world.run_of(message)).collect();
    let now = world.now();
    let end = move |id| GenerationEnd {
        id,
        status: Status::Complete,
        text: text.clone(),
        spoken_bytes: None,
        outcome: Outcome::default(),
        explanation: None,
        reasoning: None,
        prompt: None,
    };
    let filled = world.db.write(move |tx| {
        messages.iter().try_for_each(|message| tx.insert_message(message))?;
        for run in runs {
            tx.insert_generation(&run, server)?;
            assert!(tx.end_generation(&end(run.id), now)?);
        }
        Ok::<_, StorageError>(())
    });
    filled.await.unwrap();
}
