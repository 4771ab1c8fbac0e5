//! The rows of a comparison as a table for a terminal.

use std::fmt::Write;

use regraft::validation::{ScoreRow, Validation};

use crate::words;

const HEAD: [&str; 7] = ["quantity", "group", "when", "observed", "simulated (10 to 90 %)", "ratio", ""];

/// Longest text of a group or a quantity that is shown whole.
const WIDEST: usize = 34;

/// Measured rows, words, windows, what is not simulated, then the score.
pub fn table(found: &Validation) -> String {
    let mut text = format!(
        "{}, seed {}, {} in each simulation\n",
        found.title,
        found.seed,
        words::count(found.patients, "patient")
    );
    let of = |kind: &str| -> Vec<&ScoreRow> {
        found.rows.iter().filter(|row| row.kind == kind && row.simulation.is_some()).collect()
    };
    let parts = [
        ("Measured", of("measured")),
        ("Said in words, not counted", of("qualitative")),
        ("Windows of plausible values: no evidence, not counted", of("window")),
    ];
    for (title, rows) in parts.iter().filter(|(_, rows)| !rows.is_empty()) {
        let _ = writeln!(text, "\n{title}");
        text.push_str(&lines(rows));
    }
    let left: Vec<&ScoreRow> = found.rows.iter().filter(|row| row.simulation.is_none()).collect();
    if !left.is_empty() {
        let _ = writeln!(text, "\nNot simulated");
    }
    for row in left {
        let reason = row.not_simulated.as_deref().unwrap_or_default();
        let _ = writeln!(text, "  {}, {}: {reason}", row.quantity, row.group);
    }
    text.push_str(&score(found));
    text
}

fn lines(rows: &[&ScoreRow]) -> String {
    let mut cells: Vec<[String; 7]> = vec![HEAD.map(str::to_string)];
    cells.extend(rows.iter().map(|row| cells_of(row)));
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let line = |row: &[String; 7]| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("  {}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    cells.iter().map(line).collect()
}

fn cells_of(row: &ScoreRow) -> [String; 7] {
    let verdict = match row.inside {
        Some(true) => "inside",
        Some(false) => "OUTSIDE",
        None => "",
    };
    [
        shortened(&row.quantity),
        shortened(&row.group),
        row.time_days.map(when).unwrap_or_default(),
        observed(row),
        simulated(row),
        row.ratio.map(number).unwrap_or_default(),
        verdict.to_string(),
    ]
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_string();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// Days up to two months, months up to two years, then years.
fn when(days: f64) -> String {
    match days {
        few if few < 61.0 => format!("day {}", number(few.round())),
        some if some < 720.0 => format!("{} months", number((some / 30.4375).round())),
        many => format!("{} years", number(many / 365.25)),
    }
}

/// Three figures and a true minus sign.
fn number(value: f64) -> String {
    let decimals = if value == 0.0 { 0.0 } else { (2.0 - value.abs().log10().floor()).clamp(0.0, 4.0) };
    let scale = 10f64.powf(decimals);
    words::short((value * scale).round() / scale)
}

fn observed(row: &ScoreRow) -> String {
    let range = row.low.zip(row.high).map(|(low, high)| format!("{} to {}", number(low), number(high)));
    match (row.observed, range) {
        (Some(value), Some(range)) => format!("{} ({range}) {}", number(value), row.unit),
        (Some(value), None) => format!("{} {}", number(value), row.unit),
        (None, Some(range)) => format!("{range} {}", row.unit),
        (None, None) => row.observed_words.clone(),
    }
}

fn simulated(row: &ScoreRow) -> String {
    let Some(value) = row.simulated else { return row.not_reached.clone().unwrap_or_default() };
    let never = row.never_below.filter(|share| *share > 0.0);
    let never =
        never.map_or(String::new(), |share| format!(", {} % never below", number((100.0 * share).round())));
    with_spread(value, row) + &never
}

/// Median with the middle 80 % of patients.
fn with_spread(value: f64, row: &ScoreRow) -> String {
    match (row.simulated_low, row.simulated_high) {
        (Some(low), Some(high)) => format!("{} ({} to {})", number(value), number(low), number(high)),
        (Some(low), None) => format!("{} ({} to beyond)", number(value), number(low)),
        _ => number(value),
    }
}

fn score(found: &Validation) -> String {
    let tally = found.tally;
    format!(
        "\n{} simulated: {} inside the printed range, {} outside, {} without a range; {} not simulated\n\
         windows, not counted: {} of {} hold the median\n\
         {} of outcomes of patients not compared here, {} kept for validation not opened\n",
        words::count(tally.scored, "measured row"),
        tally.inside,
        tally.outside,
        tally.without_range,
        tally.not_simulated,
        tally.windows_inside,
        tally.windows,
        words::count(found.clinical_rows, "row"),
        words::count(found.unopened_rows, "row"),
    )
}
