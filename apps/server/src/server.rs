//! From settings to a running server, and back.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, web};
use arc_swap::ArcSwap;
use raconteur_auth::{PasswordHasher, SessionRules, Tokens};
use raconteur_chat::Chat;
use raconteur_domain::Clock;
use raconteur_llm::{Limits, http_client};
use raconteur_storage::{Db, OpenError, StorageError};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::accounts::{self, Accounts};
use crate::app::App;
use crate::google::Google;
use crate::http;
use crate::limits;
use crate::own_personas::OwnPersonas;
use crate::parts::{Parts, PartsError};
use crate::reload;
use crate::secret_key::{self, SecretKeyError};
use crate::sessions::{self, Sessions};
use crate::settings::{self, Settings};

/// How long a client may take to send its headers.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);

/// How long connections get to take in their last bytes, in seconds, once every reply has ended.
const LAST_BYTES_SECONDS: u64 = 1;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not open.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] OpenError),
    /// The database does not answer.
    #[error("DATABASE_URL: {0}")]
    Storage(#[from] StorageError),
    /// There is no signing secret.
    #[error(transparent)]
    SecretKey(#[from] SecretKeyError),
    /// There is nobody to speak to, or nobody who thinks.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// The address is taken, or is none of this machine's.
    #[error("HOST and PORT: cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// A server that runs. It runs on when this is dropped; [`Server::stop`] ends it.
pub struct Server {
    address: SocketAddr,
    about: About,
    chat: Chat,
    grace: Duration,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
    /// Looks whether the characters' files change.
    watching: Option<JoinHandle<()>>,
}

/// What a person wants to know of a server that has just started.
#[derive(Clone, Debug)]
pub struct About {
    /// Which database.
    pub database: String,
    /// Which model.
    pub model: String,
    /// Which personas, with how many things they know.
    pub personas: Vec<(String, usize)>,
}

impl Server {
    /// Starts a server: opens the database and brings it up to date, ends what a server that died left running,
    /// and listens.
    ///
    /// # Errors
    ///
    /// [`StartError`] names the setting at fault and what was expected.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        // What can be wrong with the settings is found before anything is made.
        let parts = Parts::load(&settings)?;
        let (clock, entropy) = (Arc::clone(&parts.clock), Arc::clone(&parts.entropy));
        let secret = secret_key::load(&settings.auth, &settings.database, &*entropy)?;
        let google = google(settings.google.as_ref(), &clock)?;
        let db = Db::open(&settings.database, settings.pool)?;

        let personas = parts.assets.personas.iter();
        let about = About {
            database: settings.database.describe(),
            model: parts.about_model.clone(),
            personas: personas.map(|p| (p.name().to_owned(), p.knowledge().entries().len())).collect(),
        };
        let sessions = Sessions::new(sessions::Parts {
            db: db.clone(),
            tokens: Tokens::new(&secret, settings.auth.access_lifetime),
            rules: SessionRules::new(settings.auth.refresh_lifetime),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        });
        let accounts = Accounts::new(accounts::Parts {
            db: db.clone(),
            hasher: PasswordHasher::new(settings.auth.bcrypt_cost, hashing_threads(), Handle::current()),
            sessions: sessions.clone(),
            registers_quietly: settings.auth.registers_quietly,
            google,
            failures: settings.limits.map(|limits| limits.failures),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        });
        let chat = parts.chat(db.clone()).await?;
        let assets = Arc::new(ArcSwap::new(Arc::clone(&parts.assets)));
        let watching = reload::watch(&settings.personas, chat.cast().clone(), Arc::clone(&assets));
        let app = App {
            db: db.clone(),
            accounts,
            sessions,
            chat: chat.clone(),
            own_personas: OwnPersonas {
                db,
                cast: chat.cast().clone(),
                clock: Arc::clone(&clock),
                entropy: Arc::clone(&entropy),
            },
            assets: Arc::clone(&assets),
            info: Arc::new(parts.info(&settings)),
            budget: parts.budget(),
            clock,
            entropy,
            limits: limits::Limits::new(settings.limits.as_ref()),
            cors_origins: settings.cors_origins,
            allowed_hosts: settings.allowed_hosts,
            trusted_proxies: settings.trusted_proxies,
        };

        let (address, server) = match listen(&settings.listen, app) {
            Ok(listening) => listening,
            Err(error) => {
                // The others on this database are told.
                chat.shut_down(Duration::ZERO).await;
                watching.inspect(JoinHandle::abort);
                return Err(error);
            }
        };
        let handle = server.handle();
        let (grace, task) = (settings.shutdown_grace, tokio::spawn(server));
        Ok(Self { address, about, chat, grace, handle, task, watching })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it is made of.
    #[must_use]
    pub const fn about(&self) -> &About {
        &self.about
    }

    /// Ends it: nothing new is begun, running replies get their grace, and what has not ended by then is
    /// interrupted, keeping what it said.
    pub async fn stop(self) {
        self.watching.inspect(JoinHandle::abort);
        self.chat.shut_down(self.grace).await;
        self.handle.stop(true).await;
        match self.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the server did not end well"),
            Err(error) => tracing::error!(%error, "the server did not end well"),
        }
    }
}

/// Sign-in with Google. A client for it is made only where it is wanted: it reads the machine's certificates.
fn google(settings: Option<&settings::Google>, clock: &Arc<dyn Clock>) -> Result<Option<Google>, PartsError> {
    let Some(settings) = settings else { return Ok(None) };
    let http = http_client(&Limits::default())?;
    Ok(Some(Google::new(settings, http, Arc::clone(clock))))
}

fn listen(listen: &settings::Listen, app: App) -> Result<(SocketAddr, actix_web::dev::Server), StartError> {
    let address = SocketAddr::new(listen.host, listen.port);
    let failed = |source| StartError::Listen { address, source };
    let app = web::Data::new(app);
    let server = HttpServer::new(move || http::service(app.clone()))
        .on_connect(http::accepted)
        // A client that goes away is noticed at its half of the connection.
        .h1_allow_half_closed(false)
        .client_request_timeout(HEADERS_TIMEOUT)
        .shutdown_timeout(LAST_BYTES_SECONDS)
        .disable_signals()
        .bind(address)
        .map_err(failed)?;
    let address = server.addrs().first().copied().unwrap_or(address);
    Ok((address, server.run()))
}

/// All cores but one: the replies go on whatever is being hashed.
fn hashing_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get).saturating_sub(1).max(1)
}
