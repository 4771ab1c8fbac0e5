//! Texts of the library: embedded in the program, or in folders; later ones win.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use regraft_model::{Diagnostic, SourceId, Span};
use regraft_trial::CardKind;
use rust_embed::RustEmbed;

use super::LibraryError;
use crate::posterior::Posterior;

#[derive(RustEmbed)]
#[folder = "../../library/"]
struct BuiltInLibrary;

#[derive(RustEmbed)]
#[folder = "../../evidence/"]
struct BuiltInEvidence;

/// Texts by path inside the library (`drugs/atg.toml`, `models/marrow.ant`).
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Path for people: inside the library, or of the user's file.
    pub shown: String,
    /// What it says.
    pub text: String,
    /// First byte that is not UTF-8, if there is one; `text` then holds replacement characters.
    pub broken_at: Option<usize>,
}

impl Text {
    /// Reads a file; a byte order mark is left out.
    pub fn read(path: &Path, shown: String) -> Result<Text, LibraryError> {
        let bytes = read_bytes(path)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let broken_at = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
        Ok(Text { shown, text: String::from_utf8_lossy(bytes).into_owned(), broken_at })
    }

    /// The problem that the text is not UTF-8, in place of everything that follows from it.
    pub fn not_utf8(&self, source: SourceId) -> Option<Diagnostic> {
        let at = self.broken_at?;
        let code = if self.shown.ends_with(".ant") { "M001" } else { "T001" };
        let problem = Diagnostic::error(code, Span::new(source, at, at), "not UTF-8 text");
        Some(problem.with_help("save the file as UTF-8"))
    }
}

/// Folder of the claims.
pub(super) const CLAIMS: &str = "claims";

/// Folder of what trials found of age, duration and the like.
pub(super) const DIRECTIONS: &str = "directions";

/// Folder of the uncertain parameters.
pub(super) const UNCERTAINTY: &str = "uncertainty";

/// Folder of the posteriors, a folder each.
const POSTERIOR: &str = "posterior";

/// Folder of the scorecards.
pub(super) const SCORECARDS: &str = "scorecards";

/// The bibliography: folders of the user add to it, they do not replace it.
pub(super) const REFERENCES: &str = "evidence/references.bib";

/// Puts a text in its place; a later one replaces an earlier one, except that references are added up.
pub(super) fn add_text(texts: &mut BTreeMap<String, Text>, path: String, mut text: Text) {
    if let Some(earlier) = texts.get(&path).filter(|_| path == REFERENCES) {
        text.text = format!("{}\n{}", earlier.text, text.text);
    }
    texts.insert(path, text);
}

/// The library inside the program.
pub(super) fn built_in() -> BTreeMap<String, Text> {
    let mut texts = BTreeMap::new();
    let mut add = |path: String, data: &[u8]| {
        let text = String::from_utf8_lossy(data).into_owned();
        texts.insert(path.clone(), Text { shown: path_in_library(&path), text, broken_at: None });
    };
    for path in BuiltInLibrary::iter().filter(|path| !path.starts_with(POSTERIOR)) {
        let file = BuiltInLibrary::get(&path).expect("the list names embedded files");
        add(path.to_string(), &file.data);
    }
    for path in BuiltInEvidence::iter() {
        let file = BuiltInEvidence::get(&path).expect("the list names embedded files");
        add(format!("evidence/{path}"), &file.data);
    }
    texts
}

/// `library/drugs/atg.toml`; evidence keeps its own folder.
fn path_in_library(path: &str) -> String {
    if path.starts_with("evidence/") { path.to_string() } else { format!("library/{path}") }
}

/// The last version of the posterior by name: of the last folder of the user that has one, else the built-in one.
pub(super) fn read_posterior(folders: &[PathBuf]) -> Result<Option<Posterior>, LibraryError> {
    for folder in folders.iter().rev() {
        let Ok(entries) = std::fs::read_dir(folder.join(POSTERIOR)) else { continue };
        let mut versions: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        versions.retain(|version| version.join(DRAWS).is_file());
        versions.sort();
        if let Some(last) = versions.last() {
            let name = last.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let draws = read_bytes(&last.join(DRAWS))?;
            let about = String::from_utf8_lossy(&read_bytes(&last.join(ABOUT))?).into_owned();
            return Ok(Some(Posterior::read(&name, draws, &about)?));
        }
    }
    let built_in: BTreeSet<String> = BuiltInLibrary::iter().map(|path| path.to_string()).collect();
    let versions = built_in.iter().filter_map(|path| path.strip_prefix("posterior/")?.strip_suffix(DRAWS));
    let Some(version) = versions.max().map(|version| version.trim_end_matches('/').to_string()) else {
        return Ok(None);
    };
    let file = |name: &str| {
        let file = BuiltInLibrary::get(&format!("{POSTERIOR}/{version}/{name}"));
        file.map(|file| file.data.into_owned()).unwrap_or_default()
    };
    let about = String::from_utf8_lossy(&file(ABOUT)).into_owned();
    Ok(Some(Posterior::read(&version, file(DRAWS), &about)?))
}

/// Files of a version of the posterior.
const DRAWS: &str = "draws.parquet";
const ABOUT: &str = "posterior.json";

/// Most bytes of one file.
const LARGEST: u64 = 64 << 20;

/// The bytes of a file, pipe or device, [`LARGEST`] at most.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, LibraryError> {
    let failed = |source| LibraryError::Io { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LibraryError::TooLarge(path.to_path_buf()));
    }
    Ok(bytes)
}

/// Cards and models of a folder laid out as the library; other files are not looked at.
pub(super) fn read_folder(folder: &Path) -> Result<BTreeMap<String, Text>, LibraryError> {
    if !folder.is_dir() {
        return Err(LibraryError::NoFolder(folder.to_path_buf()));
    }
    let mut texts = BTreeMap::new();
    for part in CardKind::ALL.iter().map(|kind| kind.folder()).chain([
        "models",
        "evidence",
        SCORECARDS,
        CLAIMS,
        UNCERTAINTY,
        DIRECTIONS,
    ]) {
        for file in files(&folder.join(part))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = Text::read(&file, file.display().to_string())?;
            texts.insert(format!("{part}/{name}"), text);
        }
    }
    Ok(texts)
}

/// Files of a folder, sorted; none if it does not exist.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| LibraryError::Io { path: folder.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let known = path.extension().is_some_and(|e| e == "toml" || e == "ant" || e == "csv" || e == "bib");
        if path.is_file() && known {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The folder of a file that is named without one is this one.
pub(super) fn folder_or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}
