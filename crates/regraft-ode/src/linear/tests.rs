//! Factorization and solve against dense elimination, fill, and sound pivots.

use super::*;
use crate::system::{Equations, SparsityPattern, System, control_row};
use crate::tableau::STAGES;

/// Numbers between −1 and 1 that look random.
fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / 4503599627370496.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// An arrow: full first row and column, and the diagonal.
fn arrow(n: u32) -> SparsityPattern {
    let mut entries: Vec<(u32, u32)> = (0..n).map(|column| (0, column)).collect();
    entries.extend((1..n).flat_map(|row| [(row, 0), (row, row)]));
    SparsityPattern::from_entries(n as usize, &entries)
}

/// A pattern of 20 states in which about one entry in six is set, some diagonal ones missing.
fn scattered() -> SparsityPattern {
    let chosen = numbers(4, 400);
    let entries: Vec<(u32, u32)> =
        (0..400u32).filter(|&i| chosen[i as usize] > 0.66).map(|i| (i / 20, i % 20)).collect();
    SparsityPattern::from_entries(20, &entries)
}

/// f = b for every y, with a given Jacobian: the first stage solves (I/(γh) − J) x = b.
struct Given {
    pattern: SparsityPattern,
    lanes: usize,
    jacobian: Vec<f64>,
    right: Vec<f64>,
}

impl Equations for Given {
    fn n_states(&self) -> usize {
        self.pattern.n
    }

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn pattern(&self) -> &SparsityPattern {
        &self.pattern
    }

    fn derivatives(&mut self, _t: &[f64], _y: &[f64], dy: &mut [f64]) {
        dy.copy_from_slice(&self.right);
    }

    fn derivatives_and_jacobian(
        &mut self,
        t: &[f64],
        y: &[f64],
        dy: &mut [f64],
        jacobian: &mut [f64],
        dfdt: &mut [f64],
    ) {
        self.derivatives(t, y, dy);
        jacobian.copy_from_slice(&self.jacobian);
        dfdt.fill(0.0);
    }
}

/// x `[state][lane]` of the first stage, and whether each lane's factorization was sound.
fn first_stage(given: Given, diagonal: &[f64]) -> (Vec<f64>, Vec<bool>) {
    let (n, lanes) = (given.pattern.n, given.lanes);
    let mut control = vec![0.0; (control_row::BY_TIME + n) * lanes];
    control[control_row::DIAGONAL * lanes..][..lanes].copy_from_slice(diagonal);
    let mut k = vec![0.0; n * STAGES * lanes];
    Factored::new(given).begin(&vec![0.0; n * lanes], &mut k, &mut control);
    let x = (0..n * lanes).map(|at| k[at / lanes * STAGES * lanes + at % lanes]).collect();
    let sound = control[control_row::SOUND * lanes..][..lanes].iter().map(|&sound| sound != 0.0).collect();
    (x, sound)
}

/// (I/(γh) − J) x for one lane.
fn apply(
    pattern: &SparsityPattern,
    lanes: usize,
    lane: usize,
    jacobian: &[f64],
    diagonal: f64,
    x: &[f64],
) -> Vec<f64> {
    let mut result: Vec<f64> = x.iter().map(|value| diagonal * value).collect();
    for (nonzero, (&row, &column)) in pattern.rows.iter().zip(&pattern.columns).enumerate() {
        result[row as usize] -= jacobian[nonzero * lanes + lane] * x[column as usize];
    }
    result
}

#[test]
fn solutions_satisfy_their_equations() {
    for pattern in [scattered(), arrow(12), SparsityPattern::dense(9)] {
        let (n, lanes) = (pattern.n, 3);
        let jacobian = numbers(7, pattern.n_nonzeros() * lanes);
        let diagonal = [5.0, 20.0, 100.0];
        let expected = numbers(9, n);
        let mut right = vec![0.0; n * lanes];
        for lane in 0..lanes {
            let own = apply(&pattern, lanes, lane, &jacobian, diagonal[lane], &expected);
            (0..n).for_each(|state| right[state * lanes + lane] = own[state]);
        }
        let (x, sound) = first_stage(Given { pattern, lanes, jacobian, right }, &diagonal);
        assert_eq!(sound, [true; 3]);
        for (at, found) in x.iter().enumerate() {
            assert!((found - expected[at / lanes]).abs() < 1e-13, "{at}: {found} {}", expected[at / lanes]);
        }
    }
}

#[test]
fn an_arrow_has_no_fill_in_markowitz_order_and_full_fill_in_natural_order() {
    let pattern = arrow(12);
    let natural: Vec<usize> = (0..12).collect();
    assert_eq!(LuPlan::new(&pattern).n_slots, pattern.n_nonzeros());
    assert_eq!(LuPlan::with_order(&pattern, &natural).n_slots, 144);
}

#[test]
fn markowitz_order_is_a_permutation() {
    let mut order = markowitz_order(&scattered());
    order.sort_unstable();
    assert_eq!(order, (0..20).collect::<Vec<_>>());
}

#[test]
fn vanishing_and_infinite_pivots_are_told_in_their_lane_alone() {
    // [nonzero][lane]; the diagonal added is 1: lane 0 sound, 1 vanishing, 2 infinite, 3 NaN.
    let jacobian = [
        [0.5, 1.0, f64::INFINITY, 0.5],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 0.5, f64::NAN],
    ];
    let jacobian = jacobian.as_flattened().to_vec();
    let given = Given { pattern: SparsityPattern::dense(2), lanes: 4, jacobian, right: vec![1.0; 8] };
    let (x, sound) = first_stage(given, &[1.0; 4]);
    assert_eq!(sound, [true, false, false, false]);
    assert_eq!(x[0], 2.0);
}

#[test]
fn of_equal_pivots_that_with_the_smaller_column_is_taken() {
    // States 0 and 3 of E5 cost the same once state 1 is gone; the column of 3 is smaller.
    let entries = crate::problems::Problem::entries(&crate::problems::E5::default());
    assert_eq!(markowitz_order(&SparsityPattern::from_entries(4, &entries)), [1, 3, 0, 2]);
}

#[test]
fn the_pivot_with_the_least_fill_in_is_taken_first() {
    // A ring of five has fill-in wherever it is opened; the two states that hang on it at one end each have none.
    let ring = (0..5u32).flat_map(|i| [(i, i), (i, (i + 1) % 5), ((i + 1) % 5, i)]);
    let hanging = [(5, 5), (5, 0), (0, 5), (6, 6), (6, 2), (2, 6)];
    let entries: Vec<(u32, u32)> = ring.chain(hanging).collect();
    let pattern = SparsityPattern::from_entries(7, &entries);
    assert_eq!(markowitz_order(&pattern)[..2], [5, 6]);
    // Two pairs of fill-in are the least for a ring of five.
    assert_eq!(LuPlan::new(&pattern).n_slots, pattern.n_nonzeros() + 4);
}
