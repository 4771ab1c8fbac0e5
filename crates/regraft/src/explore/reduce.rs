//! What of a model can be at rest: states that only count, states that nothing moves and sums that are conserved
//! have no steady state of their own and are set aside before one is looked for.
//!
//! Counters and stocks are found in the structure of the Jacobian. Conserved sums w·x are vectors with wᵀ J = 0 at
//! several points; every row of J is first divided by its own size, so that a slow state is not taken for one that
//! stands still.

use nalgebra::DMatrix;
use serde::Serialize;

use super::field::Field;

/// Why a state is not looked for a steady value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aside {
    /// It adds up something, and nothing depends on it: left out.
    Counts,
    /// Nothing moves it: held at its starting value.
    Stands,
    /// It moves at a rate that no state changes, and others depend on it: held at its starting value.
    Drifts,
    /// The user holds it at its starting value.
    Held,
    /// It is 0 wherever the model starts or rests, and nothing but itself and its like could raise it: a drug that is
    /// not given, cells of a donor who is not there. Held at 0, since how much of it there might be is a matter of
    /// indifference to the equations.
    Absent,
}

impl Aside {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Aside::Counts => "only counts",
            Aside::Stands => "nothing moves it",
            Aside::Drifts => "drifts at a fixed rate, held at its start",
            Aside::Held => "held at its start as asked",
            Aside::Absent => "is not there, held at 0",
        }
    }
}

/// The part of a model that can be at rest.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// States that are solved for, ascending.
    pub active: Vec<usize>,
    /// The others, with the reason.
    pub aside: Vec<(usize, Aside)>,
    /// Conserved sums: weights over the active states, and the active equation each one replaces.
    pub conserved: Vec<(Vec<f64>, usize)>,
}

/// Singular values below this share of the largest count as 0; rows have size 1, so it is rounding alone.
const NULL: f64 = 1e-11;

impl Reduced {
    /// Place of a state among those that are solved for.
    pub fn place(&self, state: usize) -> Option<usize> {
        self.active.binary_search(&state).ok()
    }
}

/// The largest set of states, of those that are 0 in all `seen`, that stays 0 whatever the others do.
pub fn absent(field: &Field<'_>, points: &[(Vec<f64>, f64)], seen: &[&[f64]]) -> Vec<usize> {
    let mut left: Vec<usize> =
        (0..field.n_states()).filter(|state| seen.iter().all(|states| states[*state] == 0.0)).collect();
    loop {
        let without = |(states, lambda): &(Vec<f64>, f64)| {
            let mut states = states.clone();
            left.iter().for_each(|state| states[*state] = 0.0);
            field.rates(&states, *lambda)
        };
        let rates: Vec<Vec<f64>> = points.iter().map(without).collect();
        let before = left.len();
        left.retain(|state| rates.iter().all(|rates| rates[*state] == 0.0));
        if left.len() == before {
            return left;
        }
    }
}

/// Finds what is set aside. `points` are states at which the Jacobian is looked at, with what is `absent` at 0.
pub fn reduce(
    field: &Field<'_>,
    points: &[(Vec<f64>, f64)],
    user_holds: &[usize],
    absent: &[usize],
) -> Reduced {
    let n = field.n_states();
    let mut depends = vec![vec![false; n]; n];
    for entry in &field.program().jacobian {
        depends[entry.row as usize][entry.column as usize] = true;
    }
    let rates: Vec<Vec<f64>> = points.iter().map(|(states, lambda)| field.rates(states, *lambda)).collect();
    let mut aside: Vec<(usize, Aside)> = user_holds.iter().map(|state| (*state, Aside::Held)).collect();
    let others = absent.iter().filter(|state| !user_holds.contains(state));
    aside.extend(others.map(|state| (*state, Aside::Absent)));
    loop {
        let out = |state: usize, aside: &[(usize, Aside)]| aside.iter().any(|(known, _)| *known == state);
        let next = (0..n).filter(|state| !out(*state, &aside)).find_map(|state| {
            // A held state still acts on others, but does not move.
            let moved = (0..n).any(|column| depends[state][column] && !out(column, &aside));
            let acts = (0..n).any(|row| depends[row][state] && !out(row, &aside));
            if !acts {
                return Some((state, Aside::Counts));
            }
            if moved {
                return None;
            }
            let still = rates.iter().all(|rates| rates[state] == 0.0);
            Some((state, if still { Aside::Stands } else { Aside::Drifts }))
        });
        match next {
            Some(found) => aside.push(found),
            None => break,
        }
    }
    aside.sort_by_key(|(state, _)| *state);
    let active: Vec<usize> = (0..n).filter(|state| aside.iter().all(|(known, _)| known != state)).collect();
    let conserved = conserved(field, points, &active);
    Reduced { active, aside, conserved }
}

/// Weights w with wᵀ f = 0 at all points, in reduced row echelon form.
fn conserved(field: &Field<'_>, points: &[(Vec<f64>, f64)], active: &[usize]) -> Vec<(Vec<f64>, usize)> {
    let n = active.len();
    if n == 0 || points.is_empty() {
        return Vec::new();
    }
    let place = |state: usize| active.binary_search(&state).ok();
    let mut stacked = DMatrix::<f64>::zeros(n, n * points.len());
    for (block, (states, lambda)) in points.iter().enumerate() {
        for (row, column, value) in field.jacobian(states, *lambda) {
            if let (Some(row), Some(column), true) = (place(row), place(column), value.is_finite()) {
                stacked[(row, block * n + column)] = value * states[active[column]].abs().max(1e-3);
            }
        }
    }
    let sizes: Vec<f64> = (0..n).map(|row| stacked.row(row).norm()).collect();
    for (row, size) in sizes.iter().enumerate().filter(|(_, size)| **size > 0.0) {
        stacked.row_mut(row).unscale_mut(*size);
    }
    let Some(svd) = nalgebra::linalg::SVD::try_new(stacked, true, false, f64::EPSILON, 10_000) else {
        return Vec::new();
    };
    let largest = svd.singular_values.max();
    let Some(u) = svd.u else { return Vec::new() };
    let null: Vec<Vec<f64>> = (0..n)
        .filter(|index| svd.singular_values[*index] <= NULL * largest)
        .map(|index| (0..n).map(|row| u[(row, index)] / sizes[row].max(f64::MIN_POSITIVE)).collect())
        .collect();
    echelon(null).into_iter().filter(|(weights, _)| rests(field, points, active, weights)).collect()
}

/// Whether Σ w f = 0 to rounding at every point: a sum that only seems to be conserved is none.
fn rests(field: &Field<'_>, points: &[(Vec<f64>, f64)], active: &[usize], weights: &[f64]) -> bool {
    points.iter().all(|(states, lambda)| {
        let rates = field.rates(states, *lambda);
        let terms = || active.iter().zip(weights).map(|(state, weight)| weight * rates[*state]);
        let size: f64 = terms().map(f64::abs).sum();
        terms().sum::<f64>().abs() <= 1e-9 * size
    })
}

/// Brings vectors to reduced row echelon form; each comes with the place of its pivot.
fn echelon(mut rows: Vec<Vec<f64>>) -> Vec<(Vec<f64>, usize)> {
    for row in &mut rows {
        let size = row.iter().fold(0.0f64, |size, value| size.max(value.abs())).max(f64::MIN_POSITIVE);
        row.iter_mut().for_each(|value| *value /= size);
    }
    let mut done: Vec<(Vec<f64>, usize)> = Vec::new();
    while let Some(mut row) = rows.pop() {
        let largest = |row: &[f64]| (0..row.len()).max_by(|a, b| row[*a].abs().total_cmp(&row[*b].abs()));
        let Some(pivot) = largest(&row).filter(|pivot| row[*pivot].abs() > 1e-8) else { continue };
        let by = row[pivot];
        row.iter_mut().for_each(|value| *value /= by);
        for other in rows.iter_mut().chain(done.iter_mut().map(|(row, _)| row)) {
            let times = other[pivot];
            other.iter_mut().zip(&row).for_each(|(value, own)| *value -= times * own);
        }
        done.push((row, pivot));
    }
    for (row, _) in &mut done {
        row.iter_mut().filter(|value| value.abs() < 1e-9).for_each(|value| *value = 0.0);
    }
    done
}
