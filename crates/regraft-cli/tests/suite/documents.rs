//! Every command shown in the documents runs.

use std::fs;
use std::path::PathBuf;

use crate::{regraft, root, stderr};

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    for folder in ["docs/guide", "docs/reference"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
        pages.extend(entries.map(|entry| entry.expect("readable").path()));
    }
    pages.retain(|page| page.extension().is_some_and(|e| e == "md"));
    pages.sort();
    pages
}

/// `FILE`, `TRIAL`, `FILE.ant`: a word in capitals up to its first dot.
fn stands_for_something(word: &str) -> bool {
    let name = word.split('.').next().unwrap_or_default();
    name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase())
}

/// Lines that start with `regraft` (or `$ regraft`, `cargo run … --`) inside fenced blocks, without placeholders.
fn commands(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
            continue;
        }
        let line = line.trim_start_matches("$ ").split("  #").next().unwrap_or_default().trim();
        let line = line
            .strip_prefix("cargo run --release -- ")
            .map_or(line.to_string(), |rest| format!("regraft {rest}"));
        let placeholder =
            line.chars().any(|c| c == '[' || c == '|') || line.split(' ').any(stands_for_something);
        if inside && line.starts_with("regraft ") && !placeholder {
            found.push(line);
        }
    }
    found
}

/// The words of a command as a shell splits them: what stands in quotes is one word.
pub fn typed(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in command.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            letter => word.push(letter),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[test]
fn every_command_shown_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut run = 0;
    for page in pages() {
        for command in commands(&fs::read_to_string(&page).expect("readable")) {
            let typed = typed(&command);
            let mut words: Vec<&str> = typed.iter().skip(1).map(String::as_str).collect();
            let out = folder.path().join(words[0]).to_string_lossy().into_owned();
            // A small cohort and a folder of our own: the form is tested, not the size.
            let small: &[&str] = match words[0] {
                "run" | "validate" | "claims" => &["--patients", "3"],
                "twin" => &["--patients", "20"],
                "benefit" => &["--patients", "60"],
                "design" if words.contains(&"--posterior") => &["--patients", "256", "--trials", "40"],
                "design" => &["--patients", "40", "--trials", "40"],
                "search" if words.contains(&"--judge") => {
                    &["--patients", "64", "--again", "64", "--evaluations", "4", "--points", "1"]
                }
                "search" => &["--patients", "12", "--again", "12", "--evaluations", "6", "--points", "2"],
                "learn" => &["--patients", "160", "--members", "12"],
                _ => &[],
            };
            if !small.is_empty() {
                // What is said again below is left out, with all after it.
                let again = words.iter().position(|word| word.starts_with("--") && small.contains(word));
                words.truncate(again.unwrap_or(words.len()));
                words.extend(small);
                words.extend(["--out", &out]);
            }
            // What a page writes and reads back lies in that folder too.
            let words: Vec<String> = words
                .iter()
                .map(|word| match word.starts_with("calibration/") || word.starts_with("dossier-") {
                    true => folder.path().join(word).to_string_lossy().into_owned(),
                    false => word.to_string(),
                })
                .collect();
            let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
            if matches!(words[0], "calibrate" | "dossier") && !words.contains(&"--out") {
                words.extend(["--out", &out]);
            }
            let output = regraft(&words);
            assert!(output.status.success(), "{}: `{command}` fails: {}", page.display(), stderr(&output));
            run += 1;
        }
    }
    assert!(run >= 5, "only {run} commands are shown in the documents");
}
