//! The folder of a run: `manifest.json`, Parquet tables, `report.html`.
//!
//! A run is written into a folder beside the asked-for one and renamed when it is whole, so that a
//! stopped run never looks finished. The manifest is written last.

pub mod manifest;
pub mod runs;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use manifest::{FileHash, Manifest};
pub use runs::Runs;
pub use table::{Column, Table, TableWriter};

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
    /// The place holds something that is not a run of regraft, or is no place for a folder.
    #[error("`{0}` exists and holds something else than a run of regraft: choose another folder with --out")]
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
    /// Folders above that had to be made, deepest first.
    made: Vec<PathBuf>,
    finished: bool,
}

impl RunFolder {
    /// Opens the working folder beside `target`. Tested at once, so that a run does not fail at its end.
    ///
    /// # Errors
    /// [`WriteError::NotARun`] if `target` holds something else, [`WriteError::Io`] if it cannot be written.
    pub fn create(target: &Path) -> Result<RunFolder, WriteError> {
        // A link to a folder stands for the folder.
        let resolved = fs::canonicalize(target).unwrap_or(target.to_path_buf());
        let target = if target.is_symlink() { resolved.as_path() } else { target };
        let there = fs::symlink_metadata(target).is_ok();
        if (there && !is_empty_folder(target) && !is_run(target)) || target.file_name().is_none() {
            return Err(WriteError::NotARun(target.to_path_buf()));
        }
        let parent = parent_of(target);
        let made: Vec<PathBuf> =
            parent.ancestors().take_while(|p| !p.exists()).map(Path::to_path_buf).collect();
        let working = beside(target, "unfinished");
        let folder = RunFolder { target: target.to_path_buf(), working, made, finished: false };
        fs::create_dir_all(parent).map_err(WriteError::io(parent))?;
        if folder.working.exists() {
            fs::remove_dir_all(&folder.working).map_err(WriteError::io(&folder.working))?;
        }
        fs::create_dir(&folder.working).map_err(WriteError::io(&folder.working))?;
        Ok(folder)
    }

    /// Removes what was written so far; for a process that must end at once.
    pub fn remover(&self) -> impl Fn() + Send + 'static {
        let (working, made) = (self.working.clone(), self.made.clone());
        move || remove(&working, &made)
    }

    /// Writes a text file, in a folder of its own where its name has one (`figures/a.svg`).
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn text(&self, name: &str, text: &str) -> Result<(), WriteError> {
        let path = self.working.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(WriteError::io(folder))?;
        }
        fs::write(&path, text).map_err(WriteError::io(&path))
    }

    /// Writes text files and last the manifest, as [`RunFolder::seal`] does.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn texts(&self, files: &[(String, String)], manifest: Manifest) -> Result<(), WriteError> {
        for (name, text) in files {
            self.text(name, text)?;
        }
        self.seal(files.iter().map(|(name, _)| name), manifest)
    }

    /// Writes the manifest, with the hashes of the files that were written, in this order, and the time.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn seal(
        &self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
        mut manifest: Manifest,
    ) -> Result<(), WriteError> {
        for name in names {
            let name = name.as_ref();
            manifest.outputs.push(FileHash { path: name.to_string(), blake3: self.hash(name)? });
        }
        manifest.written = jiff::Timestamp::now().to_string();
        let text =
            serde_json::to_string_pretty(&manifest).expect("a manifest holds only numbers, texts and lists");
        self.text(MANIFEST, &(text + "\n"))
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

    /// Begins a Parquet table that is written piece by piece, with its first rows, which may be none.
    ///
    /// # Errors
    /// [`WriteError::Io`] or [`WriteError::Parquet`].
    pub fn begin_table(&self, name: &str, first: Table) -> Result<TableFile, WriteError> {
        let path = self.working.join(name);
        let file = fs::File::create(&path).map_err(WriteError::io(&path))?;
        match TableWriter::new(file, first) {
            Ok(writer) => Ok(TableFile { path, writer }),
            Err(source) => Err(WriteError::Parquet { path, source }),
        }
    }

    /// BLAKE3 hash (hex) of a file written before.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn hash(&self, name: &str) -> Result<String, WriteError> {
        let path = self.working.join(name);
        let file = fs::File::open(&path).map_err(WriteError::io(&path))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file).map_err(WriteError::io(&path))?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Puts the folder in its place, replacing an earlier run there. Of two runs that end at once, the
    /// later one stays, whole.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn finish(mut self) -> Result<PathBuf, WriteError> {
        let mut moved = self.replace();
        for _ in 0..MOST_TRIES {
            let taken = fs::symlink_metadata(&self.target).is_ok() && !is_run(&self.target);
            if moved.is_ok() || taken {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
            moved = self.replace();
        }
        moved.map_err(WriteError::io(&self.target))?;
        self.finished = true;
        Ok(self.target.clone())
    }

    /// Moves an earlier run aside, this one into its place, and removes the earlier one.
    fn replace(&self) -> std::io::Result<()> {
        let aside = beside(&self.target, "replaced");
        let was_there = is_run(&self.target) && fs::rename(&self.target, &aside).is_ok();
        let moved = fs::rename(&self.working, &self.target);
        if was_there && moved.is_err() {
            // Whether this works or not, the first error is the one to tell.
            let _ = fs::rename(&aside, &self.target);
        } else if was_there {
            // What is left of an earlier run hurts nobody.
            let _ = fs::remove_dir_all(&aside);
        }
        moved
    }
}

/// A table of the folder that is being written.
#[derive(Debug)]
pub struct TableFile {
    path: PathBuf,
    writer: TableWriter<fs::File>,
}

impl TableFile {
    /// Appends rows.
    ///
    /// # Errors
    /// [`WriteError::Parquet`].
    pub fn add(&mut self, more: Table) -> Result<(), WriteError> {
        self.writer.add(more).map_err(|source| WriteError::Parquet { path: self.path.clone(), source })
    }

    /// Writes what is left and ends the table.
    ///
    /// # Errors
    /// [`WriteError::Parquet`].
    pub fn close(self) -> Result<(), WriteError> {
        let TableFile { path, writer } = self;
        writer.close().map_err(|source| WriteError::Parquet { path, source })
    }
}

/// How often a run tries to take a place that another run takes at the same moment.
const MOST_TRIES: usize = 20;

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.finished {
            remove(&self.working, &self.made);
        }
    }
}

/// Removes a working folder and the folders above that were made for it.
///
/// Nothing can be done about a failure here; the name says that the folder is unfinished.
fn remove(working: &Path, made: &[PathBuf]) {
    let _ = fs::remove_dir_all(working);
    for folder in made {
        let _ = fs::remove_dir(folder);
    }
}

fn parent_of(target: &Path) -> &Path {
    target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A hidden name of this process beside `target`.
fn beside(target: &Path, word: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{word}-{}", std::process::id()));
    parent_of(target).join(name)
}

/// Whether a folder holds a run of ours and nothing else, so that it may be replaced.
fn is_run(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
    let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else { return false };
    let ours = |name: &str| name == MANIFEST || manifest.outputs.iter().any(|file| file.path == name);
    files_of(folder, "").is_some_and(|names| names.iter().all(|name| ours(name)))
}

/// Folders within each other of a run of ours.
const DEEPEST: usize = 4;

/// Names of all files of a folder and those within it (`figures/a.svg`); `None` where one cannot be read, is no file
/// and no folder, or lies deeper than ours do.
fn files_of(folder: &Path, before: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let name = format!("{before}{}", entry.file_name().to_str()?);
        let kind = entry.file_type().ok()?;
        if kind.is_dir() && before.matches('/').count() < DEEPEST {
            names.extend(files_of(&entry.path(), &format!("{name}/"))?);
        } else if kind.is_dir() {
            return None;
        } else {
            names.push(name);
        }
    }
    Some(names)
}

/// Name of the manifest in the folder of a run.
const MANIFEST: &str = "manifest.json";

fn is_empty_folder(path: &Path) -> bool {
    path.is_dir() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests;
