//! An SQLite database belongs to one process at a time.

use raconteur_storage::{Db, OpenError, Pool};

#[tokio::test]
async fn a_second_server_is_refused_and_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new/folder/raconteur.db", folder.path().display()).parse().unwrap();
    let first = Db::open(&url, Pool::default()).unwrap();
    let second = Db::open(&url, Pool::default()).err().unwrap();
    assert!(matches!(second, OpenError::InUse(_)));
    assert!(second.to_string().contains("stop that one"), "{second}");
    drop(first);
    Db::open(&url, Pool::default()).unwrap();
}
