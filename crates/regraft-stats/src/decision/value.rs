//! The worth of knowing more, per decision, in the unit of the utilities.

use super::Utilities;
use super::linear::least_squares;
use crate::random::Seed;

/// A worth with its standard error by the finite number of members and of their patients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// ≥ 0.
    pub value: f64,
    /// By leaving out each of `PARTS` parts of the members, who take their patients along.
    pub error: f64,
    /// What of it lies in the patients: by leaving out each of the parts of [`Utilities::without`]. NaN without them.
    pub error_by_patients: f64,
}

impl Worth {
    /// Worth nothing for certain.
    const NOTHING: Worth = Worth { value: 0.0, error: 0.0, error_by_patients: 0.0 };
}

/// Parts into which members are dealt for the error. Chosen: it is then known to a sixth.
const PARTS: usize = 20;

/// `worth` in all members, with its jackknife errors over parts of them and over parts of their patients.
fn with_error(of: &Utilities, worth: impl Fn(&Utilities, &[usize]) -> f64) -> Worth {
    let n_members = of.n_members();
    let all: Vec<usize> = (0..n_members).collect();
    let value = worth(of, &all);
    let parts = PARTS.min(n_members);
    let without = |part: usize| {
        let rows: Vec<usize> = all.iter().copied().filter(|row| row % parts != part).collect();
        worth(&select(of, &rows), &rows)
    };
    let by_members: Vec<f64> = if parts < 2 { Vec::new() } else { (0..parts).map(without).collect() };
    let by_patients: Vec<f64> = of.without.iter().map(|rest| worth(rest, &all)).collect();
    Worth { value, error: jackknife(&by_members), error_by_patients: jackknife(&by_patients) }
}

/// √((m − 1)/m Σ(θ₍ᵢ₎ − θ̄)²) of m values without a part each; NaN of fewer than two.
fn jackknife(values: &[f64]) -> f64 {
    let m = values.len() as f64;
    let mean = values.iter().sum::<f64>() / m;
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if m < 2.0 { f64::NAN } else { ((m - 1.0) / m * spread).sqrt() }
}

/// Mean of the best option of each row, less the best mean option: E max − max E. Never below 0.
fn gain(utilities: &[f64], n_options: usize) -> f64 {
    let rows = utilities.chunks(n_options);
    let n = rows.len() as f64;
    let best = |row: &[f64]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let known = rows.clone().map(best).sum::<f64>() / n;
    let mean = |option: usize| rows.clone().map(|row| row[option]).sum::<f64>() / n;
    let unknown = (0..n_options).map(mean).fold(f64::NEG_INFINITY, f64::max);
    (known - unknown).max(0.0)
}

/// The members of these rows.
fn select(of: &Utilities, rows: &[usize]) -> Utilities {
    let k = of.n_options;
    let take = |values: &[f64]| rows.iter().flat_map(|row| values[row * k..(row + 1) * k].to_vec()).collect();
    Utilities {
        n_options: k,
        mean: take(&of.mean),
        first: take(&of.first),
        second: take(&of.second),
        without: Vec::new(),
    }
}

/// Expected value of perfect information: E max − max E over members whose luck was taken out.
pub fn perfect(of: &Utilities) -> Worth {
    with_error(of, |of, _| gain(&of.without_luck(), of.n_options))
}

/// Expected value of knowing one parameter, by regression of the utilities on it \[Strong2014\].
///
/// `parameter` is its value in each member. The fitted curve is a polynomial up to the third degree; luck of patients and
/// what other parameters do are both residuals, and what of the curve is luck of few members is taken out of its spread.
pub fn partial(of: &Utilities, parameter: &[f64]) -> Worth {
    measured(of, parameter, 1.0)
}

/// Expected value of measuring one parameter so well that `share` (0 to 1) of its variance is known afterwards.
///
/// Known to a share r², the parameter's expectation moves by r times its deviation; the fitted curve is read there
/// \[Jalal2018\]. A measurement whose standard error is the standard deviation of the parameter has a share of one half.
pub fn measured(of: &Utilities, parameter: &[f64], share: f64) -> Worth {
    let center = parameter.iter().sum::<f64>() / parameter.len() as f64;
    let spread = parameter.iter().map(|x| (x - center).powi(2)).sum::<f64>() / parameter.len() as f64;
    if spread.is_nan() || spread <= 0.0 {
        return Worth::NOTHING;
    }
    let scaled: Vec<f64> = parameter.iter().map(|x| (x - center) / spread.sqrt()).collect();
    with_error(of, |of, rows| {
        let x: Vec<f64> = rows.iter().map(|row| scaled[*row]).collect();
        gain(&curve(of, &x, share.clamp(0.0, 1.0).sqrt()), of.n_options)
    })
}

/// Highest power of the curve. Chosen: utilities bend, but rarely twice, over the range of one parameter.
const POWERS: usize = 3;

/// Expected utilities given the parameter at `shrink` times its deviation, `[member, option]`.
///
/// The first option is the reference; differences from it are fitted, so that what all share costs no accuracy.
fn curve(of: &Utilities, x: &[f64], shrink: f64) -> Vec<f64> {
    let (n, k) = (of.n_members(), of.n_options);
    let differences: Vec<f64> =
        of.mean.chunks(k).flat_map(|row| row[1..].iter().map(|u| u - row[0]).collect::<Vec<_>>()).collect();
    let columns = k - 1;
    let width = (POWERS + 1).min((n / 8).max(2));
    let powers = |x: f64| (0..width).map(move |power| x.powi(power as i32));
    let features: Vec<f64> = x.iter().flat_map(|x| powers(*x)).collect();
    let fit = least_squares(&features, width, &differences, columns);
    let mut expected = vec![0.0; n * k];
    for column in 0..columns {
        let value = |x: f64| powers(x).zip(&fit.coefficients[column]).map(|(x, b)| x * b).sum::<f64>();
        let mean = (0..n).map(|j| differences[j * columns + column]).sum::<f64>() / n as f64;
        let fitted = |j: usize| fit.fitted[j * columns + column];
        let spread = (0..n).map(|j| (fitted(j) - mean).powi(2)).sum::<f64>() / (n as f64 - 1.0).max(1.0);
        // A curve through pure luck has a spread too: one part of the residual variance for each of its terms.
        let luck = fit.residual[column] * (width as f64 - 1.0) / n as f64;
        let keep = if spread > 0.0 { ((spread - luck).max(0.0) / spread).sqrt() } else { 0.0 };
        let middle = (0..n).map(|j| value(shrink * x[j])).sum::<f64>() / n as f64;
        for j in 0..n {
            expected[j * k + column + 1] = mean + keep * (value(shrink * x[j]) - middle);
        }
    }
    expected
}

/// Fates of the trial for each member. Chosen: the noise of the trial is then no part of the error.
const TRIALS: usize = 24;

/// Expected value of a trial with `n` patients in each of these options, whose mean utilities it shows with the luck of
/// different patients: standard deviations `sd` between patients, `[option]`.
///
/// Each member's trial is simulated, and the utilities are regressed on what the trials show \[Strong2015\]: means of
/// its arms against the first of them, their squares and products. Options that are not in it are learned about as far as
/// members tie them to those that are.
pub fn trial(of: &Utilities, arms: &[usize], sd: &[f64], n: f64, seed: Seed) -> Worth {
    if arms.len() < 2 || n.is_nan() || n <= 0.0 {
        return Worth::NOTHING;
    }
    with_error(of, |of, rows| {
        gain(&after_trial(&of.without_luck(), of.n_options, rows, arms, sd, n, seed), of.n_options)
    })
}

fn after_trial(
    truth: &[f64],
    k: usize,
    members: &[usize],
    arms: &[usize],
    sd: &[f64],
    n: f64,
    seed: Seed,
) -> Vec<f64> {
    let (mut shown, mut utilities) = (Vec::new(), Vec::new());
    let n_shown = arms.len() - 1;
    for (row, member) in truth.chunks(k).zip(members) {
        let stream = seed.stream(*member as u64, "learn:trial");
        for fate in 0..TRIALS {
            let index = |place: usize| (fate * arms.len() + place) as u64;
            let arm =
                |place: usize| row[arms[place]] + sd[arms[place]] / n.sqrt() * stream.normal(index(place));
            let first = arm(0);
            shown.extend((1..arms.len()).map(|place| arm(place) - first));
            utilities.extend(row.iter().map(|u| u - row[0]));
        }
    }
    let total = utilities.len() / k;
    scale(&mut shown, n_shown);
    let mut features = Vec::new();
    for row in shown.chunks(n_shown) {
        features.push(1.0);
        features.extend(row);
        for (place, a) in row.iter().enumerate() {
            features.extend(row[place..].iter().map(|b| a * b));
        }
    }
    least_squares(&features, features.len() / total, &utilities, k).fitted
}

/// Each column to mean 0 and variance 1.
fn scale(values: &mut [f64], width: usize) {
    let n = (values.len() / width) as f64;
    for column in 0..width {
        let of = |values: &[f64], power: i32, center: f64| {
            values.iter().skip(column).step_by(width).map(|x| (x - center).powi(power)).sum::<f64>() / n
        };
        let mean = of(values, 1, 0.0);
        let spread = of(values, 2, mean).sqrt();
        let spread = if spread > 0.0 { spread } else { 1.0 };
        values.iter_mut().skip(column).step_by(width).for_each(|x| *x = (*x - mean) / spread);
    }
}
