//! Named cases of wrong input, each with the messages expected: `cases.txt`.
//!
//! A case is a change of the small trial (`replace: PATH | OLD | NEW`, `append: PATH | TEXT`, with `\n` for a
//! new line) and every message that follows from it (`error: PATH:LINE:COL CODE MESSAGE`).

use crate::base::{run, run_through, texts};

struct Case {
    name: String,
    changes: Vec<Change>,
    expected: Vec<String>,
}

struct Change {
    path: String,
    old: Option<String>,
    new: String,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("cases.txt").lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("--- ") {
            let name = name.trim_end_matches(" ---").to_string();
            cases.push(Case { name, changes: Vec::new(), expected: Vec::new() });
            continue;
        }
        let case = cases.last_mut().expect("a case starts with its name");
        let (key, rest) = line.split_once(": ").unwrap_or_else(|| panic!("not understood: {line}"));
        let parts: Vec<String> = rest.split(" | ").map(|part| part.replace("\\n", "\n")).collect();
        match (key, parts.as_slice()) {
            ("error", _) => case.expected.push(rest.to_string()),
            ("replace", [path, old, new]) => {
                case.changes.push(Change { path: path.clone(), old: Some(old.clone()), new: new.clone() });
            }
            ("append", [path, new]) => {
                case.changes.push(Change { path: path.clone(), old: None, new: new.clone() })
            }
            _ => panic!("not understood: {line}"),
        }
    }
    cases
}

fn messages_of(case: &Case) -> Vec<String> {
    let mut files = texts();
    for change in &case.changes {
        let text = files.entry(change.path.clone()).or_default();
        match &change.old {
            Some(old) => {
                assert!(text.contains(old.as_str()), "{}: {} does not hold `{old}`", case.name, change.path);
                *text = text.replacen(old.as_str(), &change.new, 1);
            }
            None => text.push_str(&change.new),
        }
    }
    run(&files).messages()
}

#[test]
fn wrong_cards_give_these_messages_at_these_places() {
    let mut wrong = Vec::new();
    for case in cases() {
        let found = messages_of(&case);
        if found != case.expected {
            let (expected, found) = (case.expected.join("\n  "), found.join("\n  "));
            wrong.push(format!("--- {} ---\nexpected\n  {expected}\nfound\n  {found}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn the_small_trial_itself_has_no_problem_and_gives_a_protocol() {
    let outcome = run(&texts());
    assert_eq!(outcome.messages(), Vec::<String>::new());
    assert!(outcome.protocol.is_some());
}

/// Whether the trial is planned or something says why not.
fn explained(path: &str, text: String) -> bool {
    let mut files = texts();
    files.insert(path.to_string(), text);
    let outcome = run_through(&files);
    outcome.protocol.is_some() || !outcome.problems.is_empty()
}

#[test]
fn a_card_without_one_of_its_lines_is_planned_or_says_why_not() {
    for (path, text) in texts() {
        let lines: Vec<&str> = text.lines().collect();
        for left_out in 0..lines.len() {
            let kept =
                lines.iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, line)| *line);
            let text = kept.collect::<Vec<_>>().join("\n");
            assert!(explained(&path, text), "{path} without line {}", left_out + 1);
        }
    }
}

#[test]
fn a_card_cut_off_anywhere_is_planned_or_says_why_not() {
    for (path, text) in texts() {
        // Every 23rd place: a prime, so that all sorts of places are met.
        for end in (0..text.len()).step_by(23) {
            assert!(explained(&path, text[..end].to_string()), "{path} cut at byte {end}");
        }
    }
}
