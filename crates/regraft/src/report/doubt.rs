//! Where the doubt of each finding of a run comes from.

use super::arms::Arms;
use super::data::ReportData;
use super::findings_table::label;
use super::stack::{Bar, CHANCE, PARAMETERS, PATIENTS, Stack};
use crate::findings::{Finding, Parts};

/// Whether what a trial would show holds the doubt about the parameters.
pub fn is_held(data: &ReportData) -> bool {
    data.findings
        .findings
        .iter()
        .any(|one| one.parts.as_ref().is_some_and(|parts| parts.parameters.is_some()))
}

/// Bars that are drawn; the JSON has all.
const MOST: usize = 14;

/// Bars of the findings whose doubt is split, those with a published value first; nothing without any.
pub fn draw(data: &ReportData, arms: &Arms) -> String {
    let split = |finding: &&Finding| finding.parts.is_some();
    let mut findings = last_of_each(data.findings.findings.iter().filter(split).collect());
    let known = |finding: &&Finding| finding.parts.as_ref().is_some_and(|parts| parts.parameters.is_some());
    let with_parameters = is_held(data);
    findings.retain(|finding| known(finding) || !with_parameters);
    findings.sort_by_key(|finding| finding.published.is_empty());
    findings.truncate(MOST);
    let named =
        |finding: &&Finding| finding.parts.as_ref().map(|parts| (label(finding, arms), parts.clone()));
    let named: Vec<(String, Parts)> = findings.iter().filter_map(named).collect();
    stacked("Where the doubt of each finding comes from", &named).draw("doubt")
}

/// Bars of numbers with their names: those whose share of the parameters is known, or all where none is.
pub fn stacked(title: &str, named: &[(String, Parts)]) -> Stack {
    let with_parameters = named.iter().any(|(_, parts)| parts.parameters.is_some());
    let shown = named.iter().filter(|(_, parts)| parts.parameters.is_some() == with_parameters);
    let bars = shown.map(|(name, parts)| bar(name.clone(), parts, with_parameters));
    Stack {
        title: title.into(),
        parts: [PARAMETERS, PATIENTS, CHANCE].into_iter().skip(usize::from(!with_parameters)).collect(),
        bars: bars.collect(),
    }
}

/// Of the times of one endpoint in one arm the last with a published value, the last of all where none has one.
fn last_of_each(findings: Vec<&Finding>) -> Vec<&Finding> {
    let same = |a: &Finding, b: &Finding| {
        (&a.endpoint, &a.method, &a.arm, &a.versus) == (&b.endpoint, &b.method, &b.arm, &b.versus)
    };
    let mut kept: Vec<&Finding> = Vec::new();
    for finding in findings {
        match kept.iter_mut().find(|known| same(known, finding)) {
            Some(known) if finding.published.is_empty() && !known.published.is_empty() => {}
            Some(known) => *known = finding,
            None => kept.push(finding),
        }
    }
    kept
}

fn bar(label: String, parts: &Parts, with_parameters: bool) -> Bar {
    let own = with_parameters.then(|| parts.parameters.unwrap_or(0.0));
    Bar {
        label,
        shares: own.into_iter().chain([parts.patients, parts.chance]).collect(),
        ends: parts.parameters_low.zip(parts.parameters_high),
    }
}
