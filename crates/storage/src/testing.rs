//! Databases of a test's own, on the Postgres server that `TEST_POSTGRES_URL` names.
#![allow(clippy::panic, reason = "a test without its database fails")]

mod plans;

use std::io::Write as _;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, process, thread};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

pub use plans::{full_scans, record_statements, recorded_statements};

/// Which server the tests use: its address, with a database in which they may make schemas.
const VARIABLE: &str = "TEST_POSTGRES_URL";

/// The address of the server; where there is none, the test says that it is skipped.
fn server() -> Option<String> {
    let server = env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if server.is_none() {
        assert!(env::var("CI").as_deref() != Ok("true"), "{VARIABLE} has to be set where CI=true");
        let line =
            format!("{} skipped: {VARIABLE} is not set\n", thread::current().name().unwrap_or("a test"));
        // Not a macro that prints: what those print is shown for failed tests alone.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    server
}

fn unused_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A whole database of a test's own, for what a schema cannot choose. It goes when this is dropped.
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// Makes one with these options of `CREATE DATABASE`, or says that the test is skipped.
    ///
    /// # Panics
    ///
    /// As [`TestSchema::create`] does.
    #[must_use]
    pub fn create(options: &str) -> Option<Self> {
        let (server, name) = (server()?, unused_name());
        let statements = [
            format!("DROP DATABASE IF EXISTS {name}"),
            format!("CREATE DATABASE {name} TEMPLATE template0 {options}"),
        ];
        let mut connection = connect(&server);
        for statement in statements {
            connection.batch_execute(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        Some(Self { server, name })
    }

    /// The database's URL.
    ///
    /// # Panics
    ///
    /// Where the server's URL names no database.
    #[must_use]
    pub fn url(&self) -> String {
        let end = self.server.find('?').unwrap_or(self.server.len());
        let (address, parameters) = self.server.split_at(end);
        let (server, _) =
            address.rsplit_once('/').unwrap_or_else(|| panic!("{VARIABLE} has to name a database"));
        format!("{server}/{}{parameters}", self.name)
    }
}

impl TestDatabase {
    /// Ends every connection; those that come after it can write or not.
    ///
    /// # Panics
    ///
    /// Where the server refuses.
    pub fn read_only(&self, read_only: bool) {
        let name = &self.name;
        let statements = format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = {read_only}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        connect(&self.server)
            .batch_execute(&statements)
            .unwrap_or_else(|error| panic!("{error}: {statements}"));
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(mut connection) = PgConnection::establish(&self.server) {
            let _ = connection.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

/// A schema that is empty at first, and goes with everything in it when this is dropped.
pub struct TestSchema {
    server: String,
    name: String,
}

impl TestSchema {
    /// Makes one, or says that the test is skipped, where no server is named.
    ///
    /// # Panics
    ///
    /// Where the server does not answer, and where none is named with `CI=true`: there nothing may be skipped.
    #[must_use]
    pub fn create() -> Option<Self> {
        server().map(Self::create_on)
    }

    fn create_on(server: String) -> Self {
        let mut connection = connect(&server);
        loop {
            let name = unused_name();
            match connection.batch_execute(&format!("CREATE SCHEMA {name}")) {
                Ok(()) => return Self { server, name },
                // Left behind by a process of the same number that was killed.
                Err(Error::DatabaseError(DatabaseErrorKind::Unknown, about))
                    if about.message().contains("already exists") => {}
                Err(error) => panic!("no schema for a test: {error}"),
            }
        }
    }

    /// The database's URL, with this schema as the one where everything is.
    #[must_use]
    pub fn url(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        let name = &self.name;
        format!("{}{joint}options=-csearch_path%3D{name}&application_name={name}", self.server)
    }

    /// The same through another host and port, such as those of a proxy that a test may cut.
    #[must_use]
    pub fn url_through(&self, address: &str) -> String {
        let url = self.url();
        let place = self.place();
        url.replacen(place, address, 1)
    }

    /// `HOST:PORT` of the server.
    ///
    /// # Panics
    ///
    /// Where the URL does not have both.
    #[must_use]
    pub fn place(&self) -> &str {
        let authority = self.server.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next());
        let place = authority.and_then(|authority| authority.split('@').next_back());
        place
            .filter(|place| place.contains(':'))
            .unwrap_or_else(|| panic!("{VARIABLE} needs HOST:PORT for this test"))
    }

    /// Ends every connection that works in the schema, as a server that is restarted does.
    ///
    /// # Panics
    ///
    /// Where the server refuses.
    pub fn cut_connections(&self) {
        self.execute(&format!(
            "SELECT pg_terminate_backend(activity.pid) FROM pg_stat_activity AS activity \
             WHERE activity.pid <> pg_backend_pid() AND activity.application_name = '{}'",
            self.name
        ));
    }

    /// Runs statements in the schema, as somebody other than the program would.
    ///
    /// # Panics
    ///
    /// Where they fail.
    pub fn execute(&self, statements: &str) {
        connect(&self.url())
            .batch_execute(statements)
            .unwrap_or_else(|error| panic!("{error}: {statements}"));
    }

    /// Begins a transaction with these statements, and holds what they lock until it is committed or dropped.
    ///
    /// # Panics
    ///
    /// Where they fail.
    #[must_use]
    pub fn begin(&self, statements: &str) -> Transaction {
        let mut connection = connect(&self.url());
        connection
            .batch_execute(&format!("BEGIN; {statements}"))
            .unwrap_or_else(|error| panic!("{error}: {statements}"));
        Transaction(connection)
    }

    /// Whether a condition holds.
    ///
    /// # Panics
    ///
    /// Where it cannot be asked.
    #[must_use]
    pub fn holds(&self, condition: &str) -> bool {
        let answer: Answer = diesel::sql_query(format!("SELECT {condition} AS holds"))
            .get_result(&mut connect(&self.url()))
            .unwrap_or_else(|error| panic!("{error}: {condition}"));
        answer.holds
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    holds: bool,
}

/// A transaction that a test holds open. Dropped, it is rolled back.
pub struct Transaction(PgConnection);

impl Transaction {
    /// Commits it.
    ///
    /// # Panics
    ///
    /// Where that fails.
    pub fn commit(mut self) {
        self.0.batch_execute("COMMIT").unwrap_or_else(|error| panic!("{error}"));
    }
}

impl Drop for TestSchema {
    fn drop(&mut self) {
        if let Ok(mut connection) = PgConnection::establish(&self.server) {
            let drop = format!(
                "SET client_min_messages = warning; SET lock_timeout = '10s'; DROP SCHEMA {} CASCADE",
                self.name
            );
            // One that stays behind is in nobody's way.
            let _ = connection.batch_execute(&drop);
        }
    }
}

/// Executes a statement on an SQLite database beside whoever has it open, as another process would.
///
/// # Panics
///
/// Where that fails.
#[cfg(feature = "sqlite")]
pub fn execute_on_file(database: &Path, statement: &str) {
    let executed =
        SqliteConnection::establish(&database.to_string_lossy()).map_err(|error| error.to_string());
    executed
        .and_then(|mut connection| {
            connection
                .batch_execute(&format!("PRAGMA busy_timeout = 5000; {statement}"))
                .map_err(|error| error.to_string())
        })
        .unwrap_or_else(|error| panic!("{}: {error}", database.display()));
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"))
}
