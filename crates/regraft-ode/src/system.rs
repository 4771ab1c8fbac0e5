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

/// Rows of the control block that an integrator and its system share, `[row][lane]`.
pub mod control_row {
    /// Time at which the right-hand side is wanted.
    pub const TIME: usize = 0;
    /// d = 1/(γh).
    pub const DIAGONAL: usize = 1;
    /// Weight of ∂f/∂t in the first stage.
    pub const IN_TIME: usize = 2;
    /// Written by the system: not 0 where the matrix could be factorized.
    pub const SOUND: usize = 3;
    /// First of the rows of ∂f/∂t, `[state]`, written by a system that is not autonomous.
    pub const BY_TIME: usize = 4;
}

/// dy/dt = f(t, y) for `lanes()` patients at once, with the linear algebra of a step.
///
/// Each lane has its own time and state. A lane's results must depend on that lane's
/// `t` and `y` alone, bit for bit: then a patient's trajectory does not depend on its
/// neighbors. Lanes at rest are evaluated too, at their last time and state; what they
/// give, NaN included, is not looked at.
///
/// In `k` the row of a state stands at `state · STAGES · lanes`: the stages of a state lie side by side, and the
/// slice begins at the stage in question.
pub trait System {
    /// Number of states.
    fn n_states(&self) -> usize;

    /// Number of patients side by side, at least 1.
    fn lanes(&self) -> usize;

    /// Whether f does not depend on t: then ∂f/∂t is never read.
    fn is_autonomous(&self) -> bool;

    /// Begins a step: with J = ∂f/∂y at (TIME, y), keeps a factorization of W = d I − J and writes the first
    /// k = W⁻¹ (f(t, y) + IN_TIME · ∂f/∂t). Writes SOUND and, if not autonomous, BY_TIME.
    fn begin(&mut self, y: &[f64], k: &mut [f64], control: &mut [f64]);

    /// A later stage at (TIME, u): k = W⁻¹ (f(t, u) + k), k holding what is to be added to f before.
    fn stage(&mut self, u: &[f64], k: &mut [f64], control: &mut [f64]);

    /// Writes f of one lane to `dy[state][lane]` from `t[lane]` and `y[state][lane]`; other lanes of `dy` are free
    /// to be written, too.
    fn derivatives(&mut self, lane: usize, t: &[f64], y: &[f64], dy: &mut [f64]);

    /// Number of root functions.
    fn n_roots(&self) -> usize {
        0
    }

    /// States on which the root functions depend; of others nothing is there while a root is searched for.
    fn root_states(&self) -> &[u32] {
        &[]
    }

    /// Writes the root functions `g[root][lane]` of all lanes. A root is a change between g ≤ 0,
    /// g > 0 and g not a number.
    fn roots(&mut self, _t: &[f64], _y: &[f64], _g: &mut [f64]) {}
}

/// A right-hand side and its sparse Jacobian, written by hand; [`Factored`](crate::Factored) makes it a [`System`].
pub trait Equations {
    /// Number of states.
    fn n_states(&self) -> usize;

    /// Number of patients side by side, at least 1.
    fn lanes(&self) -> usize;

    /// Where the Jacobian has non-zeros.
    fn pattern(&self) -> &SparsityPattern;

    /// Writes f: `dy[state][lane]` from `t[lane]` and `y[state][lane]`.
    fn derivatives(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]);

    /// Writes f, ∂f/∂y as `jacobian[nonzero][lane]` in the order of [`Equations::pattern`],
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

    /// Writes the root functions `g[root][lane]`, as in [`System::roots`].
    fn roots(&mut self, _t: &[f64], _y: &[f64], _g: &mut [f64]) {}
}
