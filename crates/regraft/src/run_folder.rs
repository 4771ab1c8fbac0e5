//! The folder of a run: `manifest.json`, Parquet tables, `report.html`.
//!
//! A run is written into a folder beside the asked-for one and renamed when it is whole, so that a
//! stopped run never looks finished. The manifest is written last.

pub mod manifest;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use manifest::Manifest;
pub use table::{Column, Table};

/// Why a run could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A folder or file could not be made.
    #[error("cannot write `{path}`: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table could not be encoded.
    #[error("cannot encode the table `{path}`: {source}")]
    Parquet {
        /// Where.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// The folder holds something that is not a run of regraft.
    #[error("`{0}` exists and is not a run of regraft: choose another folder with --out")]
    NotARun(PathBuf),
}

impl WriteError {
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> WriteError + '_ {
        move |source| WriteError::Io { path: path.to_path_buf(), source }
    }
}

/// A folder being filled. Dropped unfinished, it removes what it wrote.
#[derive(Debug)]
pub struct RunFolder {
    target: PathBuf,
    working: PathBuf,
    finished: bool,
}

impl RunFolder {
    /// Opens the working folder beside `target`. Tested at once, so that a run does not fail at its end.
    ///
    /// # Errors
    /// [`WriteError::NotARun`] if `target` holds something else, [`WriteError::Io`] if it cannot be written.
    pub fn create(target: &Path) -> Result<RunFolder, WriteError> {
        if target.exists() && !target.join("manifest.json").is_file() && !is_empty_folder(target) {
            return Err(WriteError::NotARun(target.to_path_buf()));
        }
        let name =
            target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "run".into());
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(WriteError::io(parent))?;
        let working = parent.join(format!(".{name}.unfinished-{}", std::process::id()));
        if working.exists() {
            fs::remove_dir_all(&working).map_err(WriteError::io(&working))?;
        }
        fs::create_dir(&working).map_err(WriteError::io(&working))?;
        Ok(RunFolder { target: target.to_path_buf(), working, finished: false })
    }

    /// Writes a text file.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn text(&self, name: &str, text: &str) -> Result<(), WriteError> {
        let path = self.working.join(name);
        fs::write(&path, text).map_err(WriteError::io(&path))
    }

    /// Writes a Parquet table.
    ///
    /// # Errors
    /// [`WriteError::Io`] or [`WriteError::Parquet`].
    pub fn table(&self, name: &str, table: &Table) -> Result<(), WriteError> {
        let path = self.working.join(name);
        let file = fs::File::create(&path).map_err(WriteError::io(&path))?;
        table.write(file).map_err(|source| WriteError::Parquet { path, source })
    }

    /// BLAKE3 hash (hex) of a file written before.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn hash(&self, name: &str) -> Result<String, WriteError> {
        let path = self.working.join(name);
        let bytes = fs::read(&path).map_err(WriteError::io(&path))?;
        Ok(blake3::hash(&bytes).to_hex().to_string())
    }

    /// Puts the folder in its place, replacing an earlier run there.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn finish(mut self) -> Result<PathBuf, WriteError> {
        if self.target.exists() {
            fs::remove_dir_all(&self.target).map_err(WriteError::io(&self.target))?;
        }
        fs::rename(&self.working, &self.target).map_err(WriteError::io(&self.target))?;
        self.finished = true;
        Ok(self.target.clone())
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing can be done about a failure here; the name says that the folder is unfinished.
            let _ = fs::remove_dir_all(&self.working);
        }
    }
}

fn is_empty_folder(path: &Path) -> bool {
    path.is_dir() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests;
