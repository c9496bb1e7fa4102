//! What the handlers are given.

use std::sync::Arc;

use arc_swap::ArcSwap;
use ipnet::IpNet;
use raconteur_chat::Chat;
use raconteur_domain::{Clock, Entropy};
use raconteur_persona::Budget;
use raconteur_storage::Db;

use crate::accounts::Accounts;
use crate::http::ServerInfo;
use crate::limits::Limits;
use crate::own_personas::OwnPersonas;
use crate::personas::Assets;
use crate::sessions::Sessions;

/// The program behind the HTTP face. Clones share everything.
#[derive(Clone)]
pub struct App {
    /// Where everything is kept.
    pub db: Db,
    /// Who is who.
    pub accounts: Accounts,
    /// Who is asking.
    pub sessions: Sessions,
    /// Conversations and the replies in them.
    pub chat: Chat,
    /// The characters that people make.
    pub(crate) own_personas: OwnPersonas,
    /// The characters that the server brings, as they are now, with their pictures.
    pub assets: Arc<ArcSwap<Assets>>,
    /// What a client has to know of this server.
    pub(crate) info: Arc<ServerInfo>,
    /// How much room a prompt has.
    pub budget: Budget,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
    /// How often somebody may ask.
    pub(crate) limits: Limits,
    /// Which web pages may call.
    pub cors_origins: Vec<String>,
    /// Under which names the server answers; under any where there are none.
    pub allowed_hosts: Vec<String>,
    /// Which proxies are believed what they say of a request.
    pub trusted_proxies: Vec<IpNet>,
}
