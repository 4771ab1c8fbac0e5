//! How sure a difference is: degrees of freedom, and what is not known of the covariances.

use super::{Difference, Model, NoDifference, Room, pairs, small};

/// What the inference needs of all patterns, at the covariance of the fit. q pairs of visits, θ their covariances,
/// s the mean parameters, visit by visit.
struct Sums {
    /// Expected information of the restricted likelihood in θ, `[pair, pair]`; its inverse once it is inverted.
    information: Vec<f64>,
    /// u′ (∂Ω/∂θ) u with its sign changed, `[pair]`: what the variance of the difference gains by each covariance.
    slope: Vec<f64>,
    /// u′ Q u, `[pair, pair]`.
    quadratic: Vec<f64>,
    /// P u, `[pair, s]`.
    turned: Vec<f64>,
}

impl Model {
    /// The difference at the last visit with its errors \[KenwardRoger1997\].
    ///
    /// With Φ the covariance of the means, Ω its inverse, Pᵣ = ∂Ω/∂θᵣ and Qᵣₛ = Σ X′ Σ⁻¹ Dᵣ Σ⁻¹ Dₛ Σ⁻¹ X, Dᵣ = ∂Σ/∂θᵣ, and A
    /// the inverse of the expected information of the restricted likelihood: the adjusted covariance is
    /// Φ + 2 Φ [Σ Aᵣₛ (Qᵣₛ − Pᵣ Φ Pₛ)] Φ, second derivatives of Σ being 0. The degrees of freedom are 2 V²/(g′ A g), V the
    /// variance of the difference and g its derivatives \[Satterthwaite1946\]: for one difference those of Kenward and
    /// Roger too.
    pub(super) fn difference(&self, room: &mut Room) -> Result<Difference, NoDifference> {
        let (v, p) = (self.n_visits, self.n_regressors);
        let (size, q) = (v * p, v * (v + 1) / 2);
        let place = (v - 1) * p + 1;
        let (value, variance) = (room.beta[place], room.phi[place * size + place]);
        let mut sums = self.sums(room, place);
        if !small::invert(q, &mut sums.information, &mut room.pairs[1]) {
            return Err(NoDifference::Singular);
        }
        let by = |row: usize, column: usize| sums.information[row * q + column];
        let each = |of: &dyn Fn(usize, usize) -> f64| -> f64 {
            (0..q).map(|row| (0..q).map(|column| by(row, column) * of(row, column)).sum::<f64>()).sum()
        };
        let gained = each(&|row, column| sums.slope[row] * sums.slope[column]);
        let phi = |a: usize, b: usize| room.phi[a * size + b];
        let turned = |row: usize, a: usize| sums.turned[row * size + a];
        let carried: Vec<f64> = (0..q * size)
            .map(|at| (0..size).map(|b| phi(at % size, b) * turned(at / size, b)).sum())
            .collect();
        let lost = |row: usize, column: usize| -> f64 {
            (0..size).map(|a| turned(row, a) * carried[column * size + a]).sum()
        };
        let added = 2.0 * each(&|row, column| sums.quadratic[row * q + column] - lost(row, column));
        Ok(Difference {
            value,
            standard_error: variance.sqrt(),
            // Nothing is added where nothing is missing; rounding must not take away.
            adjusted_error: (variance + added.max(0.0)).sqrt(),
            df: 2.0 * variance * variance / gained,
        })
    }

    fn sums(&self, room: &Room, place: usize) -> Sums {
        let (v, p) = (self.n_visits, self.n_regressors);
        let (size, q) = (v * p, v * (v + 1) / 2);
        let mut sums = Sums {
            information: vec![0.0; q * q],
            slope: vec![0.0; q],
            quadratic: vec![0.0; q * q],
            turned: vec![0.0; q * size],
        };
        let mut derivatives = vec![0.0; q * size * size];
        for (pattern, w) in self.patterns.iter().zip(room.weights.chunks_exact(v * v)) {
            let phi = |j: usize, a: usize, k: usize, b: usize| room.phi[(j * p + a) * size + k * p + b];
            let u = |j: usize, a: usize| room.phi[(j * p + a) * size + place];
            let over = |of: &dyn Fn(usize, usize) -> f64| -> f64 {
                (0..p).map(|a| (0..p).map(|b| pattern.xx[a * p + b] * of(a, b)).sum::<f64>()).sum()
            };
            let spread = matrix(v, |j, k| over(&|a, b| u(j, a) * u(k, b)));
            let fitted = matrix(v, |j, k| over(&|a, b| phi(j, a, k, b)));
            let (spread, fitted) = (between(v, w, &spread), between(v, w, &fitted));
            let at = |m: &[f64], j: usize, k: usize| m[j * v + k];
            // tr(Dᵣ W Dₛ M), each D with its one or two places.
            let trace = |m: &[f64], one: (usize, usize), other: (usize, usize)| -> f64 {
                places(one)
                    .map(|(a, b)| places(other).map(|(c, d)| at(w, b, c) * at(m, d, a)).sum::<f64>())
                    .sum()
            };
            for (row, one) in pairs(v).enumerate() {
                sums.slope[row] += places(one).map(|(a, b)| at(&spread, a, b)).sum::<f64>();
                for (column, other) in pairs(v).enumerate() {
                    sums.quadratic[row * q + column] += trace(&spread, one, other);
                    sums.information[row * q + column] +=
                        0.5 * pattern.n * trace(w, one, other) - trace(&fitted, one, other);
                }
                for j in 0..v {
                    for k in 0..v {
                        let weight: f64 = places(one).map(|(a, b)| at(w, j, a) * at(w, b, k)).sum();
                        for a in 0..p {
                            for b in 0..p {
                                derivatives[row * size * size + (j * p + a) * size + k * p + b] -=
                                    weight * pattern.xx[a * p + b];
                            }
                        }
                    }
                }
            }
        }
        sums.turn(&derivatives, &room.phi, size, place);
        sums
    }
}

impl Sums {
    /// P u of every pair, and ½ tr(Φ Pᵣ Φ Pₛ) of the information.
    fn turn(&mut self, derivatives: &[f64], phi: &[f64], size: usize, place: usize) {
        let q = self.slope.len();
        let square = size * size;
        let mut products = vec![0.0; q * square];
        for row in 0..q {
            let own = &derivatives[row * square..(row + 1) * square];
            small::product(size, phi, own, &mut products[row * square..(row + 1) * square]);
            for a in 0..size {
                self.turned[row * size + a] =
                    (0..size).map(|b| own[a * size + b] * phi[b * size + place]).sum();
            }
        }
        for row in 0..q {
            for column in 0..q {
                let (one, other) = (&products[row * square..], &products[column * square..]);
                let trace: f64 = (0..size)
                    .map(|a| (0..size).map(|b| one[a * size + b] * other[b * size + a]).sum::<f64>())
                    .sum();
                self.information[row * q + column] += 0.5 * trace;
            }
        }
    }
}

/// The places of a covariance in its matrix.
fn places((a, b): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    std::iter::once((a, b)).chain((a != b).then_some((b, a)))
}

fn matrix(n: usize, of: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    (0..n * n).map(|at| of(at / n, at % n)).collect()
}

/// W M W.
fn between(n: usize, w: &[f64], m: &[f64]) -> Vec<f64> {
    let (mut half, mut whole) = (vec![0.0; n * n], vec![0.0; n * n]);
    small::product(n, w, m, &mut half);
    small::product(n, &half, w, &mut whole);
    whole
}
