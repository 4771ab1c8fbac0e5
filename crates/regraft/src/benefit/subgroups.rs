//! One feature at a time, and what trials and cohorts have said of it.

use regraft_stats::{mean_interval, quantile};
use serde::Serialize;

use super::answer::Value;
use super::effects::{Effects, Plan};

/// Patients on two sides of a feature's median.
#[derive(Debug, Clone, Serialize)]
pub struct Subgroup {
    /// Name of the feature.
    pub name: String,
    /// For people.
    pub title: String,
    /// The value that divides them: the lower side holds it too.
    pub at: f64,
    /// Mean gain of those at or below it.
    pub low: Value,
    /// Mean gain of those above it.
    pub high: Value,
    /// Gain of the higher minus that of the lower.
    pub difference: Value,
    /// Harm of the higher minus that of the lower.
    pub harm_difference: Value,
    /// What is known of it, for people; none where nothing is.
    pub known: Option<&'static str>,
    /// Whether what is found points the same way: none where nothing is known, or the interval holds 0.
    pub agrees: Option<bool>,
}

/// What is said of a feature: name or part of it, whether higher values gain less (−1) or more (1), in words.
///
/// Remembered from reviews and cohorts of autologous transplants, not read again; no number is taken from them.
const KNOWN: [(&str, f64, &str); 6] = [
    ("age", -1.0, "younger patients are said to gain more (remembered: cohorts of transplants)"),
    ("duration", -1.0, "a shorter disease is said to gain more (remembered: cohorts of transplants)"),
    ("smoldering", -1.0, "progression without attacks is said to gain less (remembered: progressive forms)"),
    ("edss", -1.0, "more disability at entry is said to gain less (remembered: cohorts of transplants)"),
    (
        "ketoacidosis_at_onset",
        -1.0,
        "ketoacidosis at onset is said to gain less (remembered: transplants in diabetes)",
    ),
    (
        "comorbidity",
        -1.0,
        "other illnesses are said to raise the risk of dying, so to gain less (remembered)",
    ),
];

/// Patients on two sides of every feature that the rule may use, by the size of the difference against its error.
pub fn subgroups(effects: &Effects, plan: &Plan, net: &[f64]) -> Vec<Subgroup> {
    let mut found: Vec<Subgroup> =
        plan.usable.iter().filter_map(|feature| subgroup(effects, plan, *feature, net)).collect();
    let size = |one: &Subgroup| match (one.difference.estimate, one.difference.high) {
        (Some(estimate), Some(high)) if high > estimate => (estimate / (high - estimate)).abs(),
        _ => 0.0,
    };
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    found
}

fn subgroup(effects: &Effects, plan: &Plan, feature: usize, net: &[f64]) -> Option<Subgroup> {
    let rows = 0..net.len();
    let x = |row: usize| effects.of(row)[feature];
    let mut sorted: Vec<f64> = rows.clone().map(x).filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (lowest, highest) = (*sorted.first()?, *sorted.last()?);
    let middle = quantile(&sorted, 0.5);
    // Of a yes or no the median is one of the two.
    let at = if middle >= highest { lowest } else { middle };
    let side = |is_high: bool| -> Vec<usize> {
        rows.clone().filter(|row| x(*row).is_finite() && (x(*row) > at) == is_high).collect()
    };
    let (low, high) = (side(false), side(true));
    if low.len() < 10 || high.len() < 10 {
        return None;
    }
    let of = |rows: &[usize], value: &dyn Fn(usize) -> f64| {
        rows.iter().map(|row| value(*row)).collect::<Vec<f64>>()
    };
    let gain = |row: usize| net[row];
    let cost = |row: usize| effects.cost(row);
    let difference = difference(&of(&high, &gain), &of(&low, &gain));
    let card = &plan.features[feature];
    let known =
        KNOWN.iter().find(|(name, ..)| card.name == *name || *name == "duration" && card.name.contains(name));
    let is_clear = difference.low.zip(difference.high).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
    Some(Subgroup {
        name: card.name.clone(),
        title: card.title.clone(),
        at,
        low: Value::of(mean_interval(&of(&low, &gain), 0.95)),
        high: Value::of(mean_interval(&of(&high, &gain), 0.95)),
        harm_difference: self::difference(&of(&high, &cost), &of(&low, &cost)),
        known: known.map(|(_, _, words)| *words),
        agrees: known
            .filter(|_| is_clear)
            .map(|(_, sign, _)| sign * difference.estimate.unwrap_or(0.0) > 0.0),
        difference,
    })
}

/// Difference of two means with its normal interval (Welch's standard error).
fn difference(a: &[f64], b: &[f64]) -> Value {
    let moments = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n)
    };
    let ((mean_a, error_a), (mean_b, error_b)) = (moments(a), moments(b));
    let (value, half) = (mean_a - mean_b, 1.959_964 * (error_a + error_b).sqrt());
    Value::of(regraft_stats::Estimate { value, low: value - half, high: value + half })
}
