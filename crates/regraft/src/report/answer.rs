//! The answer in words, from the findings: each estimate with its interval, each interval by its
//! right name, misses as plainly as hits.

use serde::Serialize;

use super::arms::{ArmStyle, Arms};
use super::benefit_rows::{self, Row};
use super::data::ReportData;
use super::doubt;
use super::words::{self, ends, inner, real};
use crate::findings::{Finding, Published, Verdict};

/// A stretch of text; `class` is empty for plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Text.
    pub text: String,
    /// Classes.
    pub class: String,
}

fn plain(text: impl Into<String>) -> Span {
    Span { text: text.into(), class: String::new() }
}

fn bold(text: impl Into<String>, class: &str) -> Span {
    Span { text: text.into(), class: format!("b {class}").trim_end().to_owned() }
}

/// The findings that answer the question: those of the first primary endpoint in percent, at its
/// latest time, one per arm.
pub fn primary(data: &ReportData) -> Vec<&Finding> {
    let is_primary = |finding: &&Finding| {
        finding.role == "primary" && finding.versus.is_none() && finding.unit == "percent"
    };
    let all: Vec<&Finding> = data.findings.findings.iter().filter(is_primary).collect();
    let Some(first) = all.first() else { return Vec::new() };
    let same = || all.iter().copied().filter(|finding| finding.endpoint == first.endpoint);
    let last = same().filter_map(|finding| real(finding.time_days)).fold(f64::MIN, f64::max);
    same().filter(|finding| real(finding.time_days).is_none_or(|day| day == last)).collect()
}

/// The paragraph under the question.
pub fn answer(data: &ReportData, arms: &Arms) -> Vec<Span> {
    let primary = primary(data);
    let estimated: Vec<(&Finding, f64)> =
        primary.iter().filter_map(|finding| Some((*finding, real(finding.estimate)?))).collect();
    let mut spans = match (primary.first(), estimated.as_slice()) {
        (None, _) => without_primary(data),
        (Some(first), []) => not_estimated(first),
        (Some(_), [only]) => one_arm(data, arms, only.0, only.1),
        (Some(_), [_, _, ..]) => several_arms(data, arms, &estimated),
    };
    if let Some(finding) = hazard_ratio(data, arms) {
        spans.extend(ratio_sentence(data, finding));
    }
    spans.extend(other_primaries(data, arms, primary.first().map(|finding| finding.endpoint.as_str())));
    if !estimated.is_empty() {
        let text = if doubt::is_held(data) {
            "What a trial would show holds the doubt about the parameters, the simulation error does not."
        } else {
            "Doubt about the parameters is not yet included in these intervals."
        };
        spans.push(Span { text: text.to_owned(), class: "note".to_owned() });
    }
    spans
}

fn without_primary(data: &ReportData) -> Vec<Span> {
    if data.findings.findings.is_empty() {
        return vec![plain("This run has no findings: nothing could be estimated.")];
    }
    vec![plain(
        "This run names no primary endpoint in percent of patients; its findings stand in the table below.",
    )]
}

fn not_estimated(finding: &Finding) -> Vec<Span> {
    let reason = finding.reason.as_deref().unwrap_or("the run gives no reason");
    vec![
        bold(format!("{} could not be estimated", finding.title), ""),
        plain(format!(": {}", words::sentence(reason))),
    ]
}

fn patients(data: &ReportData, finding: &Finding) -> String {
    let number = if finding.n == 0 { data.entered } else { finding.n };
    format!("{} virtual {}", words::count(number), if number == 1 { "patient" } else { "patients" })
}

/// "within 5 years" for what happens, "at 5 years" for what holds.
pub fn when(finding: &Finding, verb: bool) -> String {
    let Some(day) = real(finding.time_days) else { return String::new() };
    let word = match (!benefit_rows::more_is_better(finding), verb) {
        (true, true) => "within",
        (true, false) => "by",
        (false, _) => "at",
    };
    format!(" {word} {}", words::time(day))
}

fn hue(arm: &ArmStyle) -> String {
    format!("c {}", arm.class)
}

fn of_hundred(value: f64) -> String {
    words::per_hundred(value)
}

fn one_arm(data: &ReportData, arms: &Arms, finding: &Finding, value: f64) -> Vec<Span> {
    let arm = arms.get(&finding.arm);
    let number = bold(of_hundred(value), &hue(&arm));
    let mut spans = match &data.primary_verb {
        Some(verb) => vec![
            plain(format!("Of {} with {}, ", patients(data, finding), arm.inner())),
            number,
            plain(format!(" of 100 {verb}{}", when(finding, true))),
        ],
        None => vec![
            plain(format!("In {} with {}, ", patients(data, finding), arm.inner())),
            plain(named_event(finding)),
            number,
            plain(" of 100"),
        ],
    };
    let decimals = words::decimals("percent", value);
    spans.push(plain(format!(" ({}).", intervals(data, finding, decimals))));
    spans.extend(
        finding.published.first().map(|published| plain(published_sentence(data, finding, published))),
    );
    spans
}

fn published_sentence(data: &ReportData, finding: &Finding, published: &Published) -> String {
    let source = benefit_rows::source_name(data, published);
    let value = words::as_printed(published.value);
    match (ends(published.ci_low, published.ci_high), finding.verdict) {
        (Some((low, high)), Verdict::Inside | Verdict::Outside) => {
            let side = if finding.verdict == Verdict::Inside { "inside" } else { "outside" };
            let interval = format!("{} to {}", words::as_printed(low), words::as_printed(high));
            let kind = super::marks::kind_word(published.ci_kind);
            format!(
                " {source} found {value} ({interval}, {kind}): the simulated value lies {side} that interval."
            )
        }
        _ => format!(" {source} found {value}, without an interval to judge by."),
    }
}

/// "simulation error 66 to 71, 95 %; a trial of 55 a side would show 51 to 82".
fn intervals(data: &ReportData, finding: &Finding, decimals: usize) -> String {
    let error = ends(finding.ci_low, finding.ci_high).map_or_else(
        || "simulation error not estimated".to_owned(),
        |(low, high)| {
            let level = words::level(finding.ci_level);
            format!("simulation error {}, {level}", words::interval(low, high, decimals))
        },
    );
    let predicted = ends(finding.predicted_low, finding.predicted_high)
        .map(|(low, high)| format!("{} would show {}", trial(data), words::interval(low, high, decimals)));
    [Some(error), predicted].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// "a trial of 55 a side".
pub fn trial(data: &ReportData) -> String {
    match data.published_size.as_str() {
        "" => "a trial of the published size".to_owned(),
        size => format!("a trial of {size}"),
    }
}

fn several_arms(data: &ReportData, arms: &Arms, estimated: &[(&Finding, f64)]) -> Vec<Span> {
    let (first, _) = estimated[0];
    let ways = if estimated.len() == 2 { "both ways" } else { "in every arm" };
    let mut spans = vec![plain(format!("In {}, each treated {ways}, ", patients(data, first)))];
    let mut sorted = estimated.to_vec();
    sorted.sort_by_key(|(finding, _)| arms.place(&finding.arm));
    let between = difference(data, arms, first);
    let alone = between.is_none();
    let numbers: Vec<Vec<Span>> =
        sorted.iter().map(|(finding, value)| number_with_arm(data, arms, finding, *value, alone)).collect();
    let between = between.unwrap_or_else(|| vec![plain(".")]);
    match &data.primary_verb {
        Some(verb) => {
            let tail = format!(" of 100 {verb}{}", when(first, true));
            spans.extend(joined(numbers, &tail));
        }
        None => {
            spans.push(plain(named_event(first)));
            spans.extend(joined(numbers, " of 100"));
        }
    }
    spans.extend(between);
    spans
}

/// "confirmed progression by 5 years happened in", "event-free survival at 5 years is".
fn named_event(finding: &Finding) -> String {
    let verb = if benefit_rows::more_is_better(finding) { "is" } else { "happened in" };
    format!("{}{} {verb} ", inner(&finding.title), when(finding, false))
}

/// The number of an arm; with its own intervals where the difference has none.
fn number_with_arm(data: &ReportData, arms: &Arms, finding: &Finding, value: f64, alone: bool) -> Vec<Span> {
    let arm = arms.get(&finding.arm);
    let mut text = format!(" with {}", arm.inner());
    if alone {
        text.push_str(&format!(" ({})", intervals(data, finding, words::decimals("percent", value))));
    }
    vec![bold(of_hundred(value), &hue(&arm)), plain(text)]
}

/// Puts commas and "and" between the arms, and `tail` after the first number.
fn joined(numbers: Vec<Vec<Span>>, tail: &str) -> Vec<Span> {
    let last = numbers.len() - 1;
    let mut spans = Vec::new();
    for (place, mut number) in numbers.into_iter().enumerate() {
        if place == 0 {
            number.insert(1, plain(tail));
        } else {
            spans.push(plain(if place == last { " and " } else { ", " }));
        }
        spans.append(&mut number);
    }
    spans
}

/// ": 69 fewer (…)." if the run has a finding for the difference.
fn difference(data: &ReportData, arms: &Arms, first: &Finding) -> Option<Vec<Span>> {
    let (studied, comparator) = (arms.studied()?, arms.comparator()?);
    let is_difference = |finding: &&Finding| {
        finding.endpoint == first.endpoint
            && finding.unit == "percent"
            && finding.arm == studied.id
            && finding.versus.as_deref() == Some(comparator.id.as_str())
            && real(finding.time_days) == real(first.time_days)
    };
    let finding = data.findings.findings.iter().find(is_difference)?;
    let value = real(finding.estimate)?;
    let decimals = words::decimals("percent", value);
    let word = if value < 0.0 { "fewer" } else { "more" };
    Some(vec![
        plain(": "),
        bold(format!("{} {word}", words::fixed(value.abs(), decimals)), ""),
        plain(format!(" ({}).", intervals(data, &turned(finding, value), decimals))),
    ])
}

/// A difference written as a number of patients fewer or more: both ends follow its sign.
fn turned(finding: &Finding, value: f64) -> Finding {
    let mut turned = finding.clone();
    if value < 0.0 {
        turned.ci_low = finding.ci_high.map(|high| -high);
        turned.ci_high = finding.ci_low.map(|low| -low);
        turned.predicted_low = finding.predicted_high.map(|high| -high);
        turned.predicted_high = finding.predicted_low.map(|low| -low);
    }
    turned
}

fn hazard_ratio<'a>(data: &'a ReportData, arms: &Arms) -> Option<&'a Finding> {
    let studied = arms.studied()?;
    data.findings.findings.iter().find(|finding| {
        finding.unit == "hazard_ratio"
            && finding.role == "primary"
            && finding.arm == studied.id
            && real(finding.estimate).is_some()
    })
}

fn ratio_sentence(data: &ReportData, finding: &Finding) -> Vec<Span> {
    let Some(value) = real(finding.estimate) else { return Vec::new() };
    let pair = |low, high| ends(low, high).map(|(low, high)| words::interval(low, high, 2));
    let error = pair(finding.ci_low, finding.ci_high);
    let predicted =
        pair(finding.predicted_low, finding.predicted_high).map(|text| format!("such a trial {text}"));
    let mut parts: Vec<String> = [error, predicted].into_iter().flatten().collect();
    if let Some(published) = finding.published.first() {
        let source = benefit_rows::source_name(data, published);
        let interval = ends(published.ci_low, published.ci_high)
            .map_or_else(String::new, |(low, high)| format!(", {}", words::interval(low, high, 2)));
        parts.push(format!("{source} found {}{interval}", words::fixed(published.value, 2)));
    }
    vec![
        plain(" Hazard ratio "),
        bold(words::fixed(value, 2), ""),
        plain(format!(" ({}).", parts.join("; "))),
    ]
}

/// Further primary endpoints, three at most, one short sentence each.
fn other_primaries(data: &ReportData, arms: &Arms, first: Option<&str>) -> Vec<Span> {
    let Some(first) = first else { return Vec::new() };
    let rows = benefit_rows::rows(data, arms);
    let mut endpoints: Vec<&str> = Vec::new();
    for finding in data.findings.findings.iter().filter(|finding| finding.role == "primary") {
        let percent = finding.unit == "percent" && finding.versus.is_none();
        if percent && finding.endpoint != first && !endpoints.contains(&finding.endpoint.as_str()) {
            endpoints.push(&finding.endpoint);
        }
    }
    let title = |endpoint: &str| data.findings.findings.iter().find(|finding| finding.endpoint == endpoint);
    let of_endpoint = |endpoint: &&str| {
        let finding = title(endpoint)?;
        let plainly =
            |row: &&Row| row.title == finding.title || row.title == format!("No {}", inner(&finding.title));
        rows.iter().find(plainly)
    };
    let shown: Vec<&Row> = endpoints.iter().filter_map(of_endpoint).take(3).collect();
    let mut spans = Vec::new();
    for row in shown {
        spans.push(plain(format!(" {}{}: ", row.title, spaced(&row.time))));
        spans.extend(row_numbers(row, arms));
        spans.push(plain("."));
    }
    spans
}

fn row_numbers(row: &Row, arms: &Arms) -> Vec<Span> {
    let mut spans = Vec::new();
    for cell in &row.cells {
        let Ok(value) = &cell.value else { continue };
        if !spans.is_empty() {
            spans.push(plain(" against "));
        }
        spans.push(bold(of_hundred(*value), &hue(&arms.get(&cell.arm))));
        let decimals = words::decimals("percent", *value);
        let predicted = cell
            .predicted
            .map(|(low, high)| format!("; such a trial {}", words::interval(low, high, decimals)));
        if let Some((low, high)) = cell.error {
            let predicted = predicted.unwrap_or_default();
            spans.push(plain(format!(" ({}{predicted})", words::interval(low, high, decimals))));
        }
    }
    spans
}

/// The text after a space; nothing for nothing.
pub fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}
