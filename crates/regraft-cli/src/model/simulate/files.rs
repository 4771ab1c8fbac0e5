//! A file that has its name only when it is whole.

use std::fs::{File, remove_file, rename};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A file under way, under another name; taken away again unless it is finished.
pub struct Unfinished {
    place: PathBuf,
    now: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// Begins the file that is to be at `place`.
    ///
    /// # Errors
    /// If it cannot be written there.
    pub fn begin(place: &Path) -> Result<(Unfinished, BufWriter<File>)> {
        let cannot = || format!("cannot write `{}`", place.display());
        let mut name = place.file_name().with_context(cannot)?.to_os_string();
        // Two commands that write to one place do not meet.
        name.push(format!(".{}.unfinished", std::process::id()));
        let now = place.with_file_name(name);
        let file = File::create(&now).with_context(cannot)?;
        let unfinished = Unfinished { place: place.to_path_buf(), now, finished: false };
        Ok((unfinished, BufWriter::with_capacity(1 << 18, file)))
    }

    /// Where it is while it is under way.
    pub fn now(&self) -> &Path {
        &self.now
    }

    /// Where it will be.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Gives the file, now whole and closed, its name.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn finish(&mut self) -> Result<()> {
        let cannot = || format!("cannot write `{}`", self.place.display());
        rename(&self.now, &self.place).with_context(cannot)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // There is nobody to be told, and another error is under way.
            let _ = remove_file(&self.now);
        }
    }
}
