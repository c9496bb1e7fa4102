//! Under which names the server answers, and what it says where it is seen behind TLS.

use reqwest::Method;

use crate::support::{Answer, Database, TestApp, on_every_database};

on_every_database! {
    any_host_is_answered_unless_some_are_named
    another_host_than_those_named_is_refused_everywhere_but_where_probes_look
    the_host_that_counts_is_the_one_that_the_client_asked_for
    browsers_that_came_over_tls_are_told_to_stay_with_it
}

async fn ask(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.visitor().ask(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.visitor().answer(request).await
}

#[track_caller]
fn refused(answer: Answer) {
    answer.refused(400, "host_not_allowed", "This server does not answer under this name.");
}

async fn any_host_is_answered_unless_some_are_named(on: Database) {
    let app = TestApp::start(on).await;
    for host in ["chat.example.org", "evil.example:80", "192.0.2.1"] {
        ask(&app, "/api/about", &[("Host", host)]).await.expect(200);
    }
}

async fn another_host_than_those_named_is_refused_everywhere_but_where_probes_look(on: Database) {
    let app = TestApp::with(on, &[("ALLOWED_HOSTS", "chat.example.org")]).await;
    ask(&app, "/api/about", &[("Host", "Chat.Example.org:8443")]).await.expect(200);
    for path in ["/api/about", "/api/me", "/api/docs", "/nothing", "/"] {
        refused(ask(&app, path, &[("Host", "evil.example")]).await);
    }
    for path in ["/healthz", "/readyz/"] {
        ask(&app, path, &[("Host", "10.1.2.3:8000")]).await.expect(200);
    }
}

async fn the_host_that_counts_is_the_one_that_the_client_asked_for(on: Database) {
    let hosts = ("ALLOWED_HOSTS", "chat.example.org");
    let behind = TestApp::with(on, &[hosts, ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let inside = ("Host", "inside:8000");
    ask(&behind, "/api/about", &[inside, ("X-Forwarded-Host", "chat.example.org")]).await.expect(200);
    refused(ask(&behind, "/api/about", &[inside, ("X-Forwarded-Host", "evil.example")]).await);
    let open = TestApp::with(on, &[hosts]).await;
    refused(ask(&open, "/api/about", &[inside, ("X-Forwarded-Host", "chat.example.org")]).await);
}

async fn browsers_that_came_over_tls_are_told_to_stay_with_it(on: Database) {
    let app = TestApp::with(on, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for path in ["/api/about", "/api/me", "/api/docs"] {
        let over_tls = ask(&app, path, &[("X-Forwarded-Proto", "https")]).await;
        assert_eq!(over_tls.header("strict-transport-security"), Some("max-age=31536000"), "{over_tls}");
        let plain = ask(&app, path, &[]).await;
        assert_eq!(plain.header("strict-transport-security"), None, "{plain}");
    }
    let open = TestApp::start(on).await;
    let claimed = ask(&open, "/api/about", &[("X-Forwarded-Proto", "https")]).await;
    assert_eq!(claimed.header("strict-transport-security"), None, "nobody else is believed");
}
