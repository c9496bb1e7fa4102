//! Nothing is left out of a copy.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::tables;
use crate::DatabaseUrl;
use crate::connection::AnyConnection;
use crate::copy::mark;
use crate::testing::TestSchema;

/// The tables that are not copied: which servers run, which migrations ran and who has just tried to sign in is each
/// database's own affair. What is found is made anew from what was copied.
fn is_copied(table: &str) -> bool {
    !matches!(table, "servers" | "sign_in_failures" | "__diesel_schema_migrations" | "sqlite_sequence")
        && !table.starts_with("search_")
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    column: String,
}

const OF_SQLITE: &str = "SELECT t.name AS \"table\", c.name AS \"column\" \
    FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table'";

const OF_POSTGRES: &str = "SELECT table_name::text AS \"table\", column_name::text AS \"column\" \
    FROM information_schema.columns WHERE table_schema = current_schema()";

fn assert_that_every_column_is_copied(url: &str) {
    let url: DatabaseUrl = url.parse().unwrap();
    let mut connection = url.connect(crate::connection::Purpose::Write).unwrap();
    connection.migrate().unwrap();
    let columns: Vec<Column> = match &mut connection {
        AnyConnection::Sqlite(connection) => diesel::sql_query(OF_SQLITE).load(connection).unwrap(),
        AnyConnection::Postgres(connection) => diesel::sql_query(OF_POSTGRES).load(connection).unwrap(),
    };
    let there: BTreeSet<String> = columns
        .into_iter()
        .filter(|column| is_copied(&column.table))
        .map(|Column { table, column }| format!("{table}.{column}"))
        .collect();
    let copied: BTreeSet<String> = tables::all()
        .iter()
        .flat_map(|table| table.columns().into_iter().map(|column| format!("{}.{column}", table.name())))
        .collect();
    let forgotten: Vec<_> = there.symmetric_difference(&copied).collect();
    assert!(forgotten.is_empty(), "copy/tables.rs has to have what the tables have: {forgotten:?}");
    assert_eq!(mark::read(&mut connection).unwrap(), None);
}

#[test]
fn every_column_of_every_table_on_sqlite_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    assert_that_every_column_is_copied(&format!("sqlite://{}/raconteur.db", folder.path().display()));
}

#[test]
fn every_column_of_every_table_on_postgres_is_copied() {
    let Some(schema) = TestSchema::create() else { return };
    assert_that_every_column_is_copied(&schema.url());
}
