//! What a server and a terminal are both made of: who can be spoken to, who thinks, and the chat of these two.

use std::sync::Arc;
use std::time::Duration;

use raconteur_chat::{Chat, ChatSettings};
use raconteur_domain::{Clock, Entropy};
use raconteur_llm::{
    ChatModel, ClientError, InvalidConfig, OfflineModel, OpenAiConfig, OpenAiModel, http_client,
};
use raconteur_persona::Budget;
use raconteur_storage::{Db, StorageError};
use tokio::runtime::Handle;

use crate::http::ServerInfo;
use crate::personas::{self, Assets, PersonasError};
use crate::settings::{self, MAX_CONTEXT_TOKENS, Settings};
use crate::system::{SystemClock, SystemEntropy};

/// How fast the offline model speaks: a word at a time, so that a person sees a stream.
const OFFLINE_PACE: Duration = Duration::from_millis(25);

/// How long a server on a shared database may be silent before the others take it for dead.
pub const DEAD_AFTER: Duration = Duration::from_secs(10);

/// Why there is nobody to speak to, or nobody who thinks.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// The personas cannot be read.
    #[error(transparent)]
    Personas(#[from] PersonasError),
    /// The model's settings are wrong.
    #[error("OPENAI_BASE_URL or OPENAI_API_KEY: {0}")]
    Model(#[from] InvalidConfig),
    /// The client for the model cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Everything that a chat needs besides its database.
pub(crate) struct Parts {
    /// Who can be spoken to.
    pub(crate) assets: Arc<Assets>,
    /// Which model, in words for a person.
    pub(crate) about_model: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    model: Arc<dyn ChatModel>,
    settings: ChatSettings,
}

impl Parts {
    /// Finds what can be wrong with the settings, before anything is made.
    pub(crate) fn load(settings: &Settings) -> Result<Self, PartsError> {
        let (assets, warnings) = personas::load(&settings.personas)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        let model = model(&settings.model)?;
        Ok(Self {
            assets: Arc::new(assets),
            about_model: describe(&settings.model, &*model),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            model,
            settings: ChatSettings {
                context_tokens: settings.context_tokens.unwrap_or(MAX_CONTEXT_TOKENS),
                history_tokens: settings.history_tokens,
                temperature: settings.model.temperature,
                max_tokens: settings.model.max_output_tokens,
                summaries: settings.summaries,
                keep_reasoning: settings.keep_reasoning,
                durability: settings.durability,
                dead_after: DEAD_AFTER,
            },
        })
    }

    /// How much room a prompt has.
    pub(crate) const fn budget(&self) -> Budget {
        self.settings.budget()
    }

    /// What a client has to know of a server with these parts.
    pub(crate) fn info(&self, settings: &Settings) -> ServerInfo {
        let names = std::iter::once(self.model.name()).chain(self.model.others().iter().map(String::as_str));
        ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: settings.model.provider.as_ref().map(|provider| provider.model.clone()),
            models: names.map(str::to_owned).collect(),
            temperature: settings.model.temperature,
            max_tokens: settings.model.max_output_tokens,
            context_tokens: settings.context_tokens,
            google_client_id: settings.google.as_ref().map(|google| google.client_id.clone()),
        }
    }

    /// A chat over this database, which has to be this process's own. It runs on the runtime that this is called in.
    pub(crate) async fn chat(&self, db: Db) -> Result<Chat, StorageError> {
        let parts = raconteur_chat::Parts {
            db,
            personas: Arc::clone(&self.assets.personas),
            model: Arc::clone(&self.model),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            runtime: Handle::current(),
        };
        Chat::start(parts, self.settings).await
    }
}

fn model(settings: &settings::Model) -> Result<Arc<dyn ChatModel>, PartsError> {
    let Some(provider) = settings.provider.clone() else {
        return Ok(Arc::new(OfflineModel::new(OFFLINE_PACE)));
    };
    let client = http_client(&provider.limits)?;
    Ok(Arc::new(OpenAiModel::new(
        client,
        OpenAiConfig {
            base_url: provider.base_url,
            api_key: provider.api_key,
            model: provider.model,
            others: provider.others,
            limits: provider.limits,
        },
    )?))
}

fn describe(settings: &settings::Model, model: &dyn ChatModel) -> String {
    match &settings.provider {
        Some(provider) => format!("{} at {}", model.name(), provider.base_url),
        None => format!(
            "{} (answers come from the knowledge base; set OPENAI_API_KEY or OPENAI_BASE_URL for a model)",
            model.name()
        ),
    }
}
