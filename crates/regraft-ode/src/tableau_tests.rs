//! The table is right: order conditions over all trees, stiff accuracy, stability, and the
//! order of a single step.
//!
//! Γ = (1/γ − C)⁻¹, α = aΓ, b = mΓ undo the transformation; then with β = α + Γ the
//! conditions are Σ b_i Φ_i(t) = 1/γ(t) over rooted trees t, where a vertex with one child
//! brings in β and one with several brings in α [Hairer & Wanner, Solving ODEs II, IV.7].

use super::*;

type Matrix = [[f64; STAGES]; STAGES];

/// A rooted tree, as the list of the trees hanging from its root, sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Tree(Vec<Tree>);

impl Tree {
    fn order(&self) -> u32 {
        1 + self.0.iter().map(Tree::order).sum::<u32>()
    }

    /// γ(t): the order times the densities of the branches.
    fn density(&self) -> f64 {
        f64::from(self.order()) * self.0.iter().map(Tree::density).product::<f64>()
    }

    /// All trees with `order` vertices: to each smaller one a leaf is added everywhere.
    fn all(order: u32) -> Vec<Tree> {
        if order == 1 {
            return vec![Tree(Vec::new())];
        }
        let mut trees: Vec<Tree> = Tree::all(order - 1).iter().flat_map(Tree::with_one_more_leaf).collect();
        trees.sort();
        trees.dedup();
        trees
    }

    fn with_one_more_leaf(&self) -> Vec<Tree> {
        let mut at_root = self.0.clone();
        at_root.push(Tree(Vec::new()));
        at_root.sort();
        let mut grown = vec![Tree(at_root)];
        for (index, branch) in self.0.iter().enumerate() {
            for larger in branch.with_one_more_leaf() {
                let mut branches = self.0.clone();
                branches[index] = larger;
                branches.sort();
                grown.push(Tree(branches));
            }
        }
        grown
    }
}

/// The method in the untransformed form.
struct Plain {
    alpha: Matrix,
    gamma: Matrix,
    beta: Matrix,
}

impl Plain {
    fn new() -> Self {
        let gamma = gamma_matrix();
        let alpha = product(&full_a(), &gamma);
        let mut beta = alpha;
        for i in 0..STAGES {
            for j in 0..STAGES {
                beta[i][j] += gamma[i][j];
            }
        }
        Self { alpha, gamma, beta }
    }

    /// Weights b of a combination Σ m_j u_j of transformed stages.
    fn weights(&self, transformed: [f64; STAGES]) -> [f64; STAGES] {
        let mut weights = [0.0; STAGES];
        for i in 0..STAGES {
            for j in 0..STAGES {
                weights[j] += transformed[i] * self.gamma[i][j];
            }
        }
        weights
    }

    /// Φ_i(t).
    fn elementary(&self, tree: &Tree) -> [f64; STAGES] {
        let matrix = if tree.0.len() == 1 { &self.beta } else { &self.alpha };
        let mut result = [1.0; STAGES];
        for branch in &tree.0 {
            let inner = self.elementary(branch);
            for i in 0..STAGES {
                result[i] *= (0..STAGES).map(|j| matrix[i][j] * inner[j]).sum::<f64>();
            }
        }
        result
    }

    /// Σ b_i Φ_i(t) for the tree.
    fn sum(&self, weights: &[f64; STAGES], tree: &Tree) -> f64 {
        let elementary = self.elementary(tree);
        (0..STAGES).map(|i| weights[i] * elementary[i]).sum()
    }
}

/// The rows of a, those of stages 7 and 8 written out.
fn full_a() -> Matrix {
    let mut a = [[0.0; STAGES]; STAGES];
    for (row, values) in A.iter().enumerate() {
        a[row + 1][..values.len()].copy_from_slice(values);
    }
    a[6] = a[5];
    a[6][5] = 1.0;
    a[7] = a[6];
    a[7][6] = 1.0;
    a
}

/// Weights of the new state on the transformed stages: the row of stage 8 and 1.
fn new_state() -> [f64; STAGES] {
    let mut weights = full_a()[7];
    weights[7] = 1.0;
    weights
}

/// Γ = (I/γ − C)⁻¹ by forward substitution.
fn gamma_matrix() -> Matrix {
    let mut inverse = [[0.0; STAGES]; STAGES];
    for column in 0..STAGES {
        for row in column..STAGES {
            let unit = if row == column { 1.0 } else { 0.0 };
            let sum: f64 = (column..row).map(|j| C[row][j] * inverse[j][column]).sum();
            inverse[row][column] = GAMMA * (unit + sum);
        }
    }
    inverse
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut result = [[0.0; STAGES]; STAGES];
    for i in 0..STAGES {
        for j in 0..STAGES {
            result[i][j] = (0..STAGES).map(|l| a[i][l] * b[l][j]).sum();
        }
    }
    result
}

/// Rounding of table entries of size up to 150 with 16 digits, summed over stages.
const ROUNDING: f64 = 2e-13;

#[test]
fn there_are_as_many_trees_as_cayley_counted() {
    assert_eq!((1..=6).map(|order| Tree::all(order).len()).collect::<Vec<_>>(), [1, 1, 2, 4, 9, 20]);
}

#[test]
fn all_seventeen_conditions_of_order_five_hold() {
    let method = Plain::new();
    let weights = method.weights(new_state());
    for order in 1..=5 {
        for tree in Tree::all(order) {
            let found = method.sum(&weights, &tree);
            let expected = 1.0 / tree.density();
            assert!((found - expected).abs() < ROUNDING, "order {order}, {tree:?}: {found} {expected}");
        }
    }
}

#[test]
fn order_six_does_not_hold() {
    let method = Plain::new();
    let weights = method.weights(new_state());
    let misses =
        Tree::all(6).iter().any(|tree| (method.sum(&weights, tree) - 1.0 / tree.density()).abs() > 1e-6);
    assert!(misses);
}

#[test]
fn the_embedded_solution_has_order_four_and_not_five() {
    let method = Plain::new();
    let mut transformed = new_state();
    transformed[7] = 0.0;
    let weights = method.weights(transformed);
    for order in 1..=4 {
        for tree in Tree::all(order) {
            let found = method.sum(&weights, &tree);
            assert!((found - 1.0 / tree.density()).abs() < ROUNDING, "order {order}, {tree:?}: {found}");
        }
    }
    let misses =
        Tree::all(5).iter().any(|tree| (method.sum(&weights, tree) - 1.0 / tree.density()).abs() > 1e-6);
    assert!(misses);
}

#[test]
fn dense_output_has_order_four_everywhere() {
    let method = Plain::new();
    for theta in [0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0] {
        let mut transformed = dense_weights(theta);
        for (weight, end) in transformed.iter_mut().zip(new_state()) {
            *weight += theta * end;
        }
        let weights = method.weights(transformed);
        for order in 1..=4 {
            for tree in Tree::all(order) {
                let found = method.sum(&weights, &tree);
                let expected = theta.powi(order as i32) / tree.density();
                assert!((found - expected).abs() < ROUNDING, "θ = {theta}, {tree:?}: {found} {expected}");
            }
        }
    }
}

#[test]
fn nodes_are_the_row_sums_of_alpha() {
    let method = Plain::new();
    for stage in 0..STAGES {
        let sum: f64 = method.alpha[stage].iter().sum();
        assert!((sum - NODES[stage]).abs() < ROUNDING, "c_{}: {sum}", stage + 1);
    }
}

#[test]
fn time_weights_are_the_row_sums_of_gamma() {
    let method = Plain::new();
    for stage in 0..STAGES {
        let sum: f64 = method.gamma[stage].iter().sum();
        assert!((sum - TIME_WEIGHTS[stage]).abs() < ROUNDING, "d_{}: {sum}", stage + 1);
    }
}

/// α_8j + γ_8j = b_j, and likewise for the embedded solution: both are exact on the
/// algebraic part of a very stiff system.
#[test]
fn the_method_is_stiffly_accurate() {
    let method = Plain::new();
    let weights = method.weights(new_state());
    let mut transformed = new_state();
    transformed[7] = 0.0;
    let embedded = method.weights(transformed);
    for stage in 0..STAGES {
        assert!((method.beta[7][stage] - weights[stage]).abs() < ROUNDING);
        assert!((method.beta[6][stage] - embedded[stage]).abs() < ROUNDING);
    }
}

/// |R(z)|² with z = x + iy for R(z) = 1 + z bᵀ (I − zβ)⁻¹ 1.
fn stability(method: &Plain, weights: &[f64; STAGES], x: f64, y: f64) -> f64 {
    let times = |a: (f64, f64), b: (f64, f64)| (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0);
    let mut stage = [(0.0, 0.0); STAGES];
    let mut sum = (0.0, 0.0);
    for i in 0..STAGES {
        let mut right = (0.0, 0.0);
        for j in 0..i {
            right = (right.0 + method.beta[i][j] * stage[j].0, right.1 + method.beta[i][j] * stage[j].1);
        }
        let right = times((x, y), right);
        let right = (1.0 + right.0, right.1);
        let divisor = (1.0 - x * GAMMA, -y * GAMMA);
        let size = divisor.0 * divisor.0 + divisor.1 * divisor.1;
        stage[i] = times(right, (divisor.0 / size, -divisor.1 / size));
        sum = (sum.0 + weights[i] * stage[i].0, sum.1 + weights[i] * stage[i].1);
    }
    let growth = times((x, y), sum);
    (1.0 + growth.0).powi(2) + growth.1.powi(2)
}

#[test]
fn the_method_is_stable_for_all_decaying_modes_and_forgets_fast_ones() {
    let method = Plain::new();
    let mut transformed = new_state();
    let main = method.weights(transformed);
    transformed[7] = 0.0;
    let embedded = method.weights(transformed);
    for (name, weights) in [("main", main), ("embedded", embedded)] {
        // By the maximum principle the imaginary axis decides (the pole lies to the right).
        for step in -400..=400 {
            let y = 10f64.powf(f64::from(step) / 100.0);
            let growth = stability(&method, &weights, 0.0, y);
            assert!(growth <= 1.0 + 1e-10, "{name}: |R({y} i)|² = {growth}");
        }
        // R(z) = O(1/z); the table's rounding leaves about 1e-12 at infinity.
        for (z, expected) in [(-1e4, 1e-1), (-1e6, 1e-3), (-1e8, 1e-5)] {
            let size = stability(&method, &weights, z, 0.0).sqrt();
            assert!(size < expected, "{name}: |R({z})| = {size}");
        }
    }
}
