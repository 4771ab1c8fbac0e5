//! Where the doubt of each finding comes from, as stacked bars of equal length.

use super::arms::Arms;
use super::data::ReportData;
use super::findings_table::label;
use super::measure;
use super::svg::{Anchor, Svg};
use super::words;
use crate::findings::{Finding, Parts};

/// Bars that are drawn; the JSON has all.
const MOST: usize = 14;

/// What the parts are called, in the order in which they are stacked.
const NAMES: [&str; 3] = ["uncertain parameters", "patients who differ", "chance"];

fn shares(parts: &Parts) -> [f64; 3] {
    [parts.parameters, parts.patients, parts.chance]
}

/// Bars of the findings whose doubt is split, those with a published value first; nothing without any.
pub fn draw(data: &ReportData, arms: &Arms, class: &'static str, id: &str) -> Option<String> {
    let split = |finding: &&Finding| finding.parts.is_some();
    let mut findings: Vec<&Finding> = data.findings.findings.iter().filter(split).collect();
    if findings.is_empty() {
        return None;
    }
    findings.sort_by_key(|finding| finding.published.is_empty());
    findings.truncate(MOST);
    let narrow = class == "narrow";
    let width = if narrow { 354.0 } else { 1000.0 };
    let bar_at = if narrow { 0.0 } else { 520.0 };
    let step = if narrow { 44.0 } else { 26.0 };
    let top = if narrow { 70.0 } else { 32.0 };
    let mut svg = Svg::new(id, class, width, top + step * findings.len() as f64 + 4.0);
    legend(&mut svg, width);
    for (row, finding) in findings.iter().enumerate() {
        let Some(parts) = &finding.parts else { continue };
        let y = top + step * row as f64;
        let room = if narrow { width } else { bar_at - 16.0 };
        let text = measure::shorten(&label(finding, arms), 13.0, false, room);
        let bar_y = if narrow { y + 18.0 } else { y };
        svg.text((0.0, y + 12.0), Anchor::Start, "t", &text);
        let mut x = bar_at;
        for (part, share) in shares(parts).iter().enumerate() {
            let length = share * (width - bar_at);
            svg.rect((x, bar_y), (length, 16.0), 0.0, &format!("part{}", part + 1));
            x += length;
        }
    }
    let told: Vec<String> = findings.iter().filter_map(|finding| told(finding, arms)).collect();
    Some(svg.finish("Where the doubt of each finding comes from", &told.join(" ")))
}

/// Names of the parts, in as many lines as they need.
fn legend(svg: &mut Svg, width: f64) {
    let (mut x, mut y) = (0.0, 12.0);
    for (part, name) in NAMES.iter().enumerate() {
        let room = measure::width(name, 13.0, false) + 36.0;
        if width < x + room - 18.0 && 0.0 < x {
            (x, y) = (0.0, y + 20.0);
        }
        svg.rect((x, y - 10.0), (11.0, 11.0), 0.0, &format!("part{}", part + 1));
        svg.text((x + 17.0, y), Anchor::Start, "t", name);
        x += room;
    }
}

/// A bar in words, for those who do not see it.
fn told(finding: &Finding, arms: &Arms) -> Option<String> {
    let parts = finding.parts.as_ref()?;
    let named: Vec<String> = shares(parts)
        .iter()
        .zip(NAMES)
        .map(|(share, name)| format!("{name} {:.0} %", 100.0 * share))
        .collect();
    Some(format!("{}: {}.", label(finding, arms), words::list(&named)))
}
