# Every habit has a name here. Without just installed: npx --yes rust-just@1 NAME

set shell := ["bash", "-euo", "pipefail", "-c"]

# What there is
default:
    @{{ just_executable() }} --list --unsorted

# Build and start the server, with its web app
dev: web
    cargo run --locked --bin raconteur -- serve

# Build the web app, where it is missing or older than its source
web:
    @scripts/web

# Start the server, and the web app beside it so that a saved file shows at once (with npm)
web-dev:
    npm ci --silent --prefix apps/web/api && npm ci --silent --prefix apps/web
    cargo build --locked --bin raconteur
    target/debug/raconteur serve & trap "kill $!" EXIT; npm run --prefix apps/web dev

# Start a real, small language model on this machine, to chat with instead of the offline one
[positional-arguments]
model *ARGS:
    @command -v python3 >/dev/null || { echo "python3 is missing: version 3.10 or later is needed"; exit 1; }
    @python3 scripts/model.py "$@"

# Run every test, and those in a browser where there is one
test: client-packages && web-test
    cargo test --locked --workspace

[private]
web-test: web
    @if ! command -v npm >/dev/null; then echo "NOT RUN: the web app's tests, because npm is missing"; [ "${CI:-}" != true ]; \
     else npm run --silent --prefix apps/web test; fi
    @if ! command -v npm >/dev/null || ! command -v chromium >/dev/null; then \
       echo "NOT RUN: the journeys through the web app, because Chromium is missing"; [ "${CI:-}" != true ]; \
     else {{ just_executable() }} e2e; fi

# Go through the web app in Chromium (Debian's chromium), on the real server with a model that follows scripts
e2e *ARGS: web
    cargo build --locked --bin raconteur
    RACONTEUR_BIN="$PWD/target/debug/raconteur" npm run --silent --prefix apps/web e2e -- {{ ARGS }}

# Install the clients of others that the tests run (with npm and python3, where they are there)
client-packages:
    @scripts/client-packages

# Chat with that model, which is started for it and stopped after it
test-model:
    cargo test --locked --workspace --test model --no-run
    @{{ just_executable() }} model --port 0 --context 2048 -- \
        cargo test --locked --workspace --test model -- --ignored --test-threads=1

# Kill the server in the middle of fifty replies, COUNT times, and as often take its power; CRASH_SEED=NUMBER for the same again
crash-test COUNT="20":
    CRASHES={{ COUNT }} cargo test --locked --workspace --test crash -- --ignored --nocapture --test-threads=1

# Ask a server of its own whatever its OpenAPI document allows and much that it does not; --max-examples COUNT for more
fuzz-api *ARGS:
    cargo build --locked --bin raconteur
    scripts/venv fuzz scripts/fuzz-requirements.txt
    target/fuzz-venv/bin/python scripts/fuzz_api.py {{ ARGS }}

# Make up what strangers may send to the persona crate, SECONDS for each kind of it (with cargo-fuzz and a nightly compiler)
fuzz SECONDS="60":
    @crates/persona/fuzz/run {{ SECONDS }}

# Everything that has to hold before a change lands, but for the tests
check: fmt-check layers deny lint features doc web-api-check web-check

# Write the types of the TypeScript client anew from the OpenAPI document
web-api: client-packages
    @if command -v npm >/dev/null; then npm run --silent --prefix apps/web/api generate; \
     else echo "NOT WRITTEN: the types of the TypeScript client, because npm is missing"; fi

[private]
web-api-check: client-packages
    @if ! command -v npm >/dev/null; then \
       echo "NOT CHECKED: the TypeScript client, because npm is missing"; [ "${CI:-}" != true ]; \
     else npm run --silent --prefix apps/web/api check || { echo "where its types are stale: just web-api"; exit 1; }; fi

# The web app's types, style and dead code, and that its first page stays small
[private]
web-check: web
    @if ! command -v npm >/dev/null; then echo "NOT CHECKED: the web app, because npm is missing"; [ "${CI:-}" != true ]; \
     else npm run --silent --prefix apps/web check && npm run --silent --prefix apps/web budget; fi

# Format the code
fmt:
    cargo fmt --all

[private]
fmt-check:
    cargo fmt --all --check

# Clippy, with warnings denied
lint:
    cargo clippy --locked --workspace --all-targets -- -D warnings

# The program builds for one database alone, too, and the persona crate without cards
features:
    cargo clippy --locked --package raconteur-persona --all-targets -- -D warnings
    for database in postgres sqlite; do \
      cargo clippy --locked --workspace --exclude raconteur-bench --no-default-features \
        --features "raconteur/$database" -- -D warnings; done

# Which crate may know which
layers:
    .ci/layers

# Licences, bans and sources of what we depend on, and its advisories where their database can be reached
deny:
    @command -v cargo-deny >/dev/null || { echo "cargo-deny is missing: cargo install --locked cargo-deny"; exit 1; }
    cargo deny --locked check bans licenses sources
    @if cargo deny fetch db >/dev/null 2>&1; then cargo deny --locked check advisories; \
     else echo "NOT CHECKED: advisories, because their database cannot be reached from here"; fi

# Project Wycheproof's vectors for JSON web signatures (json_web_signature_test.json) against the verifier of tokens
[positional-arguments]
wycheproof +FILES:
    WYCHEPROOF="$(realpath -- "$@" | paste -sd:)" cargo test --locked --package raconteur-auth --lib -- --ignored --nocapture wycheproof

# Load runs: many streams at once through a release build, beside the same streams straight from the model
bench-load *ARGS:
    cargo build --locked --release --bin raconteur --bin raconteur-bench
    ulimit -n "$(ulimit -Hn)"; target/release/raconteur-bench {{ ARGS }}

# How long a start takes on an existing database, and how much memory an idle server has
bench-start *ARGS:
    cargo build --locked --release --bin raconteur --bin raconteur-bench
    target/release/raconteur-bench --starts 10 {{ ARGS }}

# How fast a copy from SQLite to Postgres is, on the server that TEST_POSTGRES_URL names
bench-copy:
    cargo test --locked --release --workspace --test storage -- --ignored --nocapture how_fast_a_copy_is

# How fast a search is among a million messages, beside the plain ways to do it. BENCH_SCALE=10 makes it a tenth of
# them; BENCH_FOLDER=FOLDER keeps those on SQLite for the next run
bench-search *ARGS:
    cargo test --locked --release --workspace --test storage -- --ignored --nocapture --test-threads=1 how_fast_a_search {{ ARGS }}

# How well and how fast entries are found, beside the old program's scorer and Python's bm25s (with python3, where it is there)
bench-retrieval:
    @scripts/bench-retrieval

# The documentation of every crate, with warnings denied
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

# Write anew what is made from the code: the tables in docs/, the OpenAPI document, the TypeScript client's types
docs: && web-api
    UPDATE_DOCS=1 cargo test --locked --workspace --test docs --test faults
