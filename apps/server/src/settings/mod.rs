//! The settings: from text, wherever it was written, to values that can be trusted.

mod parse;
mod sources;
mod table;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use raconteur_chat::Durability;
use raconteur_llm::Limits;
use raconteur_storage::{DatabaseUrl, Pool};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use parse::Reader;
pub use sources::{Sources, Written};
pub use table::{SETTINGS, Setting};

/// The longest context that a model may have, in tokens: what is reckoned with where none is set.
pub const MAX_CONTEXT_TOKENS: usize = 10_000_000;

/// How the server is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub listen: Listen,
    /// Where everything is kept.
    pub database: DatabaseUrl,
    /// How many connections to it, where that is a choice.
    pub pool: Pool,
    /// Whose tokens are good, and for how long.
    pub auth: Auth,
    /// Sign-in with Google, where there is any.
    pub google: Option<Google>,
    /// Which web pages may call it.
    pub cors_origins: Vec<String>,
    /// Under which names it answers; under any where there are none.
    pub allowed_hosts: Vec<String>,
    /// Which proxies are believed what they say of a request.
    pub trusted_proxies: Vec<IpNet>,
    /// How often somebody may ask, where that is counted.
    pub limits: Option<RateLimits>,
    /// Who thinks.
    pub model: Model,
    /// How many tokens of history a prompt has at most.
    pub history_tokens: usize,
    /// How many tokens the prompt and the reply have together, where that is known.
    pub context_tokens: Option<usize>,
    /// Whether the model sums up what prompts have no room for.
    pub summaries: bool,
    /// Whether what the model thought is kept with the reply.
    pub keep_reasoning: bool,
    /// Whether what is said is shown before it is durable.
    pub durability: Durability,
    /// Who can be spoken to.
    pub personas: PersonaFiles,
    /// How long running replies may go on at the end.
    pub shutdown_grace: Duration,
    /// What is logged, and how.
    pub log: Log,
}

/// Where the server listens.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address.
    pub host: IpAddr,
    /// The port; 0 for any.
    pub port: u16,
}

/// Who is let in, and how.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Whether this is development, where a weak or missing secret is let through.
    pub debug: bool,
    /// The signing secret as it was given.
    pub secret: Option<SecretString>,
    /// How long an access token is good for.
    pub access_lifetime: Duration,
    /// How long a refresh token is good for.
    pub refresh_lifetime: Duration,
    /// bcrypt's cost factor.
    pub bcrypt_cost: u32,
    /// Whether registering tells nobody who has an account.
    pub registers_quietly: bool,
}

/// How often somebody may ask, and how much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Sign-ins a minute from one address.
    pub sign_ins: NonZeroU32,
    /// Sign-ins a minute that fail, with one e-mail address.
    pub failures: NonZeroU32,
    /// Registrations an hour from one address.
    pub registrations: NonZeroU32,
    /// Replies a minute for one person.
    pub chat: NonZeroU32,
    /// Searches a minute of one person.
    pub search: NonZeroU32,
    /// Streams that one person reads at the same time.
    pub streams: NonZeroU32,
}

/// Sign-in with Google.
#[derive(Clone, Debug)]
pub struct Google {
    /// For whom Google makes its tokens.
    pub client_id: String,
    /// Where its keys are.
    pub keys_url: String,
}

/// Who thinks.
#[derive(Clone, Debug)]
pub struct Model {
    /// A provider; without one the offline model answers.
    pub provider: Option<Provider>,
    /// From 0 to 2.
    pub temperature: f32,
    /// The longest reply, in the model's own tokens.
    pub max_output_tokens: u32,
}

/// Where a model is.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Up to `/chat/completions`.
    pub base_url: String,
    /// The key, where the provider wants one.
    pub api_key: Option<SecretString>,
    /// The model's name there.
    pub model: String,
    /// The names of others that may be asked for.
    pub others: Vec<String>,
    /// How long to wait for it.
    pub limits: Limits,
}

/// Where personas are read from, where not from the binary.
#[derive(Clone, Debug, Default)]
pub struct PersonaFiles {
    /// A folder of personas.
    pub folder: Option<PathBuf>,
    /// Another knowledge base for Bronn.
    pub bronn_kb: Option<PathBuf>,
    /// Another style for Bronn.
    pub bronn_style: Option<PathBuf>,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// A filter in the syntax of `tracing-subscriber`.
    pub filter: String,
    /// Whether each line is a JSON object.
    pub json: bool,
}

const MILLISECOND: Duration = Duration::from_millis(1);
/// Tokens count in seconds.
const SECOND: Duration = Duration::from_secs(1);

/// The highest limit; whoever wants more wants none.
const MOST_TIMES: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

/// OpenAI's own address, for those who give a key and no address.
const OPENAI: &str = "https://api.openai.com/v1";

impl Settings {
    /// Reads the values from what was written.
    ///
    /// # Errors
    ///
    /// Every setting that has a value it does not take, named with what was expected.
    pub fn from_sources(sources: &Sources) -> Result<Self, SettingsError> {
        let mut read = Reader::new(sources);
        // Everything is read before anything is missed, so that all problems are found at once.
        let (listen, database, auth) = (listen(&mut read), read.parse("DATABASE_URL"), auth(&mut read));
        let (model, log) = (model(&mut read), log(&mut read));
        let (google, keys_url) = (read.optional("GOOGLE_OAUTH_CLIENT_ID"), read.url("GOOGLE_JWKS_URL"));
        let connections = read.number("DATABASE_POOL_SIZE", 1..=1_000);
        let history_tokens = read.number("HISTORY_TOKENS", 1..=1_000_000);
        let context_tokens = match read.optional("CONTEXT_TOKENS") {
            Some(_) => read.number("CONTEXT_TOKENS", 1..=MAX_CONTEXT_TOKENS).map(Some),
            None => Some(None),
        };
        if let (Some(Some(context)), Some(model)) = (context_tokens, &model)
            && context <= model.max_output_tokens as usize
        {
            read.note(
                "CONTEXT_TOKENS",
                "more than OPENAI_MAX_OUTPUT_TOKENS, which is kept free for the reply",
            );
        }
        let allowed_hosts = read.hosts("ALLOWED_HOSTS");
        let (is_counted, limits) = (read.flag("RATE_LIMIT"), limits(&mut read));
        let summaries = read.flag("SUMMARIES");
        let keep_reasoning = read.flag("KEEP_REASONING");
        let durability = read.choice("DURABILITY", &["strict", "relaxed"]);
        let shutdown_grace = read.duration("SHUTDOWN_GRACE");
        let cors_origins = read.origins("CORS_FRONTEND");
        let trusted_proxies = read.networks("TRUSTED_PROXIES");
        let personas = PersonaFiles {
            folder: read.path("PERSONAS_DIR"),
            bronn_kb: read.path("BRONN_KB_PATH"),
            bronn_style: read.path("BRONN_STYLE_PATH"),
        };
        read.finish(|| {
            Some(Self {
                listen: listen?,
                database: database?,
                pool: Pool { connections: connections? },
                auth: auth?,
                google: google.zip(keys_url).map(|(client_id, keys_url)| Google { client_id, keys_url }),
                cors_origins: cors_origins?,
                allowed_hosts: allowed_hosts?,
                trusted_proxies: trusted_proxies?,
                limits: is_counted?.then_some(limits?),
                model: model?,
                history_tokens: history_tokens?,
                context_tokens: context_tokens?,
                summaries: summaries?,
                keep_reasoning: keep_reasoning?,
                durability: if durability? == "relaxed" { Durability::Relaxed } else { Durability::Strict },
                personas,
                shutdown_grace: shutdown_grace?,
                log: log?,
            })
        })
    }
}

fn listen(read: &mut Reader<'_>) -> Option<Listen> {
    let (host, port) = (read.parse("HOST"), read.parse("PORT"));
    Some(Listen { host: host?, port: port? })
}

fn auth(read: &mut Reader<'_>) -> Option<Auth> {
    let (access, refresh) =
        (read.lasting("ACCESS_TOKEN_LIFETIME", SECOND), read.lasting("REFRESH_TOKEN_LIFETIME", SECOND));
    let (debug, cost) = (read.flag("DEBUG"), read.number("BCRYPT_COST", raconteur_auth::BCRYPT_COSTS));
    let answer = read.choice("REGISTRATION_ANSWER", &["plain", "neutral"]);
    if access.zip(refresh).is_some_and(|(access, refresh)| refresh <= access) {
        read.note("REFRESH_TOKEN_LIFETIME", "a longer time than ACCESS_TOKEN_LIFETIME");
    }
    Some(Auth {
        debug: debug?,
        secret: read.secret("SECRET_KEY"),
        access_lifetime: access?,
        refresh_lifetime: refresh?,
        bcrypt_cost: cost?,
        registers_quietly: answer? == "neutral",
    })
}

fn limits(read: &mut Reader<'_>) -> Option<RateLimits> {
    let mut times = |name| read.number(name, NonZeroU32::MIN..=MOST_TIMES);
    let (sign_ins, failures) = (times("LIMIT_SIGN_INS"), times("LIMIT_SIGN_IN_FAILURES"));
    let (registrations, chat) = (times("LIMIT_REGISTRATIONS"), times("LIMIT_CHAT"));
    let (search, streams) = (times("LIMIT_SEARCH"), times("LIMIT_STREAMS"));
    Some(RateLimits {
        sign_ins: sign_ins?,
        failures: failures?,
        registrations: registrations?,
        chat: chat?,
        search: search?,
        streams: streams?,
    })
}

fn model(read: &mut Reader<'_>) -> Option<Model> {
    let (connect, first_token) = (
        read.lasting("MODEL_CONNECT_TIMEOUT", MILLISECOND),
        read.lasting("MODEL_FIRST_TOKEN_TIMEOUT", MILLISECOND),
    );
    let silence = read.lasting("MODEL_SILENCE_TIMEOUT", MILLISECOND);
    let temperature = read.number("OPENAI_TEMPERATURE", 0.0..=2.0);
    let max_output_tokens = read.number("OPENAI_MAX_OUTPUT_TOKENS", 1..=1_000_000);
    let (api_key, base_url) = (read.secret("OPENAI_API_KEY"), read.url("OPENAI_BASE_URL"));
    let (name, others) = (read.optional("OPENAI_CHAT_MODEL"), read.list("OPENAI_OTHER_MODELS"));

    let limits =
        Limits { connect: connect?, first_token: first_token?, silence: silence?, ..Limits::default() };
    let provider = (api_key.is_some() || base_url.is_some()).then(|| Provider {
        base_url: base_url.unwrap_or_else(|| OPENAI.to_owned()),
        api_key,
        others: others.into_iter().filter(|other| Some(other) != name.as_ref()).collect(),
        model: name.unwrap_or_default(),
        limits,
    });
    Some(Model { provider, temperature: temperature?, max_output_tokens: max_output_tokens? })
}

fn log(read: &mut Reader<'_>) -> Option<Log> {
    let (filter, format) = (read.parse::<EnvFilter>("LOG"), read.choice("LOG_FORMAT", &["pretty", "json"]));
    Some(Log { filter: filter?.to_string(), json: format? == "json" })
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    origin: String,
    what: String,
}

impl Problem {
    fn new(origin: &str, name: &str, expected: &str) -> Self {
        Self { origin: origin.to_owned(), what: format!("{name}: expected {expected}") }
    }

    fn unknown(origin: &str, name: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            what: format!("{name}: there is no such setting; `raconteur config` lists them"),
        }
    }
}

/// Settings that cannot be used, all of them at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError(Vec<Problem>);

impl SettingsError {
    fn one(origin: &str, what: String) -> Self {
        Self(vec![Problem { origin: origin.to_owned(), what }])
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        for Problem { origin, what } in &self.0 {
            write!(f, "\n  {what} (in {origin})")?;
        }
        Ok(())
    }
}
