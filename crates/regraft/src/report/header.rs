//! The three boxes under the answer: the price, how the run stands against the publications, and
//! what the failed patients could change.

use serde::Serialize;

use super::answer::{primary, spaced, when};
use super::arms::Arms;
use super::benefit_rows::Row;
use super::data::ReportData;
use super::words::{self, inner, per_hundred, real};
use crate::findings::{Finding, Verdict};

/// How many published values hold the simulated one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Inside the published interval.
    pub inside: usize,
    /// Outside it.
    pub outside: usize,
    /// With a published value, but nothing to judge by.
    pub not_judged: usize,
    /// Findings without a published value.
    pub unpublished: usize,
}

impl Tally {
    /// Counts the findings of a run.
    pub fn of(findings: &[Finding]) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            match finding.verdict {
                _ if finding.published.is_empty() => tally.unpublished += 1,
                Verdict::Inside => tally.inside += 1,
                Verdict::Outside => tally.outside += 1,
                Verdict::NotJudged => tally.not_judged += 1,
            }
        }
        tally
    }
}

/// Harms that the price names.
const PRICES: usize = 4;

/// "The price": the harms of the studied arm, the largest first, then death.
pub fn price(data: &ReportData, arms: &Arms, rows: &[Row]) -> String {
    let Some(studied) = arms.studied() else { return "No arm was simulated.".to_owned() };
    let mut harms: Vec<(&Row, f64)> = rows
        .iter()
        .filter(|row| !row.benefit)
        .filter_map(|row| Some((row, row.value(&studied.id)?)))
        .collect();
    if harms.is_empty() {
        return "No harm was estimated in this run. That is a gap, not a finding.".to_owned();
    }
    let (deaths, mut others): (Vec<_>, Vec<_>) = harms.drain(..).partition(|(row, _)| is_death(row));
    let excess =
        |row: &Row, value: f64| value - arms.comparator().and_then(|arm| row.value(&arm.id)).unwrap_or(0.0);
    // First what can be set against the comparator, each by how much the studied arm adds.
    let is_compared = |row: &Row| arms.comparator().is_some_and(|arm| row.value(&arm.id).is_some());
    others.sort_by(|a, b| {
        is_compared(b.0).cmp(&is_compared(a.0)).then(excess(b.0, b.1).total_cmp(&excess(a.0, a.1)))
    });
    let one = |(row, value): &(&Row, f64)| {
        let against = arms.comparator().and_then(|arm| Some((arm, row.value(&arm.id)?)));
        let against = against.map_or_else(String::new, |(arm, other)| {
            format!(" ({} with {})", per_hundred(other), arm.inner())
        });
        format!("{}{} in {}{against}", inner(&row.title), spaced(&row.time), per_hundred(*value))
    };
    let mut titles: Vec<&str> = Vec::new();
    others.retain(|(row, _)| {
        let new = !titles.contains(&row.title.as_str());
        titles.push(&row.title);
        new
    });
    let listed: Vec<String> = others.iter().take(PRICES).map(one).collect();
    let mut text = String::new();
    if !listed.is_empty() {
        text = format!("Of 100 patients with {}: {}.", studied.inner(), words::list(&listed));
    }
    if let Some((row, value)) = deaths.last() {
        let against = arms.comparator().and_then(|arm| row.value(&arm.id));
        let against = against.map_or_else(String::new, |other| format!(" against {}", per_hundred(other)));
        text.push_str(&format!(
            " {}{}: {}{against} of 100.",
            row.title,
            spaced(&row.time),
            per_hundred(*value)
        ));
    }
    if !data.not_simulated.is_empty() {
        text.push_str(" What is not simulated stands below.");
    }
    text.trim_start().to_owned()
}

fn is_death(row: &Row) -> bool {
    let title = row.title.to_lowercase();
    title.contains("death") || title.contains("mortality") || title.contains("died")
}

/// "Does it reproduce the trial?": the counts, and what lies outside by name.
pub fn reproduces(data: &ReportData, arms: &Arms, tally: Tally) -> String {
    let judged = tally.inside + tally.outside;
    if judged == 0 {
        return match tally.not_judged {
            0 => "Cannot be said: no finding of this run has a published value beside it.".to_owned(),
            number => {
                format!("Cannot be said: none of the {number} published values beside it has an interval.")
            }
        };
    }
    let word = match (tally.inside, tally.outside) {
        (_, 0) => "Where it can be judged, yes.",
        (0, _) => "No.",
        _ => "In part.",
    };
    let counts = format!(
        "Of {} {} hold the simulated value and {} do not; {} could not be judged.",
        words::plural(judged, "published interval", "published intervals"),
        words::count(tally.inside),
        words::count(tally.outside),
        words::count(tally.not_judged)
    );
    let misses: Vec<String> = outside(data).iter().take(3).map(|finding| miss(arms, finding)).collect();
    let rest = tally.outside.saturating_sub(misses.len());
    let misses = match (misses.is_empty(), rest) {
        (true, _) => String::new(),
        (false, 0) => format!(" Outside: {}.", misses.join("; ")),
        (false, rest) => format!(" Outside: {}; and {} more.", misses.join("; "), words::count(rest)),
    };
    format!("{word} {counts}{misses}")
}

/// The findings outside their published interval: the latest time of each outcome first.
fn outside(data: &ReportData) -> Vec<&Finding> {
    let is_outside =
        |finding: &&Finding| finding.verdict == Verdict::Outside && !finding.published.is_empty();
    let all: Vec<&Finding> = data.findings.findings.iter().filter(is_outside).collect();
    let same = |one: &Finding, other: &Finding| {
        (&one.endpoint, &one.arm, &one.method, &one.versus)
            == (&other.endpoint, &other.arm, &other.method, &other.versus)
    };
    let is_latest = |finding: &&&Finding| {
        let others = all.iter().filter(|other| same(other, finding));
        others.map(|other| real(other.time_days).unwrap_or(0.0)).fold(f64::MIN, f64::max)
            <= real(finding.time_days).unwrap_or(0.0)
    };
    all.iter().filter(is_latest).copied().collect()
}

fn miss(arms: &Arms, finding: &Finding) -> String {
    let name = super::findings_table::label(finding, arms);
    let value = real(finding.estimate).map_or_else(
        || words::MISSING.to_owned(),
        |value| words::fixed(value, words::decimals(&finding.unit, value)),
    );
    let published =
        finding.published.first().map_or_else(String::new, |published| words::as_printed(published.value));
    format!("{} ({value} here, {published} published)", inner(&name))
}

/// What happens to the answer if every patient that failed had the event, or none.
pub fn if_failed_counted(data: &ReportData, arms: &Arms) -> Option<String> {
    let finding = primary(data)
        .into_iter()
        .find(|finding| real(finding.estimate).is_some() && 0 < arms.get(&finding.arm).failed)?;
    let (value, arm) = (real(finding.estimate)?, arms.get(&finding.arm));
    let (solved, failed) = (finding.n.max(1) as f64, arm.failed as f64);
    let none = value * solved / (solved + failed);
    let all = none + 100.0 * failed / (solved + failed);
    let decimals = usize::from(all - none < 3.0);
    Some(format!(
        "{} {} with {}: {} of 100 without the failed patients; {} if all of them had it, {} if none had.",
        finding.title,
        when(finding, false).trim_start(),
        arm.inner(),
        words::fixed(value, decimals),
        words::fixed(all, decimals),
        words::fixed(none, decimals)
    ))
}
