//! Where lines come from: a person at a line editor, or whatever is connected instead.

use std::io::{self, BufRead, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use raconteur_domain::limits::CONTENT_MAX_CHARS;
use rustyline::error::ReadlineError;
use rustyline::history::{DefaultHistory, History as _};
use rustyline::{Config, DefaultEditor};
use tokio::sync::oneshot;

/// What stands before the line that is typed.
const PROMPT: &str = "> ";

/// How many lines are remembered.
const HISTORY_LINES: usize = 1_000;

/// No line of more bytes can be a message: a character has at most four, and a command or a second slash little more.
const LINE_MAX_BYTES: u64 = 4 * CONTENT_MAX_CHARS as u64 + 64;

/// What comes of asking for a line.
#[derive(Debug)]
pub(super) enum Line {
    /// A line, without its end.
    Text(String),
    /// The person pressed Ctrl-C, and what stood in the line is gone.
    Interrupted,
    /// The line cannot be used; why.
    Refused(&'static str),
    /// There are no more.
    End,
    /// Nothing more can be read; why.
    Broken(io::Error),
}

/// Where lines are read from.
#[derive(Debug)]
pub(super) enum Source {
    /// A line editor, which remembers what was typed in this file.
    Editor {
        /// The file; without one it forgets at the end.
        history: Option<PathBuf>,
    },
    /// The standard input as it is.
    Plain,
}

/// Lines, read when they are asked for, so that the terminal is the editor's at no other time.
///
/// They are read on a thread of their own, which waits for the person and for which nobody waits at the end.
pub(super) struct Lines {
    wanted: mpsc::Sender<oneshot::Sender<Line>>,
}

impl Lines {
    pub(super) fn start(source: Source) -> io::Result<Self> {
        let mut read: Box<dyn FnMut() -> Line + Send> = match source {
            Source::Editor { history } => {
                let mut editor = Editor::new(history).map_err(io::Error::other)?;
                Box::new(move || editor.read())
            }
            Source::Plain => Box::new(|| read_plain(&mut io::stdin().lock())),
        };
        let (wanted, asked) = mpsc::channel::<oneshot::Sender<Line>>();
        thread::Builder::new().name("terminal-input".to_owned()).spawn(move || {
            for answer in asked {
                // Whoever asked may have been told to end meanwhile.
                let _ = answer.send(read());
            }
        })?;
        Ok(Self { wanted })
    }

    /// The next line. It takes as long as the person thinks.
    pub(super) async fn next(&self) -> Line {
        let (answer, line) = oneshot::channel();
        if self.wanted.send(answer).is_err() {
            return Line::End;
        }
        line.await.unwrap_or(Line::End)
    }
}

struct Editor {
    editor: DefaultEditor,
    history: Option<PathBuf>,
}

impl Editor {
    fn new(history: Option<PathBuf>) -> rustyline::Result<Self> {
        let config = Config::builder().max_history_size(HISTORY_LINES)?.auto_add_history(false).build();
        let lines = DefaultHistory::with_config(&config);
        let mut editor = DefaultEditor::with_history(config, lines)?;
        let history = history.filter(|path| load(&mut editor, path));
        Ok(Self { editor, history })
    }

    fn read(&mut self) -> Line {
        match self.editor.readline(PROMPT) {
            Ok(line) => {
                self.remember(&line);
                Line::Text(line)
            }
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(ReadlineError::Eof) => Line::End,
            Err(ReadlineError::Io(error)) => Line::Broken(error),
            Err(error) => Line::Broken(io::Error::other(error)),
        }
    }

    /// Keeps the line at once: a terminal that is closed keeps what was typed.
    fn remember(&mut self, line: &str) {
        if raconteur_domain::is_blank(line) {
            return;
        }
        let kept = self.editor.add_history_entry(line).and_then(|_| match &self.history {
            Some(path) => self.editor.history_mut().append(path),
            None => Ok(()),
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "what is typed is not remembered from here on");
            self.history = None;
        }
    }
}

/// Whether the file can be used: it is read, or there is none yet.
fn load(editor: &mut DefaultEditor, path: &Path) -> bool {
    match editor.load_history(path) {
        Ok(()) => true,
        Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "what is typed is not remembered");
            false
        }
    }
}

fn read_plain(input: &mut impl BufRead) -> Line {
    let mut bytes = Vec::new();
    if let Err(error) = input.by_ref().take(LINE_MAX_BYTES).read_until(b'\n', &mut bytes) {
        return Line::Broken(error);
    }
    if bytes.is_empty() {
        return Line::End;
    }
    if bytes.pop_if(|last| *last == b'\n').is_some() {
        bytes.pop_if(|last| *last == b'\r');
    } else if bytes.len() as u64 == LINE_MAX_BYTES {
        return match input.skip_until(b'\n') {
            Ok(_) => Line::Refused("The line is too long; nothing was sent."),
            Err(error) => Line::Broken(error),
        };
    }
    String::from_utf8(bytes)
        .map_or(Line::Refused("The line is not UTF-8 text; nothing was sent."), Line::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match read_plain(&mut input) {
                Line::Text(line) => lines.push(line),
                Line::Refused(why) => lines.push(format!("refused: {why}")),
                Line::End => return lines,
                line => panic!("{line:?}"),
            }
        }
    }

    #[test]
    fn plain_lines_end_as_they_do_anywhere_and_the_last_one_need_not() {
        assert_eq!(lines(b"one\r\n\n two \nthree"), ["one", "", " two ", "three"]);
        assert_eq!(lines(b""), [""; 0]);
    }

    #[test]
    fn a_line_that_is_no_text_is_refused_and_the_next_one_is_read() {
        assert_eq!(
            lines(b"\xff\xfe\nAye"),
            ["refused: The line is not UTF-8 text; nothing was sent.", "Aye"]
        );
    }

    #[test]
    fn an_endless_line_is_refused_without_being_kept_and_the_next_one_is_read() {
        let mut input = vec![b'x'; 3 * CONTENT_MAX_CHARS * 4];
        input.extend(b"\nAye");
        assert_eq!(lines(&input), ["refused: The line is too long; nothing was sent.", "Aye"]);
    }
}
