//! Lengths of files and functions: a list for the reader, a failure only where one is far too long.

use anyhow::Result;

use crate::commands::root;
use crate::modules::{rust_files, sorted};

/// Lines of a file (tests apart) above which a reason must stand in the file.
const FILE_LIMIT: usize = 800;
/// Lines of a function above which a reason must stand beside it.
const FUNCTION_LIMIT: usize = 80;
/// How a reason is written: `// long: …`.
const REASON: &str = "// long:";

/// Files and functions that are too long and give no reason.
pub fn problems() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for entry in sorted(&root().join("crates"))? {
        for file in rust_files(&entry.join("src"))? {
            let text = std::fs::read_to_string(&file)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            let is_test = name.contains("tests");
            if !is_test && code.lines().count() > FILE_LIMIT && !code.contains(REASON) {
                problems.push(format!("{name} has {} lines (more than {FILE_LIMIT})", code.lines().count()));
            }
            problems.extend(long_functions(code).into_iter().filter(|_| !is_test).map(|(line, length)| {
                format!("{name}:{line}: function of {length} lines (more than {FUNCTION_LIMIT})")
            }));
        }
    }
    Ok(problems)
}

/// Line and length of each too long function, found by indentation (the code is formatted).
fn long_functions(code: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut long = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        if !is_function(trimmed) {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - trimmed.len()]);
        let length = lines[i..].iter().position(|other| *other == close).map_or(0, |n| n + 1);
        let reason = lines[i.saturating_sub(4)..=i].iter().any(|near| near.contains(REASON));
        if length > FUNCTION_LIMIT && !reason {
            long.push((i + 1, length));
        }
    }
    long
}

fn is_function(line: &str) -> bool {
    ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn ", "unsafe fn "]
        .iter()
        .any(|start| line.starts_with(start))
        && !line.ends_with(';')
}
