//! The statements that a program executes, and how a database would go about them.
#![allow(clippy::expect_used, reason = "a test without its database fails")]

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::DatabaseUrl;
use crate::connection::{AnyConnection, Purpose};

static RECORDED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on every connection that this process makes records the statements that it executes.
///
/// # Panics
///
/// Where diesel's own lock is poisoned.
pub fn record_statements() {
    let made = diesel::connection::set_default_instrumentation(|| Some(Box::new(Recorder)));
    made.expect("nothing panics while it sets this");
}

/// What was recorded so far that reads or changes rows, each statement once, without its values.
#[must_use]
pub fn recorded_statements() -> Vec<String> {
    let recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    let about_rows = |statement: &&String| {
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| statement.starts_with(verb))
    };
    recorded.iter().filter(about_rows).cloned().collect()
}

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let shown = query.to_string();
            let statement = shown.split(" -- binds:").next().unwrap_or_default();
            RECORDED.lock().unwrap_or_else(PoisonError::into_inner).insert(statement.to_owned());
        }
    }
}

/// The parts of the plan for a statement that go through all rows of a table or all entries of an index, as the database
/// words them.
///
/// # Panics
///
/// Where the database does not answer, or not understand the statement.
#[must_use]
pub fn full_scans(url: &DatabaseUrl, statement: &str) -> Vec<String> {
    match url.connect(Purpose::Write).expect("the database answers") {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(mut connection) => sqlite_scans(&mut connection, statement),
        AnyConnection::Postgres(mut connection) => postgres_scans(&mut connection, statement),
    }
}

#[cfg(feature = "sqlite")]
fn sqlite_scans(connection: &mut diesel::SqliteConnection, statement: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    // What is not bound is NULL, which no plan looks at.
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
        .load(connection)
        .expect("the statement is understood");
    // A constant row is no table, and a virtual table says behind `INDEX 0:` what it was asked, if anything.
    let scans = |step: &Step| {
        let virtual_index = step.detail.split_once("VIRTUAL TABLE INDEX ").map(|(_, index)| index);
        step.detail.starts_with("SCAN ")
            && !step.detail.ends_with("CONSTANT ROW")
            && virtual_index.is_none_or(|index| index.ends_with(':'))
    };
    steps.into_iter().filter(scans).map(|step| step.detail).collect()
}

fn postgres_scans(connection: &mut diesel::PgConnection, statement: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        #[diesel(column_name = "QUERY PLAN")]
        line: String,
    }
    let parameters = (1..).take_while(|number| statement.contains(&format!("${number}"))).count();
    let values = match parameters {
        0 => String::new(),
        some => format!("({})", vec!["NULL"; some].join(", ")),
    };
    // The tables of a test are small: without this it would rightly read them whole, or a whole index of them. A plan for any
    // values is asked for, and one that takes a row and looks for what belongs to it.
    connection
        .batch_execute(&format!(
            "UPDATE pg_class SET relpages = 1, reltuples = 1000000 \
                WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace; \
             SET enable_seqscan = off; SET enable_mergejoin = off; SET enable_hashjoin = off; SET plan_cache_mode = force_generic_plan; PREPARE planned AS {statement}"
        ))
        .expect("the statement is understood");
    let lines: Vec<Line> =
        diesel::sql_query(format!("EXPLAIN EXECUTE planned{values}")).load(connection).expect("a plan");
    let lines: Vec<String> = lines.into_iter().map(|line| line.line.trim().to_owned()).collect();
    let mut scans = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let next = lines.get(place + 1).map_or("", String::as_str);
        let whole_index = line.contains("Index Scan using ") || line.contains("Index Only Scan using ");
        if line.contains("Seq Scan on ") || (whole_index && !next.starts_with("Index Cond:")) {
            scans.push(line.clone());
        }
    }
    scans
}
