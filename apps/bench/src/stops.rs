//! How long after a person asks for the end of a reply the model is left alone: where the server that is asked runs the
//! reply, and where another one does.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use crate::client::Person;
use crate::clock::Stopwatch;
use crate::figures::percentiles;
use crate::server::Server;
use crate::{Cli, Database, Failure, Place, upstream};

/// When to give up.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn measure(cli: &Cli, stops: usize) -> Result<(), Failure> {
    for on in &cli.on {
        let Some(place) = Place::new(*on) else { continue };
        let clock = Stopwatch::start();
        let mut model = upstream::start(clock, cli.pace()).await?;
        let folders = [tempfile::tempdir_in(&cli.folder)?, tempfile::tempdir_in(&cli.folder)?];
        let runs = Server::start(cli, model.address, folders[0].path(), &place.url()).await?;
        let person = Person::register(&runs.base, "load").await?;
        let times = stop_often(&person, &person, &mut model, clock, stops).await?;
        println!("{on:?}, {stops} times by the server that runs the reply: {}", percentiles(times));
        if matches!(on, Database::Postgres) {
            let other = Server::start(cli, model.address, folders[1].path(), &place.url()).await?;
            let times = stop_often(&person, &person.at(&other.base), &mut model, clock, stops).await?;
            println!("{on:?}, {stops} times by another one: {}", percentiles(times));
            other.stop().await?;
        }
        runs.stop().await?;
    }
    Ok(())
}

/// Microseconds from each stop that is sent until the model sees its request end.
async fn stop_often(
    person: &Person,
    stopping: &Person,
    model: &mut upstream::Model,
    clock: Stopwatch,
    stops: usize,
) -> Result<Vec<u64>, Failure> {
    let mut conversations = Vec::new();
    for _ in 0..stops {
        conversations.push(person.open_conversation().await?);
    }
    let replies: Vec<_> =
        conversations.iter().map(|id| tokio::spawn(person.clone().ask(id.clone(), clock))).collect();
    let mut times = Vec::new();
    for conversation in &conversations {
        let generation = person.running_reply(conversation).await?;
        // One after the other: the next request that ends is this one's.
        let sent = clock.micros();
        stopping.stop(&generation).await?;
        let ended = timeout(PATIENCE, model.abandoned.recv()).await?.ok_or("the model ended")?;
        times.push(ended.saturating_sub(sent));
    }
    join_all(replies).await;
    Ok(times)
}
