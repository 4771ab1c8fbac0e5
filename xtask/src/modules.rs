//! Two modules of one crate may not use each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::commands::root;

/// Pairs of top-level modules of one crate that use each other.
pub fn problems() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for entry in sorted(&root().join("crates"))? {
        let source = entry.join("src");
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let uses = uses(&source)?;
        for (module, used) in &uses {
            for other in used.iter().filter(|other| *other > module) {
                if uses.get(other).is_some_and(|back| back.contains(module)) {
                    problems.push(format!("crate `{name}`: modules `{module}` and `{other}` use each other"));
                }
            }
        }
    }
    Ok(problems)
}

/// Top-level modules of a crate and the top-level modules that each names with `crate::`.
fn uses(source: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in rust_files(source)? {
        let Some(module) = module_of(source, &file) else { continue };
        let text = without_tests(&std::fs::read_to_string(&file)?);
        let named = named_modules(&text);
        uses.entry(module).or_default().extend(named);
    }
    let known: BTreeSet<String> = uses.keys().cloned().collect();
    for (module, named) in &mut uses {
        named.retain(|other| known.contains(other) && other != module);
    }
    Ok(uses)
}

fn named_modules(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]").next().unwrap_or_default().to_string()
}

/// `src/report/axis.rs` → `report`; the crate's root and tests have no module.
fn module_of(source: &Path, file: &Path) -> Option<String> {
    let inside = file.strip_prefix(source).ok()?;
    let is_test = inside.components().any(|part| part.as_os_str().to_string_lossy().contains("tests"));
    let first = inside.components().next()?.as_os_str().to_string_lossy().replace(".rs", "");
    (!is_test && first != "lib" && first != "main").then_some(first)
}

/// All Rust files below a folder, sorted.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in sorted(folder)? {
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// What lies in a folder, sorted; nothing if it does not exist.
pub fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}
