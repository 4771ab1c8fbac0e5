//! A shallow regression tree, to find who differs: structure from some patients, values from others.
//!
//! Splits minimize the sum of squares as in CART \[BreimanEtAl1984\]; the leaves' values are taken from patients who
//! did not choose the splits, which makes them unbiased \[AtheyImbens2016\].

/// Candidate thresholds per feature: quantiles of its values.
const THRESHOLDS: usize = 32;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Here the value is known.
    Leaf {
        /// Mean of those who did not choose the splits; of those who did where nobody else is here.
        value: f64,
        /// Patients behind it.
        n: usize,
    },
    /// Patients with a feature at most `threshold` go left.
    Split {
        /// Which feature.
        feature: usize,
        /// The threshold.
        threshold: f64,
        /// At most the threshold.
        left: Box<Node>,
        /// Above it, or not a number.
        right: Box<Node>,
    },
}

/// Features of patients, `[patient, feature]`, and what is to be predicted.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// `[patient, feature]`
    pub features: &'a [f64],
    /// Number of features.
    pub width: usize,
    /// `[patient]`
    pub values: &'a [f64],
}

impl Sample<'_> {
    fn at(&self, row: usize, feature: usize) -> f64 {
        self.features[row * self.width + feature]
    }

    fn mean(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|row| self.values[*row]).sum::<f64>() / rows.len() as f64
    }
}

/// Grows a tree of at most `depth` splits in a row on `grow`, no leaf with fewer than `least` of them, and gives its
/// leaves the means of `judge`. Rows are positions in the sample. The tree of nobody is a leaf of value NaN.
pub fn honest_tree(sample: Sample<'_>, grow: &[usize], judge: &[usize], depth: usize, least: usize) -> Node {
    let best = (depth > 0).then(|| best_split(sample, grow, least)).flatten();
    let Some((feature, threshold)) = best else {
        let rows = if judge.is_empty() { grow } else { judge };
        let value = if rows.is_empty() { f64::NAN } else { sample.mean(rows) };
        return Node::Leaf { value, n: rows.len() };
    };
    let part = |rows: &[usize]| -> (Vec<usize>, Vec<usize>) {
        rows.iter().partition(|row| sample.at(**row, feature) <= threshold)
    };
    let ((grow_left, grow_right), (judge_left, judge_right)) = (part(grow), part(judge));
    Node::Split {
        feature,
        threshold,
        left: Box::new(honest_tree(sample, &grow_left, &judge_left, depth - 1, least)),
        right: Box::new(honest_tree(sample, &grow_right, &judge_right, depth - 1, least)),
    }
}

/// The split that lowers the sum of squares most; `None` where no split leaves enough on both sides or lowers it.
fn best_split(sample: Sample<'_>, rows: &[usize], least: usize) -> Option<(usize, f64)> {
    let n = rows.len();
    if n < 2 * least.max(1) {
        return None;
    }
    let total: f64 = rows.iter().map(|row| sample.values[*row]).sum();
    // Lowering the sum of squares is raising S₁²/n₁ + S₂²/n₂.
    let (mut best, mut found) = (total * total / n as f64 * (1.0 + 1e-12) + 1e-12, None);
    for feature in 0..sample.width {
        let mut order: Vec<(f64, f64)> = rows
            .iter()
            .map(|row| (sample.at(*row, feature), sample.values[*row]))
            .filter(|(x, _)| !x.is_nan())
            .collect();
        if order.len() < n {
            continue;
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut sum, mut taken) = (0.0, 0);
        for step in 1..=THRESHOLDS {
            let upto = (n * step / (THRESHOLDS + 1)).max(taken);
            // All patients with the same value go to the same side.
            let mut end = upto;
            while end > 0 && end < n && order[end].0 == order[end - 1].0 {
                end += 1;
            }
            while taken < end {
                sum += order[taken].1;
                taken += 1;
            }
            if taken < least || n - taken < least || taken == n {
                continue;
            }
            let rest = total - sum;
            let gain = sum * sum / taken as f64 + rest * rest / (n - taken) as f64;
            if gain > best {
                best = gain;
                found = Some((feature, 0.5 * (order[taken - 1].0 + order[taken].0)));
            }
        }
    }
    found
}

impl Node {
    /// The value for a patient with these features.
    pub fn predict(&self, features: &[f64]) -> f64 {
        match self {
            Node::Leaf { value, .. } => *value,
            Node::Split { feature, threshold, left, right } => {
                if features[*feature] <= *threshold {
                    left.predict(features)
                } else {
                    right.predict(features)
                }
            }
        }
    }

    /// Number of leaves.
    pub fn n_leaves(&self) -> usize {
        match self {
            Node::Leaf { .. } => 1,
            Node::Split { left, right, .. } => left.n_leaves() + right.n_leaves(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    /// Value 1 above 0.6 of the second feature, else 0, with noise; the first feature says nothing.
    fn sample(n: usize, noise: f64) -> (Vec<f64>, Vec<f64>) {
        let stream = Seed(4).stream(0, "tree");
        let features: Vec<f64> = (0..2 * n as u64).map(|i| stream.uniform(i)).collect();
        let value = |row: usize| {
            f64::from(u8::from(features[2 * row + 1] > 0.6)) + noise * stream.normal((2 * n + row) as u64)
        };
        let values = (0..n).map(value).collect();
        (features, values)
    }

    #[test]
    fn the_step_is_found() {
        let (features, values) = sample(4000, 1.0);
        let sample = Sample { features: &features, width: 2, values: &values };
        let (grow, judge): (Vec<usize>, Vec<usize>) = (0..4000).partition(|row| row % 2 == 0);
        let tree = honest_tree(sample, &grow, &judge, 1, 100);
        let Node::Split { feature, threshold, left, right } = &tree else { panic!("{tree:?}") };
        assert_eq!(*feature, 1);
        assert!((threshold - 0.6).abs() < 0.05, "{threshold}");
        assert!(left.predict(&[0.0, 0.0]).abs() < 0.15 && (right.predict(&[0.0, 1.0]) - 1.0).abs() < 0.15);
    }

    /// Of pure noise the leaves of an honest tree differ by chance alone; those of a greedy one more.
    #[test]
    fn leaves_judged_by_others_are_not_too_good() {
        let (features, noise) = (sample(2000, 1.0).0, sample(2000, 1.0).1);
        let values: Vec<f64> = noise
            .iter()
            .enumerate()
            .map(|(row, value)| value - f64::from(u8::from(features[2 * row + 1] > 0.6)))
            .collect();
        let sample = Sample { features: &features, width: 2, values: &values };
        let (grow, judge): (Vec<usize>, Vec<usize>) = (0..2000).partition(|row| row % 2 == 0);
        let spread = |tree: &Node| {
            let all: Vec<f64> = (0..2000).map(|row| tree.predict(&features[2 * row..2 * row + 2])).collect();
            let mean = all.iter().sum::<f64>() / 2000.0;
            all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 2000.0
        };
        let (honest, greedy) =
            (honest_tree(sample, &grow, &judge, 3, 50), honest_tree(sample, &grow, &grow, 3, 50));
        assert!(spread(&honest) < spread(&greedy), "{} and {}", spread(&honest), spread(&greedy));
    }

    #[test]
    fn nothing_to_split_is_a_leaf() {
        let sample = Sample { features: &[1.0, 1.0, 1.0, 1.0], width: 1, values: &[0.0, 1.0, 0.0, 1.0] };
        let tree = honest_tree(sample, &[0, 1, 2, 3], &[], 3, 1);
        assert_eq!(tree, Node::Leaf { value: 0.5, n: 4 });
        assert!(honest_tree(sample, &[], &[], 2, 1).predict(&[0.0]).is_nan());
        assert_eq!(tree.n_leaves(), 1);
    }
}
