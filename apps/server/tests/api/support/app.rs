//! A server in this process, with a database and a model of its own.

use std::path::Path;

use super::client::Client;
use super::database::{Database, Place};
use raconteur::Server;
use raconteur::settings::{Settings, Sources};
use raconteur_fake_upstream::FakeUpstream;

/// The secret that the test servers sign tokens with.
pub const SECRET: &str = "a signing secret of enough bytes for tests";

/// A server that listens on a port of its own, with an empty database and a [`FakeUpstream`] as its model.
///
/// ```ignore
/// let app = TestApp::start(Database::Sqlite).await;
/// let ada = app.register("ada@example.org").await;
/// let thread = ada.conversation("Bronn").await;
/// app.model.enqueue(&Script::reply(["Gold", " first."]));
/// assert_eq!(ada.send(&thread, "What is your price?").await.text(), "Gold first.");
/// ```
pub struct TestApp {
    /// The model. A server that was started offline never asks it.
    pub model: FakeUpstream,
    server: Server,
    /// Made once: an HTTP client reads the machine's certificates, which takes its time.
    visitor: Client,
    place: Place,
}

impl TestApp {
    pub async fn start(on: Database) -> Self {
        Self::with(on, &[]).await
    }

    /// With some settings different.
    pub async fn with(on: Database, settings: &[(&str, &str)]) -> Self {
        Self::thinking(Place::new(on), settings).await
    }

    /// On a database that somebody else looks after: another server's, or one that can be cut off.
    pub async fn at(url: &str) -> Self {
        Self::thinking(Place::Elsewhere(url.to_owned()), &[]).await
    }

    async fn thinking(place: Place, settings: &[(&str, &str)]) -> Self {
        let model = FakeUpstream::start().await;
        let address = model.base_url();
        Self::new(place, model, &[&[("OPENAI_BASE_URL", address.as_str())], settings].concat()).await
    }

    /// With the model that needs none.
    pub async fn offline(on: Database) -> Self {
        Self::new(Place::new(on), FakeUpstream::start().await, &[]).await
    }

    async fn new(place: Place, model: FakeUpstream, settings: &[(&str, &str)]) -> Self {
        let database = place.url();
        let common = [
            ("PORT", "0"),
            ("BCRYPT_COST", "4"),
            ("RATE_LIMIT", "off"),
            ("SECRET_KEY", SECRET),
            ("DATABASE_URL", database.as_str()),
        ];
        let pairs =
            common.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let sources = Sources::read(Path::new("/nonexistent"), pairs).expect("settings");
        let settings = Settings::from_sources(&sources).expect("good settings");
        let server = Server::start(settings).await.expect("the server starts");
        let visitor = Client::visitor(&format!("http://{}", server.address()));
        Self { model, server, visitor, place }
    }

    /// The address without a slash at its end.
    pub fn base(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// Where the database is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Client {
        self.visitor.clone()
    }

    /// Somebody with a new account.
    pub async fn register(&self, email: &str) -> Client {
        self.visitor().register(email).await
    }

    /// Ends the server as SIGTERM would. The database and the model stay for as long as the answer is kept.
    pub async fn stop(self) -> (FakeUpstream, Place) {
        self.server.stop().await;
        (self.model, self.place)
    }
}
