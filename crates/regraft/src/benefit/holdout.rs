//! The rule and how well it does in patients who did not make it: K folds by patient.

use regraft_stats::{Node, Sample, honest_tree, mean_interval, variance};

use super::answer::{Performance, Quarter};
use super::means::mean;
use crate::posterior::ByMember;

/// Folds of the cross-validation.
const FOLDS: usize = 5;
/// Least share of patients in a leaf, and least number.
const LEAST: (f64, usize) = (0.05, 25);

/// A rule, its figures, and the predictions of patients by rules that never saw them.
pub struct Found {
    pub tree: Node,
    pub performance: Performance,
}

/// Rows of one fold and of the others; patients are dealt by position.
fn fold(n: usize, number: usize) -> (Vec<usize>, Vec<usize>) {
    (0..n).partition(|row| row % FOLDS == number)
}

/// A tree grown on half of these patients and judged on the other half.
fn tree(sample: Sample<'_>, rows: &[usize], depth: usize) -> Node {
    // Neighbors of a fold fall on both sides.
    let half = |odd: usize| rows.iter().copied().skip(odd).step_by(2).collect::<Vec<usize>>();
    let (grow, judge) = (half(0), half(1));
    let least = ((LEAST.0 * grow.len() as f64) as usize).max(LEAST.1);
    honest_tree(sample, &grow, &judge, depth, least)
}

/// Out-of-fold predictions at a depth.
fn predictions(sample: Sample<'_>, depth: usize) -> Vec<f64> {
    let n = sample.values.len();
    let mut found = vec![f64::NAN; n];
    for number in 0..FOLDS {
        let (test, train) = fold(n, number);
        let tree = tree(sample, &train, depth);
        for row in test {
            found[row] = tree.predict(&sample.features[row * sample.width..(row + 1) * sample.width]);
        }
    }
    found
}

/// Mean square error of each patient's prediction, with the standard error of the mean.
fn error(values: &[f64], predicted: &[f64]) -> (f64, f64) {
    let squares: Vec<f64> = values.iter().zip(predicted).map(|(y, p)| (y - p) * (y - p)).collect();
    let n = squares.len() as f64;
    let mean = squares.iter().sum::<f64>() / n;
    (mean, (variance(&squares) / n).sqrt())
}

/// Looks for a rule of at most `depth` splits in a row: the shallowest whose out-of-fold error is within one standard
/// error of the *difference* from the best, so that no split stays that does not pay.
pub fn find(sample: Sample<'_>, depth: usize, by: ByMember<'_>) -> Found {
    let n = sample.values.len();
    let by_depth: Vec<Vec<f64>> = (0..=depth).map(|depth| predictions(sample, depth)).collect();
    let errors: Vec<f64> = by_depth.iter().map(|predicted| error(sample.values, predicted).0).collect();
    let best = (0..errors.len()).min_by(|a, b| errors[*a].total_cmp(&errors[*b])).unwrap_or(0);
    let pays = |shallow: usize| {
        let gains: Vec<f64> = (0..n)
            .map(|row| {
                let square = |predicted: &[f64]| (sample.values[row] - predicted[row]).powi(2);
                square(&by_depth[shallow]) - square(&by_depth[best])
            })
            .collect();
        let gain = mean_interval(&gains, 0.68);
        gain.low > 0.0
    };
    let chosen = (0..=best).find(|shallow| *shallow == best || !pays(*shallow)).unwrap_or(best);
    let all: Vec<usize> = (0..n).collect();
    Found {
        tree: tree(sample, &all, chosen),
        performance: performance(sample.values, &by_depth[chosen], &by_depth[0], chosen, by),
    }
}

fn performance(
    values: &[f64],
    predicted: &[f64],
    constant: &[f64],
    depth: usize,
    by: ByMember<'_>,
) -> Performance {
    let everyone: Vec<usize> = (0..values.len()).collect();
    let mean_of = |values: &[f64]| mean(by, &everyone, &|row| values[row]);
    let (own, whole) = (error(values, predicted).0, error(values, constant).0);
    let with_rule: Vec<f64> =
        values.iter().zip(predicted).map(|(y, p)| if *p > 0.0 { *y } else { 0.0 }).collect();
    let gain: Vec<f64> = with_rule.iter().zip(values).map(|(rule, all)| rule - all).collect();
    Performance {
        depth,
        folds: FOLDS,
        explained: 1.0 - own / whole,
        treat_all: mean_of(values),
        treat_by_rule: mean_of(&with_rule),
        rule_minus_all: mean_of(&gain),
        treated_by_rule: predicted.iter().filter(|p| **p > 0.0).count() as f64 / values.len() as f64,
        calibration_slope: slope(predicted, values),
        quarters: quarters(values, predicted, by),
    }
}

/// Slope of the values over the predictions: 1 where a unit predicted is a unit found; none where all are alike.
fn slope(predicted: &[f64], values: &[f64]) -> Option<f64> {
    let n = predicted.len() as f64;
    let (mean_x, mean_y) = (predicted.iter().sum::<f64>() / n, values.iter().sum::<f64>() / n);
    let xx: f64 = predicted.iter().map(|x| (x - mean_x) * (x - mean_x)).sum();
    let xy: f64 = predicted.iter().zip(values).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    Some(xy / xx).filter(|slope| slope.is_finite() && xx > 1e-9)
}

/// Patients by predicted effect, lowest first, in up to four groups; those predicted alike stay together.
fn quarters(values: &[f64], predicted: &[f64], by: ByMember<'_>) -> Vec<Quarter> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| predicted[*a].total_cmp(&predicted[*b]));
    let (mut found, mut from) = (Vec::new(), 0);
    for quarter in 1..=4 {
        let mut to = (n * quarter / 4).max(from);
        while to > 0 && to < n && predicted[order[to]] == predicted[order[to - 1]] {
            to += 1;
        }
        if to > from {
            let rows = &order[from..to];
            found.push(Quarter {
                n: rows.len(),
                predicted: rows.iter().map(|row| predicted[*row]).sum::<f64>() / rows.len() as f64,
                found: mean(by, rows, &|row| values[row]),
            });
        }
        from = to;
    }
    found
}

#[cfg(test)]
mod tests {
    use regraft_stats::Seed;

    use super::*;

    /// Patients who all live with the same parameters.
    const ALONE: ByMember<'static> = ByMember { members: None, weights: &[] };

    fn drawn(n: usize, effect: f64) -> (Vec<f64>, Vec<f64>) {
        let stream = Seed(6).stream(0, "holdout");
        let features: Vec<f64> = (0..3 * n as u64).map(|i| stream.uniform(i)).collect();
        let value = |row: usize| {
            let chance = 0.3 + effect * f64::from(u8::from(features[3 * row] < 0.5));
            f64::from(u8::from(stream.uniform((3 * n + row) as u64) < chance))
        };
        let values = (0..n).map(value).collect();
        (features, values)
    }

    #[test]
    fn a_real_difference_is_found_and_calibrated() {
        let (features, values) = drawn(4000, 0.4);
        let found = find(Sample { features: &features, width: 3, values: &values }, 2, ALONE);
        assert!(matches!(found.tree, Node::Split { feature: 0, .. }), "{:?}", found.tree);
        let slope = found.performance.calibration_slope.expect("the predictions differ");
        assert!((slope - 1.0).abs() < 0.2, "{slope}");
        assert!((found.performance.explained - 0.16).abs() < 0.05, "{}", found.performance.explained);
    }

    /// Where nobody differs from anybody no rule is given, and none is said to explain anything.
    #[test]
    fn of_chance_alone_no_rule_is_made() {
        let (features, values) = drawn(3000, 0.0);
        let found = find(Sample { features: &features, width: 3, values: &values }, 3, ALONE);
        assert_eq!(found.tree.n_leaves(), 1, "{:?}", found.tree);
        assert!(found.performance.explained.abs() < 0.01);
    }
}
