//! An answer, found to keep the rules that hold for every endpoint.

use raconteur::ErrorCode;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// What was asked, for whoever reads a failed test.
    asked: String,
}

impl Answer {
    pub async fn read(asked: String, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("an answer is whole and UTF-8");
        let answer = Self { status, headers, text, asked };
        answer.check_headers();
        if !answer.text.is_empty() && !answer.is_told_otherwise() {
            answer.check_json();
        }
        answer
    }

    /// Of a stream that has begun, without anything of it.
    pub fn of_stream(asked: String, response: &reqwest::Response) -> Self {
        check_common_headers(response.headers(), &asked);
        Self { status: response.status(), headers: response.headers().clone(), text: String::new(), asked }
    }

    /// The status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self
    }

    /// It is a refusal of exactly this status, code and detail.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str, detail: &str) -> Self {
        let body = self.json();
        let seen = (self.status.as_u16(), body["code"].as_str(), body["detail"].as_str());
        assert_eq!(seen, (status, Some(code), Some(detail)), "{self}");
        self
    }

    /// It is a 400 about exactly these fields, each with this one problem.
    #[track_caller]
    pub fn refused_fields(self, fields: &[(&str, &str)]) -> Self {
        let detail: Vec<String> = fields.iter().map(|(name, problem)| format!("{name}: {problem}")).collect();
        let answer = self.refused(400, "invalid", &detail.join(" "));
        let body = answer.json();
        for (name, problem) in fields {
            assert_eq!(body[name], serde_json::json!([problem]), "{answer}");
        }
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(fields.len() + 2), "{answer}");
        answer
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON: {error}\n{self}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are text"))
    }

    fn check_headers(&self) {
        check_common_headers(&self.headers, &self.asked);
        let www_authenticate = (self.status == StatusCode::UNAUTHORIZED).then_some(r#"Bearer realm="api""#);
        assert_eq!(self.header("www-authenticate"), www_authenticate, "{self}");
        let not_allowed = self.status == StatusCode::METHOD_NOT_ALLOWED;
        assert!(!not_allowed || self.header("allow").is_some(), "{self}");
        let wait = matches!(self.status.as_u16(), 429 | 503);
        assert_eq!(self.header("retry-after").is_some(), wait, "{self}");
    }

    /// Whether it is one of the things that are no JSON: a stream, the page about the API, a picture.
    fn is_told_otherwise(&self) -> bool {
        let otherwise = [
            "text/event-stream",
            "text/html; charset=utf-8",
            "image/svg+xml",
            "image/png",
            "application/octet-stream",
            "application/jsonl",
        ];
        self.status == StatusCode::OK
            && self.header("content-type").is_some_and(|kind| otherwise.contains(&kind))
    }

    fn check_json(&self) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self}");
        let body = self.json();
        assert_eq!(body.to_string().len(), self.text.len(), "JSON is compact: {self}");
        if self.status.is_client_error() || self.status.is_server_error() {
            assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self}");
            let code = ErrorCode::ALL.iter().find(|code| body["code"] == code.as_str());
            let status = code.map(|code| code.status().as_u16());
            assert_eq!(
                status,
                Some(self.status.as_u16()),
                "the code is in the table, with this status: {self}"
            );
        }
        if self.status.is_server_error() {
            assert_eq!(body["request_id"].as_str(), self.header("x-request-id"), "{self}");
            assert_eq!(body.as_object().map(serde_json::Map::len), Some(3), "nothing of the inside: {self}");
        }
    }
}

/// The headers that every answer has, a stream's too.
pub fn check_common_headers(headers: &HeaderMap, asked: &str) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("x-content-type-options"), Some("nosniff"), "{asked}");
    assert_eq!(header("x-frame-options"), Some("DENY"), "{asked}");
    assert_eq!(header("referrer-policy"), Some("no-referrer"), "{asked}");
    assert_eq!(header("cross-origin-opener-policy"), Some("same-origin"), "{asked}");
    assert!(header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")), "{asked}");
    let policy = header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{asked}: {policy}"
    );
    assert_eq!(header("server"), None, "{asked}");
    assert_eq!(header("vary"), Some("Origin"), "{asked}");
    assert_eq!(header("content-encoding"), None, "{asked}");
    assert_eq!(header("x-request-id").map(super::shape::of_text), Some("[uuid]"), "{asked}");
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, headers, text, asked } = self;
        write!(f, "\n{asked}\n{status}\n{headers:?}\n{text}")
    }
}
