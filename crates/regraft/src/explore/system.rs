//! f(x; λ) = 0 as equations in scaled unknowns: v = (xᵢ / (dᵢ √n), …, μ) with μ = (λ − from)/(to − from).
//!
//! dᵢ is the size of state i, so every unknown is of order 1/√n or less and the length of v is that of one step
//! along a branch. An equation that a conserved sum makes idle is replaced by that sum.

use nalgebra::{DMatrix, DVector, Schur};

use super::field::Field;
use super::reduce::Reduced;

/// The equations.
#[derive(Debug, Clone)]
pub struct System<'a> {
    field: &'a Field<'a>,
    reduced: &'a Reduced,
    /// Length of a unit of each active unknown.
    sizes: Vec<f64>,
    from: f64,
    to: f64,
}

/// Equations and their derivatives by the unknowns, `[equation]`, `[equation, unknown]` with μ last.
struct Linear {
    values: DVector<f64>,
    slopes: DMatrix<f64>,
}

/// Newton steps tried.
const MOST_STEPS: usize = 25;
/// A Newton step below this share of an unknown ends the iteration; the error is then about its square.
const CLOSE: f64 = 1e-7;
/// The same for an unknown near 0.
const CLOSE_TO_ZERO: f64 = 1e-11;
/// Steps allowed for each eigenvalue; two or three are usual.
const STEPS_PER_EIGENVALUE: usize = 40;

impl<'a> System<'a> {
    /// `sizes` of all states, λ from `from` to `to`.
    pub fn new(field: &'a Field<'a>, reduced: &'a Reduced, sizes: &[f64], from: f64, to: f64) -> System<'a> {
        let root = (reduced.active.len().max(1) as f64).sqrt();
        let sizes = reduced.active.iter().map(|state| sizes[*state] * root).collect();
        System { field, reduced, sizes, from, to }
    }

    fn n(&self) -> usize {
        self.reduced.active.len()
    }

    /// λ of a point.
    pub fn lambda(&self, v: &[f64]) -> f64 {
        self.from + v[self.n()] * (self.to - self.from)
    }

    /// All states of a point.
    pub fn states(&self, v: &[f64]) -> Vec<f64> {
        let mut states = self.field.start(self.lambda(v), &[]);
        for ((state, value), size) in self.reduced.active.iter().zip(v).zip(&self.sizes) {
            states[*state] = value * size;
        }
        states
    }

    /// The point of given states.
    pub fn point(&self, states: &[f64], lambda: f64) -> Vec<f64> {
        let scaled = self.reduced.active.iter().zip(&self.sizes).map(|(state, size)| states[*state] / size);
        scaled.chain([(lambda - self.from) / (self.to - self.from)]).collect()
    }

    /// The equations at a point, before scaling: f, or what a conserved sum lacks.
    fn values(&self, v: &[f64]) -> Vec<f64> {
        let (states, lambda) = (self.states(v), self.lambda(v));
        let rates = self.field.rates(&states, lambda);
        let mut values: Vec<f64> = self.reduced.active.iter().map(|state| rates[*state]).collect();
        if !self.reduced.conserved.is_empty() {
            let start = self.field.start(lambda, &[]);
            for (weights, pivot) in &self.reduced.conserved {
                let lacks = |(state, weight): (&usize, &f64)| weight * (states[*state] - start[*state]);
                values[*pivot] = self.reduced.active.iter().zip(weights).map(lacks).sum();
            }
        }
        values
    }

    /// ∂/∂μ by differences: starting values and parameters may be computed from λ in any way.
    fn by_parameter(&self, v: &[f64], values: &[f64]) -> Vec<f64> {
        const STEP: f64 = 1e-6;
        let n = self.n();
        let shifted = |by: f64| {
            let mut at = v.to_vec();
            at[n] += by;
            self.values(&at)
        };
        let (after, before) = (shifted(STEP), shifted(-STEP));
        let slope = |row: usize| match (after[row].is_finite(), before[row].is_finite()) {
            (true, true) => (after[row] - before[row]) / (2.0 * STEP),
            (true, false) => (after[row] - values[row]) / STEP,
            _ => (values[row] - before[row]) / STEP,
        };
        (0..n).map(slope).collect()
    }

    /// Jacobian by the scaled active states, `[state, state]`; rows of conserved sums are as they are.
    fn jacobian(&self, v: &[f64]) -> DMatrix<f64> {
        let n = self.n();
        let mut matrix = DMatrix::zeros(n, n);
        for (row, column, value) in self.field.jacobian(&self.states(v), self.lambda(v)) {
            if let (Some(row), Some(column)) = (self.reduced.place(row), self.reduced.place(column)) {
                matrix[(row, column)] = value * self.sizes[column];
            }
        }
        matrix
    }

    /// Equations and derivatives, every equation divided by its largest derivative; `None` where a number is not
    /// finite.
    fn linear(&self, v: &[f64]) -> Option<Linear> {
        let n = self.n();
        let values = self.values(v);
        let by_parameter = self.by_parameter(v, &values);
        let mut slopes = self.jacobian(v).insert_column(n, 0.0);
        slopes.set_column(n, &DVector::from_vec(by_parameter));
        for (weights, pivot) in &self.reduced.conserved {
            for column in 0..n {
                slopes[(*pivot, column)] = weights[column] * self.sizes[column];
            }
        }
        let mut values = DVector::from_vec(values);
        for row in 0..n {
            let size = slopes.row(row).amax();
            if size > 0.0 {
                slopes.row_mut(row).unscale_mut(size);
                values[row] /= size;
            }
        }
        let finite = values.iter().chain(slopes.iter()).all(|value| value.is_finite());
        finite.then_some(Linear { values, slopes })
    }

    /// How fast the scaled states move at a point.
    pub fn speed(&self, v: &[f64]) -> f64 {
        let rates = self.field.rates(&self.states(v), self.lambda(v));
        let moved = self.reduced.active.iter().zip(&self.sizes).map(|(state, size)| rates[*state] / size);
        moved.map(|speed| speed * speed).sum::<f64>().sqrt()
    }

    /// Solves the equations together with `border`·(v − `anchor`) = `length`, from `v`.
    ///
    /// `None` where Newton's method does not converge.
    pub fn correct(&self, mut v: Vec<f64>, border: &[f64], anchor: &[f64], length: f64) -> Option<Vec<f64>> {
        let n = self.n();
        let mut last = f64::INFINITY;
        for _ in 0..MOST_STEPS {
            let linear = self.linear(&v)?;
            let along: f64 = (0..=n).map(|i| border[i] * (v[i] - anchor[i])).sum();
            let mut right = -linear.values.insert_row(n, 0.0);
            right[n] = length - along;
            let matrix = with_row(linear.slopes, border);
            let step = matrix.lu().solve(&right).filter(|step| step.iter().all(|value| value.is_finite()))?;
            let size = step.norm();
            // Far away a full step is seldom good; a step that grows again and again leads nowhere.
            let share = if size > 0.5 { 0.5 / size } else { 1.0 };
            (0..=n).for_each(|i| v[i] += share * step[i]);
            let close = |i: usize| step[i].abs() <= CLOSE * v[i].abs() + CLOSE_TO_ZERO;
            if share == 1.0 && (0..=n).all(close) {
                return Some(v);
            }
            if size > 4.0 * last && size > 1e-3 {
                return None;
            }
            last = size;
        }
        None
    }

    /// Solves the equations at fixed λ, from `v`.
    pub fn rest(&self, v: &[f64], lambda: f64) -> Option<Vec<f64>> {
        let n = self.n();
        let mut border = vec![0.0; n + 1];
        border[n] = 1.0;
        let mut start = v.to_vec();
        start[n] = (lambda - self.from) / (self.to - self.from);
        let anchor = start.clone();
        self.correct(start, &border, &anchor, 0.0)
    }

    /// Unit tangent of the branch at a point on it, on the side of `ahead`; `None` where the branch has none.
    pub fn tangent(&self, v: &[f64], ahead: &[f64]) -> Option<Vec<f64>> {
        let n = self.n();
        let matrix = with_row(self.linear(v)?.slopes, ahead);
        let mut right = DVector::zeros(n + 1);
        right[n] = 1.0;
        let tangent = matrix.lu().solve(&right)?;
        let length = tangent.norm();
        (length.is_finite() && length > 0.0).then(|| tangent.iter().map(|value| value / length).collect())
    }

    /// The eigenvalue with the largest real part of the Jacobian of what can move (real part, imaginary part), per
    /// unit of time, and the largest size of any; `None` where they cannot be found.
    pub fn leading(&self, v: &[f64]) -> Option<((f64, f64), f64)> {
        let n = self.n();
        let mut matrix = self.jacobian(v);
        for row in 0..n {
            matrix.row_mut(row).unscale_mut(self.sizes[row]);
        }
        if n == 0 || matrix.iter().any(|value| !value.is_finite()) {
            return None;
        }
        // Where rates lie many powers of ten apart the last bits may never come to rest; then they need not.
        let schur = [1.0, 64.0, 4096.0].into_iter().find_map(|bits| {
            Schur::try_new(matrix.clone(), bits * f64::EPSILON, STEPS_PER_EIGENVALUE * n.max(10))
        })?;
        let mut values: Vec<(f64, f64)> =
            schur.complex_eigenvalues().iter().map(|value| (value.re, value.im)).collect();
        // A conserved sum has the eigenvalue 0.
        values.sort_by(|a, b| a.0.hypot(a.1).total_cmp(&b.0.hypot(b.1)));
        let largest = values.last().map_or(0.0, |value| value.0.hypot(value.1));
        let moving = &values[self.reduced.conserved.len().min(n)..];
        let leading = moving.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((-1.0, 0.0));
        Some((leading, largest))
    }
}

fn with_row(matrix: DMatrix<f64>, row: &[f64]) -> DMatrix<f64> {
    let n = matrix.nrows();
    let mut square = matrix.insert_row(n, 0.0);
    for (column, value) in row.iter().enumerate() {
        square[(n, column)] = *value;
    }
    square
}
