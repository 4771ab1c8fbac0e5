//! Storage for `[row][lane]` arrays that begins at a cache line.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// Numbers that begin at a multiple of 64 bytes, all 0 at first; used as a slice.
///
/// With 8 or more lanes no vector then straddles two cache lines. An ordinary `Vec` begins
/// at a multiple of 16 bytes only, and most loads would touch two lines.
#[derive(Debug, Default)]
pub struct Rows {
    storage: Vec<f64>,
    begin: usize,
    len: usize,
}

impl Rows {
    /// `rows · lanes` zeros.
    pub fn new(rows: usize, lanes: usize) -> Self {
        let len = rows * lanes;
        let spare = LINE / size_of::<f64>() - 1;
        let storage = vec![0.0; len + spare];
        let begin = storage.as_ptr().align_offset(LINE).min(spare);
        Self { storage, begin, len }
    }
}

impl Deref for Rows {
    type Target = [f64];

    #[inline(always)]
    fn deref(&self) -> &[f64] {
        &self.storage[self.begin..self.begin + self.len]
    }
}

impl DerefMut for Rows {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.storage[self.begin..self.begin + self.len]
    }
}
