//! The findings as a table for a terminal.

use std::fmt::Write;

use regraft::findings::{CiKind, Finding, Findings, Verdict};

/// One line per finding: what, when, simulated with its error, a trial of that size, published, verdict.
pub fn table(findings: &Findings) -> String {
    let header =
        ["finding", "arm", "at", "simulated", "a trial of that size", "published", ""].map(String::from);
    let rows: Vec<[String; 7]> = std::iter::once(header)
        .chain(findings.findings.iter().map(|finding| row(finding, findings)))
        .collect();
    let widths: Vec<usize> =
        (0..7).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = heading(findings);
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text.push_str(&counts(findings));
    text
}

fn heading(findings: &Findings) -> String {
    let arms: Vec<String> = findings
        .arms
        .iter()
        .map(|arm| {
            let failed = if arm.failed > 0 { format!(", {} not solved", arm.failed) } else { String::new() };
            format!("{} ({} patients{failed})", arm.title, arm.n)
        })
        .collect();
    format!("{}, seed {}: {}\n\n", findings.trial, findings.seed, arms.join(" against "))
}

fn row(finding: &Finding, findings: &Findings) -> [String; 7] {
    let arm =
        |id: &str| findings.arms.iter().find(|arm| arm.id == id).map_or(id.to_string(), |arm| arm.id.clone());
    let who = match &finding.versus {
        Some(versus) => format!("{} − {}", arm(&finding.arm), arm(versus)),
        None => arm(&finding.arm),
    };
    let who = if finding.method == "hazard_ratio" { who.replace('−', "/") } else { who };
    [
        finding.title.clone(),
        who,
        finding.time_days.map(time).unwrap_or_default(),
        match finding.estimate {
            Some(value) => with_interval(value, finding.ci_low.zip(finding.ci_high), &finding.unit),
            None => format!("– ({})", finding.reason.as_deref().unwrap_or("no estimate")),
        },
        finding
            .predicted_low
            .zip(finding.predicted_high)
            .map(|ends| range(ends, &finding.unit))
            .unwrap_or_default(),
        published(finding),
        match finding.verdict {
            Verdict::Inside => "inside".into(),
            Verdict::Outside => "OUTSIDE".into(),
            Verdict::NotJudged => String::new(),
        },
    ]
}

fn published(finding: &Finding) -> String {
    let one = |p: &regraft::findings::Published| {
        let ends = p.ci_low.zip(p.ci_high);
        let made = if p.ci_kind == CiKind::Wilson { " Wilson" } else { "" };
        format!("{} {}{made}", p.trial_id, with_interval(p.value, ends, &finding.unit))
    };
    finding.published.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn time(days: f64) -> String {
    if days >= 360.0 {
        format!("{:.1} y", days / 365.25).replace(".0 y", " y")
    } else {
        format!("day {days:.0}")
    }
}

fn with_interval(value: f64, interval: Option<(f64, f64)>, unit: &str) -> String {
    match interval {
        Some(ends) => format!("{} ({})", number(value, unit), range(ends, unit)),
        None => number(value, unit),
    }
}

fn range((low, high): (f64, f64), unit: &str) -> String {
    format!("{} to {}", number(low, unit), number(high, unit))
}

/// Percent with one decimal, days with one, everything else with two; a true minus sign.
fn number(value: f64, unit: &str) -> String {
    let text = match unit {
        "percent" => format!("{value:.1} %"),
        "days" => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    text.replace('-', "−")
}

fn counts(findings: &Findings) -> String {
    let of = |verdict: Verdict| findings.findings.iter().filter(|f| f.verdict == verdict).count();
    format!(
        "\nof {} findings {} lie inside the published interval, {} outside, {} are not judged\n",
        findings.findings.len(),
        of(Verdict::Inside),
        of(Verdict::Outside),
        of(Verdict::NotJudged)
    )
}
