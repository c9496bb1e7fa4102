//! Google's part in signing in with Google: its keys, and what its tokens say.

use raconteur_auth::testing::GoogleKey;
use raconteur_fake_upstream::{FakeUpstream, Script};
use serde_json::{Value, json};

use super::app::TestApp;
use super::database::Database;

/// Whom the tokens are for.
pub const CLIENT: &str = "1234.apps.googleusercontent.com";

/// A server at which people sign in with Google, and the one that has published this key.
pub async fn start(on: Database, key: &GoogleKey) -> (TestApp, FakeUpstream) {
    let keys = FakeUpstream::start().await;
    keys.always(&published(key));
    let url = format!("{}/certs", keys.base_url());
    let settings = [("GOOGLE_OAUTH_CLIENT_ID", CLIENT), ("GOOGLE_JWKS_URL", &url)];
    (TestApp::with(on, &settings).await, keys)
}

/// The answer with this key.
pub fn published(key: &GoogleKey) -> Script {
    let keys = json!({ "keys": [key.public()] }).to_string();
    Script::status(200).header("Cache-Control", "public, max-age=3600").body("application/json", keys)
}

pub fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().expect("it is later than 1970").as_secs()
}

/// Good claims, some of them changed or (null) left out.
pub fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://accounts.google.com", "aud": CLIENT, "azp": CLIENT, "sub": "110169484474386276334",
        "email": "ada@example.org", "email_verified": true, "iat": now(), "exp": now() + 3_600,
    });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}
