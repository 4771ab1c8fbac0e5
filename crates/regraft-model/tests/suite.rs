//! Named cases: a text and the messages that reading and lowering it must give.
//!
//! A case opens with `--- name ---`; lines `# error: LINE:COLUMN CODE message` and
//! `# warning: …` directly below say what is expected, all of it and in order. The text
//! starts in the line behind them, which is line 1.

use std::path::Path;

use regraft_model::{Diagnostic, Sources, lower, read_antimony};

#[test]
fn every_case_gives_exactly_the_expected_messages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in files {
        for (name, expected, text) in cases(&std::fs::read_to_string(&file).unwrap()) {
            count += 1;
            let found = messages(&text);
            if found != expected {
                let (expected, found) = (expected.join("\n  "), found.join("\n  "));
                wrong.push(format!(
                    "{}, {name}:\n  expected\n  {expected}\n  found\n  {found}",
                    file.display()
                ));
            }
        }
    }
    assert!(count >= 40, "only {count} cases were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn cases(file: &str) -> Vec<(String, Vec<String>, String)> {
    let mut cases: Vec<(String, Vec<String>, String)> = Vec::new();
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("--- ").and_then(|rest| rest.strip_suffix(" ---")) {
            cases.push((name.to_string(), Vec::new(), String::new()));
            continue;
        }
        let Some((_, expected, text)) = cases.last_mut() else { continue };
        let is_expectation = line.starts_with("# error: ") || line.starts_with("# warning: ");
        if text.is_empty() && is_expectation {
            expected.push(line[2..].to_string());
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    cases
}

/// Messages of reading; where there are no errors, also those of lowering.
fn messages(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let root = sources.add("case.ant", text);
    let library = |path: &str, _: &str| match path {
        "gut.ant" => Some((
            "lib/gut.ant".to_string(),
            "model gut(dose)\n A = dose; A' = -k*A; k = 2;\nend\n".to_string(),
        )),
        "self.ant" => Some(("case.ant".to_string(), String::new())),
        _ => None,
    };
    let (model, mut problems) = read_antimony(&mut sources, root, &mut { library });
    if !problems.iter().any(Diagnostic::is_error) {
        problems.extend(lower(&model).err().into_iter().flatten());
    }
    problems.iter().map(|problem| message(problem, &sources)).collect()
}

fn message(problem: &Diagnostic, sources: &Sources) -> String {
    let (line, column) = sources.line_column(problem.labels[0].span);
    let word = if problem.is_error() { "error" } else { "warning" };
    format!("{word}: {line}:{column} {} {}", problem.code, problem.message)
}
