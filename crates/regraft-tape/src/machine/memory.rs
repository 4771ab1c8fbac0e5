//! Memory that holds machine code.

use memmap2::{Mmap, MmapMut};

/// Bytes that may be executed and no longer be written.
#[derive(Debug)]
pub(super) struct Executable {
    bytes: Mmap,
}

impl Executable {
    /// A copy of the bytes in memory of its own. `None` where the system does not give any, or
    /// forbids executing what was written.
    pub fn new(code: &[u8]) -> Option<Executable> {
        let mut writable = MmapMut::map_anon(code.len()).ok()?;
        writable.copy_from_slice(code);
        let bytes = writable.make_exec().ok()?;
        Some(Executable { bytes })
    }

    /// Where the code begins.
    pub fn start(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    /// Bytes of code.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}
