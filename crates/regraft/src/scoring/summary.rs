//! The score: how often published numbers lie inside, how wide the intervals are, signs, tests, and what was skipped.

use std::collections::BTreeMap;

use regraft_stats::{Seed, quantile, resample};
use serde::Serialize;

use super::{BetweenRow, ScoreRow, TrialTest};

/// Coverage of some rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// Which rows: `all`, a use, a disease, a regimen.
    pub of: String,
    /// Trials.
    pub trials: usize,
    /// Rows with a published number and a prediction.
    pub rows: usize,
    /// Of these inside.
    pub inside: usize,
    /// Mean over trials of each trial's share of rows inside; null without rows.
    pub by_trial: Option<f64>,
    /// Central 95 % of its bootstrap over trials: lower end.
    pub by_trial_low: Option<f64>,
    /// Upper end.
    pub by_trial_high: Option<f64>,
    /// Plain share of rows.
    pub by_row: Option<f64>,
    /// Median of width over that of chance alone.
    pub median_width_ratio: Option<f64>,
}

/// Signs and tests of some trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Between {
    /// Which rows: `all` or a use.
    pub of: String,
    /// Differences with a published sign.
    pub differences: usize,
    /// Of these predicted with the same sign.
    pub sign_right: usize,
    /// Differences with a published sign that are greater than chance alone would make them.
    pub clear: usize,
    /// Of these predicted with the same sign.
    pub clear_right: usize,
    /// Differences inside their interval.
    pub inside: usize,
    /// Randomised trials whose test's end the pack tells.
    pub trials: usize,
    /// Mean over trials of the mean squared distance of probability and end; null without trials.
    pub brier: Option<f64>,
    /// The same where always one half is said: a quarter; where always the share of rejections is said.
    pub brier_of_share: Option<f64>,
}

/// The whole score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Rows of the pack that were opened.
    pub rows: usize,
    /// Rows kept for another use, not opened.
    pub unopened: usize,
    /// Rows with a prediction.
    pub predicted: usize,
    /// Rows that were skipped.
    pub skipped: usize,
    /// Reasons with numbers of rows, the most frequent first.
    pub reasons: Vec<(String, usize)>,
    /// Coverage of all rows, then by use.
    pub coverage: Vec<Coverage>,
    /// Coverage by use and disease.
    pub by_disease: Vec<Coverage>,
    /// Coverage by use and regimen.
    pub by_regimen: Vec<Coverage>,
    /// Signs and tests, all and by use.
    pub between: Vec<Between>,
}

/// Resamples of trials behind an interval.
const RESAMPLES: usize = 2000;

/// Sums up.
pub fn summarize(
    rows: &[ScoreRow],
    differences: &[BetweenRow],
    tests: &[TrialTest],
    unopened: usize,
    seed: Seed,
) -> Summary {
    let scored: Vec<&ScoreRow> = rows.iter().filter(|row| row.inside.is_some()).collect();
    let uses: Vec<&'static str> = ["validate", "calibrate", ""]
        .into_iter()
        .filter(|usage| scored.iter().any(|row| row.usage == *usage))
        .collect();
    let mut coverage = vec![cover("all", &scored, seed)];
    let (mut by_disease, mut by_regimen) = (Vec::new(), Vec::new());
    for usage in &uses {
        let of: Vec<&ScoreRow> = scored.iter().copied().filter(|row| row.usage == *usage).collect();
        coverage.push(cover(name_of(usage), &of, seed));
        let prefix = if uses.len() > 1 { format!("{}: ", name_of(usage)) } else { String::new() };
        by_disease.extend(parts(&prefix, &of, seed, |row| row.disease.as_deref()));
        by_regimen.extend(parts(&prefix, &of, seed, |row| row.regimen.as_deref()));
    }
    let mut between = vec![compare("all", differences, tests)];
    for usage in ["validate", "calibrate", ""] {
        let own: Vec<BetweenRow> = differences.iter().filter(|row| row.usage == usage).cloned().collect();
        let ends: Vec<TrialTest> = tests.iter().filter(|test| test.usage == usage).cloned().collect();
        if !own.is_empty() || !ends.is_empty() {
            between.push(compare(name_of(usage), &own, &ends));
        }
    }
    let skipped = rows.iter().filter(|row| row.skipped.is_some()).count();
    Summary {
        rows: rows.len(),
        unopened,
        predicted: rows.iter().filter(|row| row.predicted.is_some()).count(),
        skipped,
        reasons: reasons(rows),
        coverage,
        by_disease,
        by_regimen,
        between,
    }
}

fn name_of(usage: &str) -> &str {
    if usage.is_empty() { "no use stated" } else { usage }
}

fn reasons(rows: &[ScoreRow]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in rows.iter().filter_map(|row| row.skipped.as_deref()) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut list: Vec<(String, usize)> =
        counts.into_iter().map(|(reason, n)| (reason.to_string(), n)).collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    list
}

fn parts<'a>(
    prefix: &str,
    rows: &[&'a ScoreRow],
    seed: Seed,
    part: impl Fn(&'a ScoreRow) -> Option<&'a str>,
) -> Vec<Coverage> {
    let mut names: Vec<&str> = rows.iter().filter_map(|row| part(row)).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| {
        let own: Vec<&ScoreRow> = rows.iter().copied().filter(|row| part(row) == Some(name)).collect();
        cover(&format!("{prefix}{name}"), &own, seed)
    };
    names.into_iter().map(of).collect()
}

fn cover(of: &str, rows: &[&ScoreRow], seed: Seed) -> Coverage {
    let mut trials: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let own = trials.entry(&row.trial_id).or_default();
        own.0 += usize::from(row.inside == Some(true));
        own.1 += 1;
    }
    let shares: Vec<f64> = trials.values().map(|(inside, all)| *inside as f64 / *all as f64).collect();
    let inside = rows.iter().filter(|row| row.inside == Some(true)).count();
    let mean = |shares: &mut dyn Iterator<Item = f64>, n: usize| shares.sum::<f64>() / n as f64;
    let by_trial = (!shares.is_empty()).then(|| mean(&mut shares.iter().copied(), shares.len()));
    let mut means: Vec<f64> = Vec::new();
    if shares.len() > 1 {
        for number in 0..RESAMPLES as u64 {
            let drawn = resample(shares.len(), seed, "score:coverage", number);
            means.push(mean(&mut drawn.iter().map(|trial| shares[*trial]), shares.len()));
        }
        means.sort_by(f64::total_cmp);
    }
    let end = |share: f64| (!means.is_empty()).then(|| quantile(&means, share));
    let mut widths: Vec<f64> = rows.iter().filter_map(|row| row.width_ratio).collect();
    widths.sort_by(f64::total_cmp);
    Coverage {
        of: of.to_string(),
        trials: shares.len(),
        rows: rows.len(),
        inside,
        by_trial,
        by_trial_low: end(0.025),
        by_trial_high: end(0.975),
        by_row: (!rows.is_empty()).then(|| inside as f64 / rows.len() as f64),
        median_width_ratio: (!widths.is_empty()).then(|| quantile(&widths, 0.5)),
    }
}

fn compare(of: &str, differences: &[BetweenRow], tests: &[TrialTest]) -> Between {
    let mut trials: BTreeMap<&str, Vec<&TrialTest>> = BTreeMap::new();
    for test in tests {
        trials.entry(&test.trial_id).or_default().push(test);
    }
    let end = |test: &TrialTest| f64::from(u8::from(test.rejected));
    let n = trials.len() as f64;
    let by_trial = |of: &dyn Fn(&TrialTest) -> f64| {
        let mean = |own: &Vec<&TrialTest>| own.iter().map(|test| of(test)).sum::<f64>() / own.len() as f64;
        trials.values().map(mean).sum::<f64>() / n
    };
    let rejected = by_trial(&end);
    let clear = || differences.iter().filter(|row| row.clear == Some(true) && row.sign_right.is_some());
    Between {
        of: of.to_string(),
        differences: differences.iter().filter(|row| row.sign_right.is_some()).count(),
        sign_right: differences.iter().filter(|row| row.sign_right == Some(true)).count(),
        clear: clear().count(),
        clear_right: clear().filter(|row| row.sign_right == Some(true)).count(),
        inside: differences.iter().filter(|row| row.inside == Some(true)).count(),
        trials: trials.len(),
        brier: (n > 0.0).then(|| by_trial(&|test| (test.probability - end(test)).powi(2))),
        brier_of_share: (n > 0.0).then(|| by_trial(&|test| (rejected - end(test)).powi(2))),
    }
}
