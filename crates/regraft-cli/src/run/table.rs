//! The findings as a table for a terminal: within 120 columns as long as names are short.

use std::fmt::Write;

use regraft::findings::{ArmCount, CiKind, Finding, Findings, Published, Verdict};

use crate::words;

/// One line per finding under the title of its analysis: arm, when, simulated with its error, a trial of
/// that size, published, verdict. The answer in words stands last, where a long table leaves it in view.
pub fn table(findings: &Findings, answer: &str) -> String {
    let rows: Vec<Row> = findings.findings.iter().map(row).collect();
    let widths = Widths::of(&rows);
    let mut text = heading(findings);
    text.push_str(&widths.header());
    let mut title = "";
    for (finding, row) in findings.findings.iter().zip(&rows) {
        if finding.title != title {
            title = &finding.title;
            let _ = writeln!(text, "\n{title}{}", level(finding));
        }
        text.push_str(&widths.lines(row));
    }
    text.push_str(&legend(findings));
    text.push_str(&counts(findings));
    let _ = writeln!(text, "\n{}", words::wrap(answer, words::WIDTH));
    text
}

/// `mist, seed 1`, then one line per arm.
fn heading(findings: &Findings) -> String {
    let mut text = format!("{}, seed {}\n", findings.trial, findings.seed);
    let width = findings.arms.iter().map(|arm| arm.id.chars().count()).max().unwrap_or(0);
    for ArmCount { id, title, n, failed } in &findings.arms {
        let unsolved = if *failed > 0 { format!(", {failed} not solved") } else { String::new() };
        let _ = writeln!(text, "  {id:width$}  {title}, {}{unsolved}", words::count(*n, "patient"));
    }
    text.push('\n');
    text
}

/// A level of the intervals that is not the usual one.
fn level(finding: &Finding) -> String {
    if finding.ci_level == USUAL_LEVEL {
        return String::new();
    }
    format!(" ({} % intervals)", words::short(100.0 * finding.ci_level))
}

const USUAL_LEVEL: f64 = 0.95;

/// Cells of one finding.
struct Row {
    who: String,
    when: String,
    /// The estimate with its interval, or why there is none.
    simulated: Result<String, String>,
    predicted: String,
    published: Vec<String>,
    verdict: &'static str,
}

fn row(finding: &Finding) -> Row {
    let sign = if matches!(finding.method.as_str(), "hazard_ratio" | "rate_ratio") { "/" } else { "−" };
    let unit = finding.unit.as_str();
    let missing = || format!("– ({})", finding.reason.as_deref().unwrap_or("no estimate"));
    Row {
        who: match &finding.versus {
            Some(versus) => format!("{} {sign} {versus}", finding.arm),
            None => finding.arm.clone(),
        },
        when: finding.time_days.map(words::time).unwrap_or_default(),
        simulated: finding
            .estimate
            .map(|value| with_interval(value, finding.ci_low.zip(finding.ci_high), unit))
            .ok_or_else(missing),
        predicted: finding
            .predicted_low
            .zip(finding.predicted_high)
            .map(|(low, high)| format!("{} to {}", bare(low, unit), number(high, unit)))
            .unwrap_or_default(),
        published: finding.published.iter().map(|value| published(value, unit)).collect(),
        verdict: match finding.verdict {
            Verdict::Inside => "inside",
            Verdict::Outside => "OUTSIDE",
            Verdict::NotJudged => "",
        },
    }
}

fn published(value: &Published, unit: &str) -> String {
    let made = if value.ci_kind == CiKind::Wilson { "*" } else { "" };
    let interval = value.ci_low.zip(value.ci_high);
    format!("{} {}{made}", value.trial_id, with_interval(value.value, interval, unit))
}

/// `11.9 % (10.0 to 14.1)`.
fn with_interval(value: f64, interval: Option<(f64, f64)>, unit: &str) -> String {
    let shown = number(value, unit);
    interval
        .map_or(shown.clone(), |(low, high)| format!("{shown} ({} to {})", bare(low, unit), bare(high, unit)))
}

fn number(value: f64, unit: &str) -> String {
    if unit == "percent" { format!("{} %", bare(value, unit)) } else { bare(value, unit) }
}

/// Percentages and days with one decimal, everything else with two; a true minus sign, but no minus zero.
fn bare(value: f64, unit: &str) -> String {
    let digits = if matches!(unit, "percent" | "days") { 1 } else { 2 };
    words::fixed(value, digits)
}

/// Widths of the columns, in characters.
struct Widths {
    who: usize,
    when: usize,
    simulated: usize,
    predicted: usize,
    published: usize,
}

const SIMULATED: &str = "simulated";
const PREDICTED: &str = "a trial of that size";
const PUBLISHED: &str = "published";

impl Widths {
    fn of(rows: &[Row]) -> Widths {
        Widths {
            who: widest(rows.iter().map(|row| row.who.as_str()), ""),
            when: widest(rows.iter().map(|row| row.when.as_str()), ""),
            simulated: widest(rows.iter().filter_map(|row| row.simulated.as_deref().ok()), SIMULATED),
            predicted: widest(rows.iter().map(|row| row.predicted.as_str()), PREDICTED),
            published: widest(rows.iter().flat_map(|row| &row.published).map(String::as_str), PUBLISHED),
        }
    }

    fn header(&self) -> String {
        self.line("", "", SIMULATED, PREDICTED, PUBLISHED, "")
    }

    /// The line of a finding, and one more for every further published value.
    fn lines(&self, row: &Row) -> String {
        let first = row.published.first().map_or("", String::as_str);
        let mut text = match &row.simulated {
            Ok(simulated) => self.line(&row.who, &row.when, simulated, &row.predicted, first, row.verdict),
            Err(reason) => self.unestimated(row, reason, first),
        };
        for more in row.published.iter().skip(1) {
            text.push_str(&self.line("", "", "", "", more, ""));
        }
        text
    }

    /// A reason runs over the columns of the numbers that are missing.
    fn unestimated(&self, row: &Row, reason: &str, published: &str) -> String {
        let (who, when, over) = (self.who, self.when, self.simulated + GAP.len() + self.predicted);
        let text = format!("  {:who$}{GAP}{:when$}{GAP}{reason:over$}{GAP}{published}", row.who, row.when);
        format!("{}\n", text.trim_end())
    }

    fn line(
        &self,
        who: &str,
        when: &str,
        simulated: &str,
        predicted: &str,
        published: &str,
        verdict: &str,
    ) -> String {
        let Widths { who: a, when: b, simulated: c, predicted: d, published: e } = self;
        let text = format!(
            "  {who:a$}{GAP}{when:b$}{GAP}{simulated:c$}{GAP}{predicted:d$}{GAP}{published:e$}{GAP}{verdict}"
        );
        format!("{}\n", text.trim_end())
    }
}

const GAP: &str = "  ";

/// Characters of the widest cell, `least` among them.
fn widest<'a>(cells: impl Iterator<Item = &'a str>, least: &'a str) -> usize {
    cells.chain([least]).map(|cell| cell.chars().count()).max().unwrap_or(0)
}

/// What the marks and brackets mean.
fn legend(findings: &Findings) -> String {
    let made = findings.findings.iter().flat_map(|f| &f.published).any(|p| p.ci_kind == CiKind::Wilson);
    let star = "* interval made here from the number of patients (Wilson)\n";
    let brackets =
        "In brackets behind a simulated value: how far a cohort of this size may lie from an endless one.\n";
    format!("\n{brackets}{}", if made { star } else { "" })
}

/// How many findings can be judged, and how they stand.
fn counts(findings: &Findings) -> String {
    let all = || findings.findings.iter();
    let of = |verdict: Verdict| all().filter(|f| !f.published.is_empty() && f.verdict == verdict).count();
    let beside = all().filter(|f| !f.published.is_empty()).count();
    format!(
        "{}, {beside} of them with a published value: {} inside its interval, {} outside, {} without an interval to judge by\n",
        words::count(findings.findings.len(), "finding"),
        of(Verdict::Inside),
        of(Verdict::Outside),
        of(Verdict::NotJudged)
    )
}
