//! Writing to the terminal. A reader that went away (`| head`) is no error, and never a panic.

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result};

/// Writes the answer of a command to stdout.
///
/// # Errors
/// If it cannot be written; a pipe that was closed is no error.
pub fn answer(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to stdout"),
    }
}

/// Writes a line for people to stderr. Where that cannot be done there is nobody to be told.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
