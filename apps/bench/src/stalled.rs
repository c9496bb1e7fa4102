//! What readers cost that stop reading, and whether the one who goes on notices.

use crate::client::Person;
use crate::clock::Stopwatch;
use crate::figures::{finished, report};
use crate::server::Server;
use crate::{Cli, FILE, Failure, upstream};

pub async fn measure(cli: &Cli, readers: usize) -> Result<(), Failure> {
    let clock = Stopwatch::start();
    let model = upstream::start(clock, cli.pace()).await?;
    let folder = tempfile::tempdir_in(&cli.folder)?;
    let server = Server::start(cli, model.address, folder.path(), FILE).await?;
    let person = Person::register(&server.base, "load").await?;
    for count in [0, readers] {
        let conversation = person.open_conversation().await?;
        let reply = tokio::spawn(person.clone().ask(conversation.clone(), clock));
        let generation = person.running_reply(&conversation).await?;
        let before = server.spent().map_or(0, |spent| spent.memory);
        let mut stalled = Vec::new();
        for _ in 0..count {
            stalled.push(person.stall(&generation).await?);
        }
        report(&format!("one stream, {count} readers that stall"), &finished(vec![reply.await]));
        let after = server.spent().map_or(0, |spent| spent.memory);
        println!("    server: {before} KiB of memory before they came, {after} KiB at the end of the reply");
    }
    server.stop().await?;
    Ok(())
}
