//! What a person sees. In a terminal it is a conversation; in a pipe it is the answers alone, on the standard output,
//! and complaints on the other one.

use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::TerminalError;
use super::text::{clean, one_line};

/// Whether the cursor stands behind an answer that has not ended its line. The log has to know it too.
static IN_A_LINE: AtomicBool = AtomicBool::new(false);

/// Terminals that know no more than lines; the line editor leaves them alone.
const SIMPLE: [&str; 3] = ["dumb", "cons25", "emacs"];

/// Where everything is shown.
pub(super) struct Screen {
    interactive: bool,
    edits: bool,
    colour: bool,
}

impl Screen {
    /// The terminal that this process was started in, or whatever it is connected to instead.
    pub(super) fn of_this_process() -> Self {
        let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
        // https://no-color.org: set to anything but nothing.
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let term = std::env::var_os("TERM").unwrap_or_default();
        let simple = SIMPLE.iter().any(|name| term.eq_ignore_ascii_case(name));
        Self { interactive, edits: interactive && !simple, colour: interactive && !unwanted && !simple }
    }

    /// Whether somebody sits before it and types.
    pub(super) const fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether lines are typed in an editor, to which Ctrl-C is a key like any other.
    pub(super) const fn has_editor(&self) -> bool {
        self.edits
    }

    /// Says whose the answer is that comes now.
    pub(super) fn begin_answer(&self, name: &str) -> Result<(), TerminalError> {
        if !self.interactive {
            return Ok(());
        }
        IN_A_LINE.store(true, Ordering::Relaxed);
        print(&format!("{}: ", self.styled("1", &one_line(name))))
    }

    /// Shows more of an answer, at once.
    pub(super) fn answer(&self, text: &str) -> Result<(), TerminalError> {
        IN_A_LINE.store(!text.ends_with('\n'), Ordering::Relaxed);
        print(&clean(text))
    }

    /// Shows what the model thinks before it says more, to whoever sits before it.
    pub(super) fn thought(&self, text: &str) -> Result<(), TerminalError> {
        IN_A_LINE.store(true, Ordering::Relaxed);
        print(&self.styled("2", &clean(text)))
    }

    /// Says that thoughts follow, where their colour does not.
    pub(super) fn begin_thought(&self) -> Result<(), TerminalError> {
        if self.colour { Ok(()) } else { print("[thinking] ") }
    }

    /// Ends the line that the answer left open.
    pub(super) fn end_answer(&self) -> Result<(), TerminalError> {
        if IN_A_LINE.swap(false, Ordering::Relaxed) { print("\n") } else { Ok(()) }
    }

    /// Shows what was asked for, of several lines that are [clean] already.
    pub(super) fn show(&self, text: &str) -> Result<(), TerminalError> {
        print(&format!("{}\n", text.trim_end()))?;
        self.gap()
    }

    /// Says something beside the conversation, which nobody wants in a pipe.
    pub(super) fn note(&self, text: &str) -> Result<(), TerminalError> {
        if !self.interactive {
            return Ok(());
        }
        // Each line by itself: a pager or a copy takes lines.
        let lines: Vec<String> = clean(text).lines().map(|line| self.styled("2", line)).collect();
        print(&format!("{}\n", lines.join("\n")))
    }

    /// Leaves a line free, where a person reads.
    pub(super) fn gap(&self) -> Result<(), TerminalError> {
        if self.interactive { print("\n") } else { Ok(()) }
    }

    /// Says that something is wrong.
    pub(super) fn complain(&self, text: &str) -> Result<(), TerminalError> {
        if self.interactive {
            return self.note(text);
        }
        // That nobody reads complaints is no reason to fail.
        let _ = writeln!(io::stderr(), "raconteur: {}", clean(text));
        Ok(())
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn print(text: &str) -> Result<(), TerminalError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(TerminalError::Output)
}

/// Where the log of a terminal goes: the standard error output, never into the middle of an answer's line.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = io::stderr().lock();
        if io::stdout().is_terminal() && out.is_terminal() && IN_A_LINE.swap(false, Ordering::Relaxed) {
            out.write_all(b"\n")?;
        }
        out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
