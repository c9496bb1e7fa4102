//! Sign-in with Google: of whom an ID token speaks, by the keys that Google publishes.

use std::sync::Arc;
use std::time::Duration;

use raconteur_auth::{GoogleIdentity, GoogleKeys, GoogleSignIn, InvalidGoogleToken};
use raconteur_domain::{Clock, Timestamp};
use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};
use tokio::sync::Mutex;

use crate::settings;

/// How long fetching the keys may take.
const FETCH_TIME: Duration = Duration::from_secs(5);

/// The largest set of keys that is read, in bytes: some ten times what Google publishes.
const KEYS_MAX_BYTES: usize = 64 * 1024;

/// How long keys are good for that come without a word about it.
const DEFAULT_AGE: Duration = Duration::from_secs(5 * 60);

/// How long keys are good for at most, whatever comes with them.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How often at most the keys are fetched because a token names one that is not among them: anybody can make up names.
const FETCH_PAUSE: Duration = Duration::from_secs(60);

/// Checks ID tokens, and keeps the keys for it for as long as they are good.
pub struct Google {
    sign_in: GoogleSignIn,
    keys_url: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    cache: Mutex<Cache>,
}

/// The keys at hand. Whoever fetches them holds the lock, so that others wait for the same answer.
#[derive(Default)]
struct Cache {
    keys: Option<Cached>,
    /// When they were last asked for, and whether they came.
    tried: Option<(Timestamp, bool)>,
}

struct Cached {
    keys: Arc<GoogleKeys>,
    fresh_until: Timestamp,
}

/// Why somebody does not sign in with Google.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoogleError {
    /// The token is not good.
    #[error("invalid google token")]
    Invalid,
    /// Google's keys cannot be had, so nobody knows.
    #[error("Google's keys cannot be had")]
    Unreachable,
}

impl Google {
    /// Sign-in by these settings. Nothing is fetched before somebody signs in.
    #[must_use]
    pub fn new(settings: &settings::Google, http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self {
            sign_in: GoogleSignIn::new(&settings.client_id),
            keys_url: settings.keys_url.clone(),
            http,
            clock,
            cache: Mutex::default(),
        }
    }

    /// Of whom the token speaks.
    ///
    /// # Errors
    ///
    /// [`GoogleError`].
    pub async fn identify(&self, token: &str) -> Result<GoogleIdentity, GoogleError> {
        // What is no token is not worth a question to anybody.
        GoogleSignIn::key_name(token).map_err(|_| GoogleError::Invalid)?;
        let keys = self.keys().await?;
        let identity = match self.sign_in.verify(token, &keys, self.clock.now()) {
            Err(InvalidGoogleToken::UnknownKey) => {
                let keys = self.newer_keys().await?;
                self.sign_in.verify(token, &keys, self.clock.now())
            }
            identity => identity,
        };
        identity.map_err(|_| GoogleError::Invalid)
    }

    /// Keys that are good, fetched if there are none.
    async fn keys(&self) -> Result<Arc<GoogleKeys>, GoogleError> {
        let asked_at = self.clock.now();
        let mut cache = self.cache.lock().await;
        // What came while this one waited is as new as can be, and so is a failure.
        let answered = cache.tried.filter(|(at, _)| *at >= asked_at).map(|(_, came)| came);
        match &cache.keys {
            Some(cached) if cached.fresh_until > asked_at || answered == Some(true) => {
                Ok(Arc::clone(&cached.keys))
            }
            _ if answered == Some(false) => Err(GoogleError::Unreachable),
            _ => self.fetch(&mut cache).await,
        }
    }

    /// Keys of which one may be new, as seldom as [`FETCH_PAUSE`] says; else those at hand.
    async fn newer_keys(&self) -> Result<Arc<GoogleKeys>, GoogleError> {
        let mut cache = self.cache.lock().await;
        let now = self.clock.now();
        match (&cache.keys, cache.tried) {
            (_, Some((at, false))) if now < at + FETCH_PAUSE => Err(GoogleError::Unreachable),
            (Some(cached), Some((at, true))) if now < at + FETCH_PAUSE => Ok(Arc::clone(&cached.keys)),
            _ => self.fetch(&mut cache).await,
        }
    }

    async fn fetch(&self, cache: &mut Cache) -> Result<Arc<GoogleKeys>, GoogleError> {
        let fetched = self.fetch_keys().await;
        let now = self.clock.now();
        cache.tried = Some((now, fetched.is_ok()));
        match fetched {
            Ok((keys, age)) => {
                let keys = Arc::new(keys);
                cache.keys = Some(Cached { keys: Arc::clone(&keys), fresh_until: now + age });
                Ok(keys)
            }
            Err(error) => {
                tracing::warn!(error, "Google's keys cannot be had");
                Err(GoogleError::Unreachable)
            }
        }
    }

    /// The keys, and how long they are good for; or why not.
    async fn fetch_keys(&self) -> Result<(GoogleKeys, Duration), String> {
        let answer = self.http.get(&self.keys_url).timeout(FETCH_TIME).send().await;
        let mut answer = answer.and_then(reqwest::Response::error_for_status).map_err(|e| e.to_string())?;
        let age = fresh_for(answer.headers());
        let mut body = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(|error| error.to_string())? {
            body.extend_from_slice(&bytes);
            if body.len() > KEYS_MAX_BYTES {
                return Err(format!("the answer is larger than {KEYS_MAX_BYTES} bytes"));
            }
        }
        Ok((GoogleKeys::parse(&body).map_err(|error| error.to_string())?, age))
    }
}

/// How long an answer may be kept (RFC 9111, 4.2.1): what its `Cache-Control` says, less the time that it has been on
/// its way.
fn fresh_for(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = |text: &str| text.trim().parse().ok().map(Duration::from_secs);
    let Some(directives) = text(CACHE_CONTROL) else { return DEFAULT_AGE };
    let mut age = DEFAULT_AGE;
    for directive in directives.split(',').map(|directive| directive.trim().to_ascii_lowercase()) {
        match directive.split_once('=') {
            Some(("max-age", value)) => age = seconds(value).unwrap_or(Duration::ZERO),
            None if directive == "no-store" || directive == "no-cache" => return Duration::ZERO,
            _ => {}
        }
    }
    age.saturating_sub(text(AGE).and_then(seconds).unwrap_or_default()).min(MAX_AGE)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    use raconteur_auth::testing::GoogleKey;
    use raconteur_fake_upstream::{FakeUpstream, Script, nobody_listens};
    use raconteur_llm::{Limits, http_client};
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    // Keys take their time to make.
    static OLD: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("old"));
    static NEW: LazyLock<GoogleKey> = LazyLock::new(|| GoogleKey::new("new"));

    /// Seconds that pass when the test says so.
    struct HandClock(AtomicI64);

    impl Clock for HandClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.load(Ordering::Relaxed) * 1_000_000)
        }
    }

    /// Sign-in with a server of keys behind it.
    struct World {
        keys: FakeUpstream,
        clock: Arc<HandClock>,
        google: Google,
    }

    impl World {
        async fn new() -> Self {
            let keys = FakeUpstream::start().await;
            let clock = Arc::new(HandClock(AtomicI64::new(1_700_000_000)));
            let google = google(&keys.base_url(), &clock);
            Self { keys, clock, google }
        }

        /// From now on these keys are published, good for so many seconds.
        fn publish(&self, keys: &[&GoogleKey], seconds: u32) {
            let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
            let script = Script::status(200).header("Cache-Control", &format!("public, max-age={seconds}"));
            self.keys.always(&script.body("application/json", json!({ "keys": keys }).to_string()));
        }

        fn pass(&self, seconds: i64) {
            self.clock.0.fetch_add(seconds, Ordering::Relaxed);
        }

        /// Signs somebody in, with a token by this key that is good now.
        async fn sign_in(&self, key: &GoogleKey) -> Result<String, GoogleError> {
            let now = self.clock.now().as_seconds();
            let token = key.token(&json!({
                "iss": "https://accounts.google.com", "aud": "me", "sub": "1", "email": "ada@gmail.com",
                "email_verified": true, "iat": now, "exp": now + 60,
            }));
            self.google.identify(&token).await.map(|identity| identity.sub)
        }

        /// How often the keys were asked for.
        fn asked(&self) -> usize {
            self.keys.requests().len()
        }
    }

    fn google(keys: &str, clock: &Arc<HandClock>) -> Google {
        let settings = settings::Google { client_id: "me".to_owned(), keys_url: format!("{keys}/certs") };
        Google::new(&settings, http_client(&Limits::default()).unwrap(), Arc::clone(clock) as _)
    }

    #[tokio::test]
    async fn keys_are_fetched_once_for_as_long_as_they_are_good() {
        let world = World::new().await;
        world.publish(&[&OLD], 100);
        assert_eq!(world.asked(), 0, "nothing is fetched before it is wanted");
        for passed in [0, 99] {
            world.pass(passed);
            assert_eq!(world.sign_in(&OLD).await.unwrap(), "1");
        }
        assert_eq!(world.asked(), 1);
        world.pass(1);
        world.sign_in(&OLD).await.unwrap();
        assert_eq!(world.asked(), 2);
        // A key that is published no more is good no more.
        world.publish(&[&NEW], 100);
        world.pass(100);
        assert_eq!(world.sign_in(&OLD).await, Err(GoogleError::Invalid));
    }

    #[tokio::test]
    async fn sign_ins_at_once_wait_for_one_answer() {
        let world = World::new().await;
        world.publish(&[&OLD], 0);
        let sign_ins = (0..20).map(|_| world.sign_in(&OLD));
        assert!(futures_util::future::join_all(sign_ins).await.iter().all(Result::is_ok));
        assert_eq!(world.asked(), 1);
    }

    #[tokio::test]
    async fn a_key_that_is_not_known_is_asked_for_once_a_minute() {
        let world = World::new().await;
        world.publish(&[&OLD], 3_600);
        world.sign_in(&OLD).await.unwrap();
        world.publish(&[&OLD, &NEW], 3_600);
        world.pass(59);
        assert_eq!(world.sign_in(&NEW).await, Err(GoogleError::Invalid));
        assert_eq!(world.asked(), 1);
        world.pass(1);
        world.sign_in(&NEW).await.unwrap();
        assert_eq!(world.asked(), 2);
        let unknown = GoogleKey::new("unknown");
        for _ in 0..3 {
            assert_eq!(world.sign_in(&unknown).await, Err(GoogleError::Invalid));
        }
        assert_eq!(world.asked(), 2);
        world.pass(60);
        assert_eq!(world.sign_in(&unknown).await, Err(GoogleError::Invalid));
        assert_eq!(world.asked(), 3);
        world.sign_in(&OLD).await.unwrap();
    }

    #[tokio::test]
    async fn without_keys_nobody_knows() {
        let world = World::new().await;
        let keys = json!({ "keys": [OLD.public()] }).to_string();
        let padded = format!("{keys}{}", " ".repeat(KEYS_MAX_BYTES));
        for script in [
            Script::status(500),
            Script::status(404).body("application/json", keys.clone()),
            Script::redirect("http://127.0.0.1:1/"),
            Script::status(200).body("text/html", "<h1>Sorry</h1>"),
            Script::status(200).body("application/json", "{\"keys\": []}"),
            Script::status(200).body("application/json", padded),
            Script::hang_up(),
        ] {
            world.keys.always(&script);
            world.pass(1);
            assert_eq!(world.sign_in(&OLD).await, Err(GoogleError::Unreachable));
        }
        world.publish(&[&OLD], 100);
        world.pass(1);
        world.sign_in(&OLD).await.unwrap();
        // Nor does anybody know of a key that may be new.
        world.keys.always(&Script::status(500));
        world.pass(60);
        for _ in 0..2 {
            assert_eq!(world.sign_in(&NEW).await, Err(GoogleError::Unreachable));
        }
        let asked = world.asked();
        world.sign_in(&OLD).await.expect("the keys at hand are still good");
        assert_eq!(world.asked(), asked);

        // What is no token is none, whether anybody can be asked or not.
        assert_eq!(world.google.identify("a.b.c").await, Err(GoogleError::Invalid));
        let nowhere = google(&nobody_listens().await.unwrap(), &world.clock);
        let token = OLD.token(&json!({}));
        assert_eq!(nowhere.identify(&token).await, Err(GoogleError::Unreachable));
    }

    #[test]
    fn keys_are_kept_for_as_long_as_their_headers_say() {
        let seconds = |cache_control: Option<&'static str>, age: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [(CACHE_CONTROL, cache_control), (AGE, age)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            fresh_for(&headers).as_secs()
        };
        assert_eq!(seconds(Some("public, max-age=19302, must-revalidate, no-transform"), None), 19_302);
        assert_eq!(seconds(Some("MAX-AGE=60"), Some("20")), 40);
        assert_eq!(seconds(Some("max-age=60"), Some("3600")), 0);
        assert_eq!(seconds(Some("max-age=31536000"), None), 24 * 60 * 60);
        for never in ["no-store", "max-age=60, no-cache", "max-age=0", "max-age=soon", "max-age=-1"] {
            assert_eq!(seconds(Some(never), None), 0, "{never}");
        }
        for (silent, age) in [(None, None), (Some("public"), None), (Some("s-maxage=9"), Some("x"))] {
            assert_eq!(seconds(silent, age), 300, "{silent:?}");
        }
    }
}
