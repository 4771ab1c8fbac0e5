//! The lines of a text as it streams by, so that a table of any length takes no memory.

use std::io::{BufRead, Read, Result};

use regraft_model::{Diagnostic, SourceId, Span};

use crate::ensemble::codes;

/// Where a table comes from.
pub(in crate::ensemble) type Reader<'r> = &'r mut dyn BufRead;

/// Longest line, in bytes; chosen: a table with half a million columns.
const LONGEST: u64 = 16 << 20;
/// A place in a text is a number of 32 bits.
const LARGEST: usize = u32::MAX as usize;

/// A line that is not blank, without its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// First byte in the text.
    pub start: usize,
    pub text: String,
}

impl Line {
    pub fn span(&self, id: SourceId) -> Span {
        Span::new(id, self.start, self.start + self.text.len())
    }
}

/// Lines as they come.
pub(super) struct Lines<'r> {
    id: SourceId,
    reader: Reader<'r>,
    /// First byte of the next line.
    at: usize,
}

impl<'r> Lines<'r> {
    pub fn new(id: SourceId, reader: Reader<'r>) -> Lines<'r> {
        Lines { id, reader, at: 0 }
    }

    /// The next line that is not blank; `false` at the end, and, with a problem, where nothing further can
    /// be read. A mark of byte order is no part of the first line.
    pub fn next(&mut self, line: &mut Line, problems: &mut Vec<Diagnostic>) -> Result<bool> {
        loop {
            let mut bytes = std::mem::take(&mut line.text).into_bytes();
            bytes.clear();
            line.start = self.at;
            let read = (&mut *self.reader).take(LONGEST + 1).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(false);
            }
            self.at += read;
            if let Some(message) = self.too_large(read) {
                let span = Span::new(self.id, line.start, line.start);
                problems.push(Diagnostic::error(codes::TABLE, span, message));
                return Ok(false);
            }
            if line.start == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
                line.start = 3;
            }
            match String::from_utf8(bytes) {
                Ok(text) => line.text = text,
                Err(error) => {
                    let at = line.start + error.utf8_error().valid_up_to();
                    let span = Span::new(self.id, at, at);
                    let problem = Diagnostic::error(codes::TABLE, span, "not UTF-8 text");
                    problems.push(problem.with_help("save the table as UTF-8, or as Parquet"));
                    return Ok(false);
                }
            }
            let bare = line.text.trim_end_matches(['\n', '\r']).len();
            line.text.truncate(bare);
            if !line.text.trim().is_empty() {
                return Ok(true);
            }
        }
    }

    fn too_large(&self, read: usize) -> Option<String> {
        if read as u64 > LONGEST {
            return Some(format!("a line of more than {LONGEST} bytes"));
        }
        (self.at > LARGEST).then(|| "a table of more than 4 GiB: give it as Parquet".to_string())
    }
}
