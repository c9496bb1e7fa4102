//! A fake upstream for load runs: thousands of paced streams at little cost, all of them alike.

use std::time::Duration;

use clap::Parser;
use raconteur_fake_upstream::{FakeUpstream, Script};

/// Answers every request on 127.0.0.1 with a stream of numbered words at a steady pace.
#[derive(Parser)]
#[command(name = "fake-upstream")]
struct Options {
    /// Port to listen on; 0 for any.
    #[arg(long, default_value_t = 9999)]
    port: u16,
    /// Tokens of every reply.
    #[arg(long, default_value_t = 200)]
    tokens: u32,
    /// Tokens a second of every stream; 0 for as fast as the client reads.
    #[arg(long, default_value_t = 20)]
    rate: u32,
    /// Milliseconds from the request to the first token, besides the pace.
    #[arg(long, default_value_t = 0)]
    first_token_ms: u64,
}

impl Options {
    fn script(&self) -> Script {
        let words = (1..=self.tokens).map(|number| format!("word{number} "));
        let script = Script::reply(words).wait_after(0, Duration::from_millis(self.first_token_ms));
        if self.rate == 0 { script } else { script.pace(Duration::from_secs(1) / self.rate) }
    }
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "a program that a person starts by hand")]
async fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let upstream = FakeUpstream::start_for_load(options.port, &options.script()).await?;
    println!("{}", upstream.base_url());
    std::future::pending().await
}
