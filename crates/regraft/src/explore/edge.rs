//! The border between two stable states where no fold joins them inside the range: it is found from the model's own
//! motion.
//!
//! Starts on the line between the two states fall to one or the other. The line is halved until the start lies on the
//! border to rounding; from there the model creeps toward the unstable state on the border before it falls, and
//! Newton's method takes over where it is slowest.

use regraft_model::{Found, Program, Target};
use regraft_sim::{Options, Outputs, Patients, Plan, Simulation, Start, simulate};
use regraft_stats::Seed;
use regraft_stats::math::{exp, ln};

use super::field::Field;
use super::follow::distance;
use super::system::System;

/// Starts tried side by side.
const ABREAST: usize = 16;
/// Rounds: the line is known to 17⁻¹².
const ROUNDS: usize = 12;
/// Moments read along the last course.
const MOMENTS: usize = 120;

/// Two stable states between which a border is sought.
pub struct Between<'a> {
    /// The model without events.
    pub calm: &'a Program,
    /// Its rates.
    pub field: &'a Field<'a>,
    /// The equations.
    pub system: &'a System<'a>,
    /// Value of what is varied.
    pub value: f64,
    /// One state.
    pub low: &'a [f64],
    /// The other.
    pub high: &'a [f64],
    /// How long a start is simulated.
    pub settle: f64,
}

/// The unstable state on the border, as a point of the system; `None` if it was not found.
pub fn border(between: &Between<'_>) -> Option<Vec<f64>> {
    let (low_state, high_state) = (between.system.states(between.low), between.system.states(between.high));
    let (mut from, mut to) = (0.0, 1.0);
    for _ in 0..ROUNDS {
        let shares: Vec<f64> =
            (1..=ABREAST).map(|i| from + (to - from) * i as f64 / (ABREAST + 1) as f64).collect();
        let run = between.run(&mixed(&low_state, &high_state, &shares), shares.len(), &[])?;
        let goes_low = |row: usize| {
            let end = between.system.point(run.end.states_of(row), between.value);
            run.end.usable[row] && distance(&end, between.low) < distance(&end, between.high)
        };
        let fallen = (0..shares.len()).take_while(|row| goes_low(*row)).count();
        let old = (from, to);
        from = if fallen == 0 { old.0 } else { shares[fallen - 1] };
        to = if fallen == shares.len() { old.1 } else { shares[fallen] };
    }
    between.slowest(&mixed(&low_state, &high_state, &[from]))
}

/// States on the line between two, by ratio where both are above 0.
fn mixed(low: &[f64], high: &[f64], shares: &[f64]) -> Vec<f64> {
    let mix = |share: f64, (a, b): (&f64, &f64)| {
        if *a > 0.0 && *b > 0.0 { exp((1.0 - share) * ln(*a) + share * ln(*b)) } else { a + share * (b - a) }
    };
    shares.iter().flat_map(|share| low.iter().zip(high).map(move |pair| mix(*share, pair))).collect()
}

impl Between<'_> {
    /// Simulates from given states, `[row, state]`.
    fn run(&self, states: &[f64], rows: usize, times: &[f64]) -> Option<Simulation> {
        let settings = self.field.settings_at(self.value, &[]);
        let n = self.field.n_states();
        let overrides = settings.iter().map(|(target, _)| *target);
        let values = |row: usize| {
            let own = settings.iter().map(|(_, value)| *value);
            own.chain(states[row * n..(row + 1) * n].iter().copied()).collect::<Vec<f64>>()
        };
        let patients = Patients {
            numbers: (0..rows as u64).collect(),
            overrides: overrides.chain((0..n as u32).map(Target::State)).collect(),
            values: (0..rows).flat_map(values).collect(),
            n_factors: 0,
            factors: Vec::new(),
        };
        let plan = Plan { end: self.settle, ..Plan::default() };
        let observables = (0..n as u32).map(Found::State).collect();
        let outputs = Outputs { times: times.to_vec(), observables };
        let options = Options { relative_tolerance: 4e-9, ..Options::new(Seed(0)) };
        simulate(self.calm, &patients, Start::Fresh, &plan, &outputs, &options, &()).ok()
    }

    /// Newton's method from the slowest moments of a course.
    fn slowest(&self, states: &[f64]) -> Option<Vec<f64>> {
        let range = ln(self.settle / 1e-3);
        let moment = |index: usize| 1e-3 * exp(range * index as f64 / MOMENTS as f64);
        let times: Vec<f64> = (0..=MOMENTS).map(|index| moment(index).min(self.settle)).collect();
        let run = self.run(states, 1, &times)?;
        let mut met: Vec<(f64, Vec<f64>)> = Vec::new();
        for time in 0..times.len() {
            let values = run.trajectories.at(0, time);
            if values.iter().all(|value| value.is_finite()) {
                let v = self.system.point(values, self.value);
                met.push((self.system.speed(&v), v));
            }
        }
        met.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_new = |v: &Vec<f64>| distance(v, self.low).min(distance(v, self.high)) > 1e-5;
        let refine = |(_, v): &(f64, Vec<f64>)| self.system.rest(v, self.value);
        let unstable = |v: &Vec<f64>| self.system.leading(v).is_some_and(|((growth, _), _)| growth > 0.0);
        met.iter().filter(|(_, v)| is_new(v)).filter_map(refine).find(|v| is_new(v) && unstable(v))
    }
}
