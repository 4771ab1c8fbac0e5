//! Factorization and solve against dense elimination, fill, and sound pivots.

use super::factor::Factorize;
use super::*;
use crate::system::SparsityPattern;
use crate::vector::{self, Kernel, Vector};

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

/// Factors of I/(γh) − J in every lane.
fn factorize(plan: &LuPlan, lanes: usize, jacobian: &[f64], diagonal: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (mut factors, mut sound) = (vec![0.0; plan.n_slots * lanes], vec![0.0; lanes]);
    let work = Factorize { plan, lanes, jacobian, diagonal, factors: &mut factors, sound: &mut sound };
    vector::run(lanes, work);
    (factors, sound)
}

/// Solves with the factors of one lane.
fn solve(plan: &LuPlan, lanes: usize, lane: usize, factors: &[f64], right: &[f64]) -> Vec<f64> {
    let mut x = right.to_vec();
    let mut begin = 0;
    for row in &plan.forward {
        for product in &plan.forward_products[begin..row.products_end as usize] {
            x[row.state as usize] -=
                factors[product.left as usize * lanes + lane] * x[product.right as usize];
        }
        begin = row.products_end as usize;
    }
    begin = 0;
    for row in &plan.backward {
        for product in &plan.backward_products[begin..row.products_end as usize] {
            x[row.state as usize] -=
                factors[product.left as usize * lanes + lane] * x[product.right as usize];
        }
        begin = row.products_end as usize;
        x[row.state as usize] *= factors[row.pivot as usize * lanes + lane];
    }
    x
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
        let plan = LuPlan::new(&pattern);
        let lanes = 3;
        let jacobian = numbers(7, pattern.n_nonzeros() * lanes);
        let diagonal = [5.0, 20.0, 100.0];
        let (factors, sound) = factorize(&plan, lanes, &jacobian, &diagonal);
        assert_eq!(sound, [1.0; 3]);
        let expected = numbers(9, pattern.n);
        for lane in 0..lanes {
            let right = apply(&pattern, lanes, lane, &jacobian, diagonal[lane], &expected);
            let x = solve(&plan, lanes, lane, &factors, &right);
            for (found, expected) in x.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-13, "lane {lane}: {found} {expected}");
            }
        }
    }
}

#[test]
fn an_arrow_has_no_fill_in_markowitz_order_and_full_fill_in_natural_order() {
    let pattern = arrow(12);
    let natural: Vec<usize> = (0..12).collect();
    assert_eq!(LuPlan::new(&pattern).n_entries(), pattern.n_nonzeros());
    assert_eq!(LuPlan::with_order(&pattern, &natural).n_entries(), 144);
}

#[test]
fn markowitz_order_is_a_permutation() {
    let mut order = markowitz_order(&scattered());
    order.sort_unstable();
    assert_eq!(order, (0..20).collect::<Vec<_>>());
}

#[test]
fn vanishing_and_infinite_pivots_are_told_in_their_lane_alone() {
    let pattern = SparsityPattern::dense(2);
    let plan = LuPlan::new(&pattern);
    // [row][lane]; the diagonal added is 1: lane 0 sound, 1 vanishing, 2 infinite, 3 NaN.
    let jacobian = [
        [0.5, 1.0, f64::INFINITY, 0.5],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 0.5, f64::NAN],
    ];
    let (_, sound) = factorize(&plan, 4, jacobian.as_flattened(), &[1.0; 4]);
    assert_eq!(sound, [1.0, 0.0, 0.0, 0.0]);
}

/// The same factorization with plain numbers in blocks.
fn in_blocks<V: Vector>(plan: &LuPlan, jacobian: &[f64], diagonal: &[f64]) -> Vec<u64> {
    let lanes = 32;
    let (mut factors, mut sound) = (vec![0.0; plan.n_slots * lanes], vec![0.0; lanes]);
    let work = Factorize { plan, lanes, jacobian, diagonal, factors: &mut factors, sound: &mut sound };
    work.run::<V>();
    factors.iter().map(|factor| factor.to_bits()).collect()
}

#[test]
fn bits_are_the_same_for_every_block_width_and_vector_width() {
    let pattern = scattered();
    let plan = LuPlan::new(&pattern);
    let jacobian = numbers(11, pattern.n_nonzeros() * 32);
    let diagonal: Vec<f64> = numbers(12, 32).iter().map(|number| 10.0 + number).collect();
    let (factors, _) = factorize(&plan, 32, &jacobian, &diagonal);
    let widest: Vec<u64> = factors.iter().map(|factor| factor.to_bits()).collect();
    assert_eq!(widest, in_blocks::<f64>(&plan, &jacobian, &diagonal));
    assert_eq!(widest, in_blocks::<[f64; 8]>(&plan, &jacobian, &diagonal));
    assert_eq!(widest, in_blocks::<[f64; 16]>(&plan, &jacobian, &diagonal));
}
