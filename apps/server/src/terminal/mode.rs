//! The terminal's mode. The line editor changes it while it reads, and a program that ends in the middle of that has to
//! put it back, or the person's shell would show nothing of what is typed.

/// The mode that the terminal was in.
pub(super) struct Mode {
    #[cfg(unix)]
    before: Option<nix::sys::termios::Termios>,
}

#[cfg(unix)]
impl Mode {
    /// As it is now; nothing where there is no terminal.
    pub(super) fn now() -> Self {
        Self { before: nix::sys::termios::tcgetattr(std::io::stdin()).ok() }
    }

    /// Puts it back.
    pub(super) fn restore(&self) {
        use std::io::Write as _;

        let Some(before) = &self.before else {
            return;
        };
        // The terminal itself may be gone by now.
        let _ = nix::sys::termios::tcsetattr(std::io::stdin(), nix::sys::termios::SetArg::TCSADRAIN, before);
        // Pasted text is no longer bracketed (xterm's control sequences, DECRST 2004), and the prompt's line ends.
        let _ = std::io::stdout().write_all(b"\x1b[?2004l\n");
    }
}

#[cfg(not(unix))]
impl Mode {
    pub(super) fn now() -> Self {
        Self {}
    }

    pub(super) fn restore(&self) {}
}
