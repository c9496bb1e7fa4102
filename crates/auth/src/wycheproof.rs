//! Project Wycheproof's vectors for JSON web signatures, run against the verifier of our tokens and of Google's. They are
//! not kept here: `just wycheproof FILE` runs those of a file.
//!
//! Of each group the vectors are tokens that all are to be verified with one key. What is invalid has to be refused, by
//! either algorithm of ours; what is valid has to be taken where the key and the token are for one of them. Two kinds are
//! set aside, and counted: a token that its group calls both valid and invalid, and one that is called valid though it has
//! characters in it that RFC 7515 (section 2) does not let be. The published file has both.

use std::env;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::jws::{self, Jws};
use crate::testing::GoogleKey;

/// Our algorithms, each with its name.
const OURS: [(Algorithm, &str); 2] = [(Algorithm::HS256, "HS256"), (Algorithm::RS256, "RS256")];

/// What a run has found.
#[derive(Debug, Default)]
struct Findings {
    /// How many valid tokens were taken, as the vectors want it.
    taken: usize,
    /// How many invalid tokens were refused, as the vectors want it.
    refused: usize,
    /// How many tokens no verifier can do right.
    set_aside: usize,
    /// What is not as the vectors want it.
    wrong: Vec<String>,
}

impl Findings {
    fn of(vectors: &Value) -> Self {
        let mut findings = Self::default();
        for group in list(&vectors["testGroups"]) {
            // Secrets have no public half.
            let key = if group["public"].is_object() { &group["public"] } else { &group["private"] };
            let tests = list(&group["tests"]);
            for test in tests {
                if cannot_be_right(test, tests) {
                    findings.set_aside += 1;
                } else {
                    findings.note(key, test);
                }
            }
        }
        findings
    }

    fn note(&mut self, key: &Value, test: &Value) {
        let (token, result) = (test["jws"].as_str().unwrap_or_default(), test["result"].as_str());
        let is_taken = OURS.iter().any(|(algorithm, _)| is_taken(token, key, *algorithm));
        match (result, is_taken) {
            (Some("valid"), true) => self.taken += 1,
            (Some("invalid"), false) => self.refused += 1,
            // Of another algorithm or another form, which nobody claims to take.
            (Some("valid"), false) if !is_ours(token, key) => {}
            (Some("acceptable"), _) => {}
            _ => self.wrong.push(format!("{} (taken: {is_taken})", json!(test))),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn cannot_be_right(test: &Value, group: &[Value]) -> bool {
    let is_called_otherwise =
        |other: &Value| other["jws"] == test["jws"] && other["result"] != test["result"];
    let token = test["jws"].as_str().unwrap_or_default();
    let may_be = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    // Invalid ones are asked of us all the same, unless they are called valid as well.
    group.iter().any(is_called_otherwise) || (test["result"] == "valid" && !token.chars().all(may_be))
}

fn is_taken(token: &str, key: &Value, algorithm: Algorithm) -> bool {
    let Some((_, key)) = jws::key(key.clone(), algorithm) else { return false };
    Jws::parse(token, algorithm).is_ok_and(|token| token.verify(&key).is_ok())
}

/// Whether both the token's header and the key, where it says so, are for an algorithm of ours.
fn is_ours(token: &str, key: &Value) -> bool {
    let header = token.split('.').next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let header: Value = header.and_then(|header| serde_json::from_slice(&header).ok()).unwrap_or_default();
    let named = |name: &str| header["alg"] == name && (key["alg"].is_null() || key["alg"] == name);
    OURS.iter().any(|(_, name)| named(name))
}

#[test]
#[ignore = "wants the vectors: just wycheproof FILE"]
fn the_vectors_of_these_files() {
    let files = env::var("WYCHEPROOF").expect("WYCHEPROOF names files, with colons between them");
    for file in env::split_paths(&files) {
        let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let findings = Findings::of(&serde_json::from_slice(&text).expect("vectors are JSON"));
        let Findings { taken, refused, set_aside, wrong } = &findings;
        assert!(wrong.is_empty(), "{}: {} are wrong:\n{}", file.display(), wrong.len(), wrong.join("\n"));
        assert!(*taken > 0 && *refused > 0, "{}: it has none for HS256 or RS256", file.display());
        println!(
            "{}: {taken} valid ones taken, {refused} invalid ones refused, {set_aside} set aside",
            file.display()
        );
    }
}

const SECRET: &[u8] = b"a secret of as many bytes as SHA-256 has";

fn secret_key() -> Value {
    json!({ "kty": "oct", "alg": "HS256", "kid": "s", "k": URL_SAFE_NO_PAD.encode(SECRET) })
}

fn with_the_secret(header: &Value, algorithm: Algorithm) -> String {
    let body = [header.to_string().as_str(), "Test"].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = crypto::sign(body.as_bytes(), &EncodingKey::from_secret(SECRET), algorithm).unwrap();
    format!("{body}.{signature}")
}

/// Vectors of the same shape: the first two groups are for algorithms of ours, the last one is not.
fn vectors() -> Value {
    let rsa = GoogleKey::new("r");
    let hs256 = with_the_secret(&json!({ "alg": "HS256" }), Algorithm::HS256);
    let rs256 = rsa.sign_texts(r#"{"alg":"RS256"}"#, "Test");
    let confused = rsa.sign_with_the_public_key(&json!({}));
    let tests = |tests: &[(&str, &str)]| -> Vec<Value> {
        let test = |(id, (token, result)): (usize, &(&str, &str))| json!({ "tcId": id, "jws": token, "result": result });
        tests.iter().enumerate().map(test).collect()
    };
    let hs512 = with_the_secret(&json!({ "alg": "HS512" }), Algorithm::HS512);
    let mut of_hs512 = secret_key();
    of_hs512["alg"] = "HS512".into();
    json!({ "algorithm": "JWS", "testGroups": [
        { "private": secret_key(), "tests": tests(&[
            (&hs256, "valid"), (&hs256[1..], "invalid"), (&rs256, "invalid"), (&hs512, "invalid"),
        ]) },
        { "public": rsa.public(), "private": {}, "tests": tests(&[
            (&rs256, "valid"), (&confused, "invalid"), (&hs256, "invalid"), ("", "invalid"),
        ]) },
        { "private": of_hs512, "tests": tests(&[(&hs512, "valid"), (&hs256, "invalid")]) },
    ] })
}

#[test]
fn vectors_of_our_own_are_as_they_say() {
    let findings = Findings::of(&vectors());
    assert_eq!(findings.wrong, [""; 0]);
    assert_eq!((findings.taken, findings.refused), (2, 7));
}

#[test]
fn what_nobody_can_do_right_is_set_aside() {
    let mut vectors = vectors();
    let tests = vectors["testGroups"][0]["tests"].as_array_mut().unwrap();
    let token = tests[0]["jws"].as_str().unwrap().to_owned();
    tests.push(json!({ "tcId": 98, "jws": token, "result": "invalid" }));
    tests.push(json!({ "tcId": 99, "jws": token.replacen('.', "?.", 1), "result": "valid" }));
    let findings = Findings::of(&vectors);
    assert_eq!(findings.wrong, [""; 0]);
    assert_eq!((findings.taken, findings.refused, findings.set_aside), (1, 7, 3));
}

/// A harness that takes everything finds nothing.
#[test]
fn what_is_not_as_the_vectors_say_is_found() {
    for (group, test, wrong) in [(0, 0, "invalid"), (0, 1, "unheard of"), (1, 0, "invalid")] {
        let mut vectors = vectors();
        vectors["testGroups"][group]["tests"][test]["result"] = wrong.into();
        assert_eq!(Findings::of(&vectors).wrong.len(), 1, "{group} {test} {wrong}");
    }
    // A valid one with a spoilt signature.
    let mut spoilt = vectors();
    let token = &mut spoilt["testGroups"][0]["tests"][0]["jws"];
    *token = format!("{}A", token.as_str().unwrap()).into();
    assert_eq!(Findings::of(&spoilt).wrong.len(), 1);
}
