//! Small symmetric matrices, and least squares with few columns.

/// A square matrix, symmetric where nothing else is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    n: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// All zeros.
    pub fn zero(n: usize) -> Matrix {
        Matrix { n, values: vec![0.0; n * n] }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.n + column]
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.n + column] = value;
    }

    /// Adds `weight` · x xᵀ.
    pub fn add_square(&mut self, x: &[f64], weight: f64) {
        for row in 0..self.n {
            for column in 0..self.n {
                self.values[row * self.n + column] += weight * x[row] * x[column];
            }
        }
    }

    /// The product with a vector.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.n).map(|row| (0..self.n).map(|column| self.at(row, column) * x[column]).sum()).collect()
    }

    fn product(&self, other: &Matrix) -> Matrix {
        let mut made = Matrix::zero(self.n);
        for row in 0..self.n {
            for column in 0..self.n {
                let sum = (0..self.n).map(|k| self.at(row, k) * other.at(k, column)).sum();
                made.set(row, column, sum);
            }
        }
        made
    }

    /// Σ f(λ) v vᵀ over the eigenvalues λ and eigenvectors v.
    fn mapped(&self, of: impl Fn(f64) -> f64) -> Matrix {
        let (values, vectors) = self.eigen();
        let mut made = Matrix::zero(self.n);
        for (k, value) in values.iter().enumerate() {
            let vector: Vec<f64> = (0..self.n).map(|row| vectors.at(row, k)).collect();
            made.add_square(&vector, of(*value));
        }
        made
    }

    /// Eigenvalues, and eigenvectors as columns, by Jacobi's rotations \[Golub2013, 8.5\].
    fn eigen(&self) -> (Vec<f64>, Matrix) {
        let (n, mut a) = (self.n, self.clone());
        let mut vectors = Matrix::zero(n);
        (0..n).for_each(|k| vectors.set(k, k, 1.0));
        for _ in 0..MOST_SWEEPS {
            let off: f64 =
                (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q))).map(|(p, q)| a.at(p, q).powi(2)).sum();
            let size: f64 = (0..n).map(|k| a.at(k, k).powi(2)).sum();
            if off <= 1e-30 * size {
                break;
            }
            for p in 0..n {
                for q in p + 1..n {
                    rotate(&mut a, &mut vectors, p, q);
                }
            }
        }
        ((0..n).map(|k| a.at(k, k)).collect(), vectors)
    }
}

/// Sweeps after which Jacobi's method has converged for any matrix of a few dozen rows.
const MOST_SWEEPS: usize = 60;

/// Makes entry (p, q) zero.
fn rotate(a: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    let apq = a.at(p, q);
    if apq == 0.0 {
        return;
    }
    let theta = (a.at(q, q) - a.at(p, p)) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let t = if theta == 0.0 { 1.0 } else { t };
    let cosine = 1.0 / (t * t + 1.0).sqrt();
    let sine = t * cosine;
    for k in 0..a.n {
        let (kp, kq) = (a.at(k, p), a.at(k, q));
        a.set(k, p, cosine * kp - sine * kq);
        a.set(k, q, sine * kp + cosine * kq);
    }
    for k in 0..a.n {
        let (pk, qk) = (a.at(p, k), a.at(q, k));
        a.set(p, k, cosine * pk - sine * qk);
        a.set(q, k, sine * pk + cosine * qk);
    }
    for k in 0..a.n {
        let (kp, kq) = (vectors.at(k, p), vectors.at(k, q));
        vectors.set(k, p, cosine * kp - sine * kq);
        vectors.set(k, q, sine * kp + cosine * kq);
    }
}

/// S^½ T^−½ with S = T − N, what of S is negative left out: it turns a covariance T into S.
pub fn pull(total: &Matrix, luck: &Matrix) -> Matrix {
    let mut signal = total.clone();
    signal.values.iter_mut().zip(&luck.values).for_each(|(total, luck)| *total -= luck);
    let largest = total.eigen().0.into_iter().fold(0.0, f64::max);
    let inverse = total.mapped(|value| if value > 1e-12 * largest { 1.0 / value.sqrt() } else { 0.0 });
    signal.mapped(|value| value.max(0.0).sqrt()).product(&inverse)
}

/// Least squares of several columns on the same few features.
#[derive(Debug)]
pub struct Fit {
    /// Fitted values, `[row, column]`.
    pub fitted: Vec<f64>,
    /// Coefficients, `[column][feature]`.
    pub coefficients: Vec<Vec<f64>>,
    /// Residual variance of each column, with its degrees of freedom.
    pub residual: Vec<f64>,
}

/// Fits `columns` (`[row, column]`) on `features` (`[row, feature]`) by the normal equations; features that are sums of
/// others get no weight.
pub fn least_squares(features: &[f64], n_features: usize, columns: &[f64], n_columns: usize) -> Fit {
    let n = features.len() / n_features;
    let row = |k: usize| &features[k * n_features..(k + 1) * n_features];
    let mut square = Matrix::zero(n_features);
    (0..n).for_each(|k| square.add_square(row(k), 1.0));
    let largest = square.eigen().0.into_iter().fold(0.0, f64::max);
    let inverse = square.mapped(|value| if value > 1e-10 * largest { 1.0 / value } else { 0.0 });
    let mut fit = Fit { fitted: vec![0.0; n * n_columns], coefficients: Vec::new(), residual: Vec::new() };
    for column in 0..n_columns {
        let mut moments = vec![0.0; n_features];
        for k in 0..n {
            let y = columns[k * n_columns + column];
            moments.iter_mut().zip(row(k)).for_each(|(sum, x)| *sum += x * y);
        }
        let coefficients = inverse.times(&moments);
        let mut left = 0.0;
        for k in 0..n {
            let value: f64 = row(k).iter().zip(&coefficients).map(|(x, b)| x * b).sum();
            fit.fitted[k * n_columns + column] = value;
            left += (columns[k * n_columns + column] - value).powi(2);
        }
        fit.residual.push(left / (n as f64 - n_features as f64).max(1.0));
        fit.coefficients.push(coefficients);
    }
    fit
}
