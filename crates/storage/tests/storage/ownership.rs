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

#[cfg(unix)]
#[tokio::test]
async fn a_link_leads_to_the_same_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite://{}/{name}", folder.path().display()).parse().unwrap();
    // The link is there before the file that it leads to.
    std::os::unix::fs::symlink("raconteur.db", folder.path().join("link.db")).unwrap();
    let first = Db::open(&url("link.db"), Pool::default()).unwrap();
    assert!(matches!(Db::open(&url("raconteur.db"), Pool::default()), Err(OpenError::InUse(_))));
    assert!(matches!(Db::open(&url("link.db"), Pool::default()), Err(OpenError::InUse(_))));
    drop(first);
    Db::open(&url("raconteur.db"), Pool::default()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_it_wherever_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/raconteur.db", folder.path().display()).parse().unwrap();
    let _db = Db::open(&url, Pool::default()).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
}
