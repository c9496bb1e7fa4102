//! The databases that the API is tested on.

use std::path::Path;

use raconteur_storage::testing::TestSchema;
use tempfile::TempDir;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// Runs each of these tests on every database.
macro_rules! on_every_database {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::support::Database::Sqlite).await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let on = $crate::support::Database::Postgres;
                    if on.is_there() {
                        super::$name(on).await;
                    }
                }
            )*
        }
    };
}
pub(crate) use on_every_database;

impl Database {
    /// Whether there is a server for it; where there is none, the test says that it is skipped.
    pub fn is_there(self) -> bool {
        self == Self::Sqlite || TestSchema::create().is_some()
    }
}

/// A database of a test's own. It goes when this is dropped.
pub enum Place {
    Folder(TempDir),
    Schema(TestSchema),
    /// One that somebody else looks after.
    Elsewhere(String),
}

impl Place {
    pub fn new(on: Database) -> Self {
        match on {
            Database::Sqlite => Self::Folder(tempfile::tempdir().expect("a temporary folder")),
            Database::Postgres => Self::Schema(TestSchema::create().expect("the test is not skipped")),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Folder(folder) => format!("sqlite://{}/raconteur.db", folder.path().display()),
            Self::Schema(schema) => schema.url(),
            Self::Elsewhere(url) => url.clone(),
        }
    }

    /// Makes it answer every question with an error that is not going to pass.
    pub fn break_it(&self) {
        match self {
            Self::Folder(folder) => spoil(folder.path()),
            Self::Schema(schema) => {
                for table in [
                    "users",
                    "sessions",
                    "conversations",
                    "messages",
                    "generations",
                    "__diesel_schema_migrations",
                ] {
                    schema.execute(&format!("ALTER TABLE {table} RENAME TO lost_{table}"));
                }
            }
            Self::Elsewhere(_) => panic!("whoever looks after it breaks it"),
        }
    }
}

/// Overwrites the pages of an SQLite database.
fn spoil(folder: &Path) {
    for file in ["raconteur.db", "raconteur.db-wal"] {
        let path = folder.join(file);
        let length = std::fs::metadata(&path).expect("a database").len();
        let garbage = vec![b'x'; usize::try_from(length).expect("a small database")];
        std::fs::write(path, garbage).expect("a database that can be spoilt");
    }
}
