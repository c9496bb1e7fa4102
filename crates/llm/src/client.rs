//! The HTTP client, built in one place.

use reqwest::redirect::Policy;

use crate::Limits;
use crate::text::causes;

/// The HTTP client cannot be built; the message says why.
#[derive(Debug, thiserror::Error)]
#[error("cannot build the HTTP client: {0}")]
pub struct ClientError(String);

/// Builds the HTTP client that all models of a program share: one pool of connections, no redirects, no proxy of the
/// surroundings, and the limit of [`Limits::connect`]. All other limits belong to a single reply.
///
/// On a machine without CA certificates the client trusts nobody: providers at `http` addresses, such as a model on the
/// same machine, still answer, others fail with [`ModelErrorKind::Tls`](crate::ModelErrorKind::Tls), and the log says why.
///
/// # Errors
///
/// TLS cannot be set up at all.
pub fn http_client(limits: &Limits) -> Result<reqwest::Client, ClientError> {
    builder(limits).build().or_else(|error| {
        tracing::warn!(
            reason = causes(&error),
            "no CA certificates: no provider at an https address can be reached"
        );
        builder(limits).tls_certs_only([]).build().map_err(|error| ClientError(causes(&error)))
    })
}

fn builder(limits: &Limits) -> reqwest::ClientBuilder {
    // A redirect could carry the key to another host; a provider that moved is a setting to change.
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(limits.connect)
        .user_agent(concat!("raconteur/", env!("CARGO_PKG_VERSION")))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The environment belongs to the whole process, so another one is started for the machine without certificates.
    #[test]
    fn a_machine_without_certificates_gets_a_client_too() {
        let this_program = std::env::current_exe().unwrap();
        let child = Command::new(this_program)
            .args(["--exact", "client::tests::on_a_machine_without_certificates", "--ignored"])
            .env("SSL_CERT_FILE", "/nonexistent")
            .env("SSL_CERT_DIR", "/nonexistent")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
    }

    #[tokio::test]
    async fn a_proxy_of_the_surroundings_is_not_asked() {
        let upstream = raconteur_fake_upstream::FakeUpstream::start().await;
        let this_program = std::env::current_exe().unwrap();
        let child = tokio::process::Command::new(this_program)
            .args(["--exact", "client::tests::beside_a_proxy_that_is_down", "--ignored"])
            .env("HTTP_PROXY", raconteur_fake_upstream::nobody_listens().await.unwrap())
            .env("UPSTREAM", upstream.base_url())
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
    }

    #[tokio::test]
    #[ignore = "run by the test above, in a process of its own"]
    async fn beside_a_proxy_that_is_down() {
        let client = http_client(&Limits::default()).unwrap();
        let url = format!("{}/chat/completions", std::env::var("UPSTREAM").unwrap());
        assert!(client.post(url).json(&serde_json::json!({})).send().await.is_ok());
    }

    #[test]
    #[ignore = "run by the test above, in a process of its own"]
    fn on_a_machine_without_certificates() {
        let limits = Limits::default();
        assert!(builder(&limits).build().is_err(), "certificates were found");
        assert!(http_client(&limits).is_ok());
    }
}
