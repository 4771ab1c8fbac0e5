//! The mixed model for repeated measures: two groups, a value at several visits, some of them missing.
//!
//! y = μ_visit + δ_visit·treated + γ_visit·baseline + ε, the errors of one patient normal with any covariance
//! between visits. Restricted maximum likelihood; what is missing is missing at random.

mod inference;
mod small;

use std::collections::BTreeMap;

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
    /// From the information of the mean parameters, the covariances taken as known.
    pub standard_error: f64,
    /// The same with what is not known of the covariances, as Kenward and Roger have it.
    pub adjusted_error: f64,
    /// Degrees of freedom as Satterthwaite has them.
    pub df: f64,
}

impl Difference {
    /// Two-sided p-value of Student's t with Satterthwaite's degrees of freedom.
    pub fn p(&self) -> f64 {
        math::student_two_sided_p(self.value / self.standard_error, self.df)
    }

    /// The same with the standard error of Kenward and Roger, whose degrees of freedom for one difference are these.
    pub fn adjusted_p(&self) -> f64 {
        math::student_two_sided_p(self.value / self.adjusted_error, self.df)
    }
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
/// All that is needed of the data are sums over the patients who were seen at the same visits, so a fit costs the same
/// for any number of patients. The covariance is found by scoring: the gradient comes from a step of expectation and
/// maximization \[LairdWare1982\], by Fisher's identity n/2 Σ⁻¹ (Σ_EM − Σ) Σ⁻¹; the information is that of the likelihood
/// times (n − p)/n, which is exact where nothing is missing: one step is then enough. A step that leaves the positive
/// definite matrices is replaced by the one of expectation and maximization. Where nothing is missing the test is that
/// of the analysis of covariance at the last visit.
///
/// # Errors
/// [`NoDifference`].
pub fn repeated_measures(data: &Repeated) -> Result<Difference, NoDifference> {
    let model = Model::of(data)?;
    let mut room = Room::of(&model);
    let mut covariance = model.start(&mut room)?;
    model.fit(&covariance, &mut room)?;
    for round in 0..MOST_ROUNDS {
        let next = model.next(&covariance, round < MOST_SCORED, &mut room)?;
        let moved = farthest(&covariance, &next, model.n_visits);
        covariance = next;
        model.fit(&covariance, &mut room)?;
        if moved < CLOSE {
            break;
        }
    }
    model.difference(&mut room)
}

/// Rounds at most.
const MOST_ROUNDS: usize = 300;

/// Rounds of scoring before only expectation and maximization is trusted: five are usual.
const MOST_SCORED: usize = 30;

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

/// The means at one covariance, and room for what is worked out on the way.
struct Room {
    /// `[visit, regressor]`
    beta: Vec<f64>,
    /// Covariance of these.
    phi: Vec<f64>,
    /// Inverse of the covariance of the visits seen, filled with zeros, of each pattern, `[pattern, visit, visit]`.
    weights: Vec<f64>,
    right: Vec<f64>,
    size: Vec<f64>,
    visits: [Vec<f64>; 5],
    pairs: [Vec<f64>; 2],
}

impl Room {
    fn of(model: &Model) -> Room {
        let (v, p) = (model.n_visits, model.n_regressors);
        let (size, q) = (v * p, v * (v + 1) / 2);
        let visits = || vec![0.0; v * v];
        Room {
            beta: vec![0.0; size],
            phi: vec![0.0; size * size],
            weights: vec![0.0; model.patterns.len() * v * v],
            right: vec![0.0; size],
            size: vec![0.0; size * size],
            visits: [visits(), visits(), visits(), visits(), visits()],
            pairs: [vec![0.0; q * q], vec![0.0; q * q]],
        }
    }
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
    fn start(&self, room: &mut Room) -> Result<Vec<f64>, NoDifference> {
        let v = self.n_visits;
        let mut covariance = vec![0.0; v * v];
        (0..v).for_each(|visit| covariance[visit * v + visit] = 1.0);
        self.fit(&covariance, room)?;
        for visit in 0..v {
            let here = self.patterns.iter().filter(|pattern| pattern.seen.contains(&visit));
            let sums = here.map(|g| (g.n, self.residual(g, &room.beta, visit, visit)));
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
    fn fit(&self, covariance: &[f64], room: &mut Room) -> Result<(), NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let size = v * p;
        let Room { beta, phi, weights, right, size: work, visits: [part, spare, ..], .. } = room;
        phi.fill(0.0);
        right.fill(0.0);
        for (pattern, weight) in self.patterns.iter().zip(weights.chunks_exact_mut(v * v)) {
            pattern.weight(covariance, v, weight, part, spare)?;
            for &j in &pattern.seen {
                for &k in &pattern.seen {
                    let w = weight[j * v + k];
                    for a in 0..p {
                        right[j * p + a] += w * pattern.xy[a * v + k];
                    }
                    // The lower triangle is all that is read.
                    if k <= j {
                        for a in 0..p {
                            for b in 0..p {
                                phi[(j * p + a) * size + k * p + b] += w * pattern.xx[a * p + b];
                            }
                        }
                    }
                }
            }
        }
        if !small::invert(size, phi, work) {
            return Err(NoDifference::Singular);
        }
        for (row, mean) in beta.iter_mut().enumerate() {
            *mean = (0..size).map(|k| phi[row * size + k] * right[k]).sum();
        }
        Ok(())
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

    /// The next covariance: by scoring, or by expectation and maximization alone.
    fn next(&self, covariance: &[f64], scored: bool, room: &mut Room) -> Result<Vec<f64>, NoDifference> {
        let plain = self.maximize(covariance, room)?;
        if scored {
            let moved = self.score(covariance, &plain, room);
            let v = self.n_visits;
            let regular = moved.as_ref().is_some_and(|moved| {
                let work = &mut room.visits[0];
                work.copy_from_slice(moved);
                small::factor(v, work)
            });
            if let (Some(moved), true) = (moved, regular) {
                return Ok(moved);
            }
        }
        Ok(plain)
    }

    /// The covariance that is expected of all values, seen or not, given those seen.
    fn maximize(&self, covariance: &[f64], room: &mut Room) -> Result<Vec<f64>, NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let size = v * p;
        let mut sum = vec![0.0; v * v];
        let Room { beta, phi, weights, visits: [squares, expect, half, filled, known], .. } = room;
        for (pattern, weight) in self.patterns.iter().zip(weights.chunks_exact(v * v)) {
            squares.fill(0.0);
            for &j in &pattern.seen {
                for &k in pattern.seen.iter().filter(|k| **k <= j) {
                    let mut value = self.residual(pattern, beta, j, k);
                    for a in 0..p {
                        for b in 0..p {
                            value += phi[(j * p + a) * size + k * p + b] * pattern.xx[a * p + b];
                        }
                    }
                    (squares[j * v + k], squares[k * v + j]) = (value, value);
                }
            }
            if pattern.seen.len() == v {
                sum.iter_mut().zip(&*squares).for_each(|(sum, square)| *sum += square);
                continue;
            }
            // Σ W gives all visits from those seen: for those seen it is 1.
            small::product(v, covariance, weight, expect);
            small::product(v, expect, squares, half);
            small::product_transposed(v, half, expect, filled);
            small::product(v, expect, covariance, known);
            for place in 0..v * v {
                sum[place] += filled[place] + pattern.n * (covariance[place] - known[place]);
            }
        }
        // Rounding must not make it lopsided.
        let half = |j: usize, k: usize| 0.5 * (sum[j * v + k] + sum[k * v + j]) / self.n;
        let next: Vec<f64> = (0..v * v).map(|place| half(place / v, place % v)).collect();
        if next.iter().all(|value| value.is_finite()) { Ok(next) } else { Err(NoDifference::Singular) }
    }

    /// A step of scoring from `covariance`, where expectation and maximization goes to `plain`; `None` where the
    /// information cannot be inverted.
    fn score(&self, covariance: &[f64], plain: &[f64], room: &mut Room) -> Option<Vec<f64>> {
        let v = self.n_visits;
        let Room { weights, visits: [inverse, away, gradient, work, _], pairs: [information, spare], .. } =
            room;
        inverse.copy_from_slice(covariance);
        if !small::invert(v, inverse, work) {
            return None;
        }
        away.iter_mut().zip(plain).zip(covariance).for_each(|((away, to), from)| *away = to - from);
        small::product(v, inverse, away, work);
        small::product(v, work, inverse, gradient);
        self.information(weights, information);
        let q = v * (v + 1) / 2;
        if !small::invert(q, information, spare) {
            return None;
        }
        let of = |one: (usize, usize)| 0.5 * self.n * twice(one) * gradient[one.0 * v + one.1];
        let mut next = covariance.to_vec();
        for (row, one) in pairs(v).enumerate() {
            let step: f64 = pairs(v).enumerate().map(|(k, other)| information[row * q + k] * of(other)).sum();
            next[one.0 * v + one.1] += step;
            next[one.1 * v + one.0] = next[one.0 * v + one.1];
        }
        next.iter().all(|value| value.is_finite()).then_some(next)
    }

    /// Information of the restricted likelihood in the covariances of the pairs of visits: that of the likelihood times
    /// (n − p)/n.
    fn information(&self, weights: &[f64], information: &mut [f64]) {
        let v = self.n_visits;
        let q = v * (v + 1) / 2;
        let scale = (self.n - self.n_regressors as f64) / self.n;
        information.fill(0.0);
        for (pattern, w) in self.patterns.iter().zip(weights.chunks_exact(v * v)) {
            let share = 0.25 * pattern.n * scale;
            let at = |j: usize, k: usize| w[j * v + k];
            for (row, one) in pairs(v).enumerate() {
                for (column, other) in pairs(v).enumerate().take(row + 1) {
                    let trace =
                        at(one.0, other.0) * at(one.1, other.1) + at(one.0, other.1) * at(one.1, other.0);
                    information[row * q + column] += share * twice(one) * twice(other) * trace;
                }
            }
        }
    }
}

/// Pairs of visits whose covariances are parameters.
fn pairs(v: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..v).flat_map(|a| (0..=a).map(move |b| (a, b)))
}

/// A covariance of two visits stands in the matrix twice.
fn twice(pair: (usize, usize)) -> f64 {
    if pair.0 == pair.1 { 1.0 } else { 2.0 }
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

    /// Inverse of the covariance of the visits seen, filled with zeros, into `weight`.
    fn weight(
        &self,
        covariance: &[f64],
        v: usize,
        weight: &mut [f64],
        part: &mut [f64],
        spare: &mut [f64],
    ) -> Result<(), NoDifference> {
        let m = self.seen.len();
        for (row, j) in self.seen.iter().enumerate() {
            for (column, k) in self.seen.iter().enumerate() {
                part[row * m + column] = covariance[j * v + k];
            }
        }
        if !small::invert(m, part, spare) {
            return Err(NoDifference::Singular);
        }
        weight.fill(0.0);
        for (row, j) in self.seen.iter().enumerate() {
            for (column, k) in self.seen.iter().enumerate() {
                weight[j * v + k] = part[row * m + column];
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
