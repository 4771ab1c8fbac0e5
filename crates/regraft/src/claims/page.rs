//! The page of the claims, in Markdown.

use std::fmt::Write;

use super::{ClaimFound, Claims, Outcome, TestFound};
use crate::findings::{CiKind, Published};
use crate::report::{grade, words};

/// The page.
pub fn page(found: &Claims) -> String {
    let mut text = format!(
        "# Claims\n\n\
         Sentences that are said of stem-cell therapy of immune disease, each tried by trials that were simulated for this page.\n\
         Every claim names findings and the bar that each must pass; below each table stands why the bar is where it is.\n\
         A claim is *supported* where all findings pass and the proof of the therapy in that disease is moderate or better; *partly supported* where some pass, or where the trials are weak; *not supported* where none passes, or where trials speak against it; *unknown* where nothing decides it or no trial has asked.\n\
         Proof is that of the therapy in the disease, not of each finding.\n\
         In brackets stands the simulation error of {} virtual patients; behind it what a trial of the published size would show.\n\
         Research and trial design, never bedside advice.\n\n\
         Made by `regraft claims --patients {} --seed {}`, version {}.\n\n\
         | claim | verdict | findings that pass | proven by trials |\n|---|---|---|---|\n",
        found.patients, found.patients, found.seed, found.version
    );
    for claim in &found.claims {
        let _ = writeln!(
            text,
            "| [{}](#{}) | {} | {} of {} | {} |",
            claim.title,
            anchor(&claim.title),
            claim.verdict.words(),
            claim.tests.iter().filter(|test| test.outcome == Outcome::Holds).count(),
            claim.tests.len(),
            grades(claim)
        );
    }
    for claim in &found.claims {
        text.push_str(&section(claim));
    }
    text
}

/// The anchor that a Markdown reader makes of a heading.
fn anchor(title: &str) -> String {
    let kept = title.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The grades of a claim's therapies, each once.
fn grades(claim: &ClaimFound) -> String {
    let mut all: Vec<String> = Vec::new();
    for test in &claim.tests {
        let word = test.grade.as_deref().map_or("not graded".to_string(), grade::word);
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all.join("; ")
}

fn section(claim: &ClaimFound) -> String {
    let mut text = format!(
        "\n## {}\n\n{}\n\n**{}**: {}.\n\n| simulated | trial, arm | found | bar | passes | published |\n|---|---|---|---|---|---|\n",
        claim.title,
        claim.statement,
        words::capital(claim.verdict.words()),
        claim.why
    );
    for test in &claim.tests {
        text.push_str(&row(test));
    }
    text.push_str("\nWhy these bars:\n\n");
    for test in &claim.tests {
        let _ = writeln!(text, "- {}: {}.", test.title, test.why_bar);
    }
    let sources: Vec<String> = claim.source.split(';').map(|source| format!("`{}`", source.trim())).collect();
    let _ = write!(text, "\nWhat trials say: {}\nSources: {}.\n", claim.trials_say, sources.join(", "));
    let _ = write!(text, "\nProven by trials: {}.\n", grades(claim));
    text
}

fn row(test: &TestFound) -> String {
    let versus = test.versus.as_ref().map(|versus| format!(" against {versus}")).unwrap_or_default();
    let passes = match test.outcome {
        Outcome::Holds => "yes",
        Outcome::Fails => "no",
        Outcome::Open => "open",
    };
    let published: Vec<String> = test.published.iter().map(|value| published(value, &test.unit)).collect();
    let published = if published.is_empty() { "–".to_string() } else { published.join("; ") };
    format!(
        "| {} | {}, {}{versus} | {} | {} {}{} | {passes} | {published} |\n",
        test.title,
        test.trial,
        test.arm,
        found(test),
        test.holds,
        words::as_printed(test.bar),
        words::unit_suffix(&test.unit, test.versus.is_some()),
    )
}

fn found(test: &TestFound) -> String {
    let Some(estimate) = test.estimate else { return "–".to_string() };
    let decimals = words::decimals(&test.unit, estimate);
    let unit = words::unit_suffix(&test.unit, test.versus.is_some());
    let mut text = format!("{}{unit}", words::fixed(estimate, decimals));
    if let Some((low, high)) = words::ends(test.ci_low, test.ci_high) {
        let _ = write!(text, " ({})", words::interval(low, high, decimals));
    }
    if let Some((low, high)) = words::ends(test.predicted_low, test.predicted_high) {
        let _ = write!(text, "; {}", words::interval(low, high, decimals));
    }
    text
}

fn published(value: &Published, unit: &str) -> String {
    let printed = words::as_printed;
    // Ends that were made here have the digits of the value and no more.
    let made = value.ci_kind == CiKind::Wilson;
    let end = |end| if made { words::fixed(end, words::decimals(unit, value.value)) } else { printed(end) };
    let ends = words::ends(value.ci_low, value.ci_high);
    let ends = ends.map(|(low, high)| format!(" ({} to {})", end(low), end(high)));
    format!("{}{}, {}", printed(value.value), ends.unwrap_or_default(), value.trial_id)
}
