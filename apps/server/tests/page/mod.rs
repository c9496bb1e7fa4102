//! Pages of the documentation that have parts made from the code.

use std::path::PathBuf;

/// A file of the repository.
pub fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Whether the pages are to be written and not compared: `just docs`.
pub fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Compares what stands on a page between the marks of this name, or writes it.
pub fn check(page: &str, mark: &str, made: &str) {
    let (begin, end) = (format!("<!-- {mark}: begin -->\n"), format!("<!-- {mark}: end -->"));
    let path = root(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(&begin).expect("the page marks where the table begins");
    let (written, after) = rest.split_once(&end).expect("the page marks where the table ends");
    if updating() {
        std::fs::write(&path, format!("{before}{begin}{made}{end}{after}")).unwrap();
    } else {
        assert_eq!(written, made, "{page} is stale: just docs");
    }
}
