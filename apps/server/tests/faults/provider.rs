//! Providers that misbehave, and the servers in front of them.

use std::collections::HashMap;
use std::sync::Mutex;

use futures_util::future::join_all;
use raconteur_fake_upstream::{FakeUpstream, Request, Script, nobody_listens};

use crate::rows::{Fault, Provider};
use crate::support::{Client, Database, TestApp};

/// The key that the provider is asked with.
pub const KEY: &str = "sk-of-the-operator";

/// What a provider's words begin with.
pub const SAYS: &str = "the provider says";

/// A host that has no address.
pub const NO_HOST: &str = "no-such-host.invalid";

/// One server for each kind of provider, shared by all that is to be seen with it.
pub struct Servers(Vec<(Provider, Behind)>);

/// A server, and somebody who uses it.
pub struct Behind {
    app: TestApp,
    person: Client,
    /// A provider that speaks plain text where TLS is wanted.
    _plain: FakeUpstream,
}

impl Servers {
    pub async fn start(on: Database, rows: &[Fault]) -> Self {
        let kinds = [
            Provider::Listens,
            Provider::IsNotWaitedFor,
            Provider::Refuses,
            Provider::HasNoHost,
            Provider::HasNoTls,
        ];
        Self(join_all(kinds.map(async |kind| (kind, Behind::start(on, kind, rows).await))).await)
    }

    /// Where a fault is to be seen.
    pub fn of(&self, row: &Fault) -> (&Behind, &Client) {
        let (_, behind) = self.0.iter().find(|(kind, _)| *kind == row.provider).unwrap();
        (behind, &behind.person)
    }
}

impl Behind {
    async fn start(on: Database, kind: Provider, rows: &[Fault]) -> Self {
        let key = ("OPENAI_API_KEY", KEY);
        let at = async |address: &str| TestApp::with(on, &[key, ("OPENAI_BASE_URL", address)]).await;
        let plain = FakeUpstream::start().await;
        let app = match kind {
            Provider::Listens => TestApp::with(on, &[key]).await,
            Provider::IsNotWaitedFor => {
                let short = [("MODEL_FIRST_TOKEN_TIMEOUT", "1s"), ("MODEL_SILENCE_TIMEOUT", "1s")];
                TestApp::with(on, &[&[key], short.as_slice()].concat()).await
            }
            Provider::Refuses => at(&nobody_listens().await.unwrap()).await,
            Provider::HasNoHost => at(&format!("http://{NO_HOST}/v1")).await,
            Provider::HasNoTls => at(&plain.base_url().replace("http:", "https:")).await,
        };
        misbehave(&app.model, rows);
        let person = app.register("ada@example.org").await;
        Self { app, person, _plain: plain }
    }

    /// How often the provider was asked. Nobody counts where nobody listens.
    pub fn asked(&self, row: &Fault) -> Option<usize> {
        let listens = matches!(row.provider, Provider::Listens | Provider::IsNotWaitedFor);
        listens
            .then(|| self.app.model.requests().iter().filter(|request| prompt(request) == row.name).count())
    }
}

/// Answers each fault's prompt with its scripts one after the other, the last one again and again, and any other prompt
/// well.
fn misbehave(model: &FakeUpstream, rows: &[Fault]) {
    let scripts: HashMap<&str, Vec<Script>> =
        rows.iter().map(|row| (row.name, row.scripts.clone())).collect();
    let asked: Mutex<HashMap<String, usize>> = Mutex::default();
    model.always_with(move |request| {
        let prompt = prompt(request);
        let Some(scripts) = scripts.get(prompt) else { return Script::reply(["Aye."]) };
        let mut asked = asked.lock().unwrap();
        let count = asked.entry(prompt.to_owned()).or_default();
        *count += 1;
        scripts[(*count).min(scripts.len()) - 1].clone()
    });
}

fn prompt(request: &Request) -> &str {
    request.body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap()
}
