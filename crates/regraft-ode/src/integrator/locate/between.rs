//! Roots between the ends of a step: a function with one sign at both ends may have had another between them, as a
//! concentration that passes a limit near its peak and is below it again when the step ends.
//!
//! Where a function is bent enough for that, by its change in this step and the one before, it is looked at at three
//! places between and at the extreme of the parabola through the ends and the middle. A sign that differs there and
//! not at the end is searched for from the start of the step, and the rest of the step is taken anew.

use super::{Bracket, Integrator, Locator, NO_BRACKET, WIDTH};
use crate::lanes::Rows;
use crate::system::System;
use crate::vector::{self, Kernel, Vector};

/// Shares of the step at which a bent function is looked at; the parabola needs the last.
const MIDDLE: [f64; 3] = [0.25, 0.75, 0.5];

/// Shares at which a function that is 0 at the start and below 0 at the end is looked at before: it may have risen and
/// fallen, as the height of a ball that bounces.
const RISES: [f64; 2] = [1e-6, 0.01];

/// How often the greatest distance from the straight line, as the slopes of two steps have it, a function may be away
/// from 0 and still be looked at.
const MARGIN: f64 = 2.0;

/// How far from 0 an extreme may be, as a share of what the slope changes in half a step, to be looked at: a parabola
/// says it only roughly.
const NEAR: f64 = 0.1;

/// What is known of the step before.
pub(super) struct Between {
    /// The functions at the start of the step before, `[root][lane]`.
    g_before: Vec<f64>,
    /// Length of the step before, `[lane]`; 0 where there was none, or it was cut.
    h_before: Vec<f64>,
    /// Factors of [`Near`], `[4][lane]`.
    weights: Rows,
    /// 1 where a function may have had another sign within the step, else 0, `[lane]`.
    near: Vec<f64>,
    /// Functions that were exactly 0 when the lane began anew, until it has taken a step, `[lane]`.
    at_zero: Vec<Vec<u32>>,
    /// Whether there may be any.
    any_at_zero: bool,
    /// Lanes with the share of the step at which to look.
    tries: Vec<(usize, f64)>,
}

impl Between {
    pub fn new(n_roots: usize, lanes: usize) -> Self {
        Self {
            g_before: vec![0.0; n_roots * lanes],
            h_before: vec![0.0; lanes],
            weights: Rows::new(4, lanes),
            near: vec![0.0; lanes],
            at_zero: (0..lanes).map(|_| Vec::with_capacity(n_roots)).collect(),
            any_at_zero: false,
            tries: Vec::with_capacity(lanes),
        }
    }

    /// Forgets the step before of a lane that begins anew.
    pub fn begin(&mut self, lane: usize) {
        self.h_before[lane] = 0.0;
        self.at_zero[lane].clear();
    }

    /// Forgets the step before in all lanes: none took one.
    pub fn begin_all(&mut self) {
        self.h_before.fill(0.0);
    }

    pub fn note_zero(&mut self, lane: usize, root: u32) {
        self.at_zero[lane].push(root);
        self.any_at_zero = true;
    }
}

/// 1 in every lane in which a function may have left its sign between the ends of the step, else 0.
///
/// A function of slopes s₀ in the step h₀ before and s in this one of h is away from the straight line by at most about
/// h²/8 · 2 |s − s₀| / (h + h₀), which is |Δ h₀ − Δ₀ h| h / (4 h₀ (h + h₀)) with its changes Δ and Δ₀; with a margin it
/// is held against how near to 0 the function is at an end. The four weights are h₀, h, margin · h and 4 h₀ (h + h₀);
/// 1, 0, margin and 4 where nothing is known of the step before, and 0 where no step was taken.
struct Near<'a> {
    lanes: usize,
    g_before: &'a [f64],
    g_a: &'a [f64],
    g_b: &'a [f64],
    weights: &'a [f64],
    near: &'a mut [f64],
}

impl Kernel for Near<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        let lanes = self.lanes;
        assert!(self.g_before.len() == self.g_a.len() && self.g_b.len() == self.g_a.len());
        for block in 0..lanes / V::WIDTH {
            let weight = |index: usize| V::at(self.weights, index, lanes, block);
            let weights = [weight(0), weight(1), weight(2), weight(3)];
            let mut near = V::splat(0.0);
            for row in 0..self.g_a.len() / lanes {
                // SAFETY: the three arrays have the row, by the assertion above.
                unsafe {
                    let g_a = V::at_unchecked(self.g_a, row, lanes, block);
                    let g_b = V::at_unchecked(self.g_b, row, lanes, block);
                    let before = g_a.sub(V::at_unchecked(self.g_before, row, lanes, block)).mul(weights[1]);
                    let bent = g_b.sub(g_a).mul(weights[0]).sub(before).abs().mul(weights[2]);
                    near = bent.sub(g_a.abs().mul(weights[3])).choose(V::splat(1.0), near);
                    near = bent.sub(g_b.abs().mul(weights[3])).choose(V::splat(1.0), near);
                }
            }
            near.put(self.near, 0, lanes, block);
        }
    }
}

impl Locator {
    /// Looks in which lanes a function may have left its sign between; `h` is the length of the accepted step, `[lane]`,
    /// 0 where none was. Whether there is any.
    fn any_lane_is_bent(&mut self, h: impl Fn(usize) -> f64) -> bool {
        let between = &mut self.between;
        for lane in 0..self.lanes {
            let (h, before) = (h(lane), between.h_before[lane]);
            let weights = match (h > 0.0, before > 0.0) {
                (false, _) => [0.0; 4],
                (true, false) => [1.0, 0.0, MARGIN, 4.0],
                (true, true) => [before, h, MARGIN * h, 4.0 * before * (h + before)],
            };
            for (row, weight) in weights.into_iter().enumerate() {
                between.weights[row * self.lanes + lane] = weight;
            }
        }
        let work = Near {
            lanes: self.lanes,
            g_before: &between.g_before,
            g_a: &self.g_a,
            g_b: &self.g_b,
            weights: &between.weights,
            near: &mut between.near,
        };
        vector::run(self.lanes, work);
        self.between.near.iter().any(|&near| near != 0.0)
    }

    /// Whether a function that was 0 at the start is below it at the end of the step.
    fn falls_from_zero(&self, lane: usize) -> bool {
        self.between.at_zero[lane].iter().any(|&root| self.g_b[root as usize * self.lanes + lane] < 0.0)
    }

    /// Makes the values at the end of the step those at the start of the next. `h` as before, 0 also where it was cut.
    pub(super) fn step_on(&mut self, h: impl Fn(usize) -> f64) {
        std::mem::swap(&mut self.g_a, &mut self.g_b);
        std::mem::swap(&mut self.between.g_before, &mut self.g_b);
        for lane in 0..self.lanes {
            self.between.h_before[lane] = h(lane);
        }
    }

    /// Ends the bracket of a lane at the share last tried if a sign differs there that does not at the end. Says whether
    /// one does.
    fn narrow(&mut self, lane: usize, theta: f64, width: f64) -> bool {
        let is_new = |at: usize| self.differs(at, self.g[at]) && !self.differs(at, self.g_b[at]);
        if !self.entries(lane).any(is_new) {
            return false;
        }
        let g = std::mem::take(&mut self.g);
        self.note_changes(lane, &g);
        self.entries(lane).for_each(|at| self.g_b[at] = g[at]);
        self.g = g;
        self.brackets[lane] = Bracket { searching: true, b: theta, width: width.max(WIDTH), ..NO_BRACKET };
        true
    }

    /// Where the function that comes nearest to 0 has its extreme, by the parabola through its values at the start, in
    /// the middle, last evaluated, and at the end. `None` if all stay away.
    fn extreme(&self, lane: usize) -> Option<f64> {
        let mut best: Option<(f64, f64)> = None;
        for at in self.entries(lane) {
            let [left, middle, right] = [self.g_a[at], self.g[at], self.g_b[at]];
            let (slope, bend) = (0.5 * (right - left), right - 2.0 * middle + left);
            let theta = 0.5 - 0.5 * slope / bend;
            // Away from 0 on both sides: above 0 a minimum, below 0 a maximum.
            let distance = (middle - 0.5 * slope * slope / bend) / bend;
            let is_between = theta > 0.0 && theta < 1.0 && middle * bend > 0.0 && distance < NEAR;
            if is_between && best.is_none_or(|(_, least)| distance < least) {
                best = Some((theta, distance));
            }
        }
        best.map(|(theta, _)| theta)
    }
}

impl<S: System> Integrator<S> {
    /// Adds the lanes to `found` in whose step a function had another sign between than at both ends. The steps are
    /// those accepted in this `advance`, their ends evaluated.
    pub(super) fn look_between(&mut self, found: &mut Vec<usize>) {
        let is_bent =
            self.locator.any_lane_is_bent(|lane| self.lanes[lane].dense.map_or(0.0, |dense| dense.h));
        let any_at_zero = self.locator.between.any_at_zero;
        let falls = any_at_zero && (0..self.n_lanes).any(|lane| self.falls_from_zero(lane));
        if is_bent || falls {
            if falls {
                RISES.into_iter().for_each(|theta| self.try_share(theta, Self::falls_from_zero, found));
            }
            MIDDLE.into_iter().for_each(|theta| self.try_share(theta, Self::is_bent, found));
            self.try_extremes(found);
        }
        if any_at_zero {
            self.forget_zeros();
        }
    }

    /// Functions of lanes that have taken a step are no longer at the 0 at which they began.
    fn forget_zeros(&mut self) {
        let between = &mut self.locator.between;
        for (lane, at_zero) in self.lanes.iter().zip(&mut between.at_zero) {
            if lane.dense.is_some() {
                at_zero.clear();
            }
        }
        between.any_at_zero = between.at_zero.iter().any(|at_zero| !at_zero.is_empty());
    }

    fn falls_from_zero(&self, lane: usize) -> bool {
        self.lanes[lane].dense.is_some() && self.locator.falls_from_zero(lane)
    }

    fn is_bent(&self, lane: usize) -> bool {
        self.lanes[lane].dense.is_some() && self.locator.between.near[lane] != 0.0
            || self.falls_from_zero(lane)
    }

    /// Looks at a share of the step in the lanes of which `which` says so and that are not yet found.
    fn try_share(&mut self, theta: f64, which: impl Fn(&Self, usize) -> bool, found: &mut Vec<usize>) {
        let mut tries = std::mem::take(&mut self.locator.between.tries);
        tries.clear();
        let lanes = (0..self.n_lanes).filter(|&lane| which(self, lane) && !found.contains(&lane));
        tries.extend(lanes.map(|lane| (lane, theta)));
        self.look_at(&tries, found);
        self.locator.between.tries = tries;
    }

    /// The same at the extremes, after the middle of the step was looked at.
    fn try_extremes(&mut self, found: &mut Vec<usize>) {
        let mut tries = std::mem::take(&mut self.locator.between.tries);
        tries.clear();
        let lanes = (0..self.n_lanes).filter(|&lane| self.is_bent(lane) && !found.contains(&lane));
        tries.extend(lanes.filter_map(|lane| self.locator.extreme(lane).map(|theta| (lane, theta))));
        self.look_at(&tries, found);
        self.locator.between.tries = tries;
    }

    /// Evaluates the root functions of lanes at shares of their steps; those that have another sign there are found.
    fn look_at(&mut self, tries: &[(usize, f64)], found: &mut Vec<usize>) {
        if tries.is_empty() {
            return;
        }
        tries.iter().for_each(|&(lane, theta)| self.set_share(lane, theta));
        self.evaluate_roots();
        for &(lane, theta) in tries {
            let width = self.resolution(lane);
            if self.locator.narrow(lane, theta, width) {
                found.push(lane);
            }
        }
    }
}
