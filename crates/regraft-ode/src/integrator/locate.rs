//! Roots: where in an accepted step a root function first changes sign.
//!
//! Each lane that has a change searches for itself; the functions are computed for all that search at once. The search
//! is the secant with halved weights (Illinois), every third time a bisection, on the dense output, and always keeps a
//! bracket, so the end of the step it finds lies just after the sign change. NaN counts as a third sign: a function that
//! stops being a number is searched too, by bisection, so that a change of sign before that is not missed; the step is
//! cut where it stops, or begins again, to be a number.

mod between;

use super::Integrator;
use super::lane::Dense;
use crate::outcome::LaneOutcome;
use crate::system::System;
use crate::vector::{self, Kernel, Vector};
use between::Between;

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

/// 1 in every lane in which a value is not between its ends, else 0.
struct Outside<'a> {
    lanes: usize,
    g: &'a [f64],
    low: &'a [f64],
    high: &'a [f64],
    outside: &'a mut [f64],
}

impl Kernel for Outside<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        let lanes = self.lanes;
        assert!(self.low.len() == self.g.len() && self.high.len() == self.g.len());
        for block in 0..lanes / V::WIDTH {
            let mut outside = V::splat(0.0);
            for row in 0..self.g.len() / lanes {
                // SAFETY: the three arrays have the row, by the assertion above.
                unsafe {
                    let g = V::at_unchecked(self.g, row, lanes, block);
                    let low = V::at_unchecked(self.low, row, lanes, block);
                    outside = g.outside(low, V::at_unchecked(self.high, row, lanes, block), outside);
                }
            }
            outside.put(self.outside, 0, lanes, block);
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
    /// g at the end of the step, then at the right of the bracket.
    g_b: Vec<f64>,
    /// g has the sign that it had at the start between these, themselves included; no number lies between those of
    /// no number.
    low: Vec<f64>,
    high: Vec<f64>,
    /// 1 where a sign may differ, else 0, `[lane]`.
    outside: Vec<f64>,
    brackets: Vec<Bracket>,
    /// Those that differ at the right of the bracket, ascending, `[lane]`.
    changed: Vec<Vec<u32>>,
    /// What tells whether a sign may have changed between the ends of a step.
    between: Between,
    /// Lanes whose step is to be cut.
    found: Vec<usize>,
    /// Evaluations of the last search.
    rounds: u32,
}

impl Locator {
    pub fn new(n_roots: usize, lanes: usize) -> Self {
        let (low, high) = Sign::NotPositive.ends();
        Self {
            n_roots,
            lanes,
            g: vec![0.0; n_roots * lanes],
            g_a: vec![0.0; n_roots * lanes],
            g_b: vec![0.0; n_roots * lanes],
            low: vec![low; n_roots * lanes],
            high: vec![high; n_roots * lanes],
            outside: vec![0.0; lanes],
            brackets: vec![NO_BRACKET; lanes],
            changed: (0..lanes).map(|_| Vec::with_capacity(n_roots)).collect(),
            between: Between::new(n_roots, lanes),
            found: Vec::with_capacity(lanes),
            rounds: 0,
        }
    }

    pub fn n_roots(&self) -> usize {
        self.n_roots
    }

    /// Looks in which lanes a sign may differ from that at the start; where it is no number, it may. Whether there is
    /// any. All are looked at: usually none does, and a loop without a way out is the faster one.
    fn any_lane_differs(&mut self) -> bool {
        let outside = &mut self.outside;
        let work = Outside { lanes: self.lanes, g: &self.g, low: &self.low, high: &self.high, outside };
        vector::run(self.lanes, work);
        self.outside.iter().any(|&outside| outside != 0.0)
    }

    fn set_sign(&mut self, at: usize, sign: Sign) {
        (self.low[at], self.high[at]) = sign.ends();
    }

    fn sign(&self, at: usize) -> Sign {
        match self.low[at] {
            low if low == f64::NEG_INFINITY => Sign::NotPositive,
            low if low == f64::INFINITY => Sign::NoNumber,
            _ => Sign::Positive,
        }
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
        self.sign(root * self.lanes + lane) == Sign::Positive
    }

    /// Takes the values last evaluated as those at the start of a step.
    pub fn read_signs(&mut self, lane: usize) {
        self.between.begin(lane);
        for (root, at) in (0..).zip(self.entries(lane)) {
            let g = self.g[at];
            if g == 0.0 {
                self.between.note_zero(lane, root);
            }
            if self.differs(at, g) {
                self.set_sign(at, Sign::of(g));
            }
            self.g_a[at] = g;
        }
    }

    /// Indices of a lane's root functions.
    fn entries(&self, lane: usize) -> impl Iterator<Item = usize> + use<> {
        (lane..self.n_roots * self.lanes).step_by(self.lanes)
    }

    /// Whether `g` has another sign than at the start.
    fn differs(&self, at: usize, g: f64) -> bool {
        let is_between = g >= self.low[at] && g <= self.high[at];
        let is_still_none = g.is_nan() && self.sign(at) == Sign::NoNumber;
        !(is_between || is_still_none)
    }

    /// Notes which functions have another sign in `g` than at the start. Says whether any has; if none has, what was
    /// noted before stays.
    fn note_changes(&mut self, lane: usize, g: &[f64]) -> bool {
        let mut changed = std::mem::take(&mut self.changed[lane]);
        let differs = |root: &u32| {
            let at = *root as usize * self.lanes + lane;
            self.differs(at, g[at])
        };
        let first = (0..self.n_roots as u32).find(differs);
        if let Some(first) = first {
            changed.clear();
            changed.push(first);
            changed.extend((first + 1..self.n_roots as u32).filter(differs));
        }
        self.changed[lane] = changed;
        first.is_some()
    }

    /// Opens a bracket over the whole step if a sign at its end differs. `width` is the
    /// share of the step that time resolves.
    fn open(&mut self, lane: usize, width: f64) -> bool {
        let g_b = std::mem::take(&mut self.g_b);
        let searching = self.outside[lane] != 0.0 && self.note_changes(lane, &g_b);
        self.g_b = g_b;
        self.brackets[lane] = Bracket { searching, width: width.max(WIDTH), ..NO_BRACKET };
        searching
    }

    /// Chooses the share of the step to try next: the least secant root of those functions
    /// that differ at b, kept half a width inside the bracket. Where one is NaN there is no secant.
    fn choose(&mut self, lane: usize, round: u32) -> f64 {
        let bracket = self.brackets[lane];
        let length = bracket.b - bracket.a;
        let mut least = bracket.a + 0.5 * length;
        if round % 3 != 2 {
            let mut secant = f64::INFINITY;
            for &root in &self.changed[lane] {
                let at = root as usize * self.lanes + lane;
                let (g_a, g_b) = (self.g_a[at] * bracket.weight_a, self.g_b[at] * bracket.weight_b);
                let root = bracket.a + length * (g_a / (g_a - g_b));
                secant = if root < secant { root } else { secant };
            }
            least = if secant.is_finite() { secant } else { least };
        }
        let margin = 0.5 * bracket.width;
        let trial = least.max(bracket.a + margin).min(bracket.b - margin);
        self.brackets[lane].trial = trial;
        trial
    }

    /// Shrinks the bracket by the values at the trial point, after it was looked which lanes differ there.
    fn shrink(&mut self, lane: usize) {
        let g = std::mem::take(&mut self.g);
        let differs = self.outside[lane] != 0.0 && self.note_changes(lane, &g);
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
            target[at] = g[at];
        }
        bracket.searching = bracket.b - bracket.a > bracket.width;
        self.g = g;
    }

    /// Makes the signs at b of the functions that changed those of the next start.
    fn close(&mut self, lane: usize) {
        for index in 0..self.changed[lane].len() {
            let at = self.changed[lane][index] as usize * self.lanes + lane;
            self.set_sign(at, Sign::of(self.g_b[at]));
        }
    }
}

impl<S: System> Integrator<S> {
    /// Cuts the steps accepted in this `advance` at their earliest root.
    pub(super) fn cut_at_roots(&mut self) {
        if self.locator.n_roots == 0 {
            return;
        }
        if self.lanes.iter().all(|lane| lane.dense.is_none()) {
            return self.locator.between.begin_all();
        }
        self.system.roots(&self.t, &self.y, &mut self.locator.g);
        let may_differ = self.locator.any_lane_differs();
        std::mem::swap(&mut self.locator.g, &mut self.locator.g_b);
        let mut found = std::mem::take(&mut self.locator.found);
        found.clear();
        self.look_between(&mut found);
        if may_differ {
            self.look_at_ends(&mut found);
        }
        if !found.is_empty() {
            self.search(&found);
            self.cut(&found);
        }
        self.locator.found = found;
        // In a lane that took no step the state is what it was, and so are the functions.
        let whole = |dense: &Dense| dense.share == 1.0;
        let lanes = &self.lanes;
        self.locator.step_on(|lane| lanes[lane].dense.filter(whole).map_or(0.0, |dense| dense.h));
    }

    /// Adds the lanes to `found` in which a sign differs at the end of the step.
    fn look_at_ends(&mut self, found: &mut Vec<usize>) {
        for lane in 0..self.n_lanes {
            if self.lanes[lane].dense.is_some() && !found.contains(&lane) {
                let width = self.resolution(lane);
                if self.locator.open(lane, width) {
                    found.push(lane);
                }
            }
        }
    }

    /// The share of the last step of a lane that time resolves.
    fn resolution(&self, lane: usize) -> f64 {
        let from_and_h = self.lanes[lane].dense.map(|dense| (dense.from, dense.h));
        from_and_h.map_or(1.0, |(from, h)| 4.0 * f64::EPSILON * self.t[lane].abs().max(from.abs()) / h)
    }

    /// Searches in all lanes found at once, each at its own trial point.
    fn search(&mut self, found: &[usize]) {
        for round in 0..MAX_ROUNDS {
            let mut any = false;
            for &lane in found {
                if self.locator.brackets[lane].searching {
                    any = true;
                    let theta = self.locator.choose(lane, round);
                    self.set_share(lane, theta);
                }
            }
            if !any {
                return;
            }
            self.locator.rounds = round + 1;
            self.evaluate_roots();
            self.locator.any_lane_differs();
            for &lane in found {
                if self.locator.brackets[lane].searching {
                    self.locator.shrink(lane);
                }
            }
        }
    }

    /// The root functions of each lane at its share.
    fn evaluate_roots(&mut self) {
        let states = self.system.root_states();
        self.dense.evaluate_some(states, &self.y_from, &self.step, &mut self.trial);
        self.system.roots(&self.trial_time, &self.trial, &mut self.locator.g);
    }

    /// Makes a share of the last step of a lane that at which dense output is wanted.
    fn set_share(&mut self, lane: usize, theta: f64) {
        if let Some(dense) = self.lanes[lane].dense {
            self.trial_time[lane] = dense.from + theta * dense.h;
            self.dense.set(lane, theta);
        }
    }

    /// Ends the steps of lanes at the right of their brackets.
    fn cut(&mut self, found: &[usize]) {
        let mut is_shorter = false;
        for &lane in found {
            self.locator.close(lane);
            let theta = self.locator.brackets[lane].b;
            if theta < 1.0 {
                self.set_share(lane, theta);
                is_shorter = true;
            }
        }
        if is_shorter {
            self.dense.evaluate(&self.y_from, &self.step, &mut self.trial);
        }
        for &lane in found {
            let Some(dense) = self.lanes[lane].dense else { continue };
            let theta = self.locator.brackets[lane].b;
            if theta < 1.0 {
                for at in (lane..self.n * self.n_lanes).step_by(self.n_lanes) {
                    self.y[at] = self.trial[at];
                }
                self.t[lane] = self.trial_time[lane];
                self.lanes[lane].dense = Some(Dense { to: self.t[lane], share: theta, ..dense });
            }
            self.lanes[lane].counters.roots += 1;
            self.outcomes[lane] = LaneOutcome::Root { from: dense.from, to: self.t[lane] };
        }
    }
}
