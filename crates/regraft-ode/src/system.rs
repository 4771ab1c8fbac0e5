//! What is integrated: a system of ordinary differential equations for many patients side by side.
//!
//! All arrays are `[row][lane]` with the lane fastest: the value of row `r` in lane `l`
//! is at index `r · lanes + l`.

/// Positions of the non-zeros of ∂f/∂y, sorted by row, then column.
///
/// Diagonal entries may be missing; the solver adds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SparsityPattern {
    /// Number of states; the matrix is `n × n`.
    pub n: usize,
    /// Row of each non-zero, `[nonzero]`, each below `n`.
    pub rows: Vec<u32>,
    /// Column of each non-zero, `[nonzero]`, each below `n`.
    pub columns: Vec<u32>,
}

impl SparsityPattern {
    /// A pattern with every entry present, row by row.
    pub fn dense(n: usize) -> Self {
        let size = n as u32;
        let rows = (0..size).flat_map(|row| std::iter::repeat_n(row, n)).collect();
        let columns = (0..size).flat_map(|_| 0..size).collect();
        Self { n, rows, columns }
    }

    /// A pattern from `(row, column)` pairs given in order of row, then column.
    pub fn from_entries(n: usize, entries: &[(u32, u32)]) -> Self {
        Self {
            n,
            rows: entries.iter().map(|e| e.0).collect(),
            columns: entries.iter().map(|e| e.1).collect(),
        }
    }

    /// Number of non-zeros.
    pub fn n_nonzeros(&self) -> usize {
        self.rows.len()
    }
}

/// dy/dt = f(t, y) for `lanes()` patients at once.
///
/// Each lane has its own time and state. A lane's results must depend on that lane's
/// `t` and `y` alone, bit for bit: then a patient's trajectory does not depend on its
/// neighbors. Lanes at rest are evaluated too, at their last time and state; what they
/// give, NaN included, is not looked at.
pub trait System {
    /// Number of states.
    fn n_states(&self) -> usize;

    /// Number of patients side by side, at least 1.
    fn lanes(&self) -> usize;

    /// Where the Jacobian has non-zeros.
    fn pattern(&self) -> &SparsityPattern;

    /// Writes f: `dy[state][lane]` from `t[lane]` and `y[state][lane]`.
    fn derivatives(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]);

    /// Writes f, ∂f/∂y as `jacobian[nonzero][lane]` in the order of [`System::pattern`],
    /// and ∂f/∂t at fixed y as `dfdt[state][lane]` (all zero for an autonomous system).
    fn derivatives_and_jacobian(
        &mut self,
        t: &[f64],
        y: &[f64],
        dy: &mut [f64],
        jacobian: &mut [f64],
        dfdt: &mut [f64],
    );

    /// Number of root functions.
    fn n_roots(&self) -> usize {
        0
    }

    /// Writes the root functions `g[root][lane]`. A root is a change between g ≤ 0 and g > 0.
    fn roots(&mut self, _t: &[f64], _y: &[f64], _g: &mut [f64]) {}
}
