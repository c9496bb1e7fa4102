//! What was wrong with a file, said to the person who wrote it.

use std::fmt;

use crate::limits::MAX_WARNINGS;

/// Something in a persona's files that could not be used as it stands. The persona works without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file: its path where it was read from a folder, else its usual name (`kb.jsonl`).
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The column in that line, from 1, where it is known.
    pub column: Option<usize>,
    /// What was wrong, what was expected, and what happens instead.
    pub message: String,
}

/// As compilers write it, `file:line:column: message`, so that editors and terminals make it a link.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {}", self.message)
    }
}

/// Gathers the warnings about one file, [`MAX_WARNINGS`] of them at most.
pub(crate) struct Warnings<'a> {
    file: &'a str,
    list: Vec<Warning>,
    unlisted: usize,
}

impl<'a> Warnings<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, list: Vec::new(), unlisted: 0 }
    }

    pub(crate) fn file(&mut self, message: impl Into<String>) {
        self.push(None, None, message.into());
    }

    pub(crate) fn line(&mut self, line: usize, message: impl Into<String>) {
        self.push(Some(line), None, message.into());
    }

    pub(crate) fn push(&mut self, line: Option<usize>, column: Option<usize>, message: String) {
        if self.list.len() < MAX_WARNINGS {
            self.list.push(Warning { file: self.file.to_owned(), line, column, message });
        } else {
            self.unlisted += 1;
        }
    }

    pub(crate) fn into_vec(mut self) -> Vec<Warning> {
        if self.unlisted > 0 {
            let message = format!("{} more problems in this file", self.unlisted);
            self.list.push(Warning { file: self.file.to_owned(), line: None, column: None, message });
        }
        self.list
    }
}
