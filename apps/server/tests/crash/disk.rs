//! A disk that loses what was not synced. `unsynced.c`, preloaded into the server, has a journal of it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::luck::Luck;
use crate::program::Program;

/// The least that a disk writes whole.
const SECTOR: u64 = 512;

pub struct Disk {
    folder: TempDir,
    lies: bool,
}

/// A change to a file, as the journal has it.
struct Change {
    kind: u64,
    file: usize,
    offset: u64,
    old_size: u64,
    old: Vec<u8>,
    new: Vec<u8>,
}

const WRITE: u64 = 1;
const TRUNCATE: u64 = 2;
const SYNC: u64 = 3;

impl Disk {
    pub fn honest() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/unsynced.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O2", "-o"]).arg(folder.path().join("unsynced.so")).arg(source);
        let made =
            compiler.args(["-ldl", "-lpthread"]).status().expect("a C compiler, which the build needs too");
        assert!(made.success());
        Self { folder, lies: false }
    }

    /// One that says that it has synced, and has not, from some moment on.
    pub fn lying() -> Self {
        Self { lies: true, ..Self::honest() }
    }

    /// Puts it under a program.
    pub fn under(&self, program: Program) -> Program {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        // The folder that the program will keep its database in, to be found again.
        std::fs::create_dir(program.path("data")).unwrap();
        std::os::unix::fs::symlink(program.path("data"), self.path("data")).unwrap();
        program
            .set("LD_PRELOAD", path("unsynced.so"))
            .set("UNSYNCED_JOURNAL", path("journal"))
            .set("UNSYNCED_LIE", path("lie"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn begin_to_lie(&self) {
        if self.lies {
            File::create(self.path("lie")).unwrap();
        }
    }

    /// Undoes what was written to each file after it was last synced. Half of the time some of that survives, in any
    /// order: a write whole, or its first sectors. Says what is gone.
    pub fn lose_what_was_not_synced(&self, luck: &mut Luck) -> String {
        let changes = read(&self.path("journal"));
        std::fs::remove_file(self.path("journal")).unwrap();
        let mut unsynced: [Vec<Change>; 2] = Default::default();
        for change in changes {
            match change.kind {
                SYNC => unsynced[change.file].clear(),
                _ => unsynced[change.file].push(change),
            }
        }
        let (some_survive, mut survivors) = (!self.lies && luck.up_to(2) == 1, 0);
        for (changes, name) in unsynced.iter().zip(["data/raconteur.db", "data/raconteur.db-wal"]) {
            if changes.is_empty() {
                continue;
            }
            let file = OpenOptions::new().read(true).write(true).open(self.path(name)).unwrap();
            changes.iter().rev().for_each(|change| change.undo(&file));
            if some_survive {
                survivors += changes.iter().filter(|change| change.survives(&file, luck)).count();
            }
        }
        let _ = std::fs::remove_file(self.path("data/raconteur.db-shm"));
        let [database, log] = unsynced.map(|changes| changes.len());
        format!(
            "{database} writes to the database and {log} to its log were not synced, {survivors} survived"
        )
    }
}

impl Change {
    fn undo(&self, file: &File) {
        file.write_all_at(&self.old, self.offset).unwrap();
        file.set_len(self.old_size).unwrap();
    }

    /// Whether it reached the disk all the same.
    fn survives(&self, file: &File, luck: &mut Luck) -> bool {
        match (luck.up_to(3), self.kind) {
            (1, _) => return false,
            (_, TRUNCATE) => file.set_len(self.offset).unwrap(),
            (2, _) => file.write_all_at(&self.new, self.offset).unwrap(),
            _ => {
                let sectors = luck.up_to(self.new.len() as u64 / SECTOR + 1) - 1;
                let whole = usize::try_from(sectors * SECTOR).unwrap();
                file.write_all_at(&self.new[..whole], self.offset).unwrap();
            }
        }
        true
    }
}

/// The entries of the journal. The last one may be torn: then what it announces has not been done.
fn read(path: &Path) -> Vec<Change> {
    let journal = std::fs::read(path).expect("the server wrote a journal");
    let (mut unread, mut changes) = (journal.as_slice(), Vec::new());
    while let Some(change) = next(&mut unread) {
        assert!([WRITE, TRUNCATE, SYNC].contains(&change.kind));
        changes.push(change);
    }
    changes
}

fn next(unread: &mut &[u8]) -> Option<Change> {
    let mut rest = *unread;
    let mut number = || Some(u64::from_ne_bytes(rest.split_off(..8)?.try_into().ok()?));
    let [magic, kind, file] = [number()?, number()?, number()?];
    let [offset, old_size, old_length, new_length] = [number()?, number()?, number()?, number()?];
    assert_eq!(magic, 0x756e_7379, "an entry begins here");
    let old = rest.split_off(..usize::try_from(old_length).ok()?)?.to_vec();
    let new = rest.split_off(..usize::try_from(new_length).ok()?)?.to_vec();
    *unread = rest;
    Some(Change { kind, file: usize::try_from(file).ok()?, offset, old_size, old, new })
}
