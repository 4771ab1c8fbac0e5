//! MEDAKZO: an antibody penetrates a tumour, by the method of lines.

mod solution;

use super::Problem;
use solution::{FIRST_LIGAND, LIGAND, PUBLISHED, REAGENT};

/// The Medical Akzo Nobel problem: 200 cells with a reagent u that spreads and a ligand v that stays, 400 states.
///
/// u_t = α(ζ) u_ζ + β(ζ) u_ζζ − k u v, v_t = −k u v on 0 < ζ < 1, central differences; the states of a cell stand
/// side by side: u₁, v₁, u₂, v₂, … At ζ = 0 the reagent is held at φ(t): 2 up to t = 5, and 0 afterwards.
///
/// Source: F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4, University of Bari
/// (2008), problem MEDAKZO. The solution is computed anew, because the one published was found at 1e-10.
#[derive(Debug, Clone, Copy, Default)]
pub struct MedicalAkzoNobel {
    boundary: Boundary,
}

/// What the reagent is held at outside the first cell.
#[derive(Debug, Clone, Copy, Default)]
enum Boundary {
    /// φ(t), with its jump.
    #[default]
    InTime,
    /// The same all the time.
    Held(f64),
}

const CELLS: usize = 200;
/// Rate k of the reaction.
const BINDING: f64 = 100.0;
/// Constant c of the transformed coordinate.
const STRETCH: f64 = 4.0;

/// What flows into a cell per unit of the reagent on its left, in it, and on its right.
struct Flow {
    left: f64,
    own: f64,
    right: f64,
}

impl MedicalAkzoNobel {
    /// Time at which φ jumps from 2 to 0.
    pub const JUMP: f64 = 5.0;

    /// The problem with the boundary held at `reagent`: smooth in time.
    pub fn held_at(reagent: f64) -> Self {
        Self { boundary: Boundary::Held(reagent) }
    }

    /// A few states, counted from 0, with their values at the end as the test set prints them.
    pub fn published() -> Vec<(usize, f64)> {
        PUBLISHED.iter().map(|&(state, value)| (state - 1, value)).collect()
    }

    fn reagent_outside(&self, t: f64) -> f64 {
        match self.boundary {
            Boundary::InTime => [0.0, 2.0][usize::from(t <= Self::JUMP)],
            Boundary::Held(reagent) => reagent,
        }
    }
}

/// Flow of the cell `cell` (from 0); none for the last, whose own neighbor is itself.
///
/// With ζ = j/200: β = (ζ−1)⁴/c², α = 2 (ζ−1)³/c².
fn flow(cell: usize) -> Flow {
    if cell + 1 == CELLS {
        return Flow { left: 0.0, own: 0.0, right: 0.0 };
    }
    let width = 1.0 / CELLS as f64;
    let way = (cell + 1) as f64 * width - 1.0;
    let spread = way.powi(4) / (STRETCH * STRETCH * width * width);
    let drift = way.powi(3) / (STRETCH * STRETCH * width);
    Flow { left: spread - drift, own: -2.0 * spread, right: spread + drift }
}

impl Problem for MedicalAkzoNobel {
    fn name(&self) -> &'static str {
        "MEDAKZO"
    }

    fn start(&self) -> Vec<f64> {
        [0.0, 1.0].repeat(CELLS)
    }

    fn end(&self) -> f64 {
        20.0
    }

    fn solution(&self) -> Vec<f64> {
        let reagent = |cell| REAGENT.get(cell).copied().unwrap_or(0.0);
        let ligand = |cell: usize| match cell.checked_sub(FIRST_LIGAND) {
            Some(place) => LIGAND.get(place).copied().unwrap_or(1.0),
            None => 0.0,
        };
        (0..CELLS).flat_map(|cell| [reagent(cell), ligand(cell)]).collect()
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        let cell = |cell: u32| {
            let (u, v, last) = (2 * cell, 2 * cell + 1, cell as usize + 1 == CELLS);
            let left = (cell > 0 && !last).then(|| (u, u - 2));
            let right = (!last).then_some((u, u + 2));
            let middle = [(u, u), (u, v)];
            left.into_iter().chain(middle).chain(right).chain([(v, u), (v, v)])
        };
        (0..CELLS as u32).flat_map(cell).collect()
    }

    fn derivatives(&self, t: f64, y: &[f64], dy: &mut [f64]) {
        let mut left = self.reagent_outside(t);
        for cell in 0..CELLS {
            let (u, v) = (y[2 * cell], y[2 * cell + 1]);
            let right = y.get(2 * cell + 2).copied().unwrap_or(0.0);
            let flow = flow(cell);
            let bound = BINDING * u * v;
            dy[2 * cell] = flow.left * (left - u) + flow.right * (right - u) - bound;
            dy[2 * cell + 1] = -bound;
            left = u;
        }
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        let mut place = jacobian.iter_mut();
        let mut put = |value| *place.next().expect("one place per entry") = value;
        for cell in 0..CELLS {
            let (by_u, by_v) = (BINDING * y[2 * cell + 1], BINDING * y[2 * cell]);
            let (flow, last) = (flow(cell), cell + 1 == CELLS);
            if cell > 0 && !last {
                put(flow.left);
            }
            put(flow.own - by_u);
            put(-by_v);
            if !last {
                put(flow.right);
            }
            put(-by_u);
            put(-by_v);
        }
        dfdt.fill(0.0);
    }
}
