//! Roots: where in an accepted step a root function first changes sign.
//!
//! Each lane that has a change searches for itself. The search is the secant with halved weights (Illinois), every
//! third time a bisection, on the dense output, and always keeps a bracket, so the end of
//! the step it finds lies just after the sign change. NaN counts as a third sign: a function that stops being a
//! number is searched too, by bisection, so that a change of sign before that is not missed; the step is cut where
//! it stops, or begins again, to be a number.

use super::Integrator;
use super::lane::Dense;
use crate::lanes::{self, LaneLoop, blocks, blocks_mut};
use crate::outcome::LaneOutcome;
use crate::system::System;
use crate::tableau::dense_weights;

/// Width of the bracket, as a share of the step, at which the search ends.
const WIDTH: f64 = 1e-12;

/// Rounds before the search ends anyway; bisections alone reach the width in 40 · 3.
const MAX_ROUNDS: u32 = 150;

/// The place of a root in (a, b] as shares of the step: no sign differs at a, some at b.
#[derive(Debug, Clone, Copy)]
struct Bracket {
    searching: bool,
    a: f64,
    b: f64,
    /// Weight of g(a) in the secant.
    weight_a: f64,
    /// Weight of g(b) in the secant.
    weight_b: f64,
    /// Side moved last: −1 a, 1 b, 0 none.
    last: i8,
    /// Share of the step tried in this round.
    trial: f64,
    width: f64,
}

const NO_BRACKET: Bracket = Bracket {
    searching: false,
    a: 0.0,
    b: 1.0,
    weight_a: 1.0,
    weight_b: 1.0,
    last: 0,
    trial: 1.0,
    width: WIDTH,
};

/// The sign of a root function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// g ≤ 0
    NotPositive,
    /// g > 0
    Positive,
    /// NaN
    NoNumber,
}

impl Sign {
    fn of(g: f64) -> Sign {
        match g {
            g if g > 0.0 => Sign::Positive,
            g if g.is_nan() => Sign::NoNumber,
            _ => Sign::NotPositive,
        }
    }

    /// The least and the greatest number of this sign.
    fn ends(self) -> (f64, f64) {
        match self {
            Sign::NotPositive => (f64::NEG_INFINITY, 0.0),
            Sign::Positive => (f64::from_bits(1), f64::INFINITY),
            Sign::NoNumber => (f64::INFINITY, f64::NEG_INFINITY),
        }
    }
}

/// 1 in every lane in which a value is not between its ends.
struct Outside<'a> {
    g: &'a [f64],
    low: &'a [f64],
    high: &'a [f64],
    outside: &'a mut [f64],
}

impl LaneLoop for Outside<'_> {
    #[inline(always)]
    fn run<const W: usize>(self) {
        let lanes = self.outside.len();
        for (block, outside) in blocks_mut::<W>(self.outside).iter_mut().enumerate() {
            let rows = (block..self.g.len() / W).step_by(lanes / W);
            let (g, low, high) = (blocks::<W>(self.g), blocks::<W>(self.low), blocks::<W>(self.high));
            for row in rows {
                let (g, low, high) = (&g[row], &low[row], &high[row]);
                for lane in 0..W {
                    let is_between = g[lane] >= low[lane] && g[lane] <= high[lane];
                    outside[lane] = if is_between { outside[lane] } else { 1.0 };
                }
            }
        }
    }
}

/// Signs of the root functions and the search for their changes. Arrays are `[root][lane]`.
pub(super) struct Locator {
    n_roots: usize,
    lanes: usize,
    /// Root functions as last evaluated.
    pub g: Vec<f64>,
    /// g at the start of the step, then at the left of the bracket.
    g_a: Vec<f64>,
    /// g at the right of the bracket.
    g_b: Vec<f64>,
    /// Sign at the start of the step.
    sign: Vec<Sign>,
    /// Between these, themselves included, g has that sign; no number lies between those of no number.
    low: Vec<f64>,
    high: Vec<f64>,
    /// 1 where a sign may differ, else 0, `[lane]`.
    outside: Vec<f64>,
    brackets: Vec<Bracket>,
    changed: Vec<Vec<u32>>,
    /// Lanes whose step is to be cut.
    found: Vec<usize>,
    /// Evaluations of the last search.
    rounds: u32,
}

impl Locator {
    pub fn new(n_roots: usize, lanes: usize) -> Self {
        Self {
            n_roots,
            lanes,
            g: vec![0.0; n_roots * lanes],
            g_a: vec![0.0; n_roots * lanes],
            g_b: vec![0.0; n_roots * lanes],
            sign: vec![Sign::NotPositive; n_roots * lanes],
            outside: vec![0.0; lanes],
            low: vec![Sign::NotPositive.ends().0; n_roots * lanes],
            high: vec![Sign::NotPositive.ends().1; n_roots * lanes],
            brackets: vec![NO_BRACKET; lanes],
            changed: (0..lanes).map(|_| Vec::with_capacity(n_roots)).collect(),
            found: Vec::with_capacity(lanes),
            rounds: 0,
        }
    }

    pub fn n_roots(&self) -> usize {
        self.n_roots
    }

    /// Whether a sign may differ from that at the start in any lane; where it is no number, it may. All are looked at:
    /// usually none does, and a loop without a way out is the faster one.
    fn any_lane_differs(&mut self) -> bool {
        self.outside.fill(0.0);
        let (g, outside) = (&self.g, &mut self.outside);
        lanes::run_lanes(self.lanes, Outside { g, low: &self.low, high: &self.high, outside });
        self.outside.iter().any(|&outside| outside != 0.0)
    }

    fn set_sign(&mut self, at: usize, sign: Sign) {
        self.sign[at] = sign;
        (self.low[at], self.high[at]) = sign.ends();
    }

    /// The values at the end of all steps become those at the start of the next. In a lane that took none the state
    /// is what it was, and so are they.
    fn keep_all_ends(&mut self) {
        std::mem::swap(&mut self.g, &mut self.g_a);
    }

    /// Evaluations of the root functions in the last search.
    #[cfg(test)]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    pub fn changed(&self, lane: usize) -> &[u32] {
        &self.changed[lane]
    }

    pub fn is_positive(&self, lane: usize, root: usize) -> bool {
        self.sign[root * self.lanes + lane] == Sign::Positive
    }

    /// Takes the values last evaluated as those at the start of a step.
    pub fn read_signs(&mut self, lane: usize) {
        for at in self.entries(lane) {
            self.set_sign(at, Sign::of(self.g[at]));
            self.g_a[at] = self.g[at];
        }
    }

    /// Indices of a lane's root functions.
    fn entries(&self, lane: usize) -> impl Iterator<Item = usize> + use<> {
        (lane..self.n_roots * self.lanes).step_by(self.lanes)
    }

    /// Whether `g` has another sign than at the start.
    fn differs(&self, at: usize, g: f64) -> bool {
        Sign::of(g) != self.sign[at]
    }

    fn any_differs(&self, lane: usize) -> bool {
        self.entries(lane).any(|at| self.differs(at, self.g[at]))
    }

    /// Opens a bracket over the whole step if a sign at its end differs. `width` is the
    /// share of the step that time resolves.
    fn open(&mut self, lane: usize, width: f64) -> bool {
        if !self.any_differs(lane) {
            self.brackets[lane].searching = false;
            self.keep_end(lane);
            return false;
        }
        for at in self.entries(lane) {
            self.g_b[at] = self.g[at];
        }
        self.brackets[lane] = Bracket { searching: true, width: width.max(WIDTH), ..NO_BRACKET };
        true
    }

    /// The values at the end of the step, whose signs do not differ, become those at the start of the next.
    fn keep_end(&mut self, lane: usize) {
        for at in self.entries(lane) {
            self.g_a[at] = self.g[at];
        }
    }

    /// Chooses the share of the step to try next: the least secant root of those functions
    /// that differ at b, kept half a width inside the bracket. Where one is NaN there is no secant.
    fn choose(&mut self, lane: usize, round: u32) {
        let bracket = self.brackets[lane];
        let length = bracket.b - bracket.a;
        let mut least = bracket.a + 0.5 * length;
        if round % 3 != 2 {
            let mut secant = f64::INFINITY;
            for at in self.entries(lane) {
                if self.differs(at, self.g_b[at]) {
                    let (g_a, g_b) = (self.g_a[at] * bracket.weight_a, self.g_b[at] * bracket.weight_b);
                    let root = bracket.a + length * (g_a / (g_a - g_b));
                    secant = if root < secant { root } else { secant };
                }
            }
            least = if secant.is_finite() { secant } else { least };
        }
        let margin = 0.5 * bracket.width;
        self.brackets[lane].trial = least.max(bracket.a + margin).min(bracket.b - margin);
    }

    /// Shrinks the bracket by the values at the trial point.
    fn shrink(&mut self, lane: usize) {
        let differs = self.any_differs(lane);
        let entries = self.entries(lane);
        let bracket = &mut self.brackets[lane];
        let side = if differs { 1 } else { -1 };
        let again = bracket.last == side;
        bracket.last = side;
        let target = if differs {
            bracket.b = bracket.trial;
            bracket.weight_b = 1.0;
            bracket.weight_a = if again { 0.5 * bracket.weight_a } else { 1.0 };
            &mut self.g_b
        } else {
            bracket.a = bracket.trial;
            bracket.weight_a = 1.0;
            bracket.weight_b = if again { 0.5 * bracket.weight_b } else { 1.0 };
            &mut self.g_a
        };
        for at in entries {
            target[at] = self.g[at];
        }
        bracket.searching = bracket.b - bracket.a > bracket.width;
    }

    /// Notes which functions changed and makes the signs at b those of the next start.
    fn close(&mut self, lane: usize) {
        self.changed[lane].clear();
        for (root, at) in self.entries(lane).enumerate() {
            let g = self.g_b[at];
            if self.differs(at, g) {
                self.changed[lane].push(root as u32);
                self.set_sign(at, Sign::of(g));
            }
            self.g_a[at] = g;
        }
    }
}

impl<S: System> Integrator<S> {
    /// Cuts the steps accepted in this `advance` at their earliest root.
    pub(super) fn cut_at_roots(&mut self) {
        if self.locator.n_roots == 0 || self.lanes.iter().all(|lane| lane.dense.is_none()) {
            return;
        }
        self.system.roots(&self.t, &self.y, &mut self.locator.g);
        if !self.locator.any_lane_differs() {
            self.locator.keep_all_ends();
            return;
        }
        let mut found = std::mem::take(&mut self.locator.found);
        found.clear();
        for lane in 0..self.n_lanes {
            if let Some(dense) = self.lanes[lane].dense {
                let resolution = 4.0 * f64::EPSILON * self.t[lane].abs().max(dense.from.abs()) / dense.h;
                if self.locator.open(lane, resolution) {
                    found.push(lane);
                }
            }
        }
        self.search(&found);
        for &lane in &found {
            self.cut(lane);
        }
        self.locator.found = found;
    }

    fn search(&mut self, found: &[usize]) {
        for round in 0..MAX_ROUNDS {
            let searching = |lane: &&usize| self.locator.brackets[**lane].searching;
            if !found.iter().any(|lane| searching(&lane)) {
                return;
            }
            self.locator.rounds = round + 1;
            for &lane in found {
                if self.locator.brackets[lane].searching {
                    self.locator.choose(lane, round);
                    self.set_trial(lane);
                    self.system.roots_of_lane(lane, &self.trial_time, &self.trial, &mut self.locator.g);
                    self.locator.shrink(lane);
                }
            }
        }
    }

    /// Time and dense output at the trial point of a lane.
    fn set_trial(&mut self, lane: usize) {
        let Some(dense) = self.lanes[lane].dense else { return };
        let theta = self.locator.brackets[lane].trial;
        let weights = dense_weights(theta);
        self.trial_time[lane] = dense.from + theta * dense.h;
        for index in 0..self.system.root_states().len() {
            let state = self.system.root_states()[index] as usize;
            self.trial[state * self.n_lanes + lane] = self.dense_value(lane, state, theta, &weights);
        }
    }

    /// Ends the step of a lane at the right of its bracket.
    fn cut(&mut self, lane: usize) {
        self.locator.close(lane);
        let Some(dense) = self.lanes[lane].dense else { return };
        let theta = self.locator.brackets[lane].b;
        if theta < 1.0 {
            let weights = dense_weights(theta);
            for state in 0..self.n {
                self.y[state * self.n_lanes + lane] = self.dense_value(lane, state, theta, &weights);
            }
            self.t[lane] = dense.from + theta * dense.h;
            self.lanes[lane].dense = Some(Dense { to: self.t[lane], share: theta, ..dense });
        }
        self.lanes[lane].counters.roots += 1;
        self.outcomes[lane] = LaneOutcome::Root { from: dense.from, to: self.t[lane] };
    }
}
