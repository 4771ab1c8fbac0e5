//! Means and differences of means with intervals that hold the doubt of the parameters.

use regraft_stats::{Doubt, Estimate, mean_interval, variance};

use super::answer::Value;
use crate::posterior::{ByMember, widen};

/// Level of all intervals.
pub const LEVEL: f64 = 0.95;
/// Standard errors on either side of an interval at that level.
const NORMAL: f64 = 1.959_964;

/// Mean of the patients `rows`.
pub fn mean(by: ByMember<'_>, rows: &[usize], value: &dyn Fn(usize) -> f64) -> Value {
    let values = |rows: &[usize]| rows.iter().map(|row| value(*row)).collect::<Vec<f64>>();
    let found = mean_interval(&values(rows), LEVEL);
    let luck = moments(&values(rows)).1;
    let of = |rows: &[usize]| Some(moments(&values(rows)).0).filter(|mean| mean.is_finite());
    with_doubt(by, rows, found, luck, &of)
}

/// Mean of the patients `high` minus that of the patients `low`, with its normal interval (Welch's standard error).
pub fn difference(by: ByMember<'_>, high: &[usize], low: &[usize], value: &dyn Fn(usize) -> f64) -> Value {
    let values = |rows: &[usize]| rows.iter().map(|row| value(*row)).collect::<Vec<f64>>();
    let ((mean_a, error_a), (mean_b, error_b)) = (moments(&values(high)), moments(&values(low)));
    let luck = error_a + error_b;
    let (estimate, half) = (mean_a - mean_b, NORMAL * luck.sqrt());
    let found = Estimate { value: estimate, low: estimate - half, high: estimate + half };
    let of = |rows: &[usize]| {
        let (above, below): (Vec<usize>, Vec<usize>) =
            rows.iter().copied().partition(|row| high.binary_search(row).is_ok());
        Some(moments(&values(&above)).0 - moments(&values(&below)).0).filter(|value| value.is_finite())
    };
    let all: Vec<usize> = high.iter().chain(low).copied().collect();
    with_doubt(by, &all, found, luck, &of)
}

/// Mean, and its variance by luck.
pub fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, variance(values) / n)
}

fn with_doubt(
    by: ByMember<'_>,
    rows: &[usize],
    found: Estimate,
    luck: f64,
    of: &dyn Fn(&[usize]) -> Option<f64>,
) -> Value {
    let doubt = by.doubt(rows, found.value, luck, of);
    moved(Value::of(found), doubt.as_ref(), luck)
}

/// A value whose ends are moved outward by the doubt of the parameters, where it is known.
pub fn moved(value: Value, doubt: Option<&Doubt>, luck: f64) -> Value {
    let ends = value.low.zip(value.high);
    let (Some(estimate), Some(ends), Some(doubt)) = (value.estimate, ends, doubt) else { return value };
    let (low, high) = widen(estimate, ends, doubt, luck);
    Value { low: Some(low), high: Some(high), parameters: Some(doubt.between.sqrt()), ..value }
}
