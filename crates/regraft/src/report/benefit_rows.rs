//! What the benefit and harm figure shows: per 100 patients, each outcome once per arm.

use super::arms::Arms;
use super::data::ReportData;
use super::words::{self, ends, inner, real};
use crate::findings::{CiKind, Finding};

/// A percentage with what a trial of the published size would show.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Arm id.
    pub arm: String,
    /// Patients of 100, or why there is no number.
    pub value: Result<f64, String>,
    /// Simulation error.
    pub error: Option<(f64, f64)>,
    /// Prediction interval.
    pub predicted: Option<(f64, f64)>,
}

/// The studied arm minus the comparator.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Patients of 100.
    pub value: f64,
    /// Simulation error; absent if the run has no finding for it.
    pub error: Option<(f64, f64)>,
    /// Prediction interval.
    pub predicted: Option<(f64, f64)>,
}

/// A published percentage of the same outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// Arm id of this run.
    pub arm: String,
    /// Patients of 100.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
    /// Where the interval comes from.
    pub kind: CiKind,
    /// Source for people.
    pub source: String,
}

/// One outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Outcome, for people.
    pub title: String,
    /// "by 5 years".
    pub time: String,
    /// One per arm that has a finding.
    pub cells: Vec<Cell>,
    /// Between the studied arm and the comparator.
    pub difference: Option<Difference>,
    /// Published values.
    pub published: Vec<Printed>,
    /// Whether more is better.
    pub benefit: bool,
}

impl Row {
    /// The value of an arm, if it was estimated.
    pub fn value(&self, arm: &str) -> Option<f64> {
        let cell = self.cells.iter().find(|cell| cell.arm == arm)?;
        cell.value.as_ref().ok().copied()
    }
}

/// The rows: benefits as more-is-better, then harms.
pub fn rows(data: &ReportData, arms: &Arms) -> Vec<Row> {
    let mut rows: Vec<Row> = keys(data).into_iter().map(|key| row(data, arms, key)).collect();
    rows.retain(|row| row.cells.iter().any(|cell| cell.value.is_ok()));
    rows.sort_by_key(|row| !row.benefit);
    rows
}

/// The first analysis of an endpoint, at a time.
type Key<'a> = (&'a Finding, Option<f64>);

/// Each outcome at its latest time; harms also at their first time within 100 days.
fn keys(data: &ReportData) -> Vec<Key<'_>> {
    let shown: Vec<&Finding> = data.findings.findings.iter().filter(|finding| is_shown(finding)).collect();
    let mut keys: Vec<Key<'_>> = Vec::new();
    for finding in shown.iter().copied() {
        if keys.iter().any(|key| key.0.endpoint == finding.endpoint) {
            continue;
        }
        let same = shown.iter().filter(|other| is_same(other, finding));
        let mut times: Vec<Option<f64>> = same.map(|other| real(other.time_days)).collect();
        times.sort_by(|a, b| a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0)));
        times.dedup();
        let last = times[times.len() - 1];
        let first = times[0].filter(|&day| finding.role == "harm" && day <= 100.0 && Some(day) != last);
        keys.extend(first.map(|day| (finding, Some(day))));
        keys.push((finding, last));
    }
    keys
}

/// Whether a larger estimate is better: the share of patients still free of an event always is.
pub fn more_is_better(finding: &Finding) -> bool {
    finding.method == "kaplan_meier" || finding.direction == "benefit"
}

/// The same analysis of the same endpoint, in any arm and at any time.
fn is_same(one: &Finding, other: &Finding) -> bool {
    one.endpoint == other.endpoint && one.method == other.method && one.role == other.role
}

fn is_shown(finding: &Finding) -> bool {
    let role = matches!(finding.role.as_str(), "primary" | "benefit" | "harm");
    role && finding.unit == "percent" && finding.versus.is_none()
}

fn row(data: &ReportData, arms: &Arms, key: Key<'_>) -> Row {
    let of_key = |finding: &&Finding| {
        is_same(finding, key.0) && real(finding.time_days) == key.1 && finding.unit == "percent"
    };
    let all: Vec<&Finding> = data.findings.findings.iter().filter(of_key).collect();
    let first = key.0;
    let benefit = first.role != "harm";
    let flip = benefit && !more_is_better(first);
    let mut cells: Vec<Cell> =
        all.iter().filter(|finding| finding.versus.is_none()).map(|finding| cell(finding, flip)).collect();
    cells.sort_by_key(|cell| arms.place(&cell.arm));
    cells.dedup_by(|a, b| a.arm == b.arm);
    Row {
        title: if flip { without(&first.title) } else { first.title.clone() },
        time: time_text(first, key.1, flip),
        difference: difference(data, key, &cells, arms),
        published: all
            .iter()
            .filter(|finding| finding.versus.is_none())
            .flat_map(|finding| printed(data, finding, flip))
            .collect(),
        cells,
        benefit,
    }
}

/// "No relapse" for "First relapse".
fn without(title: &str) -> String {
    let title = inner(title);
    format!("No {}", title.strip_prefix("first ").unwrap_or(&title))
}

fn time_text(finding: &Finding, time: Option<f64>, flip: bool) -> String {
    match time.filter(|_| !words::states_time(&finding.title)) {
        Some(day) => format!("{} {}", preposition(finding, flip), words::time(day)),
        None => String::new(),
    }
}

fn preposition(finding: &Finding, flip: bool) -> &'static str {
    if !more_is_better(finding) && !flip { "by" } else { "at" }
}

fn flipped(value: f64, flip: bool) -> f64 {
    if flip { 100.0 - value } else { value }
}

fn flipped_pair(pair: Option<(f64, f64)>, flip: bool) -> Option<(f64, f64)> {
    pair.map(|(low, high)| if flip { (100.0 - high, 100.0 - low) } else { (low, high) })
}

fn cell(finding: &Finding, flip: bool) -> Cell {
    let reason = || finding.reason.clone().unwrap_or_else(|| words::MISSING.to_owned());
    Cell {
        arm: finding.arm.clone(),
        value: real(finding.estimate).map(|value| flipped(value, flip)).ok_or_else(reason),
        error: flipped_pair(ends(finding.ci_low, finding.ci_high), flip),
        predicted: flipped_pair(ends(finding.predicted_low, finding.predicted_high), flip),
    }
}

/// The studied arm minus the comparator: from the finding that compares them, else by subtraction.
fn difference(data: &ReportData, key: Key<'_>, cells: &[Cell], arms: &Arms) -> Option<Difference> {
    let (studied, comparator) = (arms.studied()?, arms.comparator()?);
    let value = |id: &str| cells.iter().find(|cell| cell.arm == id)?.value.as_ref().ok().copied();
    let plain = value(&studied.id)? - value(&comparator.id)?;
    let between = |finding: &&Finding| {
        finding.endpoint == key.0.endpoint
            && finding.unit == "percent"
            && real(finding.time_days) == key.1
            && finding.arm == studied.id
            && finding.versus.as_deref() == Some(comparator.id.as_str())
    };
    let found = data.findings.findings.iter().find(between);
    let Some((finding, value)) = found.and_then(|finding| Some((finding, real(finding.estimate)?))) else {
        return Some(Difference { value: plain, error: None, predicted: None });
    };
    // The finding may count events where the row counts those without: the row's own sign decides.
    let turn = value * plain < 0.0;
    let turned =
        |pair: Option<(f64, f64)>| pair.map(|(low, high)| if turn { (-high, -low) } else { (low, high) });
    Some(Difference {
        value: if turn { -value } else { value },
        error: turned(ends(finding.ci_low, finding.ci_high)),
        predicted: turned(ends(finding.predicted_low, finding.predicted_high)),
    })
}

fn printed(data: &ReportData, finding: &Finding, flip: bool) -> Vec<Printed> {
    let one = |published: &crate::findings::Published| Printed {
        arm: finding.arm.clone(),
        value: flipped(published.value, flip),
        interval: flipped_pair(ends(published.ci_low, published.ci_high), flip),
        kind: published.ci_kind,
        source: source_name(data, published),
    };
    finding.published.iter().filter(|published| published.value.is_finite()).map(one).collect()
}

/// Short name of a source for people: the given name, else the name of its trial.
pub fn source_name(data: &ReportData, published: &crate::findings::Published) -> String {
    let id = if published.trial_id.is_empty() { &published.source } else { &published.trial_id };
    display_name(data, id)
}

/// The short name of a trial or source: its own if that is a name without numbers (`MIST`), else
/// the given one, else its id made readable.
pub fn display_name(data: &ReportData, id: &str) -> String {
    let own = id.chars().all(|letter| letter.is_ascii_uppercase() || letter == '-') && !id.is_empty();
    // A name that is the id says nothing more than it.
    named(data, id).filter(|name| !own && name != id).unwrap_or_else(|| readable(id))
}

fn named(data: &ReportData, id: &str) -> Option<String> {
    data.source_names.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone())
}

/// `DAIKELER2011` as "Daikeler 2011"; other ids keep their letters, underscores become spaces.
fn readable(id: &str) -> String {
    let split = id.len().saturating_sub(4);
    if let (Some(name), Some(year)) = (id.get(..split), id.get(split..)) {
        let is_year = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
        if is_year && 2 < name.len() && name.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return format!("{}{} {year}", &name[..1], name[1..].to_lowercase());
        }
    }
    id.replace('_', " ")
}
