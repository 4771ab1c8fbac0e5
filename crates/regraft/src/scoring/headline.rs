//! What is read first of a scorecard: how many published numbers were predicted, how many fell inside, where the others
//! are.

use std::collections::BTreeMap;

use super::{ScoreRow, Scored};
use crate::report::words::{self, count, list, plural};

/// Diseases that are named. Chosen: more are a table, and the page has one.
const NAMED: usize = 3;

/// Share of numbers that lie outside an interval of 90 % by right.
const BY_RIGHT: f64 = 0.1;

/// The score in two sentences.
pub fn answer(found: &Scored) -> String {
    let Some(all) = found.summary.coverage.first().filter(|all| all.rows > 0) else {
        let rows = plural(found.summary.predicted, "row has", "rows have");
        return format!("{rows} a prediction; none of them a published number.");
    };
    let percent = |share: f64| words::percent(100.0 * share);
    let numbers = plural(all.rows, "published number", "published numbers");
    let by_trial = all
        .by_trial
        .filter(|_| all.trials > 1)
        .map_or(String::new(), |share| format!("; trial by trial it is {} on average", percent(share)));
    format!(
        "{numbers} of {} {} predicted, and {} of them ({}) fell inside the {level} interval of simulated trials of the same \
         size. It would be {level} if the intervals told exactly how unsure the predictions are{by_trial}.",
        plural(all.trials, "trial", "trials"),
        if all.rows == 1 { "was" } else { "were" },
        count(all.inside),
        percent(all.by_row.unwrap_or(f64::NAN)),
        level = percent(1.0 - BY_RIGHT),
    )
}

/// Where the numbers are that fell outside, and how wide the intervals are; `None` without a prediction beside a
/// published number.
pub fn failures(found: &Scored) -> Option<String> {
    let scored: Vec<&ScoreRow> = found.rows.iter().filter(|row| row.inside.is_some()).collect();
    let all = found.summary.coverage.first().filter(|_| !scored.is_empty())?;
    let width = all.median_width_ratio.map_or(String::new(), |width| {
        format!(" The intervals are {width:.1} times as wide as the play of chance alone would make them.")
    });
    let outside = |rows: &[&ScoreRow]| rows.iter().filter(|row| row.inside == Some(false)).count();
    let missed = outside(&scored);
    if missed == 0 {
        return Some(format!("None fell outside.{width}"));
    }
    let mut by_disease: BTreeMap<&str, Vec<&ScoreRow>> = BTreeMap::new();
    for row in scored.iter().copied() {
        by_disease.entry(row.disease.as_deref().unwrap_or("no disease")).or_default().push(row);
    }
    let parts = by_disease.iter().map(|(disease, rows)| (*disease, outside(rows), rows.len()));
    let over = |part: &(&str, usize, usize)| part.1 as f64 - BY_RIGHT * part.2 as f64;
    // One more than there should be is chance.
    let mut most: Vec<(&str, usize, usize)> = parts.filter(|part| over(part) >= 1.0).collect();
    most.sort_by(|a, b| over(b).total_cmp(&over(a)));
    most.truncate(NAMED);
    let named: Vec<String> = most
        .iter()
        .map(|(disease, out, rows)| format!("{} ({out} of {rows})", disease.replace('_', " ")))
        .collect();
    let by_right = count((BY_RIGHT * scored.len() as f64).round() as usize);
    let place = if named.is_empty() {
        ", in no disease one more than expected".to_string()
    } else {
        format!("; most of the excess is in {}", list(&named))
    };
    let high = scored.iter().filter(|row| row.inside == Some(false) && row.predicted > row.observed).count();
    let side = match (high, missed - high) {
        (_, 0) => "all are predicted too high".to_string(),
        (0, _) => "all are predicted too low".to_string(),
        (high, low) => format!("{} are predicted too high, {} too low", count(high), count(low)),
    };
    Some(format!(
        "{} fell outside, where {by_right} would be expected{place}. Of them {side}.{width}",
        count(missed)
    ))
}
