//! Every setting, once: its name, its default, what it means and what it takes. `docs/CONFIGURATION.md` and
//! `raconteur config` are held to this table.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name: in the environment and in `.env` as it stands, in `raconteur.toml` in lower case.
    pub name: &'static str,
    /// Another name for it, from the program that Raconteur replaces.
    pub also: Option<&'static str>,
    /// What it is where nobody says anything. Empty: not set.
    pub default: &'static str,
    /// Which values it takes.
    pub expected: &'static str,
    /// A value, as an example.
    pub example: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    default: &'static str,
    expected: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { name, also: None, default, expected, example, meaning, secret: false }
}

const DURATION: &str = "a time such as 500ms, 20s, 15m, 12h or 14d";
const LIFETIME: &str = "a time of 1s or more, such as 15m, 12h or 14d";
const WAIT: &str = "a time above zero, such as 500ms, 20s or 15m";
const TIMES: &str = "a number from 1 to 1000000";
const TOKENS: &str = "a number from 1 to 1000000";

/// The settings, in the order in which they are shown.
pub const SETTINGS: [Setting; 42] = [
    setting(
        "HOST",
        "127.0.0.1",
        "an IP address",
        "0.0.0.0",
        "The address to listen on. 0.0.0.0 means every one of the machine's.",
    ),
    setting(
        "PORT",
        "8000",
        "a number from 0 to 65535",
        "8080",
        "The port to listen on; 0 takes any that is free.",
    ),
    setting(
        "DATABASE_URL",
        "sqlite://data/raconteur.db",
        "sqlite://FOLDER/FILE.db, sqlite:///ABSOLUTE/FILE.db or postgres://USER:PASSWORD@HOST/DATABASE",
        "postgres://raconteur:secret@db.example.org/raconteur",
        "The database, brought up to date at every start. An SQLite file is made where there is none, and is this server's alone; a Postgres database has to be there, and several servers may share it.",
    ),
    setting(
        "DATABASE_POOL_SIZE",
        "10",
        "a number from 1 to 1000",
        "30",
        "How many connections to Postgres the server has at most, beside one for the text of running replies and one for what other servers say. SQLite does not look at it.",
    ),
    Setting {
        also: Some("DJANGO_SECRET_KEY"),
        secret: true,
        ..setting(
            "SECRET_KEY",
            "",
            "at least 32 bytes that nobody else knows",
            "64 hexadecimal digits of your own",
            "Signs the tokens. With DEBUG=False and on Postgres it has to be given; in development on SQLite one is made once and kept beside the database. Whoever changes it signs everybody out.",
        )
    },
    setting(
        "DEBUG",
        "True",
        "True or False",
        "False",
        "Development: lets the server start without a strong SECRET_KEY. Set it to False wherever others can reach the server.",
    ),
    setting(
        "CORS_FRONTEND",
        "http://localhost:3000",
        "origins such as https://example.org, separated by commas",
        "https://chat.example.org,http://localhost:5173",
        "The web pages that may call this server from a browser.",
    ),
    setting(
        "ALLOWED_HOSTS",
        "",
        "host names and addresses without ports, separated by commas",
        "chat.example.org,192.0.2.1",
        "Under which names the server answers; where it is not set, under any. Of a request that a trusted proxy passes on it is the host that the client asked for. /healthz and /readyz answer under any name.",
    ),
    setting(
        "TRUSTED_PROXIES",
        "",
        "IP addresses and networks, separated by commas",
        "127.0.0.1,10.0.0.0/8",
        "The proxies in front of this server, which are believed under which scheme and host the client asked: in `Forwarded`, or else in `X-Forwarded-Proto` and `X-Forwarded-Host`.",
    ),
    setting(
        "RATE_LIMIT",
        "on",
        "on or off",
        "off",
        "Whether it is counted how often people ask. `off` is for tests and load runs: whoever can reach the server can then guess passwords and fill the database as fast as it goes.",
    ),
    setting(
        "LIMIT_SIGN_INS",
        "10",
        TIMES,
        "100",
        "How many sign-ins a minute come from one address; of IPv6, from one network of 64 bits. TRUSTED_PROXIES has to name the proxies, or all who come through one count as one.",
    ),
    setting(
        "LIMIT_SIGN_IN_FAILURES",
        "5",
        TIMES,
        "20",
        "How many sign-ins a minute may fail for one e-mail address, whoever tries. All servers of a database count together.",
    ),
    setting(
        "LIMIT_REGISTRATIONS",
        "10",
        TIMES,
        "1000",
        "How many registrations an hour come from one address, as above.",
    ),
    setting(
        "LIMIT_CHAT",
        "60",
        TIMES,
        "600",
        "How many replies a minute one person asks for, at each server.",
    ),
    setting(
        "LIMIT_SEARCH",
        "120",
        TIMES,
        "600",
        "How many searches a minute one person makes, at each server.",
    ),
    setting(
        "LIMIT_STREAMS",
        "64",
        TIMES,
        "256",
        "How many streams one person reads at the same time, at each server.",
    ),
    Setting {
        secret: true,
        ..setting(
            "OPENAI_API_KEY",
            "",
            "the provider's key",
            "sk-…",
            "The key for the model. Without it and without OPENAI_BASE_URL the offline model answers.",
        )
    },
    setting(
        "OPENAI_BASE_URL",
        "",
        "an address that begins with http:// or https://",
        "http://127.0.0.1:11434/v1",
        "Where the model is, up to /chat/completions: Ollama, llama.cpp, vLLM, LM Studio or any other that speaks OpenAI's protocol. With a key alone it is OpenAI itself.",
    ),
    setting("OPENAI_CHAT_MODEL", "gpt-4o-mini", "a model's name at the provider", "llama3.1", "The model."),
    setting(
        "OPENAI_OTHER_MODELS",
        "",
        "names of models at the provider, separated by commas",
        "gpt-4o,o4-mini",
        "Other models that a conversation or a character may ask for instead.",
    ),
    setting(
        "OPENAI_TEMPERATURE",
        "0.3",
        "a number from 0 to 2",
        "0.8",
        "How freely the model chooses its words.",
    ),
    setting(
        "OPENAI_MAX_OUTPUT_TOKENS",
        "1024",
        TOKENS,
        "512",
        "The longest reply, in the model's own tokens. Many models that reason count their reasoning in: give those more.",
    ),
    setting(
        "CONTEXT_TOKENS",
        "",
        "a number from 1 to 10000000",
        "8192",
        "The model's context: the tokens that the prompt and the reply have together. Room for the reply is kept first; what does not fit beside it is left out, the oldest turns before anything that matters more, and what is too long even by itself is refused. Tokens are estimated, and the estimate learns from what the model reports. Where it is not set, the model is the one to complain.",
    ),
    setting(
        "HISTORY_TOKENS",
        "6000",
        TOKENS,
        "2500",
        "How much of a conversation the model is shown, by a conservative estimate. Every reply pays for it; CONTEXT_TOKENS bounds it too.",
    ),
    setting(
        "SUMMARIES",
        "False",
        "True or False",
        "True",
        "Has the model sum up what of a conversation has fallen out of HISTORY_TOKENS or CONTEXT_TOKENS, so that later replies know of it. Each summary is another request to the model; its person can read it and change it.",
    ),
    setting(
        "KEEP_REASONING",
        "False",
        "True or False",
        "True",
        "Keeps what a reasoning model thought with the reply, where its owner can read it. It is counted and shown to clients that ask while it streams either way, and never part of the reply.",
    ),
    setting(
        "DURABILITY",
        "strict",
        "strict or relaxed",
        "relaxed",
        "`strict` shows what the model says once it is on disk, so that nothing that was seen is ever lost. `relaxed` shows it at once and writes it within a tenth of a second: a server that is killed may lose that much of what was seen, and a slow disk holds nobody up.",
    ),
    setting("MODEL_CONNECT_TIMEOUT", "10s", WAIT, "3s", "How long connecting to the model may take."),
    setting(
        "MODEL_FIRST_TOKEN_TIMEOUT",
        "120s",
        WAIT,
        "10m",
        "How long the model may take before its first word, or before it begins to reason aloud. Local models load slowly.",
    ),
    setting(
        "MODEL_SILENCE_TIMEOUT",
        "60s",
        WAIT,
        "30s",
        "How long the model may fall silent in the middle of a reply.",
    ),
    setting(
        "PERSONAS_DIR",
        "",
        "a folder",
        "/srv/personas",
        "A folder of personas, one folder each, that takes the place of those built in.",
    ),
    setting("BRONN_KB_PATH", "", "a file", "kb.jsonl", "Another knowledge base for Bronn."),
    setting("BRONN_STYLE_PATH", "", "a file", "style.yml", "Another style for Bronn."),
    setting("ACCESS_TOKEN_LIFETIME", "15m", LIFETIME, "5m", "How long an access token is good for."),
    setting(
        "REFRESH_TOKEN_LIFETIME",
        "14d",
        LIFETIME,
        "30d",
        "How long a refresh token is good for, and with it a session. One that rotates, as in the web app, goes on while it \
         is used within this time, for 90 days at most.",
    ),
    setting(
        "BCRYPT_COST",
        "12",
        "a number from 4 to 31",
        "13",
        "How costly a password is to hash; each step doubles it. Below 10 only in tests.",
    ),
    setting(
        "REGISTRATION_ANSWER",
        "plain",
        "plain or neutral",
        "neutral",
        "What somebody is told who registers. `plain` signs them in, or says that the address has an account already. `neutral` says the same in either case, after the same time, and leaves them to sign in: the answer gives away nobody who has an account. Whether the password just registered signs in still does; only a message to the address could prevent that, and the server sends none.",
    ),
    setting(
        "GOOGLE_OAUTH_CLIENT_ID",
        "",
        "a client id from Google's console",
        "1234.apps.googleusercontent.com",
        "Lets people sign in with Google: takes the ID tokens that Google makes for this client. Without it sign-in with Google is off.",
    ),
    setting(
        "GOOGLE_JWKS_URL",
        "https://www.googleapis.com/oauth2/v3/certs",
        "an address that begins with http:// or https://",
        "http://127.0.0.1:9000/certs",
        "Where the keys are that Google signs with. To be changed for tests alone: whoever answers there can sign anybody in.",
    ),
    setting(
        "SHUTDOWN_GRACE",
        "20s",
        DURATION,
        "60s",
        "How long running replies may go on when the server is told to end. What has not ended by then keeps what it said.",
    ),
    setting(
        "LOG",
        "info,actix_server=warn,actix_http=off",
        "error, warn, info, debug or trace, or a filter such as info,raconteur_chat=debug",
        "debug",
        "What is logged.",
    ),
    setting("LOG_FORMAT", "pretty", "pretty or json", "json", "How it is logged."),
];
