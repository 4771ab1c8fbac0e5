//! The findings as a table: simulated, what a trial of that size would show, published, verdict.

use serde::Serialize;

use super::arms::Arms;
use super::benefit_rows::{more_is_better, source_name};
use super::data::ReportData;
use super::measure;
use super::strip;
use super::words::{self, ends, inner, real};
use crate::findings::{CiKind, Finding, Published, Verdict};

/// One row; further published values of the same finding follow as rows of their own.
#[derive(Debug, Clone, Serialize)]
pub struct FindingRow {
    /// `in`, `out` or `na`.
    pub class: &'static str,
    /// Finding, for people.
    pub title: String,
    /// Remark in small print.
    pub note: String,
    /// The whole remark, where the small print is cut.
    pub long_note: String,
    /// Estimate with its unit, or why there is none.
    pub simulated: String,
    /// Simulation error.
    pub error: String,
    /// Prediction interval.
    pub predicted: String,
    /// Published value; empty if none.
    pub published: String,
    /// Its interval.
    pub published_interval: String,
    /// Where the interval comes from.
    pub kind: String,
    /// Source.
    pub source: String,
    /// The picture, as SVG.
    pub strip: String,
    /// "inside", "outside" or "not judged".
    pub verdict: &'static str,
    /// Repeats the finding of the row above with another source.
    pub repeats: bool,
    /// Whether there is an estimate.
    pub estimated: bool,
}

/// A finding's name: title, time, arm.
pub fn label(finding: &Finding, arms: &Arms) -> String {
    let mut title = finding.title.clone();
    if finding.unit == "hazard_ratio" && !title.to_lowercase().contains("hazard ratio") {
        title = format!("Hazard ratio for {}", inner(&title));
    }
    if finding.unit != "days" && !words::states_time(&title) {
        title.push_str(&time_text(finding));
    }
    let arm = arms.get(&finding.arm).inner();
    match &finding.versus {
        None if arms.all().len() < 2 || title.to_lowercase().contains(&arm.to_lowercase()) => title,
        None => format!("{title}, {arm}"),
        Some(_) if title.contains(" against ") || title.contains(" minus ") => title,
        Some(versus) => {
            let word = if words::is_ratio(&finding.unit) { "against" } else { "minus" };
            format!("{title}, {arm} {word} {}", arms.get(versus).inner())
        }
    }
}

/// " by 5 years", " at 12 months", " at the start"; empty without a time.
fn time_text(finding: &Finding) -> String {
    let by = finding.unit == "percent" && !more_is_better(finding);
    match real(finding.time_days) {
        None => String::new(),
        Some(0.0) => " at the start".to_owned(),
        Some(day) if by => format!(" by {}", words::time(day)),
        Some(day) => format!(" at {}", words::time(day)),
    }
}

/// Rows of the findings that have a published value: judged ones first.
pub fn compared(data: &ReportData, arms: &Arms) -> Vec<FindingRow> {
    let mut findings: Vec<(usize, &Finding)> = data
        .findings
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| !finding.published.is_empty())
        .collect();
    findings.sort_by_key(|(_, finding)| finding.verdict == Verdict::NotJudged);
    let rows = findings.into_iter().flat_map(|(number, finding)| {
        let row = move |(place, published)| row(data, arms, finding, Some(published), (number, place));
        finding.published.iter().enumerate().map(row)
    });
    rows.collect()
}

/// Rows of the findings without a published value.
pub fn further(data: &ReportData, arms: &Arms) -> Vec<FindingRow> {
    let findings = data.findings.findings.iter().enumerate();
    findings
        .filter(|(_, finding)| finding.published.is_empty())
        .map(|(number, finding)| row(data, arms, finding, None, (number, 0)))
        .collect()
}

fn row(
    data: &ReportData,
    arms: &Arms,
    finding: &Finding,
    published: Option<&Published>,
    (number, place): (usize, usize),
) -> FindingRow {
    let difference = finding.versus.is_some();
    let hue = if difference { "a0" } else { arms.get(&finding.arm).class };
    let (simulated, error, predicted) = simulated(finding, difference);
    let note = note(finding, published);
    FindingRow {
        class: class(finding),
        title: label(finding, arms),
        note: measure::shorten(&note, 12.5, false, 640.0),
        long_note: if measure::width(&note, 12.5, false) <= 640.0 { String::new() } else { note },
        simulated,
        error,
        predicted,
        published: published.map_or_else(String::new, |published| value_text(finding, published)),
        published_interval: published.map_or_else(String::new, |published| interval_text(finding, published)),
        kind: published.map_or_else(String::new, kind_text),
        source: published.map_or_else(String::new, |published| source_name(data, published)),
        strip: strip::draw(finding, published, hue, &format!("f{number}-{place}")).unwrap_or_default(),
        verdict: verdict_word(finding),
        repeats: 0 < place,
        estimated: real(finding.estimate).is_some(),
    }
}

fn class(finding: &Finding) -> &'static str {
    match finding.verdict {
        Verdict::Inside => "in",
        Verdict::Outside => "out",
        Verdict::NotJudged => "na",
    }
}

fn verdict_word(finding: &Finding) -> &'static str {
    match finding.verdict {
        Verdict::Inside => "inside",
        Verdict::Outside => "outside",
        Verdict::NotJudged => "not judged",
    }
}

/// Estimate, simulation error and prediction interval, with the decimals of the estimate.
fn simulated(finding: &Finding, difference: bool) -> (String, String, String) {
    let Some(value) = real(finding.estimate) else {
        let reason = finding.reason.as_deref().unwrap_or("the run gives no reason");
        return (words::MISSING.to_owned(), reason.to_owned(), String::new());
    };
    let decimals = words::decimals(&finding.unit, value);
    let text = format!("{}{}", words::fixed(value, decimals), words::unit_suffix(&finding.unit, difference));
    let interval = |low, high| {
        ends(low, high).map_or_else(String::new, |(low, high)| {
            words::interval(low, high, shared(&finding.unit, decimals, low, high))
        })
    };
    (text, interval(finding.ci_low, finding.ci_high), interval(finding.predicted_low, finding.predicted_high))
}

/// Days come as the grid gives them: an interval of halves keeps its halves.
fn shared(unit: &str, decimals: usize, low: f64, high: f64) -> usize {
    if unit == "days" {
        decimals.max(words::decimals(unit, low)).max(words::decimals(unit, high))
    } else {
        decimals
    }
}

fn value_text(finding: &Finding, published: &Published) -> String {
    let text = match finding.unit.as_str() {
        "percent" => words::as_printed(published.value),
        "days" | "months" if published.value < 100.0 => words::as_printed(published.value),
        unit => words::fixed(published.value, words::decimals(unit, published.value)),
    };
    format!("{text}{}", words::unit_suffix(&finding.unit, finding.versus.is_some()))
}

fn interval_text(finding: &Finding, published: &Published) -> String {
    let Some((low, high)) = ends(published.ci_low, published.ci_high) else { return String::new() };
    let plain = matches!(finding.unit.as_str(), "percent" | "days" | "months");
    if plain && published.ci_kind == CiKind::Printed {
        return format!("{} to {}", words::as_printed(low), words::as_printed(high));
    }
    words::interval(low, high, words::decimals(&finding.unit, published.value))
}

fn kind_text(published: &Published) -> String {
    let level =
        real(published.ci_level).map_or_else(String::new, |level| format!(", {}", words::level(level)));
    match published.ci_kind {
        CiKind::Printed => format!("printed{level}"),
        CiKind::Wilson => format!("Wilson{level}"),
        CiKind::None => "none printed".to_owned(),
    }
}

fn note(finding: &Finding, published: Option<&Published>) -> String {
    let remark = published.map_or_else(String::new, |published| remark(&published.note));
    let gap = finding.reason.as_deref().filter(|_| real(finding.estimate).is_some()).unwrap_or("");
    [remark.as_str(), gap].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// A remark of the evidence without what is no matter for a reader: its audit, labels, p-values,
/// and remembered values, which are never shown.
fn remark(note: &str) -> String {
    let is_inside = |part: &&str| {
        let part = part.to_lowercase();
        let test = part.starts_with("p<")
            || part.starts_with("p=")
            || part.starts_with("p <")
            || part.starts_with("p =");
        !(part.is_empty() || test || part.contains("audited") || part.contains("label"))
    };
    let parts: Vec<String> = note.split(';').map(|part| without_remembered(part.trim())).collect();
    parts.iter().map(String::as_str).filter(is_inside).collect::<Vec<_>>().join("; ")
}

fn without_remembered(part: &str) -> String {
    match part.split_once('(').map(|(head, tail)| (head, tail.split_once(')'))) {
        Some((head, Some((inside, tail)))) if inside.contains("remembered") => {
            format!("{}{tail}", head.trim_end())
        }
        _ => part.to_owned(),
    }
}
