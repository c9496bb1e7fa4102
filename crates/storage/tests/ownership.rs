//! An SQLite database belongs to one process at a time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use raconteur_storage::{Db, OpenError};

#[tokio::test]
async fn a_second_server_is_refused_and_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new/folder/raconteur.db", folder.path().display()).parse().unwrap();
    let first = Db::open(&url).unwrap();
    let second = Db::open(&url).err().unwrap();
    assert!(matches!(second, OpenError::InUse(_)));
    assert!(second.to_string().contains("stop that one"), "{second}");
    drop(first);
    Db::open(&url).unwrap();
}
