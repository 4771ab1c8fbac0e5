//! The factorization and the two triangular solves as flat lists of dot products.

use super::order::{eliminate, filled_diagonal, markowitz_order};
use crate::system::SparsityPattern;

/// Marks "no such entry" in an index.
pub const NONE: u32 = u32::MAX;

/// One product of two stored values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Slot of the left value.
    pub left: u32,
    /// Slot of the right value, or in a solve the state.
    pub right: u32,
}

/// What is done with a finished dot product of the factorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Entry of L: kept as it is.
    Keep,
    /// Entry of −U: times the value in this slot, −1/pivot of its row.
    Scale(u32),
    /// Pivot: 1/(γh) is subtracted, then −1/pivot is kept.
    Pivot,
}

/// One entry of L or −U: (J + Σ left · right), then finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Slot written.
    pub slot: u32,
    /// Non-zero of J it starts from, or [`NONE`] for fill-in.
    pub source: u32,
    /// Last step.
    pub finish: Finish,
    /// End of its products in [`LuPlan::products`]; they begin where those of the entry before end.
    pub products_end: u32,
}

/// One row of a triangular solve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// State solved for.
    pub state: u32,
    /// Slot of −1/pivot (used forward).
    pub pivot: u32,
    /// End of its products (slot, state); they begin where those of the row before end.
    pub products_end: u32,
}

/// LU factorization of matrices of one pattern, as lists of operations on slots of lanes.
///
/// What is factorized is M = J − d I = −W, by rows after Crout: M = L U with ones on the diagonal of U. L is
/// kept as it is, of U the negative, of the pivots −1/l_ii. Then every product is added:
///
/// ```text
/// l_ij = m_ij + Σ_k l_ik v_kj      v_ij = (m_ij + Σ_k l_ik v_kj) · p_i      p_i = −1 / l_ii
/// W x = b:   z_i = (b_i + Σ_{j<i} l_ij z_j) · p_i      x_i = z_i + Σ_{j>i} v_ij x_j
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LuPlan {
    /// Number of stored entries of L and U together, the diagonal counted once.
    pub n_slots: usize,
    /// Entries of L and −U in the order in which they are computed.
    pub entries: Vec<Entry>,
    /// Products of the entries, those of the first entry first.
    pub products: Vec<Product>,
    /// Rows of the forward substitution, in order.
    pub forward: Vec<Row>,
    /// Products of slot and state, row by row.
    pub forward_products: Vec<Product>,
    /// Rows of the backward substitution, in order.
    pub backward: Vec<Row>,
    /// Products of slot and state, row by row.
    pub backward_products: Vec<Product>,
}

impl LuPlan {
    /// Plans the factorization of I/(γh) − J for a Jacobian of this pattern, in Markowitz order.
    pub fn new(pattern: &SparsityPattern) -> Self {
        Self::with_order(pattern, &markowitz_order(pattern))
    }

    /// Plans the factorization with the pivots in `order`, a permutation of the states.
    pub fn with_order(pattern: &SparsityPattern, order: &[usize]) -> Self {
        let slots = Slots::new(pattern, order);
        let mut plan = Self { n_slots: slots.count, ..Self::default() };
        for position in 0..order.len() {
            plan.add_factor_row(&slots, order, position);
            plan.add_forward_row(&slots, order, position);
        }
        for position in (0..order.len()).rev() {
            plan.add_backward_row(&slots, order, position);
        }
        plan
    }

    /// Row `position` of L and −U: m_ij + Σ_{k < min(i, j)} l_ik v_kj, by ascending column position.
    fn add_factor_row(&mut self, slots: &Slots, order: &[usize], position: usize) {
        let row = order[position];
        for (column_position, &column) in order.iter().enumerate() {
            let Some(slot) = slots.at(row, column) else { continue };
            for &before in &order[..position.min(column_position)] {
                if let (Some(left), Some(right)) = (slots.at(row, before), slots.at(before, column)) {
                    self.products.push(Product { left, right });
                }
            }
            let finish = match column_position.cmp(&position) {
                std::cmp::Ordering::Less => Finish::Keep,
                std::cmp::Ordering::Equal => Finish::Pivot,
                std::cmp::Ordering::Greater => Finish::Scale(slots.pivot(row)),
            };
            let products_end = self.products.len() as u32;
            self.entries.push(Entry { slot, source: slots.source(row, column), finish, products_end });
        }
    }

    /// z_i = (b_i + Σ_{j < i} l_ij z_j) · p_i; what was computed last is wanted last.
    fn add_forward_row(&mut self, slots: &Slots, order: &[usize], position: usize) {
        let state = order[position];
        for &before in &order[..position] {
            if let Some(left) = slots.at(state, before) {
                self.forward_products.push(Product { left, right: before as u32 });
            }
        }
        let products_end = self.forward_products.len() as u32;
        self.forward.push(Row { state: state as u32, pivot: slots.pivot(state), products_end });
    }

    /// x_i = z_i + Σ_{j > i} v_ij x_j; what was computed last is wanted last.
    fn add_backward_row(&mut self, slots: &Slots, order: &[usize], position: usize) {
        let state = order[position];
        for &after in order[position + 1..].iter().rev() {
            if let Some(left) = slots.at(state, after) {
                self.backward_products.push(Product { left, right: after as u32 });
            }
        }
        let products_end = self.backward_products.len() as u32;
        self.backward.push(Row { state: state as u32, pivot: slots.pivot(state), products_end });
    }
}

/// Where each entry of the filled matrix is stored.
struct Slots {
    n: usize,
    count: usize,
    slot: Vec<u32>,
    source: Vec<u32>,
}

impl Slots {
    fn new(pattern: &SparsityPattern, order: &[usize]) -> Self {
        let n = pattern.n;
        let mut matrix = filled_diagonal(pattern);
        for (position, &pivot) in order.iter().enumerate() {
            eliminate(&mut matrix, &order[position + 1..], pivot);
        }
        let mut slots = Self { n, count: 0, slot: vec![NONE; n * n], source: vec![NONE; n * n] };
        for &row in order {
            for &column in order.iter().filter(|&&column| matrix[row][column]) {
                slots.slot[row * n + column] = slots.count as u32;
                slots.count += 1;
            }
        }
        for (nonzero, (&row, &column)) in pattern.rows.iter().zip(&pattern.columns).enumerate() {
            slots.source[row as usize * n + column as usize] = nonzero as u32;
        }
        slots
    }

    fn at(&self, row: usize, column: usize) -> Option<u32> {
        Some(self.slot[row * self.n + column]).filter(|&slot| slot != NONE)
    }

    fn pivot(&self, state: usize) -> u32 {
        self.slot[state * self.n + state]
    }

    fn source(&self, row: usize, column: usize) -> u32 {
        self.source[row * self.n + column]
    }
}
