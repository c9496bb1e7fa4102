//! How long a start takes on an existing database, and how much memory an idle server has.

use std::time::Duration;

use crate::clock::Stopwatch;
use crate::server::Server;
use crate::{Cli, FILE, Failure};

/// How long a server has been left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(1);

pub async fn measure(cli: &Cli, starts: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(&cli.folder)?;
    let nobody = ([127, 0, 0, 1], 9).into();
    // The first one makes the database.
    Server::start(cli, nobody, folder.path(), FILE).await?.stop().await?;
    for _ in 0..starts {
        let watch = Stopwatch::start();
        let server = Server::start(cli, nobody, folder.path(), FILE).await?;
        let millis = watch.elapsed().as_secs_f64() * 1e3;
        tokio::time::sleep(IDLE).await;
        let kib = server.spent().map_or(0, |spent| spent.memory);
        server.stop().await?;
        println!("listening after {millis:.1} ms; idle with {kib} KiB of memory");
    }
    Ok(())
}
