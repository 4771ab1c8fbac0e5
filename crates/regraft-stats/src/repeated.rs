//! The mixed model for repeated measures: two groups, a value at several visits, some of them missing.
//!
//! y = μ_visit + δ_visit·treated + γ_visit·baseline + ε, the errors of one patient normal with any covariance
//! between visits. Restricted maximum likelihood; what is missing is missing at random.

use std::collections::BTreeMap;

use crate::distributions::cholesky;
use crate::math;

/// Values of some patients at visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repeated {
    /// Whether the patient is in the treated group, `[patient]`.
    pub treated: Vec<bool>,
    /// Value at entry, `[patient]`; finite.
    pub baseline: Vec<f64>,
    /// `[patient, visit]`; NaN where missing.
    pub values: Vec<f64>,
    /// Number of visits, at most [`MOST_VISITS`].
    pub n_visits: usize,
}

/// Most visits of one model. Chosen: an unstructured covariance of more has more parameters than trials can tell.
pub const MOST_VISITS: usize = 8;

/// Treated minus control at the last visit, as the model has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Adjusted for the value at entry.
    pub value: f64,
    /// From the information of the mean parameters.
    pub standard_error: f64,
    /// Degrees of freedom as Satterthwaite has them.
    pub df: f64,
    /// Two-sided p-value of Student's t.
    pub p: f64,
}

/// Why there is no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDifference {
    /// A visit at which one of the groups was not seen often enough.
    #[error("too few values at a visit")]
    TooFew,
    /// Errors without variance, or covariances that cannot be told.
    #[error("the covariance of the visits cannot be estimated")]
    Singular,
}

/// Fits the model and gives the difference at the last visit \[Mallinckrodt2008\]. R's `nlme::gls` with an unstructured
/// correlation and a variance for each visit, fitted by REML.
///
/// The covariance is found by expectation and maximization \[LairdWare1982\]; the degrees of freedom take the information
/// of the restricted likelihood as that of the likelihood times (n − p)/n, which is exact where nothing is missing: the
/// test is then that of the analysis of covariance at the last visit.
///
/// # Errors
/// [`NoDifference`].
pub fn repeated_measures(data: &Repeated) -> Result<Difference, NoDifference> {
    let model = Model::of(data)?;
    let mut covariance = model.start()?;
    let mut fit = model.fit(&covariance)?;
    for _ in 0..MOST_ROUNDS {
        let next = model.maximize(&covariance, &fit)?;
        let moved = farthest(&covariance, &next, model.n_visits);
        covariance = next;
        fit = model.fit(&covariance)?;
        if moved < CLOSE {
            break;
        }
    }
    model.difference(&fit)
}

/// Rounds of expectation and maximization.
const MOST_ROUNDS: usize = 300;

/// Change of a covariance, in units of the variances, below which nothing more is gained.
const CLOSE: f64 = 1e-8;

/// Largest change in units of the standard deviations.
fn farthest(before: &[f64], after: &[f64], n: usize) -> f64 {
    let scale = |j: usize, k: usize| (after[j * n + j] * after[k * n + k]).sqrt();
    let pairs = (0..n).flat_map(|j| (0..n).map(move |k| (j, k)));
    pairs.map(|(j, k)| (after[j * n + k] - before[j * n + k]).abs() / scale(j, k)).fold(0.0, f64::max)
}

/// Sums over the patients who were seen at the same visits.
struct Pattern {
    /// The visits, ascending.
    seen: Vec<usize>,
    n: f64,
    /// Σ x x′, `[regressor, regressor]`.
    xx: Vec<f64>,
    /// Σ x y′, `[regressor, visit]`.
    xy: Vec<f64>,
    /// Σ y y′, `[visit, visit]`.
    yy: Vec<f64>,
}

struct Model {
    n_visits: usize,
    /// Regressors of one visit: one, treated, and the value at entry where it differs between patients.
    n_regressors: usize,
    n: f64,
    patterns: Vec<Pattern>,
}

/// The means at one covariance.
struct Fit {
    /// `[visit, regressor]`
    beta: Vec<f64>,
    /// Covariance of these.
    phi: Vec<f64>,
    /// Inverse of the covariance of the visits seen, filled with zeros, of each pattern, `[visit, visit]`.
    weights: Vec<Vec<f64>>,
}

impl Model {
    fn of(data: &Repeated) -> Result<Model, NoDifference> {
        let v = data.n_visits;
        let n = data.treated.len() as f64;
        let mean = data.baseline.iter().sum::<f64>() / n;
        let differs = data.baseline.iter().any(|x| (x - mean).abs() > 1e-9 * mean.abs().max(1.0));
        let p = if differs { 3 } else { 2 };
        let mut by_mask: BTreeMap<u32, Pattern> = BTreeMap::new();
        for (row, y) in data.values.chunks_exact(v).enumerate() {
            let seen: Vec<usize> = (0..v).filter(|visit| y[*visit].is_finite()).collect();
            if seen.is_empty() {
                continue;
            }
            let mask = seen.iter().fold(0, |mask, visit| mask | 1_u32 << visit);
            let empty =
                || Pattern { seen, n: 0.0, xx: vec![0.0; p * p], xy: vec![0.0; p * v], yy: vec![0.0; v * v] };
            let pattern = by_mask.entry(mask).or_insert_with(empty);
            let x = [1.0, f64::from(u8::from(data.treated[row])), data.baseline[row] - mean];
            pattern.add(&x[..p], y, v);
        }
        let patterns: Vec<Pattern> = by_mask.into_values().collect();
        let model = Model { n_visits: v, n_regressors: p, n: patterns.iter().map(|g| g.n).sum(), patterns };
        // Fewer patients than an unstructured covariance needs to be regular.
        let too_few = model.n <= (v + p) as f64;
        if v == 0 || too_few || !(0..v).all(|visit| model.is_enough(visit)) {
            return Err(NoDifference::TooFew);
        }
        Ok(model)
    }

    /// Whether both groups were seen at a visit, by more patients than there are parameters.
    fn is_enough(&self, visit: usize) -> bool {
        let p = self.n_regressors;
        let seen = self.patterns.iter().filter(|pattern| pattern.seen.contains(&visit));
        let (all, treated) = seen.fold((0.0, 0.0), |sum, g| (sum.0 + g.n, sum.1 + g.xx[p + 1]));
        treated >= 2.0 && all - treated >= 2.0 && all > (p + 1) as f64
    }

    /// Each visit's variance about its own means; no correlation.
    fn start(&self) -> Result<Vec<f64>, NoDifference> {
        let v = self.n_visits;
        let mut covariance = vec![0.0; v * v];
        (0..v).for_each(|visit| covariance[visit * v + visit] = 1.0);
        let fit = self.fit(&covariance)?;
        for visit in 0..v {
            let here = self.patterns.iter().filter(|pattern| pattern.seen.contains(&visit));
            let sums = here.map(|g| (g.n, self.residual(g, &fit.beta, visit, visit)));
            let (n, squares) = sums.fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
            let total =
                self.patterns.iter().filter(|g| g.seen.contains(&visit)).map(|g| g.yy[visit * v + visit]);
            if squares <= 1e-12 * total.sum::<f64>() {
                return Err(NoDifference::Singular);
            }
            covariance[visit * v + visit] = squares / n;
        }
        Ok(covariance)
    }

    /// Generalized least squares at a covariance of the visits.
    fn fit(&self, covariance: &[f64]) -> Result<Fit, NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let size = v * p;
        let (mut information, mut right) = (vec![0.0; size * size], vec![0.0; size]);
        let mut weights = Vec::with_capacity(self.patterns.len());
        for pattern in &self.patterns {
            let weight = pattern.weight(covariance, v)?;
            for &j in &pattern.seen {
                for &k in &pattern.seen {
                    let w = weight[j * v + k];
                    for a in 0..p {
                        right[j * p + a] += w * pattern.xy[a * v + k];
                        for b in 0..p {
                            information[(j * p + a) * size + k * p + b] += w * pattern.xx[a * p + b];
                        }
                    }
                }
            }
            weights.push(weight);
        }
        let phi = inverse(size, &information)?;
        let beta = (0..size).map(|row| (0..size).map(|k| phi[row * size + k] * right[k]).sum()).collect();
        Ok(Fit { beta, phi, weights })
    }

    /// Σ (y_j − x′β_j)(y_k − x′β_k) of the patients of a pattern.
    fn residual(&self, g: &Pattern, beta: &[f64], j: usize, k: usize) -> f64 {
        let (v, p) = (self.n_visits, self.n_regressors);
        let mut sum = g.yy[j * v + k];
        for a in 0..p {
            sum -= beta[j * p + a] * g.xy[a * v + k] + beta[k * p + a] * g.xy[a * v + j];
            for b in 0..p {
                sum += beta[j * p + a] * g.xx[a * p + b] * beta[k * p + b];
            }
        }
        sum
    }

    /// The covariance that is expected of all values, seen or not, given those seen.
    fn maximize(&self, covariance: &[f64], fit: &Fit) -> Result<Vec<f64>, NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let size = v * p;
        let mut sum = vec![0.0; v * v];
        for (pattern, weight) in self.patterns.iter().zip(&fit.weights) {
            let mut squares = vec![0.0; v * v];
            for &j in &pattern.seen {
                for &k in &pattern.seen {
                    let mut value = self.residual(pattern, &fit.beta, j, k);
                    for a in 0..p {
                        for b in 0..p {
                            value += fit.phi[(j * p + a) * size + k * p + b] * pattern.xx[a * p + b];
                        }
                    }
                    squares[j * v + k] = value;
                }
            }
            // Σ W gives all visits from those seen: for those seen it is 1.
            let expect = product(v, covariance, weight);
            let filled = product(v, &product(v, &expect, &squares), &transposed(v, &expect));
            let known = product(v, &expect, covariance);
            for place in 0..v * v {
                sum[place] += filled[place] + pattern.n * (covariance[place] - known[place]);
            }
        }
        // Rounding must not make it lopsided.
        let half = |j: usize, k: usize| 0.5 * (sum[j * v + k] + sum[k * v + j]) / self.n;
        let next: Vec<f64> = (0..v * v).map(|place| half(place / v, place % v)).collect();
        if next.iter().all(|value| value.is_finite()) { Ok(next) } else { Err(NoDifference::Singular) }
    }

    fn difference(&self, fit: &Fit) -> Result<Difference, NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let size = v * p;
        let place = (v - 1) * p + 1;
        let (value, variance) = (fit.beta[place], fit.phi[place * size + place]);
        let slope: Vec<f64> = (0..size).map(|row| fit.phi[row * size + place]).collect();
        let df = self.degrees_of_freedom(fit, &slope, variance)?;
        let standard_error = variance.sqrt();
        Ok(Difference { value, standard_error, df, p: math::student_two_sided_p(value / standard_error, df) })
    }

    /// 2 V²/(g′ A g): V the variance of the difference, g its derivatives in the covariances, A their covariance
    /// \[Satterthwaite1946\]. `slope` is Φ c.
    fn degrees_of_freedom(&self, fit: &Fit, slope: &[f64], variance: f64) -> Result<f64, NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let pairs: Vec<(usize, usize)> = (0..v).flat_map(|a| (0..=a).map(move |b| (a, b))).collect();
        let q = pairs.len();
        let twice = |pair: (usize, usize)| if pair.0 == pair.1 { 1.0 } else { 2.0 };
        let (mut derivative, mut information) = (vec![0.0; q], vec![0.0; q * q]);
        for (pattern, w) in self.patterns.iter().zip(&fit.weights) {
            let mut spread = vec![0.0; v * v];
            for j in 0..v {
                for k in 0..v {
                    for a in 0..p {
                        for b in 0..p {
                            spread[j * v + k] += slope[j * p + a] * pattern.xx[a * p + b] * slope[k * p + b];
                        }
                    }
                }
            }
            let around = product(v, &product(v, w, &spread), w);
            for (row, one) in pairs.iter().enumerate() {
                derivative[row] += twice(*one) * around[one.0 * v + one.1];
                for (column, other) in pairs.iter().enumerate() {
                    let at = |j: usize, k: usize| w[j * v + k];
                    let trace =
                        at(one.0, other.0) * at(one.1, other.1) + at(one.0, other.1) * at(one.1, other.0);
                    information[row * q + column] += 0.25 * pattern.n * twice(*one) * twice(*other) * trace;
                }
            }
        }
        let scale = (self.n - p as f64) / self.n;
        information.iter_mut().for_each(|value| *value *= scale);
        let spread = inverse(q, &information)?;
        let quadratic: f64 = (0..q)
            .map(|row| derivative[row] * (0..q).map(|k| spread[row * q + k] * derivative[k]).sum::<f64>())
            .sum();
        Ok(2.0 * variance * variance / quadratic)
    }
}

impl Pattern {
    fn add(&mut self, x: &[f64], y: &[f64], v: usize) {
        let p = x.len();
        self.n += 1.0;
        for a in 0..p {
            for b in 0..p {
                self.xx[a * p + b] += x[a] * x[b];
            }
            for &visit in &self.seen {
                self.xy[a * v + visit] += x[a] * y[visit];
            }
        }
        for &j in &self.seen {
            for &k in &self.seen {
                self.yy[j * v + k] += y[j] * y[k];
            }
        }
    }

    /// Inverse of the covariance of the visits seen, filled with zeros.
    fn weight(&self, covariance: &[f64], v: usize) -> Result<Vec<f64>, NoDifference> {
        let m = self.seen.len();
        let part: Vec<f64> =
            self.seen.iter().flat_map(|j| self.seen.iter().map(move |k| covariance[j * v + k])).collect();
        let inverse = inverse(m, &part)?;
        let mut weight = vec![0.0; v * v];
        for (row, j) in self.seen.iter().enumerate() {
            for (column, k) in self.seen.iter().enumerate() {
                weight[j * v + k] = inverse[row * m + column];
            }
        }
        Ok(weight)
    }
}

/// Inverse of a symmetric positive definite matrix.
fn inverse(n: usize, matrix: &[f64]) -> Result<Vec<f64>, NoDifference> {
    let factor = cholesky(n, matrix).map_err(|_| NoDifference::Singular)?;
    // Rows of the factor's inverse, then L⁻ᵀ L⁻¹.
    let mut lower = vec![0.0; n * n];
    for column in 0..n {
        for row in column..n {
            let before: f64 = (column..row).map(|k| factor[row * n + k] * lower[k * n + column]).sum();
            let unit = f64::from(u8::from(row == column));
            lower[row * n + column] = (unit - before) / factor[row * n + row];
        }
    }
    let entry = |j: usize, k: usize| (j.max(k)..n).map(|r| lower[r * n + j] * lower[r * n + k]).sum();
    Ok((0..n * n).map(|place| entry(place / n, place % n)).collect())
}

fn product(n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut c = vec![0.0; n * n];
    for row in 0..n {
        for k in 0..n {
            let left = a[row * n + k];
            if left != 0.0 {
                for column in 0..n {
                    c[row * n + column] += left * b[k * n + column];
                }
            }
        }
    }
    c
}

fn transposed(n: usize, a: &[f64]) -> Vec<f64> {
    (0..n * n).map(|place| a[place % n * n + place / n]).collect()
}

#[cfg(test)]
mod tests;
